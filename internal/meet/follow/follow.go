package follow

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

// Limits of one person.
const (
	MaxFollowing = 2000
	MaxFriends   = 2000 // that Friends lists
)

// Service manages follows. Create it with New.
type Service struct {
	db   *db.DB
	now  func() time.Time
	wake func()
}

// New returns a Service. wake is called after commits with facts; now may be nil for
// time.Now.
func New(d *db.DB, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, now: now, wake: wake}
}

// pair is how two people follow each other, within a transaction that has locked them.
type pair struct {
	by, other account.ID
	follows   bool // by follows other
	followed  bool // other follows by
}

// lock locks the pair until tx ends; there is false if one of the two does not exist. The
// order of the rows is the same for both, so that they wait and do not deadlock.
func lock(ctx context.Context, tx *sql.Tx, by, other account.ID) (p pair, there bool, err error) {
	type row struct {
		follower account.ID
		at       int64
	}
	rows, err := db.Select(ctx, tx, func(r interface{ Scan(...any) error }) (f row, err error) {
		err = r.Scan(&f.follower, &f.at)
		return f, err
	}, `INSERT INTO follows (follower_id, followee_id, at)
		SELECT x.id, y.id, 0 FROM accounts x JOIN accounts y ON y.id = CASE x.id WHEN $1 THEN $2 ELSE $1 END WHERE x.id IN ($1, $2) ORDER BY x.id
		ON CONFLICT (follower_id, followee_id) DO UPDATE SET at = follows.at RETURNING follower_id, at`, string(by), string(other))
	p = pair{by: by, other: other}
	for _, r := range rows {
		if r.follower == by {
			p.follows = r.at > 0
		} else {
			p.followed = r.at > 0
		}
	}
	return p, len(rows) == 2, err
}

// unlock deletes the placeholders of lock.
func (p pair) unlock(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM follows WHERE at = 0 AND (follower_id = $1 AND followee_id = $2 OR follower_id = $2 AND followee_id = $1)`,
		string(p.by), string(p.other))
	return err
}

// Follow lets by follow other. It is idempotent. Faults: person.unknown, also of somebody
// excluded or of an ended match; follow.self, follow.too_many.
func (s *Service) Follow(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "follow %s", other)
	return s.change(ctx, by, other, func(tx *sql.Tx, p pair) error {
		if p.follows {
			return nil
		}
		// Whoever ended a match is not followed by the other any more, either.
		var over bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pairs WHERE a_id = $1 AND b_id = $2 AND ended_at IS NOT NULL)`,
			string(min(by, other)), string(max(by, other))).Scan(&over); err != nil {
			return err
		}
		if over {
			return fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")
		}
		now := s.now()
		free, err := db.Changed(tx.ExecContext(ctx, `UPDATE follows SET at = $1 WHERE follower_id = $2 AND followee_id = $3
			AND (SELECT count(*) FROM follows f WHERE f.follower_id = $2 AND f.at > 0) < $4`, db.Millis(now), string(by), string(other), MaxFollowing))
		if err != nil {
			return err
		}
		if !free {
			return fault.New(fault.TooMany, "follow.too_many", "You follow a lot of people. Unfollow some of them first.")
		}
		return outbox.Append(ctx, tx, now, Changed{By: by, Other: other, Follows: true, Self: true, Mutual: p.followed, At: now})
	})
}

// Unfollow ends that by follows other. It is idempotent. Faults: person.unknown,
// follow.self.
func (s *Service) Unfollow(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "unfollow %s", other)
	return s.change(ctx, by, other, func(tx *sql.Tx, p pair) error {
		if !p.follows {
			return nil
		}
		return s.remove(ctx, tx, Changed{By: by, Other: other, Mutual: p.followed, Self: true})
	})
}

// RemoveFollower ends that other follows by. It is idempotent. Faults: person.unknown,
// follow.self.
func (s *Service) RemoveFollower(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "remove the follower %s", other)
	return s.change(ctx, by, other, func(tx *sql.Tx, p pair) error {
		if !p.followed {
			return nil
		}
		return s.remove(ctx, tx, Changed{By: other, Other: by, Mutual: p.follows})
	})
}

// change locks the pair of two people who do not exclude each other, and changes it by f.
// The row of by's account is locked, too, so that the follows of one person are counted
// exactly.
func (s *Service) change(ctx context.Context, by, other account.ID, f func(*sql.Tx, pair) error) error {
	if by == other {
		return fault.New(fault.Invalid, "follow.self", "You can't follow yourself.")
	}
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		p, there, err := lock(ctx, tx, by, other)
		if err != nil {
			return err
		}
		// After the lock: a block that was first has committed.
		var apart bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM apart WHERE a_id = $1 AND b_id = $2)`, string(by), string(other)).Scan(&apart); err != nil {
			return err
		}
		if !there || apart {
			return fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")
		}
		if err := f(tx, p); err != nil {
			return err
		}
		return p.unlock(ctx, tx)
	})
	if err == nil {
		s.wake()
	}
	return err
}

// remove deletes the follow of a locked pair.
func (s *Service) remove(ctx context.Context, tx *sql.Tx, c Changed) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM follows WHERE follower_id = $1 AND followee_id = $2`, string(c.By), string(c.Other)); err != nil {
		return err
	}
	c.At = s.now()
	return outbox.Append(ctx, tx, c.At, c)
}

// Separate deletes the follows of two people, both ways, in the transaction tx of a block,
// a report or the end of their match. Call it after the others that lock rows of the two. The caller
// wakes the relay after the commit.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, x, y account.ID) (err error) {
	defer fault.Wrap(&err, "end the follows of %s and %s", x, y)
	p, there, err := lock(ctx, tx, x, y)
	if err != nil || !there {
		return err
	}
	if p.follows {
		if err := s.remove(ctx, tx, Changed{By: x, Other: y, Mutual: p.followed}); err != nil {
			return err
		}
	}
	if p.followed {
		if err := s.remove(ctx, tx, Changed{By: y, Other: x}); err != nil {
			return err
		}
	}
	return p.unlock(ctx, tx)
}
