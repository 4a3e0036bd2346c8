package discovery_test

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
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
)

type tester = testkit.T

var must, wantCode = testkit.Must, testkit.WantCode

var ctx = context.Background()

// somebody is what a test says of a person; the zero one fits any other.
type somebody struct {
	kind, born, gender, cell                                                  string
	languages, interests, intents, meet, wishIntents, wishTongues, wishLiking []string
	from, to                                                                  int
	onlyVerified, verified, paused, mute                                      bool
	seen                                                                      time.Duration // ago
	since                                                                     time.Duration // ago
	voice                                                                     *profile.Voice
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
	list(&p.wishTongues)
	list(&p.wishLiking)
	if p.from == 0 {
		p.from, p.to = 18, 120
	}
	if p.since == 0 {
		p.since = 365 * 24 * time.Hour
	}
	if p.voice == nil {
		p.voice = &profile.Voice{PitchHz: 180, Brightness: .5, Tempo: .5, Energy: .5}
	}
	return p
}

// world is a database, a clock and the services on them.
type world struct {
	*discovery.Service
	t       tester
	db      *db.DB
	safety  *safety.Service
	mu      sync.Mutex
	now     time.Time
	forgot  int
	woken   int
	secret  string
	hides   time.Duration // after this a pass hides who passed
	forgets error
}

func newWorld(t tester, d *db.DB) *world {
	w := &world{t: t, db: d, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	w.fresh()
	return w
}

// fresh starts the services anew on the same rows.
// matches are all current matches of somebody.
func (w *world) matches(of account.ID) (all []discovery.Match, err error) {
	part := page.Request{Limit: 1}
	for {
		some, next, err := w.Matches(ctx, of, part)
		if all = append(all, some...); err != nil || next == (page.Cursor{}) {
			return all, err
		}
		part.Before = next
	}
}

func (w *world) fresh() {
	clock := func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}
	w.safety = safety.New(w.db, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error { return w.Separate(ctx, tx, a, b) }, clock, func() {})
	w.Service = discovery.New(w.db, w.safety, slog.New(slog.DiscardHandler), discovery.Config{
		Now: clock, Wake: func() { w.woken++ }, Key: []byte("a key " + w.secret), Delay: func() time.Duration { return w.hides },
		OnMatchEnd: func(context.Context, *sql.Tx, account.ID, account.ID) error { w.forgot++; return w.forgets },
	})
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// load reads everybody into memory.
func (w *world) load() { w.t.Helper(); must(w.t, w.Load(ctx)) }

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
	now := db.Millis(w.now)
	var verified any
	if p.verified {
		verified = now
	}
	if _, err := tx.Exec(`INSERT INTO accounts (id, kind, born, created_at, seen_at) VALUES ($1, $2, $3, $4, $5)`,
		string(who), p.kind, p.born, db.Millis(w.now.Add(-p.since)), db.Millis(w.now.Add(-p.seen))); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO profiles (account_id, name, language, interests, voice, updated_at, gender, languages, intents, meet, age_from, age_to,
		wish_intents, wish_languages, wish_interests, verified_only, verified_at, paused) VALUES ($1, 'A', 'en', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		string(who), j(p.interests), j(p.voice), now, p.gender, j(p.languages), j(p.intents), j(p.meet), p.from, p.to,
		j(p.wishIntents), j(p.wishTongues), j(p.wishLiking), p.onlyVerified, verified, p.paused); err != nil {
		return err
	}
	if !p.mute {
		if _, err := tx.Exec(`INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $2, 0, 'small_joy', $1, 7000, '', $3)`,
			id.New(), string(who), now); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO regions (account_id, cell, moved, counts_at, shown, updated_at) VALUES ($1, $2, '[]', 0, $2, $3)`, string(who), p.cell, now)
	return err
}

// set changes columns of somebody's profile.
func (w *world) set(who account.ID, column string, value any) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE profiles SET `+column+` = $1, updated_at = $2 WHERE account_id = $3`, value, db.Millis(w.now), string(who))
		return err
	}))
}

// sees are those on the next cards of somebody.
func (w *world) sees(who account.ID) (ids []account.ID) {
	w.t.Helper()
	d, err := w.Cards(ctx, who, 50)
	must(w.t, err)
	for _, c := range d.Cards {
		ids = append(ids, c.Person)
	}
	return ids
}

func (w *world) facts(kind string) (n int) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(`SELECT count(*) FROM outbox WHERE kind = $1`, kind).Scan(&n))
	return n
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

// seen lets people use Heyy now.
func (w *world) seen(ids ...account.ID) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, who := range ids {
			if _, err := tx.Exec(`UPDATE accounts SET seen_at = $1 WHERE id = $2`, db.Millis(w.now), string(who)); err != nil {
				return err
			}
		}
		return nil
	}))
}
