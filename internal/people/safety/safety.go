package safety

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

const maxBlocks = 5000 // per person

// Separate ends what two people have with each other (matches, calls, shared rooms), in the
// transaction of the block; by is who blocked.
type Separate func(ctx context.Context, tx *sql.Tx, by, other account.ID) error

// Service manages exclusions and reports. Create it with New.
type Service struct {
	db       *db.DB
	separate Separate
	now      func() time.Time
	wake     func()

	resolvers map[string]PlaceResolver
}

// New returns a Service. separate is called for each new block, wake after commits with
// facts. now may be nil for time.Now.
func New(d *db.DB, separate Separate, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, separate: separate, now: now, wake: wake}
}

// Block excludes by and other from each other, until Unblock. It is idempotent. An unknown
// id is no error: otherwise the answer would distinguish a person who has blocked by from
// one who does not exist.
func (s *Service) Block(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "block %s", other)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := s.block(ctx, tx, by, other)
		return err
	})
	if err == nil {
		s.wake()
	}
	return err
}

// block reports whether other exists.
func (s *Service) block(ctx context.Context, tx *sql.Tx, by, other account.ID) (there bool, err error) {
	if by == other {
		return false, fault.New(fault.Invalid, "block.self", "You can't block yourself.")
	}
	var full bool
	err = tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM blocks WHERE by_id = $1) >= $2
		AND NOT EXISTS (SELECT 1 FROM blocks WHERE by_id = $1 AND on_id = $3)`, string(by), maxBlocks, string(other)).Scan(&full)
	if err != nil {
		return false, err
	}
	if full {
		return false, fault.New(fault.TooMany, "block.too_many", "You've blocked a lot of people. Unblock some of them first.")
	}
	there, err = db.Changed(tx.ExecContext(ctx, `INSERT INTO blocks (by_id, on_id, at)
		SELECT $1, id, $2 FROM accounts WHERE id = $3
		ON CONFLICT (by_id, on_id) DO UPDATE SET at = blocks.at`,
		string(by), db.Millis(s.now()), string(other)))
	if err != nil || !there {
		return false, err
	}
	if err := s.separate(ctx, tx, by, other); err != nil {
		return false, err
	}
	return true, s.appendChange(ctx, tx, by, other)
}

func (s *Service) appendChange(ctx context.Context, tx *sql.Tx, by, other account.ID) error {
	now := s.now()
	return outbox.Append(ctx, tx, now, ExclusionChanged{A: by, B: other, At: db.Millis(now)})
}

// Unblock removes by's block. What it ended does not come back.
func (s *Service) Unblock(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "unblock %s", other)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		there, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM blocks WHERE by_id = $1 AND on_id = $2`, string(by), string(other)))
		if err != nil || !there {
			return err
		}
		return s.appendChange(ctx, tx, by, other)
	})
	if err == nil {
		s.wake()
	}
	return err
}

// Blocked lists a page of the people by has blocked, latest first. Those who had blocked
// or reported by before are left out: for by they do not exist.
func (s *Service) Blocked(ctx context.Context, by account.ID, part page.Request) (_ []account.ID, next page.Cursor, err error) {
	defer fault.Wrap(&err, "blocked by %s", by)
	type block struct {
		on account.ID
		at int64
	}
	scan := func(row interface{ Scan(...any) error }) (b block, err error) {
		err = row.Scan(&b.on, &b.at)
		return b, err
	}
	at, id, limit := part.Args()
	found, err := db.Select(ctx, s.db, scan, `SELECT b.on_id, b.at FROM blocks b WHERE b.by_id = $1
		AND (b.at < $2 OR b.at = $2 AND b.on_id > $3)
		AND NOT EXISTS (SELECT 1 FROM blocks t WHERE t.by_id = b.on_id AND t.on_id = b.by_id AND t.at <= b.at)
		AND NOT EXISTS (SELECT 1 FROM reports t WHERE t.by_id = b.on_id AND t.on_id = b.by_id AND t.created_at <= b.at)
		ORDER BY b.at DESC, b.on_id LIMIT $4`, string(by), at, id, limit)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	found, next = page.Cut(part, found, func(b block) page.Cursor { return page.Cursor{At: b.at, ID: string(b.on)} })
	ids := make([]account.ID, len(found))
	for i, b := range found {
		ids[i] = b.on
	}
	return ids, next, nil
}

// Excluded reports whether a and b exclude each other.
func (s *Service) Excluded(ctx context.Context, a, b account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "apart %s %s", a, b)
	var apart bool
	err = s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM apart WHERE a_id = $1 AND b_id = $2)`, string(a), string(b)).Scan(&apart)
	return apart, err
}

// ExcludedFrom lists all who exclude a or are excluded by a.
func (s *Service) ExcludedFrom(ctx context.Context, a account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "apart from %s", a)
	return db.Select(ctx, s.db, scanID, `SELECT DISTINCT b_id FROM apart WHERE a_id = $1`, string(a))
}

func scanID(row interface{ Scan(...any) error }) (id account.ID, err error) {
	err = row.Scan(&id)
	return id, err
}
