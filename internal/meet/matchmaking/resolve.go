package matchmaking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

// proposalResult is a ticket that has a proposal, with the outcome of it.
type proposalResult struct {
	who                       account.ID
	id, call                  string
	entered, proposed         int64
	state                     string // "": the call has been deleted
	live                      bool   // the call is or was live
	withdrawn                 bool   // the ticket's owner has left it, whatever the other does
	expired, accepted         bool
	resident, otherIsResident bool // the ticket's owner is a resident, the other is
	unanswered                int
}

// resolveProposals reads the outcomes of proposals: a ticket whose call is or was
// live is removed, any other is free again once its proposal is over. It returns
// whose tickets changed.
func (l *leader) resolveProposals(ctx context.Context, now time.Time) (changed []account.ID, err error) {
	defer fault.Wrap(&err, "resolve proposals")
	all, err := db.Select(ctx, l.db, func(x interface{ Scan(...any) error }) (a proposalResult, err error) {
		var state, why sql.NullString
		var otherIsResident sql.NullBool
		err = x.Scan(&a.who, &a.id, &a.call, &a.entered, &a.proposed, &a.unanswered, &a.resident, &state, &why, &a.live, &a.accepted, &a.withdrawn, &otherIsResident)
		a.state, a.expired, a.otherIsResident = state.String, why.String == "expired", otherIsResident.Bool
		return a, err
	}, `SELECT t.account_id, t.id, t.call_id, t.entered_at, COALESCE(t.proposed_at, t.entered_at), t.silent, t.resident, c.state, c.ended_why, c.live_at IS NOT NULL, s.accepted_at IS NOT NULL, s.out_at IS NOT NULL,
		(SELECT o.kind = 'resident' FROM accounts o WHERE o.id = s.other_id)
		FROM tickets t LEFT JOIN calls c ON c.id = t.call_id LEFT JOIN call_sides s ON s.call_id = t.call_id AND s.account_id = t.account_id WHERE t.call_id IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	notify := false
	for _, a := range all {
		if !a.live && !a.withdrawn && (a.state == "proposed" || a.state == "connecting") {
			continue
		}
		notify = notify || a.live || a.isUnresponsive()
		if one := l.db.Tx(ctx, func(tx *sql.Tx) error { return l.resolveTicket(ctx, tx, a, now) }); one != nil {
			err = errors.Join(err, one)
			continue
		}
		changed = append(changed, a.who)
	}
	if notify {
		l.wake()
	}
	return changed, err
}

// isUnresponsive reports whether this was the last proposal that may stay
// unanswered.
func (a *proposalResult) isUnresponsive() bool {
	return a.expired && !a.accepted && !a.withdrawn && a.unanswered+1 >= unansweredMax
}

// resolveTicket frees or removes one ticket.
func (l *leader) resolveTicket(ctx context.Context, tx *sql.Tx, a proposalResult, now time.Time) error {
	if !a.live && !a.isUnresponsive() {
		silent := 0
		if a.expired && !a.accepted && !a.withdrawn {
			silent = a.unanswered + 1
		}
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET call_id = NULL, silent = $1, changed_at = $2 WHERE account_id = $3 AND id = $4 AND call_id = $5`,
			silent, db.Millis(now), string(a.who), a.id, a.call)
		return err
	}
	gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM tickets WHERE account_id = $1 AND id = $2 AND call_id = $3`, string(a.who), a.id, a.call))
	if err != nil || !gone {
		return err
	}
	why := Unresponsive
	if a.live {
		why = InCall
		// Whoever is in a call needs no alert any more.
		if _, err := tx.ExecContext(ctx, `DELETE FROM call_bells WHERE account_id = $1`, string(a.who)); err != nil {
			return err
		}
		if w := l.state.entries[a.who]; w != nil && w.cohort != "" && !a.resident && !a.otherIsResident {
			if _, err := tx.ExecContext(ctx, `INSERT INTO waits (id, kin, at, ms) VALUES ($1, $2, $3, $4)`,
				id.New(), w.cohort, db.Millis(now), max(0, a.proposed-a.entered)); err != nil {
				return err
			}
		}
	}
	return outbox.Append(ctx, tx, now, Changed{a.who, false, why, now})
}

// dropInCall removes the ticket of a person who is in a call that the queue did
// not propose.
func (l *leader) dropInCall(ctx context.Context, r row) (err error) {
	defer fault.Wrap(&err, "drop ticket of %s, who is in a call", r.who)
	l.state.drop(r.who)
	err = l.db.Tx(ctx, func(tx *sql.Tx) error {
		now := l.now()
		gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM tickets WHERE account_id = $1 AND id = $2 AND call_id IS NULL`, string(r.who), r.id))
		if err != nil || !gone {
			return err
		}
		return outbox.Append(ctx, tx, now, Changed{r.who, false, InCall, now})
	})
	if err == nil {
		l.wake()
	}
	return err
}

// sweep removes expired tickets and old samples of waiting times.
func (l *leader) sweep(ctx context.Context, now time.Time) (gone []account.ID, err error) {
	defer fault.Wrap(&err, "sweep tickets")
	err = l.db.Tx(ctx, func(tx *sql.Tx) error {
		gone, err = db.Select(ctx, tx, scanID, `DELETE FROM tickets WHERE deadline_at <= $1 RETURNING account_id`, db.Millis(now))
		if err != nil {
			return err
		}
		for _, who := range gone {
			if err := outbox.Append(ctx, tx, now, Changed{who, false, Expired, now}); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM waits WHERE at <= $1`, db.Millis(now.Add(-waitSamplesKept)))
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
