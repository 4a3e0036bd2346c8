package schedule

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// Rooms opens rooms; see package room.
type Rooms interface {
	OpenPlanned(ctx context.Context, by account.ID, plan func(*sql.Tx, room.ID) (room.Plan, error)) (room.ID, error)
}

// Service runs the commands, reads and background jobs of events. Create it with New.
type Service struct {
	db    *db.DB
	rooms Rooms
	clubs room.Clubs
	now   func() time.Time
	wake  func()
}

// Config holds the dependencies of a Service.
type Config struct {
	Rooms Rooms
	Clubs room.Clubs
	Now   func() time.Time // nil: time.Now
	Wake  func()           // called after each commit that appended facts; nil: nothing
}

// New returns a service.
func New(d *db.DB, c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	return &Service{db: d, rooms: c.Rooms, clubs: c.Clubs, now: c.Now, wake: c.Wake}
}

// lock locks an event, and reads it as by sees it. Fault: event.not_found.
func lock(ctx context.Context, tx *sql.Tx, e ID, by account.ID) (Event, error) {
	there, err := db.Changed(tx.ExecContext(ctx, `UPDATE events SET sequence = sequence WHERE id = $1`, e))
	if err != nil {
		return Event{}, err
	}
	if !there {
		return Event{}, errNotFound
	}
	return read(ctx, tx, e, by)
}

// command locks an event and runs f, in one transaction. The row of counted, if any, is locked
// before. It wakes the relay of the outbox.
func (s *Service) command(ctx context.Context, by account.ID, e ID, counted account.ID, f func(*sql.Tx, Event) error) error {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if counted != "" {
			if err := account.Lock(ctx, tx, counted); err != nil {
				return err
			}
		}
		now, err := lock(ctx, tx, e, by)
		if err != nil {
			return err
		}
		return f(tx, now)
	})
	if err == nil {
		s.wake()
	}
	return err
}

// hosting is command for the host of an event that is planned.
func (s *Service) hosting(ctx context.Context, by account.ID, e ID, f func(*sql.Tx, Event) error) error {
	return s.command(ctx, by, e, by, func(tx *sql.Tx, now Event) error {
		switch {
		case now.Host != by:
			return errHostOnly
		case now.State == Live:
			return errLive
		case now.State != Planned:
			return errOver
		}
		return f(tx, now)
	})
}

func (s *Service) tell(ctx context.Context, tx *sql.Tx, n News) error {
	return outbox.Append(ctx, tx, s.now(), n)
}

// reminded is how far the reminders of a date have come that is set now: none is given of a
// moment that has passed.
func reminded(at, now time.Time) int {
	if at.Sub(now) <= RemindSoon {
		return 1
	}
	return 0
}

// Plan plans an event that by hosts, in a club or in none (""). Faults: event.too_soon,
// event.too_far, event.planned_many, event.planned_day, room.club_missing, those of a wrong value, and those of
// opening a room in the club.
func (s *Service) Plan(ctx context.Context, by account.ID, club room.ClubID, p Plan) (_ Event, err error) {
	defer fault.Wrap(&err, "plan an event")
	now := s.now()
	if p, err = p.checked(); err != nil {
		return Event{}, err
	}
	if err := p.isAhead(now); err != nil {
		return Event{}, err
	}
	e := ID(id.Opaque())
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		var open, today int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(CASE WHEN ended_at IS NULL THEN 1 END), COUNT(CASE WHEN created_at > $1 THEN 1 END)
			FROM events WHERE host_id = $2`, db.Millis(now.Add(-24*time.Hour)), by).Scan(&open, &today); err != nil {
			return err
		}
		switch {
		case open >= MaxPlanned:
			return errPlanned
		case today >= maxPerDay:
			return errPlannedDay
		}
		if p.Access == room.AccessClub && club == "" {
			return errNoClub
		}
		var in any
		if club != "" {
			if err := s.clubs.CanOpenRoom(ctx, tx, club, by); err != nil {
				return err
			}
			in = club
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO events (id, host_id, club_id, title, about, category, shape, language, access, zone, wall, starts_at, minutes, weekly, recorded, state, reminded, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)`,
			e, by, in, p.Title, p.About, p.Category, p.Shape, p.Language, p.Access, p.Zone, p.wallTime(), db.Millis(p.StartsAt), p.Minutes, p.Weekly, p.Recorded, Planned,
			reminded(p.StartsAt, now), db.Millis(now))
		return err
	}); err != nil {
		return Event{}, err
	}
	return s.Get(ctx, by, e)
}

// Edit changes what an event is. Those who take part or go are told of another time. Faults:
// event.host_only, event.live, event.over, event.moved_many, and those of Plan about a value; a
// date that stays is not asked about again.
func (s *Service) Edit(ctx context.Context, by account.ID, e ID, p Plan) (_ Event, err error) {
	defer fault.Wrap(&err, "edit the event %s", e)
	if p, err = p.checked(); err != nil {
		return Event{}, err
	}
	if err := s.hosting(ctx, by, e, func(tx *sql.Tx, old Event) error {
		wall, moves, told := old.wall, old.moves, old.reminded
		isMoved := !p.StartsAt.Equal(old.StartsAt)
		switch {
		case p == old.Plan:
			return nil
		case p.Access == room.AccessClub && old.Access != room.AccessClub && old.Club == "":
			return errNoClub
		case isMoved:
			if err := p.isAhead(s.now()); err != nil {
				return err
			}
			if moves++; moves > maxMoves {
				return errMoved
			}
			told = reminded(p.StartsAt, s.now())
			if err := s.tell(ctx, tx, News{Event: e, What: Moved, StartsAt: p.StartsAt, By: by}); err != nil {
				return err
			}
			wall = p.wallTime()
		case p.Zone != old.Zone:
			wall = p.wallTime()
		}
		_, err := tx.ExecContext(ctx, `UPDATE events SET title = $1, about = $2, category = $3, shape = $4, language = $5, access = $6, zone = $7, wall = $8, starts_at = $9,
			minutes = $10, weekly = $11, recorded = $12, moves = $13, reminded = $14, sequence = sequence + 1, updated_at = $15 WHERE id = $16`,
			p.Title, p.About, p.Category, p.Shape, p.Language, p.Access, p.Zone, wall, db.Millis(p.StartsAt), p.Minutes, p.Weekly, p.Recorded, moves, told, db.Millis(s.now()), e)
		return err
	}); err != nil {
		return Event{}, err
	}
	return s.Get(ctx, by, e)
}

// Cancel ends an event that is planned, of a weekly one all dates. Those who take part or go
// are told. It is idempotent. Faults: event.host_only, event.live, event.over.
func (s *Service) Cancel(ctx context.Context, by account.ID, e ID) (err error) {
	defer fault.Wrap(&err, "cancel the event %s", e)
	return s.command(ctx, by, e, "", func(tx *sql.Tx, now Event) error {
		switch {
		case now.Host != by:
			return errHostOnly
		case now.State == Cancelled:
			return nil
		case now.State == Live:
			return errLive
		case now.State == Over:
			return errOver
		}
		return s.cancel(ctx, tx, now, by)
	})
}

func (s *Service) cancel(ctx context.Context, tx *sql.Tx, now Event, by account.ID) error {
	if err := end(ctx, tx, now.ID, Cancelled, s.now()); err != nil {
		return err
	}
	return s.tell(ctx, tx, News{Event: now.ID, What: Called, StartsAt: now.StartsAt, By: by})
}

// end makes an event over or cancelled.
func end(ctx context.Context, tx *sql.Tx, e ID, state State, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE events SET state = $1, ended_at = $2, updated_at = $2, sequence = sequence + 1 WHERE id = $3`, state, db.Millis(now), e)
	return err
}

// Separate takes, in transaction tx, each of two people who exclude each other out of the events
// that the other hosts.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "separate %s and %s in events", by, other)
	for _, x := range [][2]account.ID{{by, other}, {other, by}} {
		for _, query := range []string{
			`DELETE FROM event_goers WHERE account_id = $1 AND event_id IN (SELECT id FROM events WHERE host_id = $2)`,
			`DELETE FROM event_people WHERE account_id = $1 AND event_id IN (SELECT id FROM events WHERE host_id = $2)`,
		} {
			if _, err := tx.ExecContext(ctx, query, x[0], x[1]); err != nil {
				return err
			}
		}
	}
	return nil
}
