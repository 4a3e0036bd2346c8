package stage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/edge/fanout"
	"heyy/internal/lab/bench"
	"heyy/internal/lab/doctor"
	"heyy/internal/rooms/room"
)

// Config holds the sizes that Run measures; zero fields have the usual values.
type Config struct {
	Clients int // listeners of the crowd who are connected
	Crowd   int // members of the large room
	Few     int // members of the small one
	Rounds  int // of all commands, in both rooms
	Events  int // of each kind, with all clients connected
	Hands   int // raised within a second

	Postgres string // URL of a PostgreSQL server; "": SQLite
}

func (c Config) usual() Config {
	if c.Clients == 0 {
		c.Clients = 1000
	}
	if c.Crowd == 0 {
		c.Crowd = 5000
	}
	if c.Few == 0 {
		c.Few = 5
	}
	if c.Rounds == 0 {
		c.Rounds = 15
	}
	if c.Events == 0 {
		c.Events = 100
	}
	if c.Hands == 0 {
		c.Hands = 500
	}
	c.Few = max(c.Few, stageActors)
	c.Crowd = max(c.Crowd, c.Few)
	c.Clients = min(c.Clients, c.Crowd)
	c.Events, c.Hands = min(c.Events, c.Clients), min(c.Hands, c.Crowd)
	return c
}

const (
	stageTime    = 15 * time.Minute
	webConns     = 256 // connections of requests, kept
	spareFiles   = 500
	settling     = 2 * time.Second
	settleTime   = 30 * time.Second // for the last events to arrive, at most
	settleEvery  = 100 * time.Millisecond
	stageEvery   = 100 * time.Millisecond // between two commands whose events are timed
	stageCounted = 2                      // rounds whose rows are counted
	stageBar     = 200                    // ms, from a command to its event
	eventBar     = 400                    // bytes
	answerBar    = 2000                   // bytes

	// So that bytes can be compared, numbers have as many digits in both rooms: those of the
	// rooms begin here, and these people are left out, who have shorter names.
	stageSeq, stageNames = 1000, 10
)

// Run measures what a full stage costs: the events of one at many listeners, commands in a
// large room beside those in a small one, and many hands at once.
func Run(ctx context.Context, binary string, c Config) (r bench.Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, stageTime)
	defer cancel()
	c = c.usual()
	r = bench.Report{Bench: "stage", At: time.Now().UTC().Format(time.RFC3339), Machine: bench.ThisMachine()}
	if most, known := doctor.Files(); known && most < uint64(c.Clients+webConns+spareFiles) {
		return r, fmt.Errorf("bench: %d clients need as many open files and %d more, and this process may open %d", c.Clients, webConns+spareFiles, most)
	}
	s, d, stop, err := bench.StartOn(ctx, binary, c.Postgres)
	if err != nil {
		return r, err
	}
	defer func() {
		if stopped := stop(); err == nil {
			err = stopped
		}
	}()
	version, err := d.Version(ctx)
	if err != nil {
		return r, err
	}
	r.How = c.how(string(d.Engine) + " " + version)
	tokens, err := s.Tokens(ctx, stageNames+c.Crowd+c.Few+2)
	if err != nil {
		return r, err
	}
	tokens = tokens[stageNames:]
	if err := bench.Members(ctx, d, tokens, 0); err != nil {
		return r, err
	}
	few, err := openStage(ctx, s, d, tokens[:c.Few+1])
	if err != nil {
		return r, err
	}
	defer few.close()
	full, err := openStage(ctx, s, d, tokens[c.Few+1:])
	if err != nil {
		return r, err
	}
	defer full.close()
	if d.Engine == db.Postgres { // what autovacuum does by itself, a while later
		if _, err := d.ExecContext(ctx, "ANALYZE"); err != nil {
			return r, err
		}
	}
	if err := c.commands(ctx, few, full, &r); err != nil {
		return r, err
	}
	if err := c.crowded(ctx, s, full, &r); err != nil {
		return r, err
	}
	r.Notes = append(r.Notes, fmt.Sprintf("load at the end: %.1f", bench.ThisMachine().Load))
	return r, nil
}

func (c Config) how(engine string) string {
	return fmt.Sprintf("Server in a process of its own on %s; clients, WebSockets with the Centrifuge protocol as JSON, and requests over %d kept connections in another, on the same machine. "+
		"Two stages: %d and %d listeners and a host, who are rows and not connected to audio (bench listen measures that). "+
		"Commands: %d rounds of each, by turns in one room and the other, time until the whole answer is there, with two clients in each room connected; bytes to a client: all that their sockets got in these rounds. "+
		"Rows: inserted, updated and deleted in all tables but leases, by triggers, from each command until the outbox was empty, the fewest of %d rounds: jobs write in between. "+
		"Events: %d clients of the large room connected; people raise and lower hands, take and leave seats, one command each %v; from sending the command to reading its event from each socket; bytes: the whole message, with the name of its channel. "+
		"Hands: %d raised at even times within a second; known to all: from the first command until the last client had the last event.",
		engine, webConns, c.Few, c.Crowd, c.Rounds, stageCounted, c.Clients, stageEvery, c.Hands)
}

// stage is a room with a host, and listeners who have joined.
type stage struct {
	db      *db.DB
	base    string
	id      room.ID
	host    *bench.LiveClient
	members []*bench.LiveClient // without the host
	people  *bench.Crowd        // all of them, for their commands; those who are connected are in watches
	watches []*watch
}

// openStage opens a stage by the first of some people; the others have joined it.
func openStage(ctx context.Context, s *bench.Server, d *db.DB, people []bench.Token) (*stage, error) {
	all, err := bench.NewCrowd(s.BaseURL, people, 0, webConns)
	if err != nil {
		return nil, err
	}
	st := &stage{db: d, base: s.BaseURL, people: all, host: all.Clients[0], members: all.Clients[1:]}
	var opened struct{ ID room.ID }
	if err := st.host.Ask(ctx, http.MethodPost, "/api/rooms", `{"title":"A full house","category":"talk","language":"en","shape":"stage"}`, &opened); err != nil {
		return nil, err
	}
	st.id = opened.ID
	return st, d.Tx(ctx, func(tx *sql.Tx) error { return st.fill(ctx, tx) })
}

// fill writes the listeners of a stage, who may all take a seat. Nobody is connected to audio,
// and the reconciler is not to find out (rooms.audio), or all would have left.
func (st *stage) fill(ctx context.Context, tx *sql.Tx) error {
	for i, m := range st.members {
		if _, err := tx.ExecContext(ctx, `INSERT INTO room_members (room_id, account_id, role, muted, can_speak, join_id, joined_at, voice) VALUES ($1, $2, $3, TRUE, TRUE, $4, $5, $6)`,
			st.id, m.Account, room.Listener, id.Opaque(), i, 3_000_000_000+i); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE room_members SET deadline_at = NULL, voice = 4000000000 WHERE room_id = $1 AND account_id = $2`, st.id, st.host.Account); err != nil {
		return err
	}
	n := len(st.members)
	_, err := tx.ExecContext(ctx, `UPDATE rooms SET seq = $1, live_at = 1, audio = FALSE, listening = $2, crowded = $3, lively = $4 WHERE id = $5`,
		stageSeq, n, n > room.MaxListed, 1_000_000+n, st.id)
	return err
}

// back lets a removed member in again.
func (st *stage) back(ctx context.Context, m *bench.LiveClient) error {
	return st.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE room_members SET removed_at = NULL, join_id = $1 WHERE room_id = $2 AND account_id = $3`, id.Opaque(), st.id, m.Account); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE rooms SET listening = listening + 1 WHERE id = $1`, st.id)
		return err
	})
}

func (st *stage) close() {
	for _, w := range st.watches {
		w.crowd.Close()
	}
	st.people.Close()
}

// do sends a command about the room and returns the bytes of its answer.
func (st *stage) do(ctx context.Context, by *bench.LiveClient, method, what, body string) (bytes int, err error) {
	var answer json.RawMessage
	err = by.Ask(ctx, method, "/api/rooms/"+string(st.id)+what, body, &answer)
	return len(answer), err
}

// watch connects some people of the stage, who note the events about its members.
func (st *stage) watch(ctx context.Context, people []*bench.LiveClient) (*watch, error) {
	tokens := make([]bench.Token, len(people))
	for i, one := range people {
		tokens[i] = one.Token
	}
	all, err := bench.NewCrowd(st.base, tokens, 0, 1)
	if err != nil {
		return nil, err
	}
	all.Channel = fanout.Room(st.id)
	w := newWatch(all)
	st.watches = append(st.watches, w)
	if _, err := all.ConnectAll(ctx); err != nil {
		return nil, fmt.Errorf("bench: connect %d listeners: %w", len(people), err)
	}
	return w, nil
}

// actors do the commands of a round: a speaks, b hosts for a moment, c is removed.
type actors struct{ host, a, b, c *bench.LiveClient }

const stageActors = 5

// round returns who acts in a round. Several take turns as a: what one person may do is bounded.
func (st *stage) round(n int) actors {
	return actors{st.host, st.members[n%(stageActors-2)], st.members[stageActors-2], st.members[stageActors-1]}
}

// roomCommand is one command of a round.
type roomCommand struct {
	name, method, what, body string
	by, about                func(actors) *bench.LiveClient // about: of /people/{person}; nil: what is the whole path
}

var stageCommands = func() []roomCommand {
	host := func(x actors) *bench.LiveClient { return x.host }
	a := func(x actors) *bench.LiveClient { return x.a }
	b := func(x actors) *bench.LiveClient { return x.b }
	c := func(x actors) *bench.LiveClient { return x.c }
	return []roomCommand{
		{"raise_hand", http.MethodPut, "/hand", `{}`, a, nil},
		{"lower_hand", http.MethodDelete, "/hand", "", a, nil},
		{"invite", http.MethodPost, "/invite", "", host, a},
		{"accept", http.MethodPut, "/invitation", `{"accept":true}`, a, nil},
		{"unmute", http.MethodPut, "/microphone", `{"muted":false}`, a, nil},
		{"mute", http.MethodPut, "/microphone", `{"muted":true}`, a, nil},
		{"stand", http.MethodDelete, "/seat", "", a, nil},
		{"sit", http.MethodPut, "/seat", `{}`, a, nil},
		{"move", http.MethodPost, "/move-to-audience", "", host, a},
		{"allow", http.MethodPost, "/allow-to-speak", "", host, a},
		{"co_host", http.MethodPost, "/make-co-host", "", host, b},
		{"no_co_host", http.MethodPost, "/unmake-co-host", "", host, b},
		{"hand_over", http.MethodPost, "/hand-over", "", host, b},
		{"hand_back", http.MethodPost, "/hand-over", "", b, host},
		{"host_alone", http.MethodPost, "/unmake-co-host", "", host, b},
		{"remove", http.MethodPost, "/remove", "", host, c},
	}
}()

func (st *stage) run(ctx context.Context, c roomCommand, x actors) (bytes int, err error) {
	what := c.what
	if c.about != nil {
		what = "/people/" + c.about(x).Account + what
	}
	return st.do(ctx, c.by(x), c.method, what, c.body)
}

// commands measures every command in a small room and in a large one.
func (c Config) commands(ctx context.Context, few, full *stage, r *bench.Report) error {
	sides := []*side{{stage: few, size: c.Few}, {stage: full, size: c.Crowd}}
	for _, o := range sides {
		x := o.stage.round(0)
		var err error
		if o.watch, err = o.stage.watch(ctx, []*bench.LiveClient{x.host, x.b}); err != nil {
			return err
		}
	}
	for n := range c.Rounds + 1 { // the first is not measured: statements are prepared, pages are read
		if n == 1 {
			for _, o := range sides {
				o.watch.reset()
			}
		}
		for i, one := range stageCommands {
			for _, o := range sides {
				begun := time.Now()
				bytes, err := o.stage.run(ctx, one, o.stage.round(n))
				if err != nil {
					return fmt.Errorf("bench: %s with %d: %w", one.name, o.size, err)
				}
				if n > 0 {
					o.took[i] = append(o.took[i], time.Since(begun))
					o.answers = max(o.answers, bytes)
				}
			}
		}
		for _, o := range sides {
			if err := relayed(ctx, o.stage.db); err != nil {
				return err
			}
			if err := o.stage.back(ctx, o.stage.round(n).c); err != nil {
				return err
			}
		}
	}
	if err := bench.Wait(ctx, settling); err != nil { // counts of an audience come once a second
		return err
	}
	for _, o := range sides {
		o.sent = float64(o.watch.bytes()) / 2 / float64(c.Rounds*len(stageCommands))
	}
	for _, o := range sides {
		if err := o.count(ctx, c.Rounds+1); err != nil {
			return err
		}
	}
	report(sides[0], sides[1], r)
	for _, o := range sides {
		o.watch.crowd.Close()
	}
	return nil
}

// side is what the commands cost in one of two rooms.
type side struct {
	stage   *stage
	size    int
	watch   *watch
	took    [32][]time.Duration // by command
	rows    [32]int             // in the round with the fewest
	answers int                 // bytes of the largest
	sent    float64             // bytes to one client, for each command
}

// count counts the rows that each command writes.
func (o *side) count(ctx context.Context, from int) error {
	counter, err := countRows(ctx, o.stage.db)
	if err != nil {
		return err
	}
	for n := from; n < from+stageCounted; n++ {
		for i, one := range stageCommands {
			before, err := counter.total(ctx)
			if err != nil {
				return err
			}
			if _, err := o.stage.run(ctx, one, o.stage.round(n)); err != nil {
				return fmt.Errorf("bench: count the rows of %s with %d: %w", one.name, o.size, err)
			}
			after, err := counter.total(ctx)
			if err != nil {
				return err
			}
			if n == from || after-before < o.rows[i] {
				o.rows[i] = after - before
			}
		}
		if err := o.stage.back(ctx, o.stage.round(n).c); err != nil {
			return err
		}
	}
	return counter.stop(ctx)
}

// report adds what the commands cost, the small room beside the large one.
func report(few, full *side, r *bench.Report) {
	f := &r.Figures
	ratios, fewRows, fullRows := []float64{}, 0, 0
	for i, one := range stageCommands {
		a, b := bench.Percentile(few.took[i], 50), bench.Percentile(full.took[i], 50)
		f.Add(fmt.Sprintf("%s_%d_p50_ms", one.name, few.size), bench.Millis(a))
		f.Add(fmt.Sprintf("%s_%d_p50_ms", one.name, full.size), bench.Millis(b))
		f.Add(one.name+"_ratio", b/a)
		f.Add(fmt.Sprintf("%s_%d_rows", one.name, few.size), float64(few.rows[i]))
		f.Add(fmt.Sprintf("%s_%d_rows", one.name, full.size), float64(full.rows[i]))
		ratios = append(ratios, b/a)
		fewRows += few.rows[i]
		fullRows += full.rows[i]
	}
	f.Add("commands_ratio_p50", bench.Percentile(ratios, 50))
	f.Add("commands_ratio_max", bench.Percentile(ratios, 100))
	each := func(rows int) float64 { return float64(rows) / float64(len(stageCommands)) }
	for _, o := range []*side{few, full} {
		f.Add(fmt.Sprintf("answer_%d_max_bytes", o.size), float64(o.answers))
		f.Add(fmt.Sprintf("sent_to_a_client_%d_bytes", o.size), o.sent)
		r.AtMost(fmt.Sprintf("answer_%d_max_bytes", o.size), float64(o.answers), answerBar)
	}
	f.Add(fmt.Sprintf("rows_%d", few.size), each(fewRows))
	f.Add(fmt.Sprintf("rows_%d", full.size), each(fullRows))
	r.AtMost(fmt.Sprintf("rows_%d", full.size), each(fullRows), each(fewRows))
	// Numbers of events grow by a digit on the way.
	r.AtMost(fmt.Sprintf("sent_to_a_client_%d_bytes", full.size), full.sent, few.sent+1)
}

// crowded measures the events of the large room with all its clients connected.
func (c Config) crowded(ctx context.Context, s *bench.Server, st *stage, r *bench.Report) error {
	f := &r.Figures
	begun := time.Now()
	w, err := st.watch(ctx, st.members[:c.Clients])
	if err != nil {
		return err
	}
	f.Add("clients", float64(c.Clients))
	f.Add("connecting_s", time.Since(begun).Seconds())
	if err := bench.Wait(ctx, settling); err != nil {
		return err
	}
	from, err := bench.BothCPU(s.PID())
	if err != nil {
		return err
	}
	begun = time.Now()
	commands, err := c.twiceEach(ctx, st)
	if err != nil {
		return err
	}
	w.settle(ctx, len(commands))
	to, err := bench.BothCPU(s.PID())
	if err != nil {
		return err
	}
	took := time.Since(begun).Seconds()
	most, lost := 0, 0
	for _, kind := range []struct {
		name   string
		causes []room.Cause
	}{{"roster", []room.Cause{room.Sat, room.Stood}}, {"hand", []room.Cause{room.HandRaised, room.HandLowered}}} {
		delays, answered, bytes, missed := w.delays(commands, kind.causes)
		most, lost = max(most, bytes), lost+missed
		f.Add(kind.name+"_events", float64(2*c.Events))
		f.Add(kind.name+"_event_max_bytes", float64(bytes))
		f.Add(kind.name+"_answered_p50_ms", bench.Millis(bench.Percentile(answered, 50)))
		f.Add(kind.name+"_event_p50_ms", bench.Millis(bench.Percentile(delays, 50)))
		p99 := bench.Millis(bench.Percentile(delays, 99))
		f.Add(kind.name+"_event_p99_ms", p99)
		f.Add(kind.name+"_event_max_ms", bench.Millis(bench.Percentile(delays, 100)))
		r.AtMost(kind.name+"_event_p99_ms", p99, stageBar)
	}
	f.Add("events_lost", float64(lost))
	f.Add("events_server_cores", (to.Server-from.Server).Seconds()/took)
	f.Add("events_generator_cores", (to.Own-from.Own).Seconds()/took)
	r.AtMost("event_max_bytes", float64(most), eventBar)
	r.AtMost("events_lost", float64(lost), 0)
	w.reset()
	return c.hands(ctx, st, w, r)
}

// twiceEach has people raise and lower their hand, then take and leave a seat, one command
// after another.
func (c Config) twiceEach(ctx context.Context, st *stage) ([]command, error) {
	var all []command
	next := time.Now()
	for i := range c.Events {
		who := st.members[len(st.members)-1-i] // those at the end have done nothing yet
		for _, one := range []struct {
			method, what, body string
			cause              room.Cause
		}{{http.MethodPut, "/hand", `{}`, room.HandRaised}, {http.MethodDelete, "/hand", "", room.HandLowered}, {http.MethodPut, "/seat", `{}`, room.Sat}, {http.MethodDelete, "/seat", "", room.Stood}} {
			next = next.Add(stageEvery)
			if err := bench.Wait(ctx, time.Until(next)); err != nil {
				return nil, err
			}
			next = time.Now() // a slow answer is not made up for by a burst
			done := command{by: who.Account, cause: one.cause, begun: next}
			if _, err := st.do(ctx, who, one.method, one.what, one.body); err != nil {
				return nil, err
			}
			done.took = time.Since(done.begun)
			all = append(all, done)
		}
	}
	return all, nil
}

// hands has many people raise a hand within a second, and compares the order that everybody has.
func (c Config) hands(ctx context.Context, st *stage, w *watch, r *bench.Report) error {
	f := &r.Figures
	raised := make([]command, c.Hands)
	begun := time.Now()
	failed := make([]error, c.Hands)
	done := make(chan struct{})
	for i := range raised {
		due := begun.Add(time.Duration(i) * time.Second / time.Duration(c.Hands))
		if err := bench.Wait(ctx, time.Until(due)); err != nil {
			return err
		}
		who := st.members[i]
		raised[i] = command{by: who.Account, cause: room.HandRaised, begun: due}
		go func() {
			_, failed[i] = st.do(ctx, who, http.MethodPut, "/hand", `{}`)
			raised[i].took = time.Since(due)
			done <- struct{}{}
		}()
	}
	for range raised {
		<-done
	}
	answered := time.Since(begun)
	var up []command
	for i, err := range failed {
		if err == nil {
			up = append(up, raised[i])
		}
	}
	if refused := errors.Join(failed...); refused != nil {
		note, _, _ := strings.Cut(refused.Error(), "\n")
		r.Notes = append(r.Notes, "a hand was not raised: "+note)
	}
	w.settle(ctx, len(up))
	delays, acked, _, lost := w.delays(up, []room.Cause{room.HandRaised})
	order, err := handsInRows(ctx, st.db, st.id)
	if err != nil {
		return err
	}
	var read struct {
		Hands []struct{ Person struct{ ID string } }
	}
	if err := st.host.Get(ctx, "/api/rooms/"+string(st.id)+"/hands", &read); err != nil {
		return err
	}
	var told []string
	for _, h := range read.Hands {
		told = append(told, h.Person.ID)
	}
	other := w.inAnotherOrder(order)
	if !slices.Equal(told, order) {
		other++
	}
	f.Add("hands", float64(len(order)))
	f.Add("hands_failed", float64(c.Hands-len(up)))
	f.Add("hands_answered_ms", bench.Millis(answered))
	f.Add("hands_answered_p99_ms", bench.Millis(bench.Percentile(acked, 99)))
	f.Add("hands_known_p50_ms", bench.Millis(bench.Percentile(delays, 50)))
	f.Add("hands_known_p99_ms", bench.Millis(bench.Percentile(delays, 99)))
	f.Add("hands_known_to_all_ms", bench.Millis(w.last().Sub(begun)))
	f.Add("hands_lost", float64(lost))
	f.Add("clients_cut_off", float64(w.cutOff()))
	f.Add("hands_in_another_order", float64(other))
	r.AtMost("hands_in_another_order", float64(other), 0)
	r.AtMost("hands_lost", float64(lost), 0)
	return nil
}

// handsInRows returns whose hands are up, in the order of the rows.
func handsInRows(ctx context.Context, d *db.DB, r room.ID) ([]string, error) {
	return db.Select(ctx, d, func(row interface{ Scan(...any) error }) (who string, err error) {
		err = row.Scan(&who)
		return who, err
	}, `SELECT account_id FROM room_members WHERE room_id = $1 AND hand_seq IS NOT NULL ORDER BY hand_seq`, r)
}
