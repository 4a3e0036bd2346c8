package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"heyy/internal/base/db"
	"heyy/internal/lab/doctor"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// RealtimePhases are the phases of Realtime, in their order.
var RealtimePhases = []string{"idle", "messages", "drop", "history"}

// RealtimeConfig holds the sizes that Realtime measures; zero fields have the usual values.
type RealtimeConfig struct {
	Phases  []string      // default: all
	Clients int           // connected at once
	Pairs   int           // of them, who write to each other
	Rate    float64       // messages a second
	Calm    time.Duration // before the first is measured
	Window  time.Duration // of the phases idle and messages
	Dropped int           // clients whose connections end at once
	History int           // messages of the long conversation
	Repeats int           // of each read of it

	Postgres string // URL of a PostgreSQL server; "": SQLite
}

func (c RealtimeConfig) usual() RealtimeConfig {
	if len(c.Phases) == 0 {
		c.Phases = RealtimePhases
	}
	if c.Clients == 0 {
		c.Clients = 10_000
	}
	if c.Pairs == 0 {
		c.Pairs = 500
	}
	c.Pairs = min(c.Pairs, c.Clients/2)
	if c.Rate == 0 {
		c.Rate = 500
	}
	if c.Window == 0 {
		c.Window = time.Minute // two pings of each client
	}
	if c.Calm == 0 {
		c.Calm = 15 * time.Second // the memory of connecting is given back
	}
	if c.Dropped == 0 {
		c.Dropped = c.Clients / 2
	}
	c.Dropped = min(c.Dropped, c.Clients/2)
	if c.History == 0 {
		c.History = 100_000
	}
	if c.Repeats == 0 {
		c.Repeats = 200
	}
	return c
}

const (
	realtimeTime = 30 * time.Minute
	webConns     = 256 // connections of requests, shared by all clients
	stormConns   = 1000
	spareFiles   = 500
	settleTime   = 30 * time.Second // for the last messages to arrive, at most
	storm        = 60 * time.Second // after a drop
	lookersOn    = 50               // who ask for other things during a drop, once a second each
)

// Realtime measures live connections and chats of the program at binary: what idle clients
// cost, how fast messages are, what happens when many connections end at once, and a long
// conversation.
func Realtime(ctx context.Context, binary string, c RealtimeConfig) (r Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, realtimeTime)
	defer cancel()
	c = c.usual()
	for _, p := range c.Phases {
		if !slices.Contains(RealtimePhases, p) {
			return r, fmt.Errorf("bench: there is no phase %q; there are %v", p, RealtimePhases)
		}
	}
	r = Report{Bench: "realtime", At: time.Now().UTC().Format(time.RFC3339), Machine: ThisMachine()}
	if most, known := doctor.Files(); known && most < uint64(c.Clients+stormConns+spareFiles) {
		return r, fmt.Errorf("bench: %d clients need as many open files and %d more, and this process may open %d", c.Clients, stormConns+spareFiles, most)
	}
	s, d, stop, err := StartOn(ctx, binary, c.Postgres)
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
	f := &r.Figures
	if c.runs("idle") || c.runs("messages") || c.runs("drop") {
		if err := c.live(ctx, s, d, f); err != nil {
			return r, err
		}
	}
	if c.runs("history") {
		if err := c.history(ctx, s, d, f); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (c RealtimeConfig) runs(phase string) bool { return slices.Contains(c.Phases, phase) }

func (c RealtimeConfig) how(engine string) string {
	return fmt.Sprintf("Server in a process of its own on %s; clients, WebSockets with the Centrifuge protocol as JSON, and requests over %d kept connections in another, on the same machine. "+
		"Idle: %d members, each subscribed to their own channel and to the lobby, answering pings; memory: growth of the server's resident set, measured %v after the last had come and at the end of %v; cores: the server process's own in that time. "+
		"Messages: %d pairs of the clients send %v a second through the API for %v, at even times whether or not answers come; acknowledged: from the time at which it was due to the answer; delivered: from then to the event at the other's socket. "+
		"Drop: %d connections are reset at once, of each pair one, while a tenth of the messages go on; each client comes back as the web client does (pauses of 200 ms to 2 s), then reads chats, matches, call, notifications, rooms and what it missed: that is back. Others: %d members who stayed, with a read each second. Lost and doubled: acknowledged messages that one of the two does not have in the end, or twice. "+
		"History: %d messages, reads over HTTP one after another, %d of each kind, until the whole answer is there; an upper bound of the server's own time.",
		engine, webConns, c.Clients, c.Calm, c.Window, c.Pairs, c.Rate, c.Window, c.Dropped, lookersOn, c.History, c.Repeats)
}

// live runs the phases with many clients.
func (c RealtimeConfig) live(ctx context.Context, s *Server, d *db.DB, f *Figures) error {
	tokens, err := s.Tokens(ctx, c.Clients)
	if err != nil {
		return err
	}
	if err := Members(ctx, d, tokens, c.Pairs); err != nil {
		return err
	}
	crowd, err := NewCrowd(s.BaseURL, tokens, c.Pairs, webConns)
	if err != nil {
		return err
	}
	defer crowd.Close()
	time.Sleep(settling)
	before, err := MemoryMB(s.PID())
	if err != nil {
		return err
	}
	begun := time.Now()
	took, err := crowd.ConnectAll(ctx)
	if err != nil {
		return fmt.Errorf("bench: connect %d clients: %w", c.Clients, err)
	}
	f.Add("clients", float64(c.Clients))
	f.Add("connecting_s", time.Since(begun).Seconds())
	f.Add("connect_p99_ms", Millis(Percentile(took, 99)))
	if c.runs("idle") {
		if err := c.idle(ctx, s, before, f); err != nil {
			return err
		}
	}
	t := &talk{crowd: crowd, pairs: c.Pairs, sent: map[string]*sending{}}
	t.listen()
	if c.runs("messages") {
		if err := c.messages(ctx, s, t, f); err != nil {
			return err
		}
	}
	if c.runs("drop") {
		return c.drop(ctx, s, t, f)
	}
	return nil
}

// Members makes members of accounts, and gives pairs of them a chat.
func Members(ctx context.Context, d *db.DB, tokens []Token, pairs int) error {
	chats := message.New(d, nil, nil, func() {})
	for at := 0; at < len(tokens); at += memberBatch {
		if err := d.Tx(ctx, func(tx *sql.Tx) error {
			for i := at; i < min(len(tokens), at+memberBatch); i++ {
				if _, err := tx.ExecContext(ctx, `UPDATE accounts SET kind = 'member' WHERE id = $1`, tokens[i].Account); err != nil {
					return err
				}
				if i%2 == 1 && i < 2*pairs {
					if err := chats.Open(ctx, tx, account.ID(tokens[i-1].Account), account.ID(tokens[i].Account), time.Now()); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("bench: make members: %w", err)
		}
	}
	return nil
}

func (c RealtimeConfig) idle(ctx context.Context, s *Server, before float64, f *Figures) error {
	if err := Wait(ctx, c.Calm); err != nil {
		return err
	}
	soon, err := MemoryMB(s.PID())
	if err != nil {
		return err
	}
	from, err := BothCPU(s.PID())
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := Wait(ctx, c.Window); err != nil {
		return err
	}
	to, err := BothCPU(s.PID())
	if err != nil {
		return err
	}
	took := time.Since(begun).Seconds()
	after, err := MemoryMB(s.PID())
	if err != nil {
		return err
	}
	each := func(mb float64) float64 { return (mb - before) * 1024 / float64(c.Clients) }
	f.Add("idle_memory_before_mb", before)
	f.Add("idle_memory_mb", after)
	f.Add("idle_memory_per_client_soon_kb", each(soon))
	f.Add("idle_memory_per_client_kb", each(after))
	f.Add("idle_server_cores", (to.Server-from.Server).Seconds()/took)
	f.Add("idle_generator_cores", (to.Own-from.Own).Seconds()/took)
	return nil
}

// sending is a message on its way.
type sending struct {
	by, to *LiveClient
	due    time.Time
	sent   time.Duration // after due: the generator's own delay
	acked  time.Duration // after due; 0: not acknowledged
	came   time.Duration // after due; 0: not delivered live
}

// talk is what the pairs of a crowd say to each other.
type talk struct {
	crowd *Crowd
	pairs int
	turn  int // of the next who writes

	mu     sync.Mutex
	sent   map[string]*sending
	failed []error
}

// listen has each client tell when a message arrives.
func (t *talk) listen() {
	for _, one := range t.crowd.Clients[:2*t.pairs] {
		one.mu.Lock()
		one.arrived = func(id string, at time.Time) {
			t.mu.Lock()
			defer t.mu.Unlock()
			if m := t.sent[id]; m != nil && m.came == 0 {
				m.came = at.Sub(m.due)
			}
		}
		one.mu.Unlock()
	}
}

// run sends rate messages a second until over is closed or ctx ends, and returns when all
// answers are there.
func (t *talk) run(ctx context.Context, rate float64, over <-chan struct{}) (all []*sending) {
	var answers sync.WaitGroup
	defer answers.Wait()
	for begun, n := time.Now(), 0; ; n++ {
		due := begun.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		select {
		case <-time.After(time.Until(due)):
		case <-over:
			return all
		case <-ctx.Done():
			return all
		}
		by := t.crowd.Clients[t.turn%(2*t.pairs)]
		t.turn++
		m := &sending{by: by, to: by.partner, due: due}
		id := uuid.NewString()
		t.mu.Lock()
		t.sent[id] = m
		t.mu.Unlock()
		all = append(all, m)
		answers.Go(func() {
			m.sent = time.Since(due)
			err := by.Ask(ctx, http.MethodPut, "/api/chats/"+m.to.Account+"/messages/"+id, fmt.Sprintf(`{"text":"Message %d of many, as long as people write them when they mean it."}`, n), nil)
			t.mu.Lock()
			defer t.mu.Unlock()
			if err != nil {
				t.failed = append(t.failed, err)
				return
			}
			m.acked = time.Since(due)
		})
	}
}

// figures adds what came of some messages.
func (t *talk) figures(name string, all []*sending, f *Figures) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var acked, came, late []time.Duration
	for _, m := range all {
		late = append(late, m.sent)
		if m.acked > 0 {
			acked = append(acked, m.acked)
		}
		if m.came > 0 {
			came = append(came, m.came)
		}
	}
	f.Add(name+"_sent", float64(len(all)))
	f.Add(name+"_failed", float64(len(all)-len(acked)))
	for _, one := range []struct {
		what  string
		times []time.Duration
	}{{"acknowledged", acked}, {"delivered", came}} {
		f.Add(name+"_"+one.what+"_p50_ms", Millis(Percentile(one.times, 50)))
		f.Add(name+"_"+one.what+"_p99_ms", Millis(Percentile(one.times, 99)))
		f.Add(name+"_"+one.what+"_max_ms", Millis(Percentile(one.times, 100)))
	}
	f.Add(name+"_sent_late_p99_ms", Millis(Percentile(late, 99)))
}

// settle waits until both of each pair have what was acknowledged.
func (t *talk) settle(ctx context.Context) error {
	for end := time.Now().Add(settleTime); time.Now().Before(end); {
		if lost, _ := t.wrong(); lost == 0 {
			return nil
		}
		if err := Wait(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// check counts acknowledged messages that one of the two does not have, or has twice, and
// pairs who have them in different orders.
func (t *talk) check(name string, f *Figures) {
	lost, doubled := t.wrong()
	disordered := 0
	for i := 0; i < 2*t.pairs; i += 2 {
		if !slices.Equal(t.crowd.Clients[i].known(), t.crowd.Clients[i+1].known()) {
			disordered++
		}
	}
	f.Add(name+"_lost", float64(lost))
	f.Add(name+"_doubled", float64(doubled))
	f.Add(name+"_chats_in_two_orders", float64(disordered))
}

func (t *talk) wrong() (lost, doubled int) {
	t.mu.Lock()
	acked := make(map[string]*sending, len(t.sent))
	for id, m := range t.sent {
		if m.acked > 0 {
			acked[id] = m
		}
	}
	t.mu.Unlock()
	for id, m := range acked {
		for _, who := range []*LiveClient{m.by, m.to} {
			n := who.times(id)
			if n == 0 {
				lost++
			}
			if n > 1 {
				doubled++
			}
		}
	}
	return lost, doubled
}

func (t *talk) err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.failed) == 0 {
		return nil
	}
	return fmt.Errorf("bench: %d messages failed, one of them: %w", len(t.failed), t.failed[0])
}

func (c RealtimeConfig) messages(ctx context.Context, s *Server, t *talk, f *Figures) error {
	from, err := BothCPU(s.PID())
	if err != nil {
		return err
	}
	begun := time.Now()
	all := t.run(ctx, c.Rate, after(c.Window))
	took := time.Since(begun).Seconds()
	to, err := BothCPU(s.PID())
	if err != nil {
		return err
	}
	if err := t.err(); err != nil {
		return err
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	t.figures("messages", all, f)
	t.check("messages", f)
	f.Add("messages_connections_cut_off", float64(t.crowd.cutOff.Load()))
	f.Add("messages_per_s", float64(len(all))/took)
	f.Add("messages_server_cores", (to.Server-from.Server).Seconds()/took)
	f.Add("messages_generator_cores", (to.Own-from.Own).Seconds()/took)
	return nil
}

// drop resets the connections of every second client, and waits until they are back.
func (c RealtimeConfig) drop(ctx context.Context, s *Server, t *talk, f *Figures) error {
	// What those who come back read does not wait behind what others ask for.
	var stay []Token
	for i := range lookersOn {
		stay = append(stay, t.crowd.Clients[min(2*i+1, len(t.crowd.Clients)-1)].Token)
	}
	others, err := NewCrowd(s.BaseURL, stay, 0, webConns)
	if err != nil {
		return err
	}
	defer others.Close()
	t.crowd.web.Transport.(*http.Transport).MaxConnsPerHost = stormConns
	t.crowd.web.Transport.(*http.Transport).MaxIdleConnsPerHost = stormConns
	over := make(chan struct{})
	var all []*sending
	var asked []time.Duration
	var refused atomic.Int64
	var traffic, asking sync.WaitGroup
	traffic.Go(func() { all = t.run(ctx, c.Rate/10, over) })
	if err := Wait(ctx, settling); err != nil {
		return err
	}

	begun := time.Now()
	for i := range c.Dropped {
		t.crowd.Clients[2*i].drop()
	}
	within, stop := context.WithDeadline(ctx, begun.Add(storm))
	defer stop()
	back := make([]time.Duration, c.Dropped)
	var returning sync.WaitGroup
	for i := range c.Dropped {
		returning.Go(func() {
			if t.crowd.Clients[2*i].comeBack(within) == nil {
				back[i] = time.Since(begun)
			}
		})
	}
	from, err := BothCPU(s.PID())
	if err != nil {
		return err
	}
	var mu sync.Mutex
	traffic.Go(func() {
		paths := []string{"/api/me", "/api/rooms", "/api/chats", "/api/matches"}
		for n := 0; ; n++ {
			due := begun.Add(time.Duration(n) * time.Second / lookersOn)
			select {
			case <-time.After(time.Until(due)):
			case <-over:
				return
			}
			asking.Go(func() {
				if err := others.Clients[n%lookersOn].Get(ctx, paths[n%len(paths)], nil); err != nil {
					refused.Add(1)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, time.Since(due))
			})
		}
	})
	returning.Wait()
	took := time.Since(begun).Seconds()
	to, err := BothCPU(s.PID())
	if err != nil {
		return err
	}
	if err := Wait(ctx, settling); err != nil {
		return err
	}
	close(over)
	traffic.Wait()
	asking.Wait()
	if err := t.settle(ctx); err != nil {
		return err
	}
	there := slices.DeleteFunc(slices.Clone(back), func(d time.Duration) bool { return d == 0 })
	f.Add("drop_clients", float64(c.Dropped))
	f.Add("drop_back_within_60s_percent", 100*float64(len(there))/float64(c.Dropped))
	f.Add("drop_back_p50_s", Percentile(there, 50)/1e9)
	f.Add("drop_back_p99_s", Percentile(there, 99)/1e9)
	f.Add("drop_back_max_s", Percentile(there, 100)/1e9)
	f.Add("drop_others_asked", float64(len(asked)))
	f.Add("drop_others_failed", float64(refused.Load()))
	f.Add("drop_others_p50_ms", Millis(Percentile(asked, 50)))
	f.Add("drop_others_p99_ms", Millis(Percentile(asked, 99)))
	f.Add("drop_others_max_ms", Millis(Percentile(asked, 100)))
	t.figures("drop_messages", all, f)
	t.check("drop_messages", f)
	f.Add("drop_server_cores", (to.Server-from.Server).Seconds()/took)
	f.Add("drop_generator_cores", (to.Own-from.Own).Seconds()/took)
	return nil
}

// after returns a channel that is closed after a while.
func after(d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	time.AfterFunc(d, func() { close(over) })
	return over
}

// Wait waits for d, or until ctx ends, which is an error.
func Wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
