package moment

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
)

const (
	TTL     = 24 * time.Hour
	Max     = time.Minute // playing time
	MaxText = 500         // characters of a text alternative

	MaxLive  = 10 // of one person at a time
	MaxDay   = 24 // of one person in 24 hours, removed ones included
	MinHeard = 3  // listeners before the author is told how many: a smaller number names somebody

	maxTold  = 200 // matches of an author who are told of a change at once
	sweepOne = 500 // rows of one transaction
)

// Limits is the allowed playing time of a moment. A recorder may stop late.
var Limits = audio.Limits{Least: time.Second, Most: Max + 500*time.Millisecond, AnySound: true}

// steps are the numbers that the author is told, of which it is the largest one reached: who
// marks a moment with accounts of their own hardly learns when somebody else listens.
var steps = []int{MinHeard, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000}

// ID is the id of a moment, a UUID made of its author and the id of its draft.
type ID string

// DraftID is the id of a draft, a UUID chosen by its author's client. The same one of two authors is two
// moments, so that posting tells nothing about those of others.
type DraftID string

// of returns the id of the moment that by makes of the draft.
func (d DraftID) of(by account.ID) ID { return ID(id.Derived(string(by), string(d))) }

// Audience is who may hear a moment.
type Audience string

// The audiences; doc.go says who they are.
const (
	Matches   Audience = "matches"
	Followers Audience = "followers"
	Everyone  Audience = "everyone"
)

// Audiences are the keys of all audiences.
var Audiences = []string{string(Matches), string(Followers), string(Everyone)}

// Moment is a moment as a viewer sees it.
type Moment struct {
	ID        ID
	Author    account.ID
	Audience  Audience
	Text      string // the text alternative; may be empty
	Ms        int    // playing time
	At        time.Time
	ExpiresAt time.Time
	Heard     bool   // by the viewer
	HeardBy   int    // of one's own: how many listened at least, one of steps; 0 below MinHeard
	Key       string // blob; audio/ogg
}

// Draft is a moment to be posted.
type Draft struct {
	ID       DraftID
	Audience Audience
	Text     string
}

// Blobs stores audio; see package blobref.
type Blobs interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

// Strangers says which of some people may be shown to a viewer who does not know them; see
// package discovery.
type Strangers interface {
	Fitting(ctx context.Context, viewer account.ID, among []account.ID, most int) ([]account.ID, error)
}

// Service manages moments. Create it with New.
type Service struct {
	db        *db.DB
	blobs     Blobs
	strangers Strangers
	now       func() time.Time
	wake      func()
}

// New returns a Service; now may be nil for time.Now. wake is called after commits with facts.
func New(d *db.DB, blobs Blobs, strangers Strangers, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, blobs: blobs, strangers: strangers, now: now, wake: wake}
}

var (
	// ErrNone is the answer for everybody who may not hear a moment: not in its audience,
	// expired, removed, or unknown.
	ErrNone = fault.New(fault.NotFound, "moment.none", "This moment isn't here any more.")

	// ErrLong refuses a recording over Max.
	ErrLong = fault.At("body", "moment.long", "A moment is at most a minute long. Record a shorter one.")

	errTooMany  = fault.New(fault.TooMany, "moment.too_many", fmt.Sprintf("You have %d moments up. Remove one, or wait until one is over.", MaxLive))
	errDay      = fault.New(fault.TooMany, "moment.day", "You've posted a lot today. Try again tomorrow.")
	errAudience = fault.At("body.audience", "moment.audience", "Choose who may hear it: your matches, your followers or everyone.")
)

// checked validates a draft.
func checked(d Draft) (Draft, error) {
	if !slices.Contains(Audiences, string(d.Audience)) {
		return d, errAudience
	}
	text, err := textrule.Text("body.text", d.Text, MaxText)
	switch {
	case fault.Is(err, "text.empty"):
		text, err = "", nil
	case fault.Is(err, "text.too_long"):
		err = fault.At("body.text", "moment.text_long", fmt.Sprintf("The text has at most %d characters.", MaxText))
	case err != nil:
		err = fault.At("body.text", "message.characters", "This has characters we can't send: invisible ones, or too many marks on one letter.")
	}
	d.Text = text
	return d, err
}

// MayPost reports whether by may post d now, before the recording is decoded, which costs.
// Faults: those of Post.
func (s *Service) MayPost(ctx context.Context, by account.ID, d Draft) (err error) {
	defer fault.Wrap(&err, "may %s post", by)
	if _, err := checked(d); err != nil {
		return err
	}
	return s.checkLimits(ctx, s.db, by)
}

// checkLimits refuses one more moment of by.
func (s *Service) checkLimits(ctx context.Context, q db.Querier, by account.ID) error {
	var day, live int
	// TTL is the day: what was posted within it has its row, removed or not.
	err := q.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(audio_key) FROM moments WHERE account_id = $1 AND at > $2`,
		string(by), db.Millis(s.now().Add(-TTL))).Scan(&day, &live)
	switch {
	case err != nil:
		return err
	case live >= MaxLive:
		return errTooMany
	case day >= MaxDay:
		return errDay
	}
	return nil
}

// Posted returns the moment that by made of a draft, if it was posted before. It is asked before a
// recording is decoded. Fault: moment.none for one that was removed.
func (s *Service) Posted(ctx context.Context, by account.ID, draft DraftID) (m Moment, posted bool, err error) {
	defer fault.Wrap(&err, "posted %s", draft)
	of := draft.of(by)
	var key sql.NullString
	err = s.db.QueryRowContext(ctx, `SELECT audio_key FROM moments WHERE id = $1`, string(of)).Scan(&key)
	switch {
	case db.IsNone(err):
		return Moment{}, false, nil
	case err != nil:
		return Moment{}, false, err
	case !key.Valid:
		return Moment{}, false, ErrNone
	}
	m, err = s.Get(ctx, by, of)
	return m, err == nil, err
}

// Post adds a moment of by. The same draft again changes nothing and returns the moment as it is.
// Faults: moment.audience, moment.text_long, message.characters, moment.too_many, moment.day, and
// moment.none for one that was removed.
func (s *Service) Post(ctx context.Context, by account.ID, d Draft, clip audio.Clip) (_ Moment, err error) {
	defer fault.Wrap(&err, "post %s", d.ID)
	if d, err = checked(d); err != nil {
		return Moment{}, err
	}
	key := "moments/" + id.Opaque() + ".ogg"
	if err := s.blobs.Put(ctx, key, clip.Ogg); err != nil {
		return Moment{}, err
	}
	of, now, again := d.ID.of(by), s.now(), false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO moment_authors (account_id, n) VALUES ($1, 1)
			ON CONFLICT (account_id) DO UPDATE SET n = moment_authors.n + 1`, string(by)); err != nil {
			return err
		}
		// Behind the lock: one posted before is no further one.
		var known int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM moments WHERE id = $1`, string(of)).Scan(&known)
		// One posted before may be in the same commit as this one: then it is waited for.
		if again = err == nil && known > 0; again || err != nil {
			return err
		}
		if err := s.checkLimits(ctx, tx, by); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO moments (id, account_id, audience, text, audio_key, ms, at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(of), string(by), string(d.Audience), d.Text, key, clip.Duration.Milliseconds(), db.Millis(now), db.Millis(now.Add(TTL))); err != nil {
			return err
		}
		if err := s.blobs.Claim(ctx, tx, key); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO moment_blobs (key) VALUES ($1)`, key); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, Changed{Author: by})
	})
	if err != nil {
		return Moment{}, err
	}
	if !again {
		s.wake()
	}
	return s.Get(ctx, by, of)
}

// Remove removes a moment of by's own, for all at once. Removing it again is no error. Fault:
// moment.none.
func (s *Service) Remove(ctx context.Context, by account.ID, of ID) (err error) {
	defer fault.Wrap(&err, "remove %s", of)
	now, removed := s.now(), false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var err error
		removed, err = db.Changed(tx.ExecContext(ctx, `UPDATE moments SET audio_key = NULL, text = '' WHERE id = $1 AND account_id = $2 AND audio_key IS NOT NULL`,
			string(of), string(by)))
		if err != nil {
			return err
		}
		if removed {
			return outbox.Append(ctx, tx, now, Changed{Author: by})
		}
		var known int
		err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM moments WHERE id = $1 AND account_id = $2`, string(of), string(by)).Scan(&known)
		if err == nil && known == 0 {
			err = ErrNone
		}
		return err
	})
	if err == nil && removed {
		s.wake()
	}
	return err
}

// MarkHeard records, for by alone, that they have listened to a moment. One's own, or one
// already marked, changes nothing. Fault: moment.none.
func (s *Service) MarkHeard(ctx context.Context, by account.ID, of ID) (err error) {
	defer fault.Wrap(&err, "heard %s", of)
	m, err := s.Get(ctx, by, of)
	if err != nil || m.Author == by || m.Heard {
		return err
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		// In the WHERE: it may be over by now, and so its row.
		_, err := tx.ExecContext(ctx, `INSERT INTO moments_heard (moment_id, account_id, hidden)
			SELECT m.id, $1, EXISTS (SELECT 1 FROM read_marks r WHERE r.account_id = $1 AND NOT r.shown) FROM moments m
			WHERE `+hears+` AND m.id = $3 ON CONFLICT (moment_id, account_id) DO NOTHING`, string(by), db.Millis(s.now()), string(of))
		return err
	})
}

// Told returns who is told at once that something of an author's changed: the author, and the
// matches made last, at most maxTold.
func (s *Service) Told(ctx context.Context, author account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "who is told of %s", author)
	all, err := db.Select(ctx, s.db, scanID[account.ID], `SELECT id FROM (SELECT b_id AS id, matched_at FROM pairs WHERE a_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL
		UNION ALL SELECT a_id, matched_at FROM pairs WHERE b_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL) x ORDER BY matched_at DESC LIMIT $2`,
		string(author), maxTold)
	return append([]account.ID{author}, all...), err
}

func scanID[T ~string](row interface{ Scan(...any) error }) (id T, err error) {
	err = row.Scan(&id)
	return id, err
}

// Sweep deletes expired moments, and drops the blobs of moments that are gone: expired, removed,
// or with an account. Nobody can reach them any more. Run it every few minutes, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep moments")
	for more := true; more; {
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			n, err := tx.ExecContext(ctx, `DELETE FROM moments WHERE id IN (SELECT id FROM moments WHERE expires_at <= $1 LIMIT $2)`, db.Millis(now), sweepOne)
			if err != nil {
				return err
			}
			deleted, err := n.RowsAffected()
			more = deleted == sweepOne
			return err
		}); err != nil {
			return err
		}
	}
	for {
		keys, err := db.Select(ctx, s.db, scanID[string],
			`SELECT b.key FROM moment_blobs b LEFT JOIN moments m ON m.audio_key = b.key WHERE m.audio_key IS NULL LIMIT $1`, sweepOne)
		if err != nil {
			return err
		}
		if err := s.drop(ctx, keys); err != nil || len(keys) < sweepOne {
			return err
		}
	}
}

func (s *Service) drop(ctx context.Context, keys []string) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			there, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM moment_blobs WHERE key = $1`, key))
			if err == nil && there {
				err = s.blobs.Drop(ctx, tx, key)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
