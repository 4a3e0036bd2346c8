package room

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
)

// Changes are the changes of a room after a number, as one viewer may know them.
type Changes struct {
	Seq     int64     // of the room
	Members []Changed // in order, with every number
	End     *Ended    // the last change; nil: the room is open, or had ended before
}

// Changes returns what a viewer inside has missed since a number: what the live events would
// have told. It fails as Get does, and with outbox.ErrTooOld where the live events tell the
// viewer to read the room again, and for a viewer who is not inside.
//
// Nobody is inside a room that has ended: its end is the only change, for any viewer.
func (s *Service) Changes(ctx context.Context, viewer account.ID, r ID, since int64) (_ Changes, err error) {
	defer fault.Wrap(&err, "read changes of %s since %d", r, since)
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return Changes{}, err
	}
	defer func() { _ = tx.Rollback() }()
	room, err := readableRoom(ctx, tx, r, viewer)
	if err != nil {
		return Changes{}, err
	}
	me, err := readMember(ctx, tx, r, viewer)
	if err != nil {
		return Changes{}, err
	}
	ended := !room.EndedAt.IsZero()
	if !ended && !me.Present {
		return Changes{}, outbox.ErrTooOld
	}
	facts, err := outbox.Since(ctx, tx, Changed{Room: r}.Scope(), since, room.Seq)
	if err != nil {
		return Changes{}, err
	}
	out := Changes{Seq: room.Seq}
	if ended {
		if len(facts) == 0 {
			return out, nil
		}
		end, err := outbox.Read[Ended](facts[len(facts)-1])
		out.End = &end
		return out, err
	}
	for _, f := range facts {
		if f.Kind != KindChanged { // a kind that a newer version writes
			return Changes{}, outbox.ErrTooOld
		}
		c, err := outbox.Read[Changed](f)
		if err != nil {
			return Changes{}, err
		}
		if c.Member.Account == viewer && (c.Cause == Joined || !c.Member.Present) {
			return Changes{}, outbox.ErrTooOld // who was outside meanwhile did not see the listeners
		}
		out.Members = append(out.Members, c)
	}
	hides, err := hidesFrom(ctx, tx, r, viewer, since, out.Members)
	if err == nil && hides {
		err = outbox.ErrTooOld
	}
	return out, err
}

// hidesFrom reports whether changes since a number are about somebody who is, or lately was,
// excluded from viewer, or whether a listener was hidden from viewer since: the cases in which
// the live event is room_changed. It looks at nothing else, so the answer tells no more than
// that event: not whether somebody excluded is inside.
func hidesFrom(ctx context.Context, tx *sql.Tx, r ID, viewer account.ID, since int64, changes []Changed) (bool, error) {
	hidden, err := outbox.Of(ctx, tx, Hidden{Room: r}.Scope(), since, outbox.MaxMissed)
	if err != nil || len(hidden) == outbox.MaxMissed { // there may be more
		return true, err
	}
	for _, f := range hidden {
		h, err := outbox.Read[Hidden](f)
		if err != nil {
			return false, err
		}
		if h.A == viewer || h.B == viewer {
			return true, nil
		}
	}
	if len(changes) == 0 {
		return false, nil
	}
	args := []any{viewer}
	var scopes []string
	for _, c := range changes {
		args = append(args, c.Member.Account)
		scopes = append(scopes, safety.ExclusionChanged{A: viewer, B: c.Member.Account}.Scope())
	}
	if lately, err := outbox.HasAny(ctx, tx, scopes...); err != nil || lately {
		return lately, err
	}
	var about bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM apart WHERE a_id = $1 AND b_id IN (`+db.Placeholders(2, len(changes))+`))`, args...).Scan(&about)
	return about, err
}

// readableRoom reads a room without its members, if viewer may read it. Faults: not found,
// also for a viewer to whom the room is closed, and removed.
func readableRoom(ctx context.Context, q db.Querier, r ID, viewer account.ID) (Room, error) {
	room, _, _, err := lookAt(ctx, q, r, viewer)
	return room, err
}
