package verification

import (
	"context"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/media/audio"
	"heyy/internal/media/imaging"
	"heyy/internal/people/account"
)

const (
	PhraseWords = 4
	TaskTTL     = 15 * time.Minute
	MaxTries    = 5 // tasks within triesWindow
	triesWindow = 24 * time.Hour
	sweepBatch  = 200
)

// ID identifies a verification.
type ID string

// Task is one attempt at verification: the words to say and the pose to take.
type Task struct {
	ID        ID
	Phrase    []string // to be spoken, of Words
	Pose      string   // to be shown, of Poses
	ExpiresAt time.Time
}

// Status is the progress of a verification.
type Status string

// Values of Status.
const (
	None     Status = "none"     // never started, or expired
	Started  Status = "started"  // a task is open
	Waiting  Status = "waiting"  // submitted, a moderator has to decide
	Approved Status = "approved" // final
	Declined Status = "declined" // can start again
)

// State is the verification of a person, as they see it.
type State struct {
	Status Status
	Task   *Task     // while started
	Said   bool      // the phrase was submitted
	Posed  bool      // the selfie was submitted
	Why    string    // of Reasons, if declined
	At     time.Time // of submission or decision; zero before
}

// Evidence is a submission, already validated and rewritten: one part or both.
type Evidence struct {
	Voice  *audio.Clip
	Selfie *imaging.Picture
}

// Submission is evidence that waits for a moderator.
type Submission struct {
	ID          ID
	By          account.ID
	Phrase      []string
	Pose        string
	VoiceKey    string // blob; audio/ogg
	SelfieKey   string // blob; image/jpeg
	SubmittedAt time.Time
}

// Verdict is a moderator's decision.
type Verdict struct {
	By      string // the moderator
	Approve bool
	Why     string // of Reasons, if not approved
}

// Blobs stores evidence; see package blobref.
type Blobs interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

// Profiles marks a person as verified.
type Profiles interface {
	Verify(ctx context.Context, tx *sql.Tx, who account.ID, at time.Time) error
}

// Service manages verifications. Create it with New.
type Service struct {
	db       *db.DB
	blobs    Blobs
	profiles Profiles
	now      func() time.Time
	wake     func()
}

// New returns a Service; now may be nil for time.Now. wake is called after each commit with
// facts.
func New(d *db.DB, blobs Blobs, profiles Profiles, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, blobs: blobs, profiles: profiles, now: now, wake: wake}
}

func none() error {
	return fault.New(fault.NotFound, "verification.none", "This verification doesn't exist, or it's already over.")
}

func expired() error {
	return fault.New(fault.Gone, "verification.expired", "Your time is up. Start again with new words.")
}

func waiting() error {
	return fault.New(fault.Conflict, "verification.waiting", "We have what you sent. A moderator will look at it soon.")
}

func done() error {
	return fault.New(fault.Conflict, "verification.done", "This has already been decided.")
}

// Start creates a task for by, replacing an unfinished one. Faults: verification.tries over
// MaxTries within 24 hours, verification.waiting while a moderator has to decide,
// verification.done once approved.
func (s *Service) Start(ctx context.Context, by account.ID) (_ Task, err error) {
	defer fault.Wrap(&err, "start verification of %s", by)
	now := s.now().Truncate(time.Millisecond)
	t := Task{ID: ID(id.New()), Pose: Poses[rand.IntN(len(Poses))], ExpiresAt: now.Add(TaskTTL)}
	for _, i := range rand.Perm(len(Words))[:PhraseWords] {
		t.Phrase = append(t.Phrase, Words[i])
	}
	phrase, err := json.Marshal(t.Phrase)
	if err != nil {
		return Task{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		// Row lock: concurrent starts of one person wait.
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		var tries, wait, approved int
		if err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM verifications WHERE account_id = $1 AND created_at > $2),
			(SELECT COUNT(*) FROM verifications WHERE account_id = $1 AND state = 'waiting'),
			(SELECT COUNT(*) FROM verifications WHERE account_id = $1 AND state = 'approved')`,
			string(by), db.Millis(now.Add(-triesWindow))).Scan(&tries, &wait, &approved); err != nil {
			return err
		}
		switch {
		case approved > 0:
			return fault.New(fault.Conflict, "verification.done", "You're already verified.")
		case wait > 0:
			return waiting()
		case tries >= MaxTries:
			return fault.New(fault.TooMany, "verification.tries", "You've used all five tries for today. Try again tomorrow, in good light and a quiet place.")
		}
		old, err := db.Select(ctx, tx, scanID, `UPDATE verifications SET state = 'replaced' WHERE account_id = $1 AND state = 'started' RETURNING id`, string(by))
		if err != nil {
			return err
		}
		for _, o := range old {
			if err := s.deleteEvidence(ctx, tx, o); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO verifications (id, account_id, state, phrase, pose, created_at, expires_at) VALUES ($1, $2, 'started', $3, $4, $5, $6)`,
			string(t.ID), string(by), string(phrase), t.Pose, db.Millis(now), db.Millis(t.ExpiresAt))
		if db.IsUnique(err) {
			return waiting() // submitted since the check above
		}
		return err
	})
	if err != nil {
		return Task{}, err
	}
	return t, nil
}

// Submit stores evidence for a task, in time. A part submitted before is replaced; with
// both parts it waits for a moderator.
func (s *Service) Submit(ctx context.Context, by account.ID, task ID, e Evidence) (_ State, err error) {
	defer fault.Wrap(&err, "submit verification %s", task)
	if err := s.checkOpen(ctx, s.db, by, task); err != nil { // saves writing the blobs
		return State{}, err
	}
	// A new key for each submission: concurrent ones must not share a blob.
	var voiceKey, selfieKey string
	if e.Voice != nil {
		voiceKey = "verification/" + id.New() + ".ogg"
		if err := s.blobs.Put(ctx, voiceKey, e.Voice.Ogg); err != nil {
			return State{}, err
		}
	}
	if e.Selfie != nil {
		selfieKey = "verification/" + id.New() + ".jpg"
		if err := s.blobs.Put(ctx, selfieKey, e.Selfie.JPEG); err != nil {
			return State{}, err
		}
	}
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		now := db.Millis(s.now())
		var had [2]sql.NullString
		// Row lock; the returned keys are the ones to replace.
		err := tx.QueryRowContext(ctx, `UPDATE verifications SET state = 'started' WHERE id = $1 AND account_id = $2 AND state = 'started' AND expires_at > $3
			RETURNING voice_key, selfie_key`, string(task), string(by), now).Scan(&had[0], &had[1])
		if db.IsNone(err) {
			if err := s.checkOpen(ctx, tx, by, task); err != nil {
				return err
			}
			return expired() // it expired since the check above
		}
		if err != nil {
			return err
		}
		has := had
		for i, key := range []string{voiceKey, selfieKey} {
			if key == "" {
				continue
			}
			if err := s.blobs.Claim(ctx, tx, key); err != nil {
				return err
			}
			if had[i].Valid {
				if err := s.blobs.Drop(ctx, tx, had[i].String); err != nil {
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

// checkOpen returns why a task cannot be submitted, or nil.
func (s *Service) checkOpen(ctx context.Context, q db.Querier, by account.ID, task ID) error {
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

// State returns the verification of by.
func (s *Service) State(ctx context.Context, by account.ID) (_ State, err error) {
	defer fault.Wrap(&err, "verification of %s", by)
	var st State
	var t Task
	var phrase string
	var expires int64
	var at sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT id, state, phrase, pose, expires_at, COALESCE(decided_at, submitted_at), why, voice_key IS NOT NULL, selfie_key IS NOT NULL FROM verifications
		WHERE account_id = $1 AND state <> 'replaced' ORDER BY created_at DESC, id DESC LIMIT 1`, string(by)).
		Scan(&t.ID, &st.Status, &phrase, &t.Pose, &expires, &at, &st.Why, &st.Said, &st.Posed)
	if db.IsNone(err) {
		return State{Status: None}, nil
	}
	if err != nil {
		return State{}, err
	}
	if at.Valid {
		st.At = time.UnixMilli(at.Int64)
	}
	if st.Status != Started {
		return st, nil
	}
	if t.ExpiresAt = time.UnixMilli(expires); !t.ExpiresAt.After(s.now()) {
		return State{Status: None}, nil
	}
	if err := json.Unmarshal([]byte(phrase), &t.Phrase); err != nil {
		return State{}, err
	}
	st.Task = &t
	return st, nil
}

// ListWaiting returns at most limit submissions to decide, oldest first. For moderators.
func (s *Service) ListWaiting(ctx context.Context, limit int) (_ []Submission, err error) {
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

// Decide stores a verdict, once: a second one is verification.done. Phrase, pose and
// evidence are deleted in the same transaction, as people were told; the blobs follow
// within minutes.
func (s *Service) Decide(ctx context.Context, which ID, v Verdict) (err error) {
	defer fault.Wrap(&err, "decide verification %s", which)
	if v.Approve != (v.Why == "") || v.Why != "" && !slices.Contains(Reasons, v.Why) {
		return fault.At("body.why", "verification.why", "To decline a verification, give one of the reasons. To approve it, give none.")
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
		if err := s.deleteEvidence(ctx, tx, which); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, f)
	})
	if err == nil {
		s.wake()
	}
	return err
}

// Sweep deletes the evidence of expired tasks at once, and the tasks after a day. It also
// deletes evidence of decisions by a previous version, which kept it for 30 days. Run it
// every few minutes, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep verifications")
	ids, err := db.Select(ctx, s.db, scanID, `SELECT id FROM verifications WHERE (voice_key IS NOT NULL OR selfie_key IS NOT NULL)
		AND (decided_at IS NOT NULL OR state = 'started' AND expires_at <= $1) ORDER BY expires_at LIMIT $2`,
		db.Millis(now), sweepBatch)
	if err != nil {
		return err
	}
	for _, which := range ids {
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error { return s.deleteEvidence(ctx, tx, which) }); err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM verifications WHERE state IN ('started', 'replaced') AND voice_key IS NULL AND selfie_key IS NULL AND created_at <= $1`,
			db.Millis(now.Add(-triesWindow)))
		return err
	})
}

// deleteEvidence removes everything but the outcome of a verification.
func (s *Service) deleteEvidence(ctx context.Context, tx *sql.Tx, which ID) error {
	var voiceKey, selfieKey sql.NullString
	// Row lock: only the first of concurrent calls gets the keys.
	if err := tx.QueryRowContext(ctx, `UPDATE verifications SET phrase = '[]', pose = '' WHERE id = $1 RETURNING voice_key, selfie_key`,
		string(which)).Scan(&voiceKey, &selfieKey); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE verifications SET voice_key = NULL, selfie_key = NULL WHERE id = $1`, string(which)); err != nil {
		return err
	}
	for _, key := range []sql.NullString{voiceKey, selfieKey} {
		if key.Valid {
			if err := s.blobs.Drop(ctx, tx, key.String); err != nil {
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
