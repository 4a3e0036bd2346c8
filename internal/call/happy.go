package call

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/text"
)

// HappyHour is a time in which many agreed to look for somebody to talk to.
type HappyHour struct {
	ID       string
	Title    string
	StartsAt time.Time
	EndsAt   time.Time
	Coming   int  // how many said so
	Mine     bool // I did
}

const (
	happyTitle = 60             // letters
	happyMost  = 12 * time.Hour // the longest
)

var (
	errNoHour   = fault.New(fault.NotFound, "happy.not_found", "There is no such happy hour.")
	errHourTime = fault.At("body.ends_at", "happy.times", "A happy hour ends after it starts, in the future, and within twelve hours.")
)

// Schedule is the operator's: a happy hour, from now or later on. Faults:
// happy.times, and those of its title.
func (s *Service) Schedule(ctx context.Context, title string, starts, ends time.Time) (_ HappyHour, err error) {
	defer fault.Wrap(&err, "schedule a happy hour")
	if title, err = text.Line("body.title", title, happyTitle); err != nil {
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

// Unschedule is the operator's: a happy hour does not take place.
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

// HappyHours are those that have not ended, the next first, ten at most.
func (s *Service) HappyHours(ctx context.Context, who account.ID) (_ []HappyHour, err error) {
	defer fault.Wrap(&err, "happy hours")
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (h HappyHour, err error) {
		var starts, ends int64
		err = row.Scan(&h.ID, &h.Title, &starts, &ends, &h.Coming, &h.Mine)
		h.StartsAt, h.EndsAt = time.UnixMilli(starts), time.UnixMilli(ends)
		return h, err
	}, `SELECT h.id, h.title, h.starts_at, h.ends_at, (SELECT COUNT(*) FROM happy_rsvps r WHERE r.hour_id = h.id),
			EXISTS (SELECT 1 FROM happy_rsvps r WHERE r.hour_id = h.id AND r.account_id = $1)
		FROM happy_hours h WHERE h.ends_at > $2 ORDER BY h.starts_at, h.id LIMIT 10`, string(who), s.now())
}

// RSVP says whether who comes to a happy hour. Faults: happy.not_found.
func (s *Service) RSVP(ctx context.Context, who account.ID, hour string, coming bool) (err error) {
	defer fault.Wrap(&err, "rsvp to %s", hour)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if !coming {
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
