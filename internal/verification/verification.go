package verification

import (
	"context"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/picture"
	"heyy/internal/voice"
)

const (
	phraseWords = 4
	taskLife    = 15 * time.Minute
	triesMost   = 5 // tasks within triesTime
	triesTime   = 24 * time.Hour
	keepTime    = 30 * 24 * time.Hour // from the decision until what was sent in goes
	sweepMost   = 200
)

// ID names one verification.
type ID string

// Task is what somebody has to do.
type Task struct {
	ID        ID
	Phrase    []string // to be spoken, of Words
	Pose      string   // to be shown, of Poses
	ExpiresAt time.Time
}

// Stage is how far a verification has come.
type Stage string

// The stages.
const (
	None     Stage = "none"     // never started, or nothing was sent in in time
	Started  Stage = "started"  // there is a task
	Waiting  Stage = "waiting"  // for a moderator
	Approved Stage = "approved" // for good
	Declined Stage = "declined" // may start again
)

// State is how it stands with somebody.
type State struct {
	Stage Stage
	Task  *Task     // if started
	Said  bool      // the phrase is in, and kept
	Posed bool      // the selfie is in, and kept
	Why   string    // of Reasons, if declined
	At    time.Time // when it was sent in or decided; zero before that
}

// Evidence is what somebody sends in, already taken apart and made anew: one
// part of it, or both.
type Evidence struct {
	Voice  *voice.Clip
	Selfie *picture.Picture
}

// Submission waits for a moderator.
type Submission struct {
	ID          ID
	By          account.ID
	Phrase      []string
	Pose        string
	VoiceKey    string // on the shelf; audio/ogg
	SelfieKey   string // on the shelf; image/jpeg
	SubmittedAt time.Time
}

// Verdict is what a moderator says.
type Verdict struct {
	By      string // who decides
	Approve bool
	Why     string // of Reasons, if not approved
}

// Shelf keeps blobs for rows.
type Shelf interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

// Profiles marks somebody as verified.
type Profiles interface {
	Verify(ctx context.Context, tx *sql.Tx, who account.ID, at time.Time) error
}

// Service verifies people. Make it with New.
type Service struct {
	db       *db.DB
	shelf    Shelf
	profiles Profiles
	now      func() time.Time
	wake     func()
}

// New makes a service; now may be nil for time.Now. wake is called after each
// commit that appended facts.
func New(d *db.DB, shelf Shelf, profiles Profiles, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, shelf: shelf, profiles: profiles, now: now, wake: wake}
}

func none() error {
	return fault.New(fault.NotFound, "verification.none", "There is no such verification.")
}

func expired() error {
	return fault.New(fault.Gone, "verification.expired", "The time for this one is over. Start again, with other words.")
}

func waiting() error {
	return fault.New(fault.Conflict, "verification.waiting", "We have what you sent. A moderator will look at it soon.")
}

func done() error {
	return fault.New(fault.Conflict, "verification.done", "This has been decided.")
}

// Start gives by a task, in place of an unfinished one. Five within 24 hours
// are the most: verification.tries. Who waits for a moderator is
// verification.waiting, who was approved verification.done.
func (s *Service) Start(ctx context.Context, by account.ID) (_ Task, err error) {
	defer fault.Wrap(&err, "start verification of %s", by)
	now := s.now().Truncate(time.Millisecond)
	t := Task{ID: ID(id.New()), Pose: Poses[rand.IntN(len(Poses))], ExpiresAt: now.Add(taskLife)}
	for _, i := range rand.Perm(len(Words))[:phraseWords] {
		t.Phrase = append(t.Phrase, Words[i])
	}
	phrase, err := json.Marshal(t.Phrase)
	if err != nil {
		return Task{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		// The row is the lock: starts of one person queue up.
		there, err := db.Changed(tx.ExecContext(ctx, `UPDATE accounts SET kind = kind WHERE id = $1`, string(by)))
		if err != nil {
			return err
		}
		if !there {
			return fault.New(fault.NotFound, "person.unknown", "There is no such person.")
		}
		var tries, wait, approved int
		if err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM verifications WHERE account_id = $1 AND created_at > $2),
			(SELECT COUNT(*) FROM verifications WHERE account_id = $1 AND state = 'waiting'),
			(SELECT COUNT(*) FROM verifications WHERE account_id = $1 AND state = 'approved')`,
			string(by), db.Millis(now.Add(-triesTime))).Scan(&tries, &wait, &approved); err != nil {
			return err
		}
		switch {
		case approved > 0:
			return fault.New(fault.Conflict, "verification.done", "You are verified already.")
		case wait > 0:
			return waiting()
		case tries >= triesMost:
			return fault.New(fault.TooMany, "verification.tries", "That was the fifth time today. Try again tomorrow, in good light and a quiet place.")
		}
		old, err := db.Select(ctx, tx, scanID, `UPDATE verifications SET state = 'replaced' WHERE account_id = $1 AND state = 'started' RETURNING id`, string(by))
		if err != nil {
			return err
		}
		for _, o := range old {
			if err := s.clear(ctx, tx, o); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO verifications (id, account_id, state, phrase, pose, created_at, expires_at) VALUES ($1, $2, 'started', $3, $4, $5, $6)`,
			string(t.ID), string(by), string(phrase), t.Pose, db.Millis(now), db.Millis(t.ExpiresAt))
		if db.IsUnique(err) {
			return waiting() // sent in between the look and the replacing
		}
		return err
	})
	if err != nil {
		return Task{}, err
	}
	return t, nil
}

// Submit sends in what by did for a task, in time. A part that was sent in
// before is replaced; with both in, it waits for a moderator.
func (s *Service) Submit(ctx context.Context, by account.ID, task ID, e Evidence) (_ State, err error) {
	defer fault.Wrap(&err, "submit verification %s", task)
	if err := s.mayStill(ctx, s.db, by, task); err != nil { // spares writing it down
		return State{}, err
	}
	// A key of its own for each try: of two at once, one must not end up under
	// the other's row.
	var voiceKey, selfieKey string
	if e.Voice != nil {
		voiceKey = "verification/" + id.New() + ".ogg"
		if err := s.shelf.Put(ctx, voiceKey, e.Voice.Ogg); err != nil {
			return State{}, err
		}
	}
	if e.Selfie != nil {
		selfieKey = "verification/" + id.New() + ".jpg"
		if err := s.shelf.Put(ctx, selfieKey, e.Selfie.JPEG); err != nil {
			return State{}, err
		}
	}
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		now := db.Millis(s.now())
		var had [2]sql.NullString
		// The row is the lock, and what it had is what is replaced.
		err := tx.QueryRowContext(ctx, `UPDATE verifications SET state = 'started' WHERE id = $1 AND account_id = $2 AND state = 'started' AND expires_at > $3
			RETURNING voice_key, selfie_key`, string(task), string(by), now).Scan(&had[0], &had[1])
		if db.IsNone(err) {
			if err := s.mayStill(ctx, tx, by, task); err != nil {
				return err
			}
			return expired() // a moment ago it was still good
		}
		if err != nil {
			return err
		}
		has := had
		for i, key := range []string{voiceKey, selfieKey} {
			if key == "" {
				continue
			}
			if err := s.shelf.Claim(ctx, tx, key); err != nil {
				return err
			}
			if had[i].Valid {
				if err := s.shelf.Drop(ctx, tx, had[i].String); err != nil {
					return err
				}
			}
			has[i] = sql.NullString{String: key, Valid: true}
		}
		state, sent := Started, sql.NullInt64{}
		if has[0].Valid && has[1].Valid {
			state, sent = Waiting, sql.NullInt64{Int64: now, Valid: true}
		}
		_, err = tx.ExecContext(ctx, `UPDATE verifications SET state = $1, voice_key = $2, selfie_key = $3, submitted_at = $4 WHERE id = $5`,
			string(state), has[0], has[1], sent, string(task))
		return err
	}); err != nil {
		return State{}, err
	}
	return s.State(ctx, by)
}

// mayStill says why a task cannot be submitted, if so.
func (s *Service) mayStill(ctx context.Context, q db.Querier, by account.ID, task ID) error {
	var state string
	var expires int64
	err := q.QueryRowContext(ctx, `SELECT state, expires_at FROM verifications WHERE id = $1 AND account_id = $2`, string(task), string(by)).Scan(&state, &expires)
	switch {
	case db.IsNone(err):
		return none()
	case err != nil:
		return err
	case state == "waiting":
		return waiting()
	case state == "approved" || state == "declined":
		return done()
	case state == "replaced" || expires <= db.Millis(s.now()):
		return expired()
	}
	return nil
}

// State is how it stands with by.
func (s *Service) State(ctx context.Context, by account.ID) (_ State, err error) {
	defer fault.Wrap(&err, "verification of %s", by)
	var st State
	var t Task
	var phrase string
	var expires int64
	var at sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT id, state, phrase, pose, expires_at, COALESCE(decided_at, submitted_at), why, voice_key IS NOT NULL, selfie_key IS NOT NULL FROM verifications
		WHERE account_id = $1 AND state <> 'replaced' ORDER BY created_at DESC, id DESC LIMIT 1`, string(by)).
		Scan(&t.ID, &st.Stage, &phrase, &t.Pose, &expires, &at, &st.Why, &st.Said, &st.Posed)
	if db.IsNone(err) {
		return State{Stage: None}, nil
	}
	if err != nil {
		return State{}, err
	}
	if at.Valid {
		st.At = time.UnixMilli(at.Int64)
	}
	if st.Stage != Started {
		return st, nil
	}
	if t.ExpiresAt = time.UnixMilli(expires); !t.ExpiresAt.After(s.now()) {
		return State{Stage: None}, nil
	}
	if err := json.Unmarshal([]byte(phrase), &t.Phrase); err != nil {
		return State{}, err
	}
	st.Task = &t
	return st, nil
}

// Waiting are at most limit submissions to decide on, the oldest first. For
// moderators.
func (s *Service) Waiting(ctx context.Context, limit int) (_ []Submission, err error) {
	defer fault.Wrap(&err, "waiting verifications")
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (b Submission, err error) {
		var phrase string
		var at int64
		if err := row.Scan(&b.ID, &b.By, &phrase, &b.Pose, &b.VoiceKey, &b.SelfieKey, &at); err != nil {
			return b, err
		}
		b.SubmittedAt = time.UnixMilli(at)
		return b, json.Unmarshal([]byte(phrase), &b.Phrase)
	}, `SELECT id, account_id, phrase, pose, voice_key, selfie_key, submitted_at FROM verifications
		WHERE state = 'waiting' ORDER BY submitted_at, id LIMIT $1`, limit)
}

// Decide ends a verification, once: the second moderator is told
// verification.done. Who is approved is verified from then on.
func (s *Service) Decide(ctx context.Context, which ID, v Verdict) (err error) {
	defer fault.Wrap(&err, "decide verification %s", which)
	if v.Approve != (v.Why == "") || v.Why != "" && !slices.Contains(Reasons, v.Why) {
		return fault.At("body.why", "verification.why", "Whoever is declined is told one of the reasons, whoever is approved none.")
	}
	state := Declined
	if v.Approve {
		state = Approved
	}
	now := s.now().Truncate(time.Millisecond)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		f := Decided{ID: which, Approved: v.Approve, Why: v.Why}
		err := tx.QueryRowContext(ctx, `UPDATE verifications SET state = $1, decided_at = $2, decided_by = $3, why = $4
			WHERE id = $5 AND state = 'waiting' RETURNING account_id`,
			string(state), db.Millis(now), v.By, v.Why, string(which)).Scan(&f.Account)
		if db.IsNone(err) {
			var decided int
			if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM verifications WHERE id = $1 AND decided_at IS NOT NULL`, string(which)).Scan(&decided); err != nil {
				return err
			}
			if decided > 0 {
				return done()
			}
			return none()
		}
		if err != nil {
			return err
		}
		if v.Approve {
			if err := s.profiles.Verify(ctx, tx, f.Account, now); err != nil {
				return err
			}
		}
		return event.Append(ctx, tx, now, f)
	})
	if err == nil {
		s.wake()
	}
	return err
}

// Sweep throws away what is no longer needed: recordings and selfies 30 days
// after the decision, with words and pose, those of tasks that came to nothing
// at once, and such tasks themselves after a day. Run it now and then, on one
// server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep verifications")
	ids, err := db.Select(ctx, s.db, scanID, `SELECT id FROM verifications WHERE (voice_key IS NOT NULL OR selfie_key IS NOT NULL)
		AND (decided_at <= $1 OR state = 'started' AND expires_at <= $2) ORDER BY expires_at LIMIT $3`,
		db.Millis(now.Add(-keepTime)), db.Millis(now), sweepMost)
	if err != nil {
		return err
	}
	for _, which := range ids {
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error { return s.clear(ctx, tx, which) }); err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM verifications WHERE state IN ('started', 'replaced') AND voice_key IS NULL AND selfie_key IS NULL AND created_at <= $1`,
			db.Millis(now.Add(-triesTime)))
		return err
	})
}

// clear leaves only the outcome of a verification that is over.
func (s *Service) clear(ctx context.Context, tx *sql.Tx, which ID) error {
	var voiceKey, selfieKey sql.NullString
	// The row is the lock: the keys are those of whoever clears first.
	if err := tx.QueryRowContext(ctx, `UPDATE verifications SET phrase = '[]', pose = '' WHERE id = $1 RETURNING voice_key, selfie_key`,
		string(which)).Scan(&voiceKey, &selfieKey); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE verifications SET voice_key = NULL, selfie_key = NULL WHERE id = $1`, string(which)); err != nil {
		return err
	}
	for _, key := range []sql.NullString{voiceKey, selfieKey} {
		if key.Valid {
			if err := s.shelf.Drop(ctx, tx, key.String); err != nil {
				return err
			}
		}
	}
	return nil
}

func scanID(row interface{ Scan(...any) error }) (which ID, err error) {
	err = row.Scan(&which)
	return which, err
}
