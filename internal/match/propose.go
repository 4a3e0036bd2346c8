package match

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/discovery"
	"heyy/internal/fault"
	"heyy/internal/match/pool"
)

// errFenced means that another node leads by now.
var errFenced = errors.New("match: another node leads")

// errRefused takes back what a proposal has locked.
var errRefused = errors.New("match: the rows say no")

// propose asks the rows whether two may be proposed to each other, and does so:
// one transaction that holds the lease as it is and both tickets.
func (s *Service) propose(ctx context.Context, fence int64, pair [2]account.ID) (v verdict, err error) {
	defer fault.Wrap(&err, "propose %s and %s", pair[0], pair[1])
	a, b := min(pair[0], pair[1]), max(pair[0], pair[1])
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		now := s.now()
		v = verdict{}
		// Whoever takes the lease waits for this row, or this finds it taken.
		ours, err := db.Changed(tx.ExecContext(ctx, `UPDATE leases SET fence = fence WHERE name = $1 AND holder = $2 AND fence = $3 AND expires_at > $4`,
			leaseName, s.node, fence, db.Millis(now)))
		if err != nil {
			return err
		}
		if !ours {
			return errFenced
		}
		for _, who := range []account.ID{a, b} { // in this order everywhere
			if _, err := tx.ExecContext(ctx, `UPDATE tickets SET silent = silent WHERE account_id = $1`, string(who)); err != nil {
				return err
			}
		}
		if err := s.ask(ctx, tx, &v, a, b, now); err != nil {
			return err
		}
		p := Proposal{A: a, B: b, Shared: discovery.SharedInterests(v.both[a], v.both[b])}
		if v.call, err = s.calls.Propose(ctx, tx, p); err != nil {
			return err
		}
		for who, other := range map[account.ID]account.ID{a: b, b: a} {
			r := v.rows[who]
			taken, err := db.Changed(tx.ExecContext(ctx, `UPDATE tickets SET call_id = $1, proposed_at = $2, skips = $3, changed_at = $2 WHERE account_id = $4 AND id = $5 AND call_id IS NULL`,
				v.call, db.Millis(now), listed(append(keysOf(r.skipped()), string(other))), string(who), r.id))
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
	case fault.KindOf(err) == fault.Conflict: // one of them is in a call since
		v, err = verdict{apart: fault.Is(err, "call.apart")}, nil
	}
	return v, err
}

// ask reads both anew and holds them against every hard rule.
func (s *Service) ask(ctx context.Context, tx *sql.Tx, v *verdict, a, b account.ID, now time.Time) (err error) {
	if v.rows, err = rowsOf(ctx, tx, db.Millis(now), a, b); err != nil {
		return err
	}
	x, y, nothing, err := s.people.Two(ctx, tx, a, b, now)
	if err != nil {
		return err
	}
	v.known, v.both = true, map[account.ID]*discovery.Person{}
	var two []pool.Waiter
	for _, who := range []struct {
		id account.ID
		is *discovery.Person
	}{{a, x}, {b, y}} {
		if who.is != nil {
			v.both[who.id] = who.is
		}
		if r, there := v.rows[who.id]; there {
			two = append(two, r.waiter(who.is, now))
		}
	}
	if len(two) < 2 || !pool.May(&two[0], &two[1], discovery.DayOf(now)) {
		return errRefused
	}
	var met int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM meetings WHERE a_id = $1 AND b_id = $2 AND (never OR at > $3)`,
		string(a), string(b), db.Millis(now.Add(-MetTime))).Scan(&met); err != nil {
		return err
	}
	if v.apart = !nothing || met > 0; v.apart {
		return errRefused
	}
	return nil
}

func keysOf(ids []account.ID) (keys []string) {
	for _, i := range ids {
		keys = append(keys, string(i))
	}
	return keys
}
