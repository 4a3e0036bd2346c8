package matchmaking

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

const (
	alertEvery = time.Second
	alertsPage = 200 // alerts checked in one run; the next run continues
)

// alertQuery selects people with an alert who neither wait nor are in a call, as
// rows of the queue: as if they had just entered, without a filter. A seat in a
// room does not keep them from the alert.
const alertQuery = `SELECT '', b.account_id, '[]', '[]', '[]', FALSE, FALSE, b.set_at, b.set_at, NULL, p.updated_at, p.age_from, p.age_to, p.reach,
	NULL, FALSE, 0 FROM call_bells b JOIN profiles p ON p.account_id = b.account_id
	WHERE b.rung_at IS NULL AND b.account_id > $1 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.account_id = b.account_id AND t.deadline_at > $2)
		AND NOT EXISTS (SELECT 1 FROM call_sides s WHERE s.account_id = b.account_id AND s.open)
	ORDER BY b.account_id LIMIT $3`

// Alerted is the fact that somebody who fits waits now, for a person who set an
// alert.
type Alerted struct {
	Account account.ID `json:"account"`
	At      time.Time  `json:"at"`
}

// KindAlerted is the kind of the fact Alerted in the outbox.
const KindAlerted = "match.rang"

// Kind implements outbox.Fact.
func (Alerted) Kind() string { return KindAlerted }

// Scope implements outbox.Fact.
func (f Alerted) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact.
func (f Alerted) Order() int64 { return f.At.UnixMilli() }

// SetAlert sets or removes by's alert: one notice when somebody who fits waits.
func (s *Service) SetAlert(ctx context.Context, by account.ID, on bool) (err error) {
	defer fault.Wrap(&err, "set alert")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if !on {
			_, err := tx.ExecContext(ctx, `DELETE FROM call_bells WHERE account_id = $1`, string(by))
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO call_bells (account_id, set_at) VALUES ($1, $2)
			ON CONFLICT (account_id) DO UPDATE SET set_at = excluded.set_at, rung_at = NULL`, string(by), db.Millis(s.now()))
		return err
	})
}

// sendAlerts sends the alerts of people whom somebody in the queue fits, by the
// rules of a proposal. An alert that was sent stays until its owner has seen it
// and sets or removes it, so it is sent once, whoever comes and goes.
func (l *leader) sendAlerts(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "send alerts")
	if l.state.Len() == 0 {
		return nil
	}
	rows, err := db.Select(ctx, l.db, scanRow, alertQuery, string(l.alertCursor), db.Millis(now), alertsPage)
	if err != nil {
		return err
	}
	if l.alertCursor = ""; len(rows) == alertsPage {
		l.alertCursor = rows[len(rows)-1].who
	}
	if len(rows) == 0 {
		return nil
	}
	ids := make([]account.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.who
	}
	people, err := l.people.People(ctx, ids...)
	if err != nil {
		return err
	}
	exclusions, err := exclusionsOf(ctx, l.db, now, ids)
	if err != nil {
		return err
	}
	rung := false
	for _, r := range rows {
		w := r.poolTicket(people[r.who], now)
		w.Exclusions = append(w.Exclusions, exclusions[r.who]...)
		if !w.Ready || !l.state.Fits(w, now) {
			continue
		}
		if err := l.db.Tx(ctx, func(tx *sql.Tx) error {
			first, err := db.Changed(tx.ExecContext(ctx, `UPDATE call_bells SET rung_at = $1 WHERE account_id = $2 AND set_at = $3 AND rung_at IS NULL`,
				db.Millis(now), string(r.who), r.enteredAt))
			if err != nil || !first {
				return err
			}
			rung = true
			return outbox.Append(ctx, tx, now, Alerted{r.who, now})
		}); err != nil {
			return err
		}
	}
	if rung {
		l.wake()
	}
	return nil
}
