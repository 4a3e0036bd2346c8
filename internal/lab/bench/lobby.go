package bench

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/lobby"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/search"
)

const (
	lobbyRooms    = 10_000
	lobbyViewers  = 200
	lobbyFollowed = 200 // people whom a viewer follows
	lobbyWarm     = 20  // viewers who read before it is measured
	lobbyTime     = 10 * time.Minute
	lobbyBar      = 10 // ms, p99
)

// Lobby measures reading and searching the lobby with a number of live rooms, 0 for 10,000, in
// a database of its own that it deletes. server is the URL of a PostgreSQL server, or empty
// for SQLite.
func Lobby(ctx context.Context, rooms int, server string) (r Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, lobbyTime)
	defer cancel()
	if rooms == 0 {
		rooms = lobbyRooms
	}
	r = Report{Bench: "lobby", At: time.Now().UTC().Format(time.RFC3339), Machine: ThisMachine()}
	d, reopen, drop, err := fresh(ctx, server)
	if err != nil {
		return r, err
	}
	defer func() {
		if dropped := drop(); err == nil {
			err = dropped
		}
	}()
	r.How = fmt.Sprintf("In this process, on a fresh %s: the rows of the lobby, of which three tenths are not for everybody, as one of %d viewers may see them, each of whom follows %d people on stage somewhere and has blocked five; "+
		"names of people are not among them, as the server keeps those in memory. Searches also read names.", d.Engine, lobbyViewers, lobbyFollowed)
	f := &r.Figures
	begun := time.Now()
	w := &lobbyWriter{chance: rand.New(rand.NewPCG(3, uint64(rooms)))}
	if err := d.Tx(ctx, func(tx *sql.Tx) error { return w.write(ctx, tx, rooms) }); err != nil {
		return r, fmt.Errorf("bench: open rooms: %w", err)
	}
	f.Add("rooms", float64(rooms))
	f.Add("seeding_s", time.Since(begun).Seconds())
	if d, err = reopen(); err != nil {
		return r, err
	}
	blobs := blobref.New(d, (*blob.Store)(nil), nil)
	people := profile.New(d, blobs, nil)
	s := room.New(d, slog.New(slog.DiscardHandler), room.Config{})
	finder := lobby.New(d, s, people, search.Names{})
	begun = time.Now()
	if err := finder.CatchUp(ctx, time.Now()); err != nil {
		return r, err
	}
	f.Add("indexing_s", time.Since(begun).Seconds())
	if d.Engine == db.Postgres { // what autovacuum does by itself, a while later
		if _, err := d.ExecContext(ctx, "ANALYZE"); err != nil {
			return r, err
		}
	}
	find := func(query func() string) func(account.ID) (int, error) {
		return func(who account.ID) (int, error) {
			found, err := finder.Find(ctx, who, query(), "")
			return len(found), err
		}
	}
	for _, one := range []struct {
		name string
		bar  bool
		read func(account.ID) (int, error)
	}{
		{"lobby", true, func(who account.ID) (int, error) {
			all, err := s.Lobby(ctx, who, "", w.language())
			return len(all), err
		}},
		{"topic", true, func(who account.ID) (int, error) {
			all, err := s.Lobby(ctx, who, w.topic(), "en")
			return len(all), err
		}},
		{"search_name", false, find(func() string { return w.name() })},
		{"search_two_words", false, find(func() string { return w.word() + " " + w.word() })},
		{"search_topic", false, find(func() string { return "karaoke" })},
		{"search_one_letter", false, find(func() string { return w.word()[:1] })},
	} {
		var times []time.Duration
		rows := 0
		for _, who := range w.viewers[:lobbyWarm] { // statements are prepared, pages are read
			if _, err := one.read(who); err != nil {
				return r, err
			}
		}
		for _, who := range w.viewers {
			begun := time.Now()
			n, err := one.read(who)
			if err != nil {
				return r, fmt.Errorf("bench: %s: %w", one.name, err)
			}
			times = append(times, time.Since(begun))
			rows += n
		}
		f.Add(one.name+"_rooms", float64(rows)/float64(len(w.viewers)))
		f.Add(one.name+"_p50_ms", Millis(Percentile(times, 50)))
		p99 := Millis(Percentile(times, 99))
		f.Add(one.name+"_p99_ms", p99)
		if one.bar {
			r.Bars = append(r.Bars, Bar{fmt.Sprintf("%s_p99_ms <= %d", one.name, lobbyBar), p99, p99 <= lobbyBar})
		}
	}
	return r, nil
}

// lobbyWriter makes rooms that are live, the same ones each time.
type lobbyWriter struct {
	chance  *rand.Rand
	viewers []account.ID
	stage   []account.ID
}

func (w *lobbyWriter) topic() string    { return room.Categories[w.chance.IntN(len(room.Categories))] }
func (w *lobbyWriter) language() string { return []string{"en", "it", "zh"}[w.chance.IntN(3)] }

// word and name are of two or three syllables; frequent ones are drawn more often.
func (w *lobbyWriter) word() string {
	syllables := []string{"ka", "lo", "mi", "ra", "te", "nu", "so", "vi", "be", "do"}
	var b strings.Builder
	for range 2 + w.chance.IntN(2) {
		b.WriteString(syllables[min(w.chance.IntN(len(syllables)), w.chance.IntN(len(syllables)))])
	}
	return b.String()
}

func (w *lobbyWriter) name() string { return w.word() + " " + w.word() }

func (w *lobbyWriter) person(ctx context.Context, tx *sql.Tx) (account.ID, error) {
	who := account.ID(id.Opaque())
	if _, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, who); err != nil {
		return who, err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO profiles (account_id, name, language, interests, updated_at) VALUES ($1, $2, 'en', '[]', 0)`, who, w.name())
	return who, err
}

func (w *lobbyWriter) write(ctx context.Context, tx *sql.Tx, rooms int) error {
	for range rooms {
		if err := w.room(ctx, tx); err != nil {
			return err
		}
	}
	for range lobbyViewers {
		who, err := w.person(ctx, tx)
		if err != nil {
			return err
		}
		w.viewers = append(w.viewers, who)
		for i := range lobbyFollowed + 5 {
			other := w.stage[w.chance.IntN(len(w.stage))]
			statement := `INSERT INTO follows (follower_id, followee_id, at) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING`
			if i < 5 {
				statement = `INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING`
			}
			if _, err := tx.ExecContext(ctx, statement, who, other); err != nil {
				return err
			}
		}
	}
	return nil
}

// room writes a room with up to eleven on stage, and up to twenty who listen.
func (w *lobbyWriter) room(ctx context.Context, tx *sql.Tx) error {
	host, err := w.person(ctx, tx)
	if err != nil {
		return err
	}
	r := id.New()
	seated, listening := 1+w.chance.IntN(room.Seats), w.chance.IntN(20)
	title := w.word() + " " + w.word() + " " + w.word()
	// Of ten rooms one is for women, one for followers, and one has a PIN, which its people know.
	access, pin, women := room.AccessOpen, "", false
	switch w.chance.IntN(10) {
	case 0:
		women = true
	case 1:
		access = room.AccessFollowers
	case 2:
		access, pin = room.AccessPIN, "-"
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at, live_at, listening, lively, access, pin_hash, women_only)
		VALUES ($1, $2, $3, $4, $5, $6, 1, 1, 1, $7, $8, $9, $10, $11)`, r, w.topic(), title, w.language(), host, room.Seats, listening, 1_000_000*seated+listening, access, pin, women); err != nil {
		return err
	}
	for i := range seated + listening {
		who, role, seat := host, room.Host, any(1)
		if i > 0 {
			if who, err = w.person(ctx, tx); err != nil {
				return err
			}
			role, seat = room.Speaker, i+1
		}
		if i >= seated {
			role, seat = room.Listener, nil
		} else {
			w.stage = append(w.stage, who)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO room_members (room_id, account_id, role, seat, muted, can_speak, join_id, joined_at) VALUES ($1, $2, $3, $4, TRUE, TRUE, $5, 1)`,
			r, who, role, seat, id.Opaque()); err != nil {
			return err
		}
		if access == room.AccessPIN {
			if _, err := tx.ExecContext(ctx, `INSERT INTO room_admissions (room_id, account_id) VALUES ($1, $2)`, r, who); err != nil {
				return err
			}
		}
	}
	return nil
}
