package profile

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
)

const (
	cacheSize = 20_000 // entries
	cacheTTL  = 30 * time.Second
	NewFor    = 7 * 24 * time.Hour
)

// Person is the public summary of somebody, as on a seat or a card.
type Person struct {
	ID       account.ID
	Name     string
	Resident bool
	Verified bool
	New      bool   // a member whose account is younger than NewFor: the badge new_here
	Voice    *Voice // nil: no intro was recorded yet
	Public   bool   // people without an account see name and aura in shared rooms
}

// Voice holds the measured features of a voice, which determine the aura.
type Voice = audio.Features

// Preferences are the filters of a person for other people. They apply in both directions:
// a person who does not match them does not see their owner either.
type Preferences struct {
	Meet         []string // of Genders; any of these
	From, To     int      // years
	Intents      []string // a subset of one's own; none: all of them
	Languages    []string // at least one of these; none: any in common
	Interests    []string // at least one of these; none: no filter
	VerifiedOnly bool
}

// Work is the professional card of somebody.
type Work struct {
	Role    string   `json:"role"`
	Company string   `json:"company"`
	Links   []string `json:"links"` // https addresses
	OpenTo  []string `json:"open_to"`
}

// Profile is everything stored about somebody. The shapes of internal/edge/apitypes decide
// who sees which part.
type Profile struct {
	Person
	Language    string // of interface and mails
	Age         int    // years, today in UTC
	Gender      string // one of Genders; "": not said
	Pronouns    string
	Languages   []string // spoken
	Interests   []string
	Intents     []string
	Preferences Preferences
	Work        *Work // nil: none
	Onboarded   bool  // onboarding completed or skipped
	Paused      bool  // hidden from Discover, by choice
}

// Needs lists the fields still missing before somebody is shown in Discover, apart from the
// intro, in the order in which onboarding asks.
func (p Profile) Needs() (needs []string) {
	for _, n := range []struct {
		part string
		has  bool
	}{
		{"gender", p.Gender != ""}, {"meet", len(p.Preferences.Meet) > 0}, {"intents", len(p.Intents) > 0},
		{"languages", len(p.Languages) > 0}, {"interests", len(p.Interests) > 0},
	} {
		if !n.has {
			needs = append(needs, n.part)
		}
	}
	return needs
}

// Blobs stores the audio of clips; see package blobref.
type Blobs interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

// Service manages profiles. Create it with New.
type Service struct {
	db    *db.DB
	blobs Blobs
	now   func() time.Time
	cache *expirable.LRU[account.ID, Person]
	edits atomic.Int64  // number of commits, to detect a stale read in People
	slots chan struct{} // semaphore of ProcessRecording
}

// New returns a Service; now may be nil for time.Now.
func New(d *db.DB, blobs Blobs, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{
		db: d, blobs: blobs, now: now, slots: make(chan struct{}, 4),
		cache: expirable.NewLRU[account.ID, Person](cacheSize, nil, cacheTTL),
	}
}

// Create inserts the first profile of an account, in the transaction tx.
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

// Get returns a profile, or person.unknown; an account that has not completed sign-up has
// none.
func (s *Service) Get(ctx context.Context, id account.ID) (_ Profile, err error) {
	defer fault.Wrap(&err, "profile %s", id)
	p, err := s.scan(s.db.QueryRowContext(ctx, columns+`WHERE p.account_id = $1`, string(id)))
	if db.IsNone(err) {
		return Profile{}, unknown()
	}
	return p, err
}

func unknown() error {
	return fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")
}

// GetMany returns profiles by id; missing ones are not in the map.
func (s *Service) GetMany(ctx context.Context, ids ...account.ID) (_ map[account.ID]Profile, err error) {
	defer fault.Wrap(&err, "profiles")
	found := make(map[account.ID]Profile, len(ids))
	for some := range slices.Chunk(ids, 500) { // databases limit the parameters of a statement
		all, err := db.Select(ctx, s.db, s.scan, columns+`WHERE p.account_id IN (`+db.Placeholders(1, len(some))+`)`, anys(some)...)
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
	p.voice, p.card, p.settled_at IS NOT NULL, p.paused, p.public
	FROM profiles p JOIN accounts a ON a.id = p.account_id `

func (s *Service) scan(row interface{ Scan(...any) error }) (p Profile, err error) {
	var born, voice, card sql.NullString
	var created int64
	var languages, interests, intents, meet, wishIntents, wishLanguages, wishInterests string
	w := &p.Preferences
	if err := row.Scan(&p.ID, &p.Resident, &p.Verified, &p.Name, &p.Language, &born, &created, &p.Gender, &p.Pronouns,
		&languages, &interests, &intents, &meet, &w.From, &w.To, &wishIntents, &wishLanguages, &wishInterests, &w.VerifiedOnly,
		&voice, &card, &p.Onboarded, &p.Paused, &p.Public); err != nil {
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
		if err := json.Unmarshal([]byte(card.String), &p.Work); err != nil {
			return p, err
		}
	}
	now := s.now()
	if born.Valid {
		if p.Age, err = account.Age(born.String, now); err != nil {
			return p, err
		}
	}
	p.New = !p.Resident && now.Sub(time.UnixMilli(created)) < NewFor
	return p, nil
}

// People returns the persons behind ids, from the cache and at most one query; missing ones
// are not in the map.
func (s *Service) People(ctx context.Context, ids ...account.ID) (_ map[account.ID]Person, err error) {
	defer fault.Wrap(&err, "people")
	found := make(map[account.ID]Person, len(ids))
	var ask []account.ID
	for _, id := range ids {
		if p, ok := s.cache.Get(id); ok {
			found[id] = p
		} else if !slices.Contains(ask, id) {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return found, nil
	}
	before := s.edits.Load()
	all, err := s.GetMany(ctx, ask...)
	if err != nil {
		return nil, err
	}
	for id, p := range all {
		found[id] = p.Person
		s.cache.Add(id, p.Person)
	}
	if s.edits.Load() != before { // an edit may have committed between reading and caching
		for _, id := range ask {
			s.cache.Remove(id)
		}
	}
	return found, nil
}

// invalidate removes somebody from the cache. Call it after the commit.
func (s *Service) invalidate(id account.ID) {
	s.edits.Add(1)
	s.cache.Remove(id)
}

// SetReach stores who may call a person, in the transaction tx, and reports whether there is
// such a profile. Package matchmaking defines the values.
func SetReach(ctx context.Context, tx *sql.Tx, who account.ID, reach string, at time.Time) (bool, error) {
	return db.Changed(tx.ExecContext(ctx, `UPDATE profiles SET reach = $1, updated_at = $2 WHERE account_id = $3`, reach, db.Millis(at), string(who)))
}

// LockReach reads who may call a person, and locks the profile's row until tx ends. Without
// a profile it is empty.
func LockReach(ctx context.Context, tx *sql.Tx, who account.ID) (reach string, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE profiles SET reach = reach WHERE account_id = $1 RETURNING reach`, string(who)).Scan(&reach)
	if db.IsNone(err) {
		err = nil
	}
	return reach, err
}

// Verify marks somebody as verified, in the transaction tx.
func (s *Service) Verify(ctx context.Context, tx *sql.Tx, who account.ID, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE profiles SET verified_at = $1, updated_at = $1 WHERE account_id = $2`, db.Millis(at), string(who))
	s.invalidate(who) // before the commit, which is harmless: the cache expires within 30 s
	return err
}
