package schedule

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

// maxSwept is how many events one sweep takes of a kind; the next takes the rest.
const maxSwept = 200

// Sweep reminds, ends what is over, plans the next date of weekly events, cancels the events of
// deleted accounts, and deletes what ended long ago. One node at a time calls it, every few
// seconds; two at once would do it once, too.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep events")
	closing := `(r.state = 'planned' AND r.starts_at + CASE WHEN r.minutes < 60 THEN r.minutes ELSE 60 END * 60000 <= $1)`
	var failed error
	for _, due := range []struct {
		query string
		args  []any
		do    func(context.Context, *sql.Tx, Event, time.Time) error
	}{
		{`SELECT r.id FROM events r WHERE r.ended_at IS NULL AND r.host_id IS NULL LIMIT $1`, nil, s.abandon},
		{`SELECT r.id FROM events r WHERE r.ended_at IS NULL AND ` + closing + ` LIMIT $2`, []any{db.Millis(now)}, s.miss},
		{`SELECT r.id FROM events r WHERE r.ended_at IS NULL AND r.state = 'live' AND NOT EXISTS (SELECT 1 FROM rooms o WHERE o.id = r.room_id AND o.ended_at IS NULL) LIMIT $1`, nil, s.roomEnded},
		{`SELECT r.id FROM events r WHERE r.ended_at IS NULL AND r.state = 'planned' AND r.starts_at > $1
			AND (r.reminded = 0 AND r.starts_at <= $2 OR r.reminded < 2 AND r.starts_at <= $3) ORDER BY r.starts_at LIMIT $4`,
			[]any{db.Millis(now.Add(-remindLate)), db.Millis(now.Add(RemindSoon)), db.Millis(now)}, s.remind},
	} {
		ids, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (e ID, err error) {
			err = row.Scan(&e)
			return e, err
		}, due.query, append(due.args, maxSwept)...)
		if err != nil {
			return err
		}
		for _, e := range ids {
			err := s.command(ctx, "", e, "", func(tx *sql.Tx, read Event) error { return due.do(ctx, tx, read, now) })
			if errors.Is(err, db.ErrFenced) {
				return err
			}
			if !fault.Is(err, errNotFound.Code) {
				failed = errors.Join(failed, err)
			}
		}
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE ended_at <= $1 LIMIT $2)`, db.Millis(now.Add(-retention)), maxSwept)
		return err
	})
	return errors.Join(failed, err)
}

// abandon cancels an event whose host's account is deleted. One that is live goes on in its room.
func (s *Service) abandon(ctx context.Context, tx *sql.Tx, e Event, now time.Time) error {
	switch {
	case e.Host != "" || e.State != Planned && e.State != Live:
		return nil
	case e.State == Live:
		return end(ctx, tx, e.ID, Over, now)
	}
	return s.cancel(ctx, tx, e, "")
}

// miss ends the date of an event that nobody has started.
func (s *Service) miss(ctx context.Context, tx *sql.Tx, e Event, now time.Time) error {
	if e.State != Planned || now.Before(e.closes()) {
		return nil
	}
	return s.pass(ctx, tx, e, e.missed+1, now)
}

// roomEnded ends the date of an event whose room has ended. If nobody has ended it and there is
// time, the event can be started again.
func (s *Service) roomEnded(ctx context.Context, tx *sql.Tx, e Event, now time.Time) error {
	if e.State != Live {
		return nil
	}
	var why sql.NullString
	err := tx.QueryRowContext(ctx, `SELECT CASE WHEN ended_at IS NULL THEN '' ELSE ended_why END FROM rooms WHERE id = $1`, e.Room).Scan(&why)
	switch {
	case db.IsNone(err):
	case err != nil || why.Valid && why.String == "":
		return err
	}
	if why.Valid && why.String != "host" && e.startable(now) == nil {
		_, err := tx.ExecContext(ctx, `UPDATE events SET state = $1, room_id = NULL, updated_at = $2 WHERE id = $3`, Planned, db.Millis(now), e.ID)
		return err
	}
	return s.pass(ctx, tx, e, 0, now)
}

// pass leaves a date behind: a weekly event is planned for the next one.
func (s *Service) pass(ctx context.Context, tx *sql.Tx, e Event, missed int, now time.Time) error {
	if !e.Weekly || missed >= maxMissed {
		return end(ctx, tx, e.ID, Over, now)
	}
	after := e.StartsAt
	if now.After(after) {
		after = now
	}
	at, err := e.next(after)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE events SET state = $1, room_id = NULL, starts_at = $2, reminded = $3, moves = 0, missed = $4, sequence = sequence + 1, updated_at = $5 WHERE id = $6`,
		Planned, db.Millis(at), reminded(at, now), missed, db.Millis(now), e.ID)
	return err
}

// remind appends the reminder that is due, and notes it in the same transaction.
func (s *Service) remind(ctx context.Context, tx *sql.Tx, e Event, now time.Time) error {
	what, state := Soon, 1
	if !now.Before(e.StartsAt) {
		what, state = Begins, 2
	}
	if e.State != Planned || e.reminded >= state || e.StartsAt.Sub(now) > RemindSoon || now.Sub(e.StartsAt) >= remindLate {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE events SET reminded = $1 WHERE id = $2`, state, e.ID); err != nil {
		return err
	}
	return s.tell(ctx, tx, News{Event: e.ID, What: what, StartsAt: e.StartsAt})
}
