package simulation

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

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
)

// Start is the first moment of a simulation. Those of hours pass midnight, so that some
// people have their birthday.
var Start = time.Date(2026, 11, 20, 20, 0, 0, 0, time.UTC)

// Values that people are drawn from. Intents are the combinations of a profile.
var (
	languages = []string{"en", "it", "de"}
	intents   = [][]string{{"dating"}, {"dating", "friends"}, {"friends"}, {"professional"}, {"friends", "professional"}}
	genders   = []string{"man", "woman"} // 70 % and 30 %
)

const (
	regions   = 12
	interests = 40
	groups    = 6
)

// SyntheticPerson is a person as written to the database, and as Heyy reads them.
type SyntheticPerson struct {
	Person discovery.Person

	Born, Gender, Home                    string
	From, To                              int // preferred ages
	Meet, Languages, Intents, Interests   []string
	WishLanguages, WishInterests          []string
	Verified, VerifiedOnly, CallsVerified bool // they are verified; prefer verified people; accept calls of verified people only
}

// Group returns the part of the population that a person is counted with, by
// gender and the most common language they speak. The smallest, women who speak
// only the third language, is 1 or 2 %.
func (s *SyntheticPerson) Group() int {
	first := slices.IndexFunc(languages, func(l string) bool { return slices.Contains(s.Languages, l) })
	return first*len(genders) + slices.Index(genders, s.Gender)
}

// Ticket returns a ticket of this person under an account id.
func (s *SyntheticPerson) Ticket(who account.ID, came time.Time) pool.Ticket {
	w := pool.Ticket{Person: s.Person, AgeFrom: s.From, AgeTo: s.To, ID: string(who), EnteredAt: came, Ready: true, VerifiedOnly: s.CallsVerified}
	w.Person.ID = who
	return w
}

// People generates n people, the same ones for the same seed, writes them into d
// and reads them as the queue does: 70 % men; three languages, of which the third
// is spoken by one in twelve; five combinations of intents, twelve regions and
// forty interests, some of them much more common than others.
func People(ctx context.Context, d *db.DB, n int, seed uint64) ([]SyntheticPerson, error) {
	m := generator{rand.New(rand.NewPCG(seed, 0x70656f706c65))}
	homes := make([]string, regions) // some near each other, some far
	for i := range homes {
		homes[i] = region.CellAt(41.9+0.3*float64(i*i), 12.5+0.2*float64(i)).String()
	}
	people, ids := make([]SyntheticPerson, n), make([]account.ID, n)
	if err := d.Tx(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx)
		if err != nil {
			return err
		}
		for i := range people {
			people[i], ids[i] = m.person(homes), account.ID(id.Opaque())
			if err := w.write(ctx, ids[i], &people[i]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("simulation: write people: %w", err)
	}
	reader := discovery.New(d, nil, slog.New(slog.DiscardHandler), discovery.Config{})
	const page = 1000
	for at := 0; at < n; at += page {
		some := ids[at:min(n, at+page)]
		read, err := reader.People(ctx, some...)
		if err != nil {
			return nil, fmt.Errorf("simulation: read people: %w", err)
		}
		for i, who := range some {
			p := read[who]
			if p == nil || !p.Shown(Start) {
				return nil, fmt.Errorf("simulation: %s cannot be shown to anybody", who)
			}
			people[at+i].Person = *p
		}
	}
	return people, nil
}

type generator struct{ *rand.Rand }

func (m generator) person(homes []string) (s SyntheticPerson) {
	s.Gender = genders[m.skewed(0.7, 0.3)]
	// 75 % look for the other gender, 10 % for their own, the rest for all.
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

// skewed returns an index, by shares that add up to 1.
func (m generator) skewed(shares ...float64) int {
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

func (w *writer) write(ctx context.Context, who account.ID, s *SyntheticPerson) (err error) {
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
