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
	Members []Changed // in order, without those about listeners excluded from the viewer
	End     *Ended    // the last change; nil: the room is open, or had ended before
}

// Changes returns what a viewer inside has missed since a number: applied to the room as
// Get returned it with that number, it is the room as Get returns it now. It fails as Get
// does, and with outbox.ErrTooOld for a viewer who is not inside, and if the viewer may
// see something else as a whole since: then Get has the truth.
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
	out.Members, err = visible(ctx, tx, r, viewer, out.Members)
	return out, err
}

// visible returns changes without those about people excluded from viewer. It fails with
// outbox.ErrTooOld if somebody who is or was inside is excluded from viewer only lately,
// or no longer: an earlier Get and the changes speak of different people then.
func visible(ctx context.Context, tx *sql.Tx, r ID, viewer account.ID, changes []Changed) ([]Changed, error) {
	lately, err := safety.ChangedFor(ctx, tx, viewer, outbox.MaxMissed)
	if err != nil {
		return nil, err
	}
	if len(lately) == outbox.MaxMissed { // there may be more
		return nil, outbox.ErrTooOld
	}
	suspects := map[account.ID]bool{}
	args := []any{r}
	for _, who := range lately {
		suspects[who] = true
		args = append(args, who)
	}
	about := []any{viewer}
	for _, c := range changes {
		if suspects[c.Member.Account] {
			return nil, outbox.ErrTooOld
		}
		about = append(about, c.Member.Account)
	}
	if len(lately) > 0 {
		var inside bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM room_members
			WHERE room_id = $1 AND join_id IS NOT NULL AND account_id IN (`+db.Placeholders(2, len(lately))+`))`, args...).Scan(&inside); err != nil {
			return nil, err
		}
		if inside {
			return nil, outbox.ErrTooOld
		}
	}
	if len(changes) == 0 {
		return nil, nil
	}
	all, err := db.Select(ctx, tx, scanAccount, `SELECT DISTINCT b_id FROM apart WHERE a_id = $1 AND b_id IN (`+db.Placeholders(2, len(changes))+`)`, about...)
	if err != nil {
		return nil, err
	}
	excluded := map[account.ID]bool{}
	for _, who := range all {
		excluded[who] = true
	}
	var out []Changed
	for _, c := range changes {
		if !excluded[c.Member.Account] {
			out = append(out, c)
		}
	}
	return out, nil
}

// readableRoom reads a room without its members, if viewer may read it. Faults: not found,
// also for a viewer to whom the room is closed, and removed.
func readableRoom(ctx context.Context, tx *sql.Tx, r ID, viewer account.ID) (Room, error) {
	var me person
	err := tx.QueryRowContext(ctx, `SELECT `+closedTo("$1")+`,
		EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.account_id = $1 AND m.removed_at IS NOT NULL)
		FROM rooms r WHERE r.id = $2`, viewer, r).Scan(&me.isolated, &me.removed)
	if db.IsNone(err) {
		return Room{}, errNotFound
	}
	if err == nil {
		err = can(me, actionRead, target{})
	}
	if err != nil {
		return Room{}, err
	}
	return readRoom(ctx, tx, r)
}
