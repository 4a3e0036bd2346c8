package schedule

import (
	"context"
	"database/sql"
	"errors"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// errStarted ends the opening of a room for an event that has one.
var errStarted = errors.New("the event is live")

// Start opens the room of an event, with by as its host: the event's host, or somebody who has
// accepted to be a co-host. Of an event that is live it returns the room. The others who lead
// are co-hosts of the room, and accepted speakers may take a seat, when they come. Faults:
// event.host_only, event.early, event.over, and those of opening a room.
func (s *Service) Start(ctx context.Context, by account.ID, e ID) (_ room.ID, err error) {
	defer fault.Wrap(&err, "start the event %s", e)
	var already room.ID
	r, err := s.rooms.OpenPlanned(ctx, by, func(tx *sql.Tx, r room.ID) (room.Plan, error) {
		now, err := lock(ctx, tx, e, by)
		if err != nil {
			return room.Plan{}, err
		}
		if !now.isLedBy(by) {
			return room.Plan{}, errHostOnly
		}
		if now.State == Live {
			var open bool
			if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM rooms WHERE id = $1 AND ended_at IS NULL)`, now.Room).Scan(&open); err != nil {
				return room.Plan{}, err
			}
			if open {
				already = now.Room
				return room.Plan{}, errStarted
			}
		}
		if err := now.startable(s.now()); err != nil {
			return room.Plan{}, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE events SET state = $1, room_id = $2, last_room_id = $2, reminded = 2, missed = 0, updated_at = $3 WHERE id = $4`, Live, r, db.Millis(s.now()), e); err != nil {
			return room.Plan{}, err
		}
		if err := s.tell(ctx, tx, News{Event: e, What: Started, StartsAt: now.StartsAt, Room: r, By: by}); err != nil {
			return room.Plan{}, err
		}
		p := room.Plan{
			Title: now.Title, Category: now.Category, Language: now.Language, Shape: now.Shape, Club: now.Club, Entry: room.Entry{Access: now.Access}, Recorded: now.Recorded,
			CoHosts: []account.ID{now.Host},
		}
		people, err := invited(ctx, tx, e)
		if err != nil {
			return room.Plan{}, err
		}
		for _, i := range people {
			switch {
			case i.Answer != Accepted || i.Account == by:
			case i.Part == CoHost:
				p.CoHosts = append(p.CoHosts, i.Account)
			default:
				p.Speakers = append(p.Speakers, i.Account)
			}
		}
		return p, nil
	})
	if errors.Is(err, errStarted) {
		return already, nil
	}
	if err == nil {
		s.wake()
	}
	return r, err
}

// invited returns everybody who was asked to take part in an event.
func invited(ctx context.Context, q db.Querier, e ID) ([]Invited, error) {
	return db.Select(ctx, q, scanInvited, `SELECT account_id, part, answer FROM event_people WHERE event_id = $1 ORDER BY account_id`, e)
}

func scanInvited(row interface{ Scan(...any) error }) (i Invited, err error) {
	err = row.Scan(&i.Account, &i.Part, &i.Answer)
	return i, err
}
