package matchmaking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/people/account"
)

// errRefused rolls back a proposal that the rows do not allow.
var errRefused = errors.New("match: refused by the rows")

// propose checks the rows and writes the proposal of two people, in one
// transaction that checks the fencing token and locks both tickets.
func (s *Service) propose(ctx context.Context, fence int64, pair [2]account.ID) (v verdict, err error) {
	defer fault.Wrap(&err, "propose %s and %s", pair[0], pair[1])
	a, b := min(pair[0], pair[1]), max(pair[0], pair[1])
	err = s.db.Tx(db.WithFence(ctx, db.Fence{Lease: leaseName, Token: fence}), func(tx *sql.Tx) error {
		now := s.now()
		v = verdict{}
		for _, who := range []account.ID{a, b} { // the lock order everywhere
			if _, err := tx.ExecContext(ctx, `UPDATE tickets SET silent = silent WHERE account_id = $1`, string(who)); err != nil {
				return err
			}
		}
		if err := s.check(ctx, tx, &v, a, b, now); err != nil {
			return err
		}
		p := Proposal{A: a, B: b, Shared: discovery.SharedInterests(v.people[a], v.people[b])}
		if v.call, err = s.calls.Propose(ctx, tx, p); err != nil {
			return err
		}
		for who, other := range map[account.ID]account.ID{a: b, b: a} {
			r := v.rows[who]
			taken, err := db.Changed(tx.ExecContext(ctx, `UPDATE tickets SET call_id = $1, proposed_at = $2, skips = $3, changed_at = $2 WHERE account_id = $4 AND id = $5 AND call_id IS NULL`,
				v.call, db.Millis(now), jsonList(append(stringsOf(r.exclusions()), string(other))), string(who), r.id))
			if err != nil {
				return err
			}
			if !taken {
				return errRefused
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, errRefused):
		v.call, err = "", nil
	case fault.KindOf(err) == fault.Conflict: // one of the two is in a call by now, or they are excluded
		v, err = verdict{excluded: fault.Is(err, "call.apart")}, nil
	}
	return v, err
}

// check reads both people again and checks every hard rule.
func (s *Service) check(ctx context.Context, tx *sql.Tx, v *verdict, a, b account.ID, now time.Time) (err error) {
	if v.rows, err = rowsOf(ctx, tx, db.Millis(now), a, b); err != nil {
		return err
	}
	x, y, nothing, err := s.people.ReadPair(ctx, tx, a, b, now)
	if err != nil {
		return err
	}
	v.checked, v.people = true, map[account.ID]*discovery.Person{}
	var two []pool.Ticket
	for _, who := range []struct {
		id account.ID
		is *discovery.Person
	}{{a, x}, {b, y}} {
		if who.is != nil {
			v.people[who.id] = who.is
		}
		if r, there := v.rows[who.id]; there {
			two = append(two, r.poolTicket(who.is, now))
		}
	}
	if len(two) < 2 || !pool.MayPropose(&two[0], &two[1], discovery.DayOf(now)) {
		return errRefused
	}
	var met int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM meetings WHERE a_id = $1 AND b_id = $2 AND (never OR at > $3 OR apart_until > $4)`,
		string(a), string(b), db.Millis(now.Add(-EncounterTime)), db.Millis(now)).Scan(&met); err != nil {
		return err
	}
	if v.excluded = !nothing || met > 0; v.excluded {
		return errRefused
	}
	return nil
}

func stringsOf(ids []account.ID) (keys []string) {
	for _, i := range ids {
		keys = append(keys, string(i))
	}
	return keys
}
