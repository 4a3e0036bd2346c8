package match

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/id"
)

// answered is a ticket with a proposal, and what became of that.
type answered struct {
	who                account.ID
	id, call           string
	entered, proposed  int64
	state              string // "": there is no such call any more
	live               bool   // is, or was
	expired, accepted  bool
	resident, standsIn bool // they are, the other is
	silent             int
}

// settle reads what became of proposals: a call takes the ticket, anything else
// gives it back. It returns whose tickets changed.
func (l *leader) settle(ctx context.Context, now time.Time) (changed []account.ID, err error) {
	defer fault.Wrap(&err, "settle proposals")
	all, err := db.Select(ctx, l.db, func(x interface{ Scan(...any) error }) (a answered, err error) {
		var state, why sql.NullString
		var standsIn sql.NullBool
		err = x.Scan(&a.who, &a.id, &a.call, &a.entered, &a.proposed, &a.silent, &a.resident, &state, &why, &a.live, &a.accepted, &standsIn)
		a.state, a.expired, a.standsIn = state.String, why.String == "expired", standsIn.Bool
		return a, err
	}, `SELECT t.account_id, t.id, t.call_id, t.entered_at, COALESCE(t.proposed_at, t.entered_at), t.silent, t.resident, c.state, c.ended_why, c.live_at IS NOT NULL, s.accepted_at IS NOT NULL,
		(SELECT o.kind = 'resident' FROM accounts o WHERE o.id = s.other_id)
		FROM tickets t LEFT JOIN calls c ON c.id = t.call_id LEFT JOIN call_sides s ON s.call_id = t.call_id AND s.account_id = t.account_id WHERE t.call_id IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	told := false
	for _, a := range all {
		if !a.live && (a.state == "proposed" || a.state == "connecting") {
			continue
		}
		told = told || a.live || a.tooSilent()
		if one := l.db.Tx(ctx, func(tx *sql.Tx) error { return l.settleOne(ctx, tx, a, now) }); one != nil {
			err = errors.Join(err, one)
			continue
		}
		changed = append(changed, a.who)
	}
	if told {
		l.wake()
	}
	return changed, err
}

func (a *answered) tooSilent() bool {
	return a.expired && !a.accepted && a.silent+1 >= silentMost
}

func (l *leader) settleOne(ctx context.Context, tx *sql.Tx, a answered, now time.Time) error {
	if !a.live && !a.tooSilent() {
		silent := 0
		if a.expired && !a.accepted {
			silent = a.silent + 1
		}
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET call_id = NULL, silent = $1, changed_at = $2 WHERE account_id = $3 AND id = $4 AND call_id = $5`,
			silent, db.Millis(now), string(a.who), a.id, a.call)
		return err
	}
	gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM tickets WHERE account_id = $1 AND id = $2 AND call_id = $3`, string(a.who), a.id, a.call))
	if err != nil || !gone {
		return err
	}
	why := Silent
	if a.live {
		why = Talking
		if w := l.pool.known[a.who]; w != nil && w.kin != "" && !a.resident && !a.standsIn {
			if _, err := tx.ExecContext(ctx, `INSERT INTO waits (id, kin, at, ms) VALUES ($1, $2, $3, $4)`,
				id.New(), w.kin, db.Millis(now), max(0, a.proposed-a.entered)); err != nil {
				return err
			}
		}
	}
	return event.Append(ctx, tx, now, Changed{a.who, false, why, now})
}

// talks takes the ticket of somebody who is in a call that was not proposed.
func (l *leader) talks(ctx context.Context, r row) (err error) {
	defer fault.Wrap(&err, "ticket of %s, who talks", r.who)
	l.pool.drop(r.who)
	err = l.db.Tx(ctx, func(tx *sql.Tx) error {
		now := l.now()
		gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM tickets WHERE account_id = $1 AND id = $2 AND call_id IS NULL`, string(r.who), r.id))
		if err != nil || !gone {
			return err
		}
		return event.Append(ctx, tx, now, Changed{r.who, false, Talking, now})
	})
	if err == nil {
		l.wake()
	}
	return err
}

// sweep drops the tickets of those who gave no sign of life, and old waits.
func (l *leader) sweep(ctx context.Context, now time.Time) (gone []account.ID, err error) {
	defer fault.Wrap(&err, "sweep tickets")
	err = l.db.Tx(ctx, func(tx *sql.Tx) error {
		gone, err = db.Select(ctx, tx, scanID, `DELETE FROM tickets WHERE deadline_at <= $1 RETURNING account_id`, db.Millis(now))
		if err != nil {
			return err
		}
		for _, who := range gone {
			if err := event.Append(ctx, tx, now, Changed{who, false, Expired, now}); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM waits WHERE at <= $1`, db.Millis(now.Add(-waitsKept)))
		return err
	})
	if err == nil && len(gone) > 0 {
		l.wake()
	}
	return gone, err
}

func scanID(row interface{ Scan(...any) error }) (who account.ID, err error) {
	err = row.Scan(&who)
	return who, err
}
