package trial

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/discovery"
	"heyy/internal/id"
	"heyy/internal/match/pool"
	"heyy/internal/profile"
	"heyy/internal/region"
)

// Start is when trials begin. Those of hours go over midnight, and some people
// have their birthday.
var Start = time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)

// What is chosen from. Intents are what people are here for, together.
var (
	languages = []string{"en", "it", "de"}
	intents   = [][]string{{"dating"}, {"dating", "friends"}, {"friends"}, {"professional"}, {"friends", "professional"}}
	genders   = []string{"man", "woman"} // seven and three in ten
)

const (
	regions   = 12
	interests = 40
	groups    = 6
)

// Somebody is a person as written, and as Heyy reads them.
type Somebody struct {
	Person discovery.Person

	Born, Gender, Home                    string
	From, To                              int // wished ages
	Meet, Languages, Intents, Interests   []string
	WishLanguages, WishInterests          []string
	Verified, VerifiedOnly, CallsVerified bool // they are; they wish it of others; and of callers
}

// Group is the part of the population that somebody is counted with: gender and
// the commonest language they speak. The smallest, women who speak nothing but
// the third, is 1 or 2 in 100.
func (s *Somebody) Group() int {
	first := slices.IndexFunc(languages, func(l string) bool { return slices.Contains(s.Languages, l) })
	return first*len(genders) + slices.Index(genders, s.Gender)
}

// Waiter is somebody of that name who comes at a moment.
func (s *Somebody) Waiter(who account.ID, came time.Time) pool.Waiter {
	w := pool.Waiter{Person: s.Person, From: s.From, To: s.To, Coming: string(who), Entered: came, Ready: true, Verified: s.CallsVerified}
	w.Person.ID = who
	return w
}

// People makes n people, the same ones for the same seed, writes them into d and
// reads them as the queue does: seven men to three women; three languages, of
// which the third is spoken by one in twelve; five combinations of intents, twelve
// regions and forty interests, some of them much commoner than others.
func People(ctx context.Context, d *db.DB, n int, seed uint64) ([]Somebody, error) {
	m := maker{rand.New(rand.NewPCG(seed, 0x70656f706c65))}
	homes := make([]string, regions) // some nearby, some far
	for i := range homes {
		homes[i] = region.CellAt(41.9+0.3*float64(i*i), 12.5+0.2*float64(i)).String()
	}
	people, ids := make([]Somebody, n), make([]account.ID, n)
	if err := d.Tx(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx)
		if err != nil {
			return err
		}
		for i := range people {
			people[i], ids[i] = m.somebody(homes), account.ID(id.New())
			if err := w.write(ctx, ids[i], &people[i]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("trial: write people: %w", err)
	}
	reader := discovery.New(d, nil, slog.New(slog.DiscardHandler), discovery.Config{})
	const page = 1000
	for at := 0; at < n; at += page {
		some := ids[at:min(n, at+page)]
		read, err := reader.People(ctx, some...)
		if err != nil {
			return nil, fmt.Errorf("trial: read people: %w", err)
		}
		for i, who := range some {
			p := read[who]
			if p == nil || !p.Shown(Start) {
				return nil, fmt.Errorf("trial: %s cannot be shown to anybody", who)
			}
			people[at+i].Person = *p
		}
	}
	return people, nil
}

type maker struct{ *rand.Rand }

func (m maker) somebody(homes []string) (s Somebody) {
	s.Gender = genders[m.skewed(0.7, 0.3)]
	// Of ten, seven or eight wish the other gender, one their own, the rest all.
	switch x := m.Float64(); {
	case x < 0.75:
		s.Meet = []string{genders[1-slices.Index(genders, s.Gender)]}
	case x < 0.85:
		s.Meet = []string{s.Gender}
	default:
		s.Meet = profile.Genders
	}
	age := int(min(70, 18+m.ExpFloat64()*11))
	s.Born = Start.AddDate(-age, 0, -m.IntN(360)).Format(time.DateOnly)
	s.From, s.To = max(18, age-4-m.IntN(12)), age+4+m.IntN(12)
	first := m.skewed(0.72, 0.20, 0.08)
	s.Languages = []string{languages[first]}
	if m.Float64() < []float64{0.15, 0.4, 0.5}[first] {
		if other := languages[m.skewed(0.8, 0.15, 0.05)]; other != s.Languages[0] {
			s.Languages = append(s.Languages, other)
		}
	}
	s.Intents = intents[m.skewed(0.4, 0.25, 0.2, 0.1, 0.05)]
	for range 4 + m.IntN(9) {
		if k := profile.Interests[int(interests*math.Pow(m.Float64(), 1.6))]; !slices.Contains(s.Interests, k) {
			s.Interests = append(s.Interests, k)
		}
	}
	s.Home = homes[int(min(regions-1, m.ExpFloat64()*3))]
	s.Verified = m.Float64() < 0.35
	s.VerifiedOnly = s.Verified && m.Float64() < 0.15
	s.CallsVerified = s.Verified && m.Float64() < 0.15
	if m.Float64() < 0.05 {
		s.WishLanguages = s.Languages[:1]
	}
	if m.Float64() < 0.05 {
		s.WishInterests = s.Interests[:min(3, len(s.Interests))]
	}
	return s
}

// skewed chooses a place, by shares that add up to 1.
func (m maker) skewed(shares ...float64) int {
	x := m.Float64()
	for i, s := range shares {
		if x -= s; x < 0 {
			return i
		}
	}
	return len(shares) - 1
}

// writer writes people, each as an account, a profile, an intro and a region.
type writer struct{ account, profile, clip, region *sql.Stmt }

func newWriter(ctx context.Context, tx *sql.Tx) (w writer, err error) {
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&w.account, `INSERT INTO accounts (id, kind, born, created_at, seen_at) VALUES ($1, 'member', $2, $3, $3)`},
		{&w.profile, `INSERT INTO profiles (account_id, name, language, interests, voice, updated_at, gender, languages, intents, meet, age_from, age_to,
			wish_intents, wish_languages, wish_interests, verified_only, verified_at, paused)
			VALUES ($1, 'T', 'en', $2, '{"pitch_hz":180,"brightness":0.5,"tempo":0.5,"energy":0.5}', $3, $4, $5, $6, $7, $8, $9, '[]', $10, $11, $12, $13, FALSE)`},
		{&w.clip, `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $1, 0, 'small_joy', 'trial', 7000, '', $2)`},
		{&w.region, `INSERT INTO regions (account_id, cell, moved, counts_at, shown, updated_at) VALUES ($1, $2, '[]', $3, $2, $3)`},
	} {
		if *s.to, err = tx.PrepareContext(ctx, s.text); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *writer) write(ctx context.Context, who account.ID, s *Somebody) (err error) {
	do := func(text *sql.Stmt, args ...any) {
		if err == nil {
			_, err = text.ExecContext(ctx, args...)
		}
	}
	array := func(keys []string) string {
		text, failed := json.Marshal(append([]string{}, keys...))
		if err == nil {
			err = failed
		}
		return string(text)
	}
	at := db.Millis(Start)
	var verified any
	if s.Verified {
		verified = at
	}
	do(w.account, string(who), s.Born, at)
	do(w.profile, string(who), array(s.Interests), at, s.Gender, array(s.Languages), array(s.Intents), array(s.Meet), s.From, s.To,
		array(s.WishLanguages), array(s.WishInterests), s.VerifiedOnly, verified)
	do(w.clip, string(who), at)
	do(w.region, string(who), s.Home, at)
	return err
}
