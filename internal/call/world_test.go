package call_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/fault"
	"heyy/internal/id"
)

var ctx = context.Background()

// tester is what testing.T and rapid.T both are.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t tester, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("want %s, got %v", code, err)
	}
}

// world is a database, a clock, and an ear where the media server stands.
type world struct {
	*call.Service
	t     tester
	db    *db.DB
	ear   *ear
	mu    sync.Mutex
	clock time.Time
	left  []account.ID
}

func newWorld(t tester, d *db.DB) *world {
	w := &world{t: t, db: d, ear: &ear{present: map[string]map[string]bool{}}, clock: time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)}
	w.restart()
	return w
}

// restart is another process on the same rows.
func (w *world) restart() {
	w.Service = call.New(w.db, slog.New(slog.DiscardHandler), call.Config{Voices: w.ear, Pairs: w, Elsewhere: gate{w}, Now: w.now})
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// later lets time pass, and the worker do what is due.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.wait(d)
	must(w.t, w.Sweep(ctx))
}

func couple(a, b account.ID) [2]account.ID { return [2]account.ID{min(a, b), max(a, b)} }

// Matched implements call.Pairs on the rows that discovery keeps.
func (w *world) Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	p := couple(a, b)
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM pairs WHERE a_id = $1 AND b_id = $2 AND matched_at IS NOT NULL AND ended_at IS NULL`, string(p[0]), string(p[1])).Scan(&n)
	return n > 0, err
}

// Meet implements call.Pairs. A match that ended is for ever.
func (w *world) Meet(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
	p := couple(a, b)
	made, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO pairs (a_id, b_id, matched_at) VALUES ($1, $2, 1)
		ON CONFLICT (a_id, b_id) DO UPDATE SET matched_at = 1 WHERE pairs.ended_at IS NULL`, string(p[0]), string(p[1])))
	if err == nil && !made {
		return fault.New(fault.NotFound, "person.unknown", "There is no such person.")
	}
	return err
}

// unmatch ends a match for ever, if there is one.
func unmatch(tx *sql.Tx, a, b account.ID) error {
	p := couple(a, b)
	_, err := tx.ExecContext(ctx, `UPDATE pairs SET ended_at = 2 WHERE a_id = $1 AND b_id = $2 AND matched_at IS NOT NULL`, string(p[0]), string(p[1]))
	return err
}

func (w *world) matched(a, b account.ID) (yes bool) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		yes, err = w.Matched(ctx, tx, a, b)
		return err
	}))
	return yes
}

// befriend makes two people a match.
func (w *world) befriend(a, b account.ID) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error { return w.Meet(ctx, tx, a, b) }))
}

// elsewhere is who was made to leave other places.
func (w *world) elsewhere() []account.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.left)
}

// ear keeps what it was told, as the media server would; the real one is heard
// in e2e.
type ear struct {
	mu      sync.Mutex
	present map[string]map[string]bool
	broken  error
}

func (e *ear) Grant(_ context.Context, room, person string, maySpeak bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, there := e.present[room][person]; there && e.broken == nil {
		e.present[room][person] = maySpeak
	}
	return e.broken
}

func (e *ear) Remove(_ context.Context, room, person string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		delete(e.present[room], person)
	}
	return e.broken
}

func (e *ear) Close(_ context.Context, room string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		delete(e.present, room)
	}
	return e.broken
}

func (e *ear) Present(_ context.Context, room string) (map[string]bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.present[room]), e.broken
}

func (e *ear) breaks(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = err
}

var errDown = errors.New("the media server is down")

func (e *ear) connect(c call.ID, who account.ID, maySpeak bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.present[c.Room()] == nil {
		e.present[c.Room()] = map[string]bool{}
	}
	e.present[c.Room()][string(who)] = maySpeak
}

func (e *ear) hears(c call.ID, who account.ID) (maySpeak, there bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	maySpeak, there = e.present[c.Room()][string(who)]
	return maySpeak, there
}

// person makes an account to act with.
func (w *world) person() account.ID {
	w.t.Helper()
	who := id.New()
	if _, err := w.db.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, who); err != nil {
		w.t.Fatal(err)
	}
	return account.ID(who)
}

func (w *world) propose(a, b account.ID) (c call.ID, err error) {
	err = w.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		c, err = w.Propose(ctx, tx, call.Proposal{A: a, B: b, Shared: []string{"jazz"}})
		return err
	})
	return c, err
}

// asked are two people who have just been proposed to each other.
func (w *world) asked() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	ann, bob = w.person(), w.person()
	c, err := w.propose(ann, bob)
	must(w.t, err)
	return c, ann, bob
}

// enters connects somebody to the audio, as their client does.
func (w *world) enters(c call.ID, who account.ID) (admission string) {
	w.t.Helper()
	_, admission, err := w.Join(ctx, who, c)
	must(w.t, err)
	maySpeak, err := w.Admit(ctx, c.Room(), string(who), admission)
	must(w.t, err)
	w.ear.connect(c, who, maySpeak)
	must(w.t, w.Arrived(ctx, c.Room(), string(who), admission))
	return admission
}

// drops ends somebody's connection.
func (w *world) drops(c call.ID, who account.ID) {
	w.t.Helper()
	admission, _, err := w.Admission(ctx, who, c)
	must(w.t, err)
	must(w.t, w.ear.Remove(ctx, c.Room(), string(who)))
	must(w.t, w.Departed(ctx, c.Room(), string(who), admission, 0))
}

// accepted are two who both said yes, and are connected.
func (w *world) accepted() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	c, ann, bob = w.asked()
	for _, who := range []account.ID{ann, bob} {
		w.enters(c, who)
		_, err := w.Accept(ctx, who, c)
		must(w.t, err)
	}
	return c, ann, bob
}

// talking are two who hear each other.
func (w *world) talking() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	c, ann, bob = w.accepted()
	for _, who := range []account.ID{ann, bob} {
		_, err := w.Hears(ctx, who, c)
		must(w.t, err)
	}
	return c, ann, bob
}

// talked are two whose call is over.
func (w *world) talked() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	c, ann, bob = w.talking()
	_, err := w.Leave(ctx, ann, c)
	must(w.t, err)
	return c, ann, bob
}

// friends are two who matched.
func (w *world) friends() (ann, bob account.ID) {
	w.t.Helper()
	ann, bob = w.person(), w.person()
	w.befriend(ann, bob)
	return ann, bob
}

func (w *world) sees(who account.ID, c call.ID) call.Call {
	w.t.Helper()
	v, err := w.Look(ctx, who, c)
	must(w.t, err)
	return v
}

// wantEnded says why it is over for both, and that nothing is left of it.
func (w *world) wantEnded(c call.ID, why call.Why, both ...account.ID) {
	w.t.Helper()
	for _, who := range both {
		v := w.sees(who, c)
		if v.State != call.Ended || v.EndedWhy != why || v.EndedAt.IsZero() || !v.DeadlineAt.IsZero() || v.Me.Away || v.Other.Away {
			w.t.Fatalf("want it ended by %s: %+v", why, v)
		}
		if busy, err := w.Busy(ctx, who); err != nil || busy {
			w.t.Fatalf("somebody is still in a call, %v", err)
		}
		if _, there := w.ear.hears(c, who); there {
			w.t.Fatalf("somebody is still heard")
		}
	}
}

// meeting is what is kept of two people.
func (w *world) meeting(a, b account.ID) (at time.Time, never bool) {
	w.t.Helper()
	var ms int64
	p := couple(a, b)
	err := w.db.QueryRow(`SELECT at, never FROM meetings WHERE a_id = $1 AND b_id = $2`, string(p[0]), string(p[1])).Scan(&ms, &never)
	if db.IsNone(err) {
		return time.Time{}, false
	}
	must(w.t, err)
	if ms == 0 {
		return time.Time{}, never
	}
	return time.UnixMilli(ms), never
}

// gate implements call.Elsewhere, whose Leave has the name of a command.
type gate struct{ w *world }

func (g gate) Leave(_ context.Context, who account.ID) error {
	g.w.mu.Lock()
	defer g.w.mu.Unlock()
	g.w.left = append(g.w.left, who)
	return nil
}

// part is what safety does when by blocks other: whatever they have ends. The
// call comes first: a match that its hearts make in this moment is there when
// matches end.
func (w *world) part(by, other account.ID) error {
	return w.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := w.Part(ctx, tx, by, other); err != nil {
			return err
		}
		return unmatch(tx, by, other)
	})
}

func isTrue() *bool { b := true; return &b }
