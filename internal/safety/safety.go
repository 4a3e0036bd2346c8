package safety

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/text"
)

// Reasons are what somebody may be reported for.
var Reasons = []string{"harassment", "hate", "sexual", "minor", "fake", "spam", "threat", "other"}

const (
	noteMost    = 1000 // letters
	reportsMost = 30   // a day, by one person
	blocksMost  = 5000 // by one person
)

// Part ends what two people have with each other, in the transaction tx.
type Part func(ctx context.Context, tx *sql.Tx, a, b account.ID) error

// Service keeps people apart. Make it with New.
type Service struct {
	db   *db.DB
	part Part
	now  func() time.Time
	wake func()
}

// New makes a service; part is called for each pair that falls apart, wake
// after commits with facts. now may be nil for time.Now.
func New(d *db.DB, part Part, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, part: part, now: now, wake: wake}
}

// Block keeps by and other apart, both ways, until Unblock. Twice is once.
func (s *Service) Block(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "block %s", other)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error { return s.block(ctx, tx, by, other) })
	if err == nil {
		s.wake()
	}
	return err
}

func (s *Service) block(ctx context.Context, tx *sql.Tx, by, other account.ID) error {
	if by == other {
		return fault.New(fault.Invalid, "block.self", "That is you.")
	}
	there, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO blocks (by_id, on_id, at)
		SELECT $1, id, $2 FROM accounts WHERE id = $3 AND (SELECT count(*) FROM blocks WHERE by_id = $1) < $4
		ON CONFLICT (by_id, on_id) DO UPDATE SET at = blocks.at`,
		string(by), db.Millis(s.now()), string(other), blocksMost))
	if err != nil {
		return err
	}
	if !there {
		return fault.New(fault.NotFound, "person.unknown", "There is no such person.")
	}
	return s.part(ctx, tx, by, other)
}

// Unblock takes by's block back. What they had before does not come back.
func (s *Service) Unblock(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "unblock %s", other)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM blocks WHERE by_id = $1 AND on_id = $2`, string(by), string(other))
		return err
	})
}

// Blocked are those whom by has blocked, the last first.
func (s *Service) Blocked(ctx context.Context, by account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "blocked by %s", by)
	return db.Select(ctx, s.db, scanID, `SELECT on_id FROM blocks WHERE by_id = $1 ORDER BY at DESC, on_id`, string(by))
}

// Apart reports whether a and b must not meet, whoever of them wished it so.
func (s *Service) Apart(ctx context.Context, a, b account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "apart %s %s", a, b)
	var n int
	err = s.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM blocks WHERE by_id = $1 AND on_id = $2) + (SELECT count(*) FROM blocks WHERE by_id = $2 AND on_id = $1)
		+ (SELECT count(*) FROM reports WHERE by_id = $1 AND on_id = $2) + (SELECT count(*) FROM reports WHERE by_id = $2 AND on_id = $1)`,
		string(a), string(b)).Scan(&n)
	return n > 0, err
}

// ApartFrom are all whom a must not meet, for those who choose among many.
func (s *Service) ApartFrom(ctx context.Context, a account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "apart from %s", a)
	return db.Select(ctx, s.db, scanID, `SELECT on_id FROM blocks WHERE by_id = $1 UNION SELECT by_id FROM blocks WHERE on_id = $1
		UNION SELECT on_id FROM reports WHERE by_id = $1 UNION SELECT by_id FROM reports WHERE on_id = $1`, string(a))
}

func scanID(row interface{ Scan(...any) error }) (id account.ID, err error) {
	err = row.Scan(&id)
	return id, err
}

// Complaint is what somebody says of another.
type Complaint struct {
	Reason string // one of Reasons
	Note   string // in their own words; may be empty
	Place  string // where it happened: "discover", "profile", "room:<id>"
}

// Report keeps a complaint for the moderators, and blocks: the two never meet
// again, even if the block is taken back.
func (s *Service) Report(ctx context.Context, by, other account.ID, c Complaint) (err error) {
	defer fault.Wrap(&err, "report %s", other)
	if !slices.Contains(Reasons, c.Reason) {
		return fault.At("body.reason", "report.reason", "Choose one of the reasons.")
	}
	if c.Note != "" {
		if c.Note, err = text.Line("body.note", c.Note, noteMost); err != nil {
			return err
		}
	}
	if c.Place, err = text.Line("body.place", c.Place, 60); err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.block(ctx, tx, by, other); err != nil {
			return err
		}
		now := s.now()
		kept, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO reports (id, by_id, on_id, reason, note, place, created_at)
			SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM reports WHERE by_id = $2 AND created_at > $8) < $9`,
			id.New(), string(by), string(other), c.Reason, c.Note, c.Place, db.Millis(now), db.Millis(now.Add(-24*time.Hour)), reportsMost))
		if err == nil && !kept {
			return fault.New(fault.TooMany, "report.too_many", "You have sent many reports today. Blocking works without one.")
		}
		return err
	})
	if err == nil {
		s.wake()
	}
	return err
}
