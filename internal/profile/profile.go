package profile

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/text"
)

const (
	nameMost      = 40 // letters
	interestsMost = 20
	introMost     = 60_000 // ms
	remembered    = 20_000 // people
	rememberedFor = 30 * time.Second
)

// Languages are those in which Heyy speaks to people.
var Languages = []string{"en", "it", "zh"}

// Person is how somebody appears to others in passing: on a seat, on a card.
type Person struct {
	ID       account.ID
	Name     string
	Resident bool
	Voice    *Voice // nil: nothing was measured yet
}

// Voice is what was measured of a voice, and what an aura is drawn from.
type Voice struct {
	PitchHz    float64 `json:"pitch_hz"`
	Brightness float64 `json:"brightness"` // 0..1
	Tempo      float64 `json:"tempo"`      // 0..1
	Energy     float64 `json:"energy"`     // 0..1
}

// Intro is a few seconds in somebody's own voice.
type Intro struct {
	Key string // in the blob store; audio/ogg
	Ms  int    // how long it plays
}

// Profile is all that others may see of somebody.
type Profile struct {
	Person
	Language  string
	Interests []string
	Intro     *Intro // nil: none yet
}

// Service keeps profiles. Make it with New.
type Service struct {
	db    *db.DB
	now   func() time.Time
	known *expirable.LRU[account.ID, Person]
	edits atomic.Int64 // counted after the commit: see People
}

// New makes a service; now may be nil for time.Now.
func New(d *db.DB, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, now: now, known: expirable.NewLRU[account.ID, Person](remembered, nil, rememberedFor)}
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
	_, err = tx.ExecContext(ctx, `INSERT INTO profiles (account_id, name, language, interests, updated_at) VALUES ($1, $2, $3, '[]', $4)`,
		string(id), name, language, db.Millis(s.now()))
	return err
}

// Of is the profile of somebody, or person.unknown. An account that has not
// begun has none.
func (s *Service) Of(ctx context.Context, id account.ID) (_ Profile, err error) {
	defer fault.Wrap(&err, "profile %s", id)
	p, err := scan(s.db.QueryRowContext(ctx, columns+`WHERE p.account_id = $1`, string(id)))
	if db.IsNone(err) {
		return Profile{}, fault.New(fault.NotFound, "person.unknown", "There is no such person.")
	}
	return p, err
}

const columns = `SELECT p.account_id, a.kind = 'resident', p.name, p.language, p.interests, p.voice, p.intro_key, p.intro_ms
	FROM profiles p JOIN accounts a ON a.id = p.account_id `

func scan(row interface{ Scan(...any) error }) (p Profile, err error) {
	var interests string
	var voice, key sql.NullString
	var ms sql.NullInt64
	if err := row.Scan(&p.ID, &p.Resident, &p.Name, &p.Language, &interests, &voice, &key, &ms); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(interests), &p.Interests); err != nil {
		return p, err
	}
	if voice.Valid {
		if err := json.Unmarshal([]byte(voice.String), &p.Voice); err != nil {
			return p, err
		}
	}
	if key.Valid {
		p.Intro = &Intro{Key: key.String, Ms: int(ms.Int64)}
	}
	return p, nil
}

// People are the persons behind ids, for cards and seats: one query at most for
// all of them. Who has no profile is missing from the map.
func (s *Service) People(ctx context.Context, ids ...account.ID) (_ map[account.ID]Person, err error) {
	defer fault.Wrap(&err, "people")
	found := make(map[account.ID]Person, len(ids))
	ask := make([]any, 0, len(ids))
	for _, id := range ids {
		if _, twice := found[id]; twice {
			continue
		}
		if p, ok := s.known.Get(id); ok {
			found[id] = p
		} else if !slices.Contains(ask, any(string(id))) {
			ask = append(ask, string(id))
		}
	}
	before := s.edits.Load()
	for some := range slices.Chunk(ask, 500) { // engines bound the parameters of one statement
		all, err := db.Select(ctx, s.db, scan, columns+`WHERE p.account_id IN (`+db.Marks(1, len(some))+`)`, some...)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			found[p.ID] = p.Person
			s.known.Add(p.ID, p.Person)
		}
	}
	if s.edits.Load() != before { // an edit may have come between reading and remembering
		for _, id := range ask {
			s.known.Remove(account.ID(id.(string)))
		}
	}
	return found, nil
}

// Changes are the parts of a profile to change; nil leaves one as it is.
type Changes struct {
	Name      *string
	Language  *string
	Interests *[]string
}

// Edit changes by's own profile.
func (s *Service) Edit(ctx context.Context, by account.ID, c Changes) (_ Profile, err error) {
	defer fault.Wrap(&err, "edit profile %s", by)
	var name, language, interests sql.NullString
	if c.Name != nil {
		n, err := checkName(*c.Name)
		if err != nil {
			return Profile{}, err
		}
		name = sql.NullString{String: n, Valid: true}
	}
	if c.Language != nil {
		if err := checkLanguage(*c.Language); err != nil {
			return Profile{}, err
		}
		language = sql.NullString{String: *c.Language, Valid: true}
	}
	if c.Interests != nil {
		j, err := checkInterests(*c.Interests)
		if err != nil {
			return Profile{}, err
		}
		interests = sql.NullString{String: j, Valid: true}
	}
	return s.update(ctx, by, `name = COALESCE($1, name), language = COALESCE($2, language), interests = COALESCE($3, interests), updated_at = $4 WHERE account_id = $5`,
		name, language, interests, db.Millis(s.now()), string(by))
}

// SetIntro says which sound is somebody's intro, and what was measured of the
// voice in it.
func (s *Service) SetIntro(ctx context.Context, id account.ID, i Intro, v Voice) (_ Profile, err error) {
	defer fault.Wrap(&err, "set intro of %s", id)
	if i.Key == "" || i.Ms < 1 || i.Ms > introMost {
		return Profile{}, fault.New(fault.Invalid, "intro.wrong", "An intro is at most a minute long.")
	}
	for _, share := range []float64{v.Brightness, v.Tempo, v.Energy} {
		if !(share >= 0 && share <= 1) { // NaN is neither
			return Profile{}, fault.New(fault.Invalid, "intro.voice", "The voice could not be measured.")
		}
	}
	if !(v.PitchHz > 0) || math.IsInf(v.PitchHz, 0) {
		return Profile{}, fault.New(fault.Invalid, "intro.voice", "The voice could not be measured.")
	}
	voice, err := json.Marshal(v)
	if err != nil {
		return Profile{}, err
	}
	return s.update(ctx, id, `voice = $1, intro_key = $2, intro_ms = $3, updated_at = $4 WHERE account_id = $5`,
		string(voice), i.Key, i.Ms, db.Millis(s.now()), string(id))
}

func (s *Service) update(ctx context.Context, id account.ID, set string, args ...any) (p Profile, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		changed, err := db.Changed(tx.ExecContext(ctx, `UPDATE profiles SET `+set, args...))
		if err != nil {
			return err
		}
		if !changed {
			return fault.New(fault.NotFound, "person.unknown", "There is no such person.")
		}
		p, err = scan(tx.QueryRowContext(ctx, columns+`WHERE p.account_id = $1`, string(id)))
		return err
	})
	if err != nil {
		return Profile{}, err
	}
	s.edits.Add(1)
	s.known.Remove(id)
	return p, nil
}

func checkName(name string) (string, error) {
	name, err := text.Line("body.name", name, nameMost)
	if err != nil {
		return "", err
	}
	if reserved(name) {
		return "", fault.At("body.name", "name.reserved", "This name is kept for those who run Heyy.")
	}
	return name, nil
}

func checkLanguage(language string) error {
	if !slices.Contains(Languages, language) {
		return fault.At("body.language", "language.unknown", "Heyy speaks English, Italian and Chinese: en, it, zh.")
	}
	return nil
}

// checkInterests returns them as JSON, in the order given, each once.
func checkInterests(keys []string) (string, error) {
	once := make([]string, 0, len(keys))
	for _, k := range keys {
		if !slices.Contains(Interests, k) {
			return "", fault.At("body.interests", "interests.unknown", "One of these interests is not on the list.")
		}
		if !slices.Contains(once, k) {
			once = append(once, k)
		}
		if len(once) > interestsMost {
			return "", fault.At("body.interests", "interests.too_many", "Choose 20 at most.")
		}
	}
	j, err := json.Marshal(once)
	return string(j), err
}
