package card

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

// phase is the state of a pair's row.
type phase string

const (
	none      phase = "none"
	offered   phase = "offered"
	ignored   phase = "ignored"
	withdrawn phase = "withdrawn"
	exchanged phase = "exchanged"
)

// pair is the row of two people as by sees it, within a transaction that has locked it.
type pair struct {
	by, other account.ID
	phase     phase
	mine      bool // by made the offer
	place     string
	at, until time.Time
}

// pairColumns are the columns that scan reads.
const pairColumns = `a_id, b_id, state, by_a, place, at, until`

func scan(row interface{ Scan(...any) error }) (p pair, err error) {
	var at int64
	var until sql.NullInt64
	err = row.Scan(&p.by, &p.other, &p.phase, &p.mine, &p.place, &at, &until)
	p.at = time.UnixMilli(at)
	if until.Valid {
		p.until = time.UnixMilli(until.Int64)
	}
	return p, err
}

// as turns a pair so that by comes first.
func (p pair) as(by account.ID) pair {
	if p.by != by {
		p.by, p.other, p.mine = p.other, p.by, !p.mine
	}
	return p
}

// now is the pair without an offer that has expired.
func (p pair) now(at time.Time) pair {
	if p.phase != exchanged && !p.until.After(at) {
		p.phase = none
	}
	return p
}

// lock locks the pair until tx ends; there is false if one of the two does not exist.
func lock(ctx context.Context, tx *sql.Tx, by, other account.ID, at time.Time) (p pair, there bool, err error) {
	p, err = scan(tx.QueryRowContext(ctx, `INSERT INTO contact_cards (a_id, b_id, state, by_a, place, at, until)
		SELECT a.id, b.id, 'none', TRUE, '', 0, 0 FROM accounts a JOIN accounts b ON b.id = $1 WHERE a.id = $2
		ON CONFLICT (a_id, b_id) DO UPDATE SET state = contact_cards.state RETURNING `+pairColumns, string(max(by, other)), string(min(by, other))))
	if db.IsNone(err) {
		return pair{by: by, other: other}, false, nil
	}
	return p.as(by).now(at), err == nil, err
}

// save writes a locked pair, or deletes it if it has no state.
func (p pair) save(ctx context.Context, tx *sql.Tx) error {
	a, b := string(min(p.by, p.other)), string(max(p.by, p.other))
	if p.phase == none {
		_, err := tx.ExecContext(ctx, `DELETE FROM contact_cards WHERE a_id = $1 AND b_id = $2`, a, b)
		return err
	}
	until := sql.NullInt64{Int64: db.Millis(p.until), Valid: p.phase != exchanged}
	_, err := tx.ExecContext(ctx, `UPDATE contact_cards SET state = $1, by_a = $2, place = $3, at = $4, until = $5 WHERE a_id = $6 AND b_id = $7`,
		string(p.phase), p.mine == (p.by < p.other), p.place, db.Millis(p.at), until, a, b)
	return err
}

// tell appends the fact of a change by p.by.
func (p pair) tell(ctx context.Context, tx *sql.Tx, c Change, hidden bool, at time.Time) error {
	return outbox.Append(ctx, tx, at, Changed{By: p.by, Other: p.other, Change: c, Hidden: hidden, Place: p.place, At: at})
}
