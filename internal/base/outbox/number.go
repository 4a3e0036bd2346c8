package outbox

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
)

const (
	atOnce = 10_000 // facts that one transaction numbers
	inOne  = 200    // facts that one statement numbers
)

// unnumbered is what decides the place of a committed fact.
type unnumbered struct {
	id, scope string
	seq       int64
}

// number gives the next numbers to facts that were committed without one.
//
// A number is given after the commit and in a transaction of its own, never by the
// one that writes the fact: numbers of open transactions become visible in any
// order, and a cursor that has passed 8 would never see a 7 that commits later.
func (r *Relay) number(ctx context.Context) (n int, err error) {
	var some bool // an idle relay writes nothing
	if err := r.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM outbox WHERE n IS NULL)`).Scan(&some); err != nil || !some {
		return 0, err
	}
	var head int64
	err = r.db.Tx(ctx, func(tx *sql.Tx) error {
		// This locks the row, so that two nodes, of which one has not noticed yet that
		// its lease is over, number one after the other.
		if err := tx.QueryRowContext(ctx, `UPDATE outbox_head SET n = n RETURNING n`).Scan(&head); err != nil {
			return err
		}
		facts, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (u unnumbered, err error) {
			err = row.Scan(&u.id, &u.scope, &u.seq)
			return u, err
		}, `SELECT id, scope, seq FROM outbox WHERE n IS NULL ORDER BY id LIMIT $1`, atOnce)
		if err != nil {
			return err
		}
		n = len(facts)
		if n == 0 {
			return nil
		}
		order(facts)
		for part := range slices.Chunk(facts, inOne) {
			var cases strings.Builder // of few different texts, so that engines keep their plans
			args := []any{head}
			for i, u := range part {
				fmt.Fprintf(&cases, " WHEN $%d THEN %d", i+2, i+1)
				args = append(args, u.id)
			}
			if _, err := tx.ExecContext(ctx, `UPDATE outbox SET n = CAST($1 AS BIGINT) + CASE id`+cases.String()+` END WHERE id IN (`+db.Placeholders(2, len(part))+`)`, args...); err != nil {
				return err
			}
			head += int64(len(part))
		}
		_, err = tx.ExecContext(ctx, `UPDATE outbox_head SET n = $1`, head)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("number facts: %w", err)
	}
	r.head.Store(head)
	return n, nil
}

// order puts facts that were committed since the last look into the order of their
// ids, which is that of the nodes' clocks, but those of one scope into the order of
// its sequence: clocks of two nodes differ.
func order(facts []unnumbered) {
	places := map[string][]int{}
	for i, u := range facts {
		if u.seq != 0 {
			places[u.scope] = append(places[u.scope], i)
		}
	}
	for _, at := range places {
		own := make([]unnumbered, len(at))
		for i, place := range at {
			own[i] = facts[place]
		}
		slices.SortStableFunc(own, func(a, b unnumbered) int { return cmp.Compare(a.seq, b.seq) })
		for i, place := range at {
			facts[place] = own[i]
		}
	}
}

const (
	// Retention is how long facts stay after every listener has taken them.
	Retention = time.Hour
	// deadTime is how long dead letters wait for an operator.
	deadTime = 14 * 24 * time.Hour
	swept    = 1000 // facts that one transaction deletes
)

// sweep deletes facts that all listeners have behind them and that are older than
// Retention. A fact that was not taken stays, however old it is.
func (r *Relay) sweep(ctx context.Context) error {
	now := r.now()
	behind := int64(-1)
	for _, l := range r.lines {
		if n := l.kept(); behind < 0 || n < behind {
			behind = n
		}
	}
	for more := true; more; {
		err := r.db.Tx(ctx, func(tx *sql.Tx) error {
			gone, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE n <= $1 AND created_at < $2 ORDER BY n LIMIT $3)`,
				behind, db.Millis(now.Add(-Retention)), swept)
			if err != nil {
				return err
			}
			n, err := gone.RowsAffected()
			more = n == swept
			return err
		})
		if err != nil {
			return fmt.Errorf("sweep told facts: %w", err)
		}
	}
	return r.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM outbox_dead_letters WHERE died_at < $1`, db.Millis(now.Add(-deadTime)))
		return err
	})
}
