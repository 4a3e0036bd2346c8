package call

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// HappyHour is a scheduled time in which many people queue for calls.
type HappyHour struct {
	ID        string
	Title     string
	StartsAt  time.Time
	EndsAt    time.Time
	Attendees int  // the number of people who said they come
	Attending bool // the viewer is one of them
}

const (
	happyTitle = 60             // characters of a title
	happyMost  = 12 * time.Hour // the longest duration
)

var (
	errNoHour   = fault.New(fault.NotFound, "happy.not_found", "This happy hour is over or was called off.")
	errHourTime = fault.At("body.ends_at", "happy.times", "A happy hour must end in the future, after its start, and last twelve hours at most.")
)

// Schedule adds a happy hour; it is for operators. Faults: happy.times, and those
// of the title.
func (s *Service) Schedule(ctx context.Context, title string, starts, ends time.Time) (_ HappyHour, err error) {
	defer fault.Wrap(&err, "schedule a happy hour")
	if title, err = textrule.Line("body.title", title, happyTitle); err != nil {
		return HappyHour{}, err
	}
	if !ends.After(starts) || !ends.After(s.cfg.Now()) || ends.Sub(starts) > happyMost {
		return HappyHour{}, errHourTime
	}
	h := HappyHour{ID: id.New(), Title: title, StartsAt: starts, EndsAt: ends}
	return h, s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO happy_hours (id, title, starts_at, ends_at) VALUES ($1, $2, $3, $4)`,
			h.ID, h.Title, db.Millis(starts), db.Millis(ends))
		return err
	})
}

// Unschedule deletes a happy hour; it is for operators. Fault: happy.not_found.
func (s *Service) Unschedule(ctx context.Context, hour string) (err error) {
	defer fault.Wrap(&err, "unschedule %s", hour)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		there, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM happy_hours WHERE id = $1`, hour))
		if err == nil && !there {
			return errNoHour
		}
		return err
	})
}

// HappyHours returns the happy hours that have not ended, the next one first, at
// most ten.
func (s *Service) HappyHours(ctx context.Context, who account.ID) (_ []HappyHour, err error) {
	defer fault.Wrap(&err, "happy hours")
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (h HappyHour, err error) {
		var starts, ends int64
		err = row.Scan(&h.ID, &h.Title, &starts, &ends, &h.Attendees, &h.Attending)
		h.StartsAt, h.EndsAt = time.UnixMilli(starts), time.UnixMilli(ends)
		return h, err
	}, `SELECT h.id, h.title, h.starts_at, h.ends_at, (SELECT COUNT(*) FROM happy_rsvps r WHERE r.hour_id = h.id),
			EXISTS (SELECT 1 FROM happy_rsvps r WHERE r.hour_id = h.id AND r.account_id = $1)
		FROM happy_hours h WHERE h.ends_at > $2 ORDER BY h.starts_at, h.id LIMIT 10`, string(who), s.now())
}

// AnnounceHappyHours appends a fact for each happy hour that has begun, once. Run it every
// few seconds, on one server.
func (s *Service) AnnounceHappyHours(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "announce happy hours")
	begun := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		all, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (f outbox.Fact, err error) {
			var h HappyHourBegan
			var ends int64
			err = row.Scan(&h.Hour, &h.Title, &ends)
			h.EndsAt = time.UnixMilli(ends)
			return h, err
		}, `UPDATE happy_hours SET announced_at = $1 WHERE announced_at IS NULL AND starts_at <= $1 AND ends_at > $1 RETURNING id, title, ends_at`, db.Millis(now))
		if err != nil {
			return err
		}
		begun = len(all) > 0
		return outbox.Append(ctx, tx, now, all...)
	})
	if err == nil && begun {
		s.cfg.Wake()
	}
	return err
}

// RSVP stores whether who comes to a happy hour. Fault: happy.not_found.
func (s *Service) RSVP(ctx context.Context, who account.ID, hour string, attends bool) (err error) {
	defer fault.Wrap(&err, "rsvp to %s", hour)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if !attends {
			_, err := tx.ExecContext(ctx, `DELETE FROM happy_rsvps WHERE hour_id = $1 AND account_id = $2`, hour, string(who))
			return err
		}
		there, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO happy_rsvps (hour_id, account_id)
			SELECT id, $1 FROM happy_hours WHERE id = $2 AND ends_at > $3
			ON CONFLICT (hour_id, account_id) DO UPDATE SET account_id = happy_rsvps.account_id`, string(who), hour, s.now()))
		if err == nil && !there {
			return errNoHour
		}
		return err
	})
}
