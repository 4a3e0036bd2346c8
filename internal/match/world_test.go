package match_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/discovery"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/match"
	"heyy/internal/safety"
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

func wantCode(t tester, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("want %s, got %v", code, err)
	}
}

// silence is a media server that does as it is told.
type silence struct{}

func (silence) Grant(context.Context, string, string, bool) error { return nil }
func (silence) Remove(context.Context, string, string) error      { return nil }
func (silence) Close(context.Context, string) error               { return nil }
func (silence) Present(context.Context, string) (map[string]bool, error) {
	return map[string]bool{}, nil
}

// strangers are people of whom nobody has matched.
type strangers struct{}

func (strangers) Matched(context.Context, *sql.Tx, account.ID, account.ID) (bool, error) {
	return false, nil
}
func (strangers) Meet(context.Context, *sql.Tx, account.ID, account.ID) error { return nil }

// calls is call.Service as the queue needs it.
type calls struct{ *call.Service }

func (c calls) Propose(ctx context.Context, tx *sql.Tx, p match.Proposal) (string, error) {
	made, err := c.Service.Propose(ctx, tx, call.Proposal{A: p.A, B: p.B, Shared: p.Shared})
	return string(made), err
}

func (c calls) Decline(ctx context.Context, by account.ID, of string) error {
	_, err := c.Service.Decline(ctx, by, call.ID(of))
	return err
}

// somebody is what a test says of a person; the zero one fits any other.
type somebody struct {
	kind, born, gender                               string
	languages, intents, meet, wishIntents, interests []string
	from, to                                         int
	onlyVerified, verified, paused, mute             bool
	reach                                            match.Reach
	languagesWished                                  []string
}

func (p somebody) usual() somebody {
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
	if p.reach == "" {
		p.reach = match.Everyone
	}
	if p.from == 0 {
		p.from, p.to = 18, 120
	}
	return p
}

// world is a database, a clock and the services on them.
type world struct {
	*match.Service
	t      tester
	db     *db.DB
	people *discovery.Service
	safety *safety.Service
	calls  *call.Service
	mu     sync.Mutex
	now    time.Time
	lead   *match.Leader
}

func newWorld(t tester, d *db.DB) *world {
	w := &world{t: t, db: d, now: time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)}
	log := slog.New(slog.DiscardHandler)
	w.safety = safety.New(d, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
		if err := w.Part(ctx, tx, a, b); err != nil {
			return err
		}
		return w.calls.Part(ctx, tx, a, b)
	}, w.clock, func() {})
	w.people = discovery.New(d, w.safety, log, discovery.Config{Now: w.clock})
	w.calls = call.New(d, log, call.Config{Voices: silence{}, Pairs: strangers{}, Now: w.clock})
	w.Service = w.node("one")
	w.lead = w.Leader()
	return w
}

// node is the queue as another process on the same database has it.
func (w *world) node(name string) *match.Service {
	return match.New(w.db, w.people, calls{w.calls}, name, slog.New(slog.DiscardHandler), match.Config{Now: w.clock})
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

// step lets the leader do what there is to do.
func (w *world) step() {
	w.t.Helper()
	leads, err := w.lead.Step(ctx)
	must(w.t, err)
	if !leads {
		w.t.Fatal("somebody else leads")
	}
}

func (w *world) join(people ...somebody) []account.ID {
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

func (w *world) write(tx *sql.Tx, who account.ID, p somebody) error {
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
		j(p.wishIntents), j(p.languagesWished), p.onlyVerified, verified, p.paused, string(p.reach)); err != nil {
		return err
	}
	if !p.mute {
		_, err := tx.Exec(`INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $2, 0, 'small_joy', $1, 7000, '', $3)`,
			id.New(), string(who), now)
		return err
	}
	return nil
}

// enter lets people wait.
func (w *world) enter(ids ...account.ID) {
	w.t.Helper()
	for _, who := range ids {
		_, err := w.Enter(ctx, who, match.Tonight{})
		must(w.t, err)
	}
}

// with is whom somebody is in an open call with; "": nobody.
func (w *world) with(who account.ID) (other account.ID) {
	w.t.Helper()
	err := w.db.QueryRow(`SELECT other_id FROM call_sides WHERE account_id = $1 AND open`, string(who)).Scan(&other)
	if err != nil && !db.IsNone(err) {
		w.t.Fatal(err)
	}
	return other
}

// callOf is the open call of somebody.
func (w *world) callOf(who account.ID) (c call.ID) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(`SELECT call_id FROM call_sides WHERE account_id = $1 AND open`, string(who)).Scan(&c))
	return c
}

func (w *world) lounge(who account.ID) match.Lounge {
	w.t.Helper()
	l, err := w.Lounge(ctx, who)
	must(w.t, err)
	return l
}

// talk lets a proposal become a call in which both hear each other.
func (w *world) talk(a, b account.ID) {
	w.t.Helper()
	c := w.callOf(a)
	for _, who := range []account.ID{a, b} {
		_, err := w.calls.Accept(ctx, who, c)
		must(w.t, err)
	}
	for _, who := range []account.ID{a, b} {
		_, err := w.calls.Hears(ctx, who, c)
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

// runs lets s run, until stop is called.
func runs(s *match.Service) (stop func()) {
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
