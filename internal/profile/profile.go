package profile

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/voice"
)

const (
	remembered    = 20_000 // people
	rememberedFor = 30 * time.Second
	newFor        = 7 * 24 * time.Hour
)

// Languages are those in which Heyy speaks to people.
var Languages = []string{"en", "it", "zh"}

// Person is how somebody appears to others in passing: on a seat, on a card.
type Person struct {
	ID       account.ID
	Name     string
	Resident bool
	Verified bool
	Voice    *Voice // nil: nothing was measured yet
}

// Voice is what was measured of a voice, and what an aura is drawn from.
type Voice = voice.Features

// Wishes are whom somebody would like to meet. They hold both ways: who does
// not fit them does not see this person either.
type Wishes struct {
	Meet         []string // of Genders
	From, To     int      // years
	Intents      []string // only for these of one's own; none: any of them
	Languages    []string // who speaks one of these; none: any in common
	Interests    []string // who likes one of these; none: anything
	VerifiedOnly bool
}

// Card is what somebody shows of their work.
type Card struct {
	Role    string   `json:"role"`
	Company string   `json:"company"`
	Links   []string `json:"links"` // https addresses
	OpenTo  []string `json:"open_to"`
}

// Profile is all that is kept of somebody. Who may see which part of it is
// decided by the shapes at the edge.
type Profile struct {
	Person
	Language  string // in which Heyy speaks to them
	Age       int    // years, today in UTC
	Gender    string // of Genders; "": not said
	Pronouns  string
	Languages []string // spoken
	Interests []string
	Intents   []string
	Wishes    Wishes
	Card      *Card // nil: none
	New       bool  // here for a week at most
	Settled   bool  // through with onboarding, or put off
	Paused    bool  // not in Discover, by own wish
}

// Needs are the parts that are missing before somebody is shown in Discover,
// the clip apart; in the order in which they are asked for.
func (p Profile) Needs() (needs []string) {
	for _, n := range []struct {
		part string
		has  bool
	}{
		{"gender", p.Gender != ""}, {"meet", len(p.Wishes.Meet) > 0}, {"intents", len(p.Intents) > 0},
		{"languages", len(p.Languages) > 0}, {"interests", len(p.Interests) > 0},
	} {
		if !n.has {
			needs = append(needs, n.part)
		}
	}
	return needs
}

// Shelf keeps sounds for rows.
type Shelf interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

// Service keeps profiles. Make it with New.
type Service struct {
	db    *db.DB
	shelf Shelf
	now   func() time.Time
	known *expirable.LRU[account.ID, Person]
	edits atomic.Int64  // counted after the commit: see People
	ears  chan struct{} // one token for each recording that is listened to now
}

// New makes a service; now may be nil for time.Now.
func New(d *db.DB, shelf Shelf, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{
		db: d, shelf: shelf, now: now, ears: make(chan struct{}, 4),
		known: expirable.NewLRU[account.ID, Person](remembered, nil, rememberedFor),
	}
}

// Create writes the first profile of an account, in the transaction tx.
func (s *Service) Create(ctx context.Context, tx *sql.Tx, id account.ID, name, language string) (err error) {
	defer fault.Wrap(&err, "create profile")
	if name, err = checkName(name); err != nil {
		return err
	}
	if err := checkLanguage(language); err != nil {
		return err
	}
	spoken, err := json.Marshal([]string{language})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO profiles (account_id, name, language, interests, languages, updated_at) VALUES ($1, $2, $3, '[]', $4, $5)`,
		string(id), name, language, string(spoken), db.Millis(s.now()))
	return err
}

// Of is the profile of somebody, or person.unknown. An account that has not
// begun has none.
func (s *Service) Of(ctx context.Context, id account.ID) (_ Profile, err error) {
	defer fault.Wrap(&err, "profile %s", id)
	p, err := s.scan(s.db.QueryRowContext(ctx, columns+`WHERE p.account_id = $1`, string(id)))
	if db.IsNone(err) {
		return Profile{}, unknown()
	}
	return p, err
}

func unknown() error {
	return fault.New(fault.NotFound, "person.unknown", "There is no such person.")
}

// All are the profiles behind ids; who has none is missing from the map.
func (s *Service) All(ctx context.Context, ids ...account.ID) (_ map[account.ID]Profile, err error) {
	defer fault.Wrap(&err, "profiles")
	found := make(map[account.ID]Profile, len(ids))
	for some := range slices.Chunk(ids, 500) { // engines bound the parameters of one statement
		all, err := db.Select(ctx, s.db, s.scan, columns+`WHERE p.account_id IN (`+db.Marks(1, len(some))+`)`, anys(some)...)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			found[p.ID] = p
		}
	}
	return found, nil
}

func anys(ids []account.ID) []any {
	all := make([]any, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

const columns = `SELECT p.account_id, a.kind = 'resident', p.verified_at IS NOT NULL, p.name, p.language, a.born, a.created_at, p.gender, p.pronouns,
	p.languages, p.interests, p.intents, p.meet, p.age_from, p.age_to, p.wish_intents, p.wish_languages, p.wish_interests, p.verified_only,
	p.voice, p.card, p.settled_at IS NOT NULL, p.paused
	FROM profiles p JOIN accounts a ON a.id = p.account_id `

func (s *Service) scan(row interface{ Scan(...any) error }) (p Profile, err error) {
	var born, voice, card sql.NullString
	var created int64
	var languages, interests, intents, meet, wishIntents, wishLanguages, wishInterests string
	w := &p.Wishes
	if err := row.Scan(&p.ID, &p.Resident, &p.Verified, &p.Name, &p.Language, &born, &created, &p.Gender, &p.Pronouns,
		&languages, &interests, &intents, &meet, &w.From, &w.To, &wishIntents, &wishLanguages, &wishInterests, &w.VerifiedOnly,
		&voice, &card, &p.Settled, &p.Paused); err != nil {
		return p, err
	}
	for _, list := range []struct {
		json string
		to   *[]string
	}{
		{languages, &p.Languages}, {interests, &p.Interests}, {intents, &p.Intents}, {meet, &w.Meet},
		{wishIntents, &w.Intents}, {wishLanguages, &w.Languages}, {wishInterests, &w.Interests},
	} {
		if err := json.Unmarshal([]byte(list.json), list.to); err != nil {
			return p, err
		}
	}
	if voice.Valid {
		if err := json.Unmarshal([]byte(voice.String), &p.Voice); err != nil {
			return p, err
		}
	}
	if card.Valid {
		if err := json.Unmarshal([]byte(card.String), &p.Card); err != nil {
			return p, err
		}
	}
	now := s.now()
	if born.Valid {
		if p.Age, err = account.Age(born.String, now); err != nil {
			return p, err
		}
	}
	p.New = now.Sub(time.UnixMilli(created)) < newFor
	return p, nil
}

// People are the persons behind ids, for cards and seats: one query at most for
// all of them. Who has no profile is missing from the map.
func (s *Service) People(ctx context.Context, ids ...account.ID) (_ map[account.ID]Person, err error) {
	defer fault.Wrap(&err, "people")
	found := make(map[account.ID]Person, len(ids))
	var ask []account.ID
	for _, id := range ids {
		if p, ok := s.known.Get(id); ok {
			found[id] = p
		} else if !slices.Contains(ask, id) {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return found, nil
	}
	before := s.edits.Load()
	all, err := s.All(ctx, ask...)
	if err != nil {
		return nil, err
	}
	for id, p := range all {
		found[id] = p.Person
		s.known.Add(id, p.Person)
	}
	if s.edits.Load() != before { // an edit may have come between reading and remembering
		for _, id := range ask {
			s.known.Remove(id)
		}
	}
	return found, nil
}

// changed forgets what was remembered of somebody. Call it after the commit.
func (s *Service) changed(id account.ID) {
	s.edits.Add(1)
	s.known.Remove(id)
}

// Verify marks somebody as verified, in the transaction tx.
func (s *Service) Verify(ctx context.Context, tx *sql.Tx, who account.ID, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE profiles SET verified_at = $1, updated_at = $1 WHERE account_id = $2`, db.Millis(at), string(who))
	s.changed(who) // early is harmless: the others learn it within 30 seconds anyway
	return err
}
