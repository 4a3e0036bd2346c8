package call_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
)

type tester = testkit.T

var must, refused = testkit.Must, testkit.WantCode

var ctx = context.Background()

// world is a database, a clock, and a fake of the media server.
type world struct {
	*call.Service
	t       tester
	db      *db.DB
	sfu     *fakeSFU
	mu      sync.Mutex
	clock   *testkit.Clock
	left    []account.ID
	noRings map[account.ID]bool // accounts whose privacy setting forbids rings
	inRoom  map[account.ID]bool // accounts that are in the one room of this world
	recluse map[account.ID]bool // accounts that welcome nobody in it
}

func newWorld(t tester, d *db.DB) *world {
	w := &world{t: t, db: d, sfu: &fakeSFU{SFU: testkit.NewSFU()}, clock: testkit.NewClock(time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC))}
	w.sfu.identity = w.identity
	w.restart()
	return w
}

// identity returns the participant identity of somebody in a call.
func (w *world) identity(c call.ID, who account.ID) string {
	v, err := w.Get(ctx, who, c)
	if err != nil {
		return "nobody"
	}
	return v.Me.Identity
}

// restart continues with another process on the same rows.
func (w *world) restart() {
	w.Service = call.New(w.db, slog.New(slog.DiscardHandler), call.Config{SFU: w.sfu, Pairs: w, CanRing: w.canRing, Welcomes: w.welcomes, Rooms: fakeRooms{w}, Now: w.now})
}

// setRings sets whether who's matches may ring them.
func (w *world) setRings(who account.ID, ring bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noRings == nil {
		w.noRings = map[account.ID]bool{}
	}
	w.noRings[who] = !ring
}

// gather puts people into the one room.
func (w *world) gather(people ...account.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inRoom = map[account.ID]bool{}
	for _, who := range people {
		w.inRoom[who] = true
	}
}

func (w *world) welcomes(_ context.Context, _ *sql.Tx, who, _ account.ID) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.recluse[who], nil
}

func (w *world) canRing(_ context.Context, _ *sql.Tx, _, other account.ID) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.noRings[other], nil
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

func (w *world) now() time.Time { return w.clock.Now() }

func (w *world) wait(d time.Duration) { w.clock.Advance(d) }

// later lets time pass, second by second, and the sweep run.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.wait(d)
	must(w.t, w.Sweep(ctx))
}

// Busy reports whether who is in a call that has not ended.
func (w *world) Busy(ctx context.Context, who account.ID) (bool, error) {
	c, ok, err := w.Current(ctx, who)
	return ok && c.State != call.Ended, err
}

func couple(a, b account.ID) [2]account.ID { return [2]account.ID{min(a, b), max(a, b)} }

// Matched implements call.Pairs on the rows of package discovery.
func (w *world) Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	p := couple(a, b)
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM pairs WHERE a_id = $1 AND b_id = $2 AND matched_at IS NOT NULL AND ended_at IS NULL`, string(p[0]), string(p[1])).Scan(&n)
	return n > 0, err
}

// Meet implements call.Pairs. A match that has ended cannot be made again.
func (w *world) Meet(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
	p := couple(a, b)
	made, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO pairs (a_id, b_id, matched_at) VALUES ($1, $2, 1)
		ON CONFLICT (a_id, b_id) DO UPDATE SET matched_at = 1 WHERE pairs.ended_at IS NULL`, string(p[0]), string(p[1])))
	if err == nil && !made {
		return fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")
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

// makeMatch makes two people a match.
func (w *world) makeMatch(a, b account.ID) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error { return w.Meet(ctx, tx, a, b) }))
}

// leftRooms returns who was made to leave their rooms.
func (w *world) leftRooms() []account.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.left)
}

// fakeSFU is the fake media server, by calls and accounts.
type fakeSFU struct {
	*testkit.SFU
	identity func(call.ID, account.ID) string
}

var errDown = errors.New("the media server is down")

// hang makes requests for c hang until end is called.
func (e *fakeSFU) hang(c call.ID) (end func()) { return e.Hang(c.Room()) }

func (e *fakeSFU) connect(c call.ID, who account.ID, joinID string, maySpeak bool) {
	e.Connect(c.Room(), e.identity(c, who), joinID, maySpeak)
}

func (e *fakeSFU) muted(c call.ID, who account.ID) bool {
	_, muted, _ := e.Connected(c.Room(), e.identity(c, who))
	return muted
}

// canSpeak reports whether somebody takes part: they may publish, and hear the other. Before
// that they may publish, too, and are muted at the media server.
func (e *fakeSFU) canSpeak(c call.ID, who account.ID) (maySpeak, there bool) {
	canPublish, muted, there := e.Connected(c.Room(), e.identity(c, who))
	deaf := e.Deaf(c.Room(), e.identity(c, who))
	if there && deaf && !muted {
		panic("deaf, and not muted")
	}
	return canPublish && !deaf, there
}

// person creates an account.
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

// proposed returns a call that has just been proposed.
func (w *world) proposed() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	ann, bob = w.person(), w.person()
	c, err := w.propose(ann, bob)
	must(w.t, err)
	return c, ann, bob
}

// connect joins and connects somebody as their client does, with the webhook.
func (w *world) connect(c call.ID, who account.ID) (joinID string) {
	w.t.Helper()
	_, joinID, err := w.Join(ctx, who, c)
	must(w.t, err)
	g, err := w.Admit(ctx, c.Room(), w.identity(c, who), joinID)
	must(w.t, err)
	w.sfu.connect(c, who, joinID, g.CanPublish)
	must(w.t, w.sfu.Grant(ctx, c.Room(), w.identity(c, who), g)) // the gate makes the token from it
	must(w.t, w.ParticipantJoined(ctx, c.Room(), w.identity(c, who), joinID))
	return joinID
}

// disconnect ends somebody's connection, with the webhook.
func (w *world) disconnect(c call.ID, who account.ID) {
	w.t.Helper()
	joinID, _, err := w.JoinID(ctx, who, c)
	must(w.t, err)
	must(w.t, w.sfu.Remove(ctx, c.Room(), w.identity(c, who)))
	must(w.t, w.ParticipantLeft(ctx, c.Room(), w.identity(c, who), joinID, 0))
}

// accepted returns a call that both have accepted, with both connected.
func (w *world) accepted() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	c, ann, bob = w.proposed()
	for _, who := range []account.ID{ann, bob} {
		w.connect(c, who)
		_, err := w.Accept(ctx, who, c)
		must(w.t, err)
	}
	return c, ann, bob
}

// live returns a live call.
func (w *world) live() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	c, ann, bob = w.accepted()
	for _, who := range []account.ID{ann, bob} {
		_, err := w.AudioReceived(ctx, who, c)
		must(w.t, err)
	}
	return c, ann, bob
}

// ended returns a call that was live and has ended.
func (w *world) ended() (c call.ID, ann, bob account.ID) {
	w.t.Helper()
	c, ann, bob = w.live()
	_, err := w.Leave(ctx, ann, c)
	must(w.t, err)
	return c, ann, bob
}

// matchedPair returns two people who are a match.
func (w *world) matchedPair() (ann, bob account.ID) {
	w.t.Helper()
	ann, bob = w.person(), w.person()
	w.makeMatch(ann, bob)
	return ann, bob
}

func (w *world) sees(who account.ID, c call.ID) call.Call {
	w.t.Helper()
	v, err := w.Get(ctx, who, c)
	must(w.t, err)
	return v
}

// wantEnded checks why a call has ended for both, and that nothing of it is left
// at the media server.
func (w *world) wantEnded(c call.ID, why call.EndReason, both ...account.ID) {
	w.t.Helper()
	for _, who := range both {
		v := w.sees(who, c)
		if v.State != call.Ended || v.EndReason != why || v.EndedAt.IsZero() || !v.DeadlineAt.IsZero() || v.Me.Away || v.Other.Away {
			w.t.Fatalf("want it ended by %s: %+v", why, v)
		}
		if busy, err := w.Busy(ctx, who); err != nil || busy {
			w.t.Fatalf("somebody is still in a call, %v", err)
		}
		if _, there := w.sfu.canSpeak(c, who); there {
			w.t.Fatalf("somebody is still heard")
		}
	}
}

// encounter reads the encounter row of two people.
func (w *world) encounter(a, b account.ID) (at time.Time, excluded bool) {
	w.t.Helper()
	var ms int64
	p := couple(a, b)
	err := w.db.QueryRow(`SELECT at, never FROM meetings WHERE a_id = $1 AND b_id = $2`, string(p[0]), string(p[1])).Scan(&ms, &excluded)
	if db.IsNone(err) {
		return time.Time{}, false
	}
	must(w.t, err)
	if ms == 0 {
		return time.Time{}, excluded
	}
	return time.UnixMilli(ms), excluded
}

// fakeRooms implements call.Rooms.
type fakeRooms struct{ w *world }

func (g fakeRooms) Together(_ context.Context, _ *sql.Tx, by, other account.ID) (bool, error) {
	g.w.mu.Lock()
	defer g.w.mu.Unlock()
	return g.w.inRoom[by] && g.w.inRoom[other], nil
}

func (g fakeRooms) Leave(_ context.Context, who account.ID) error {
	g.w.mu.Lock()
	defer g.w.mu.Unlock()
	g.w.left = append(g.w.left, who)
	return nil
}

// separate does what package safety does when by blocks other. The call comes
// first: a match that its hearts make concurrently exists by the time that
// matches are ended.
func (w *world) separate(by, other account.ID) error {
	return w.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := w.Separate(ctx, tx, by, other); err != nil {
			return err
		}
		return unmatch(tx, by, other)
	})
}

func isTrue() *bool { b := true; return &b }
