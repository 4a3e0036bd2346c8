package matchmaking_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/talk/presence"
)

type tester = testkit.T

var must, wantCode = testkit.Must, testkit.WantCode

var ctx = context.Background()

// pairs implements call.Pairs.
type pairs struct{ *discovery.Service }

func (p pairs) Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	return p.MatchedIn(ctx, tx, a, b)
}

// calls implements matchmaking.Calls with package call.
type calls struct{ *call.Service }

func (c calls) Propose(ctx context.Context, tx *sql.Tx, p matchmaking.Proposal) (string, error) {
	made, err := c.Service.Propose(ctx, tx, call.Proposal{A: p.A, B: p.B, Shared: p.Shared})
	return string(made), err
}

func (c calls) Decline(ctx context.Context, by account.ID, of string) error {
	_, err := c.Service.Decline(ctx, by, call.ID(of))
	return err
}

// personSpec describes a person of a test; the zero value fits any other.
type personSpec struct {
	kind, born, gender                               string
	languages, intents, meet, wishIntents, interests []string
	from, to                                         int
	onlyVerified, verified, paused, mute             bool
	privacy                                          matchmaking.CallPrivacy
	languagesWished                                  []string
}

func (p personSpec) usual() personSpec {
	or := func(s *string, usual string) {
		if *s == "" {
			*s = usual
		}
	}
	list := func(s *[]string, usual ...string) {
		if *s == nil {
			*s = append([]string{}, usual...)
		}
	}
	or(&p.kind, "member")
	or(&p.born, "1995-06-15")
	or(&p.gender, "woman")
	list(&p.languages, "en")
	list(&p.interests, "chess")
	list(&p.intents, "dating")
	list(&p.meet, "woman", "man", "nonbinary")
	list(&p.wishIntents)
	list(&p.languagesWished)
	if p.privacy == "" {
		p.privacy = matchmaking.Everyone
	}
	if p.from == 0 {
		p.from, p.to = 18, 120
	}
	return p
}

// world is a database, a clock and the services on them.
type world struct {
	*matchmaking.Service
	t      tester
	db     *db.DB
	people *discovery.Service
	safety *safety.Service
	calls  *call.Service
	mu     sync.Mutex
	now    time.Time
	lead   *matchmaking.Leader
}

func newWorld(t tester, d *db.DB) *world {
	w := &world{t: t, db: d, now: time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)}
	log := slog.New(slog.DiscardHandler)
	w.safety = safety.New(d, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
		if err := w.Separate(ctx, tx, a, b); err != nil {
			return err
		}
		if err := w.calls.Separate(ctx, tx, a, b); err != nil {
			return err
		}
		return w.people.Separate(ctx, tx, a, b)
	}, w.clock, func() {})
	w.people = discovery.New(d, w.safety, log, discovery.Config{Now: w.clock})
	w.calls = call.New(d, log, call.Config{SFU: testkit.NewSFU(), Pairs: pairs{w.people}, CanRing: presence.New(d, log, presence.Config{Now: w.clock}).CanRing(matchmaking.CanRing), Now: w.clock})
	w.Service = w.node("one")
	w.lead = w.Leader()
	return w
}

// node returns the queue as another process on the same database.
func (w *world) node(name string) *matchmaking.Service {
	return matchmaking.New(w.db, w.people, calls{w.calls}, name, slog.New(slog.DiscardHandler), matchmaking.Config{Now: w.clock})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// step lets the leader do all that is to do.
func (w *world) step() {
	w.t.Helper()
	leads, err := w.lead.Step(ctx)
	must(w.t, err)
	if !leads {
		w.t.Fatal("somebody else leads")
	}
}

func (w *world) join(people ...personSpec) []account.ID {
	w.t.Helper()
	ids := make([]account.ID, len(people))
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error {
		for i, p := range people {
			ids[i] = account.ID(id.New())
			if err := w.write(tx, ids[i], p.usual()); err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

func (w *world) write(tx *sql.Tx, who account.ID, p personSpec) error {
	j := func(v any) string {
		b, err := json.Marshal(v)
		must(w.t, err)
		return string(b)
	}
	now := db.Millis(w.clock())
	var verified any
	if p.verified {
		verified = now
	}
	if _, err := tx.Exec(`INSERT INTO accounts (id, kind, born, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)`, string(who), p.kind, p.born, now); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO profiles (account_id, name, language, interests, voice, updated_at, gender, languages, intents, meet, age_from, age_to,
		wish_intents, wish_languages, verified_only, verified_at, paused, reach) VALUES ($1, 'A', 'en', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		string(who), j(p.interests), `{"pitch_hz":180,"brightness":0.5,"tempo":0.5,"energy":0.5}`, now, p.gender, j(p.languages), j(p.intents), j(p.meet), p.from, p.to,
		j(p.wishIntents), j(p.languagesWished), p.onlyVerified, verified, p.paused, string(p.privacy)); err != nil {
		return err
	}
	if !p.mute {
		_, err := tx.Exec(`INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $2, 0, 'small_joy', $1, 7000, '', $3)`,
			id.New(), string(who), now)
		return err
	}
	return nil
}

// enter puts people into the queue.
func (w *world) enter(ids ...account.ID) {
	w.t.Helper()
	for _, who := range ids {
		_, err := w.Enter(ctx, who, matchmaking.SearchFilter{})
		must(w.t, err)
	}
}

// with returns the other person of somebody's open call, or "".
func (w *world) with(who account.ID) (other account.ID) {
	w.t.Helper()
	err := w.db.QueryRow(`SELECT other_id FROM call_sides WHERE account_id = $1 AND open`, string(who)).Scan(&other)
	if err != nil && !db.IsNone(err) {
		w.t.Fatal(err)
	}
	return other
}

// callOf returns the open call of somebody.
func (w *world) callOf(who account.ID) (c call.ID) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(`SELECT call_id FROM call_sides WHERE account_id = $1 AND open`, string(who)).Scan(&c))
	return c
}

func (w *world) status(who account.ID) matchmaking.QueueStatus {
	w.t.Helper()
	l, err := w.Status(ctx, who)
	must(w.t, err)
	return l
}

// talk makes a proposal a live call.
func (w *world) talk(a, b account.ID) {
	w.t.Helper()
	c := w.callOf(a)
	for _, who := range []account.ID{a, b} {
		_, err := w.calls.Accept(ctx, who, c)
		must(w.t, err)
	}
	for _, who := range []account.ID{a, b} {
		_, err := w.calls.AudioReceived(ctx, who, c)
		must(w.t, err)
	}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(query, args...).Scan(&n))
	return n
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

var quiet = slog.New(slog.DiscardHandler)

// runs starts s.Run and returns a function that stops it.
func runs(s *matchmaking.Service) (stop func()) {
	c, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run(c)
	}()
	return func() {
		cancel()
		<-done
	}
}
