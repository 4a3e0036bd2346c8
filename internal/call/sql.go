package call

import (
	"context"
	"database/sql"

	"heyy/internal/account"
	"heyy/internal/db"
)

// lock takes the call's row for this transaction and reads the call.
func lock(ctx context.Context, tx *sql.Tx, c ID, by account.ID, now int64) (*state, error) {
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE calls SET seq = seq WHERE id = $1`, string(c)))
	if err != nil {
		return nil, err
	}
	if !hit {
		return nil, errNone
	}
	return read(ctx, tx, c, by, now)
}

// anybody acts on behalf of the house: the first of the two.
const anybody account.ID = "\x00"

// read is the call as by stands in it. One statement reads one moment.
func read(ctx context.Context, q db.Querier, c ID, by account.ID, now int64) (*state, error) {
	rows, err := q.QueryContext(ctx, `SELECT c.kind, c.state, COALESCE(c.caller_id, ''), c.seq, c.created_at, COALESCE(c.deadline_at, 0),
			COALESCE(c.live_at, 0), COALESCE(c.ended_at, 0), COALESCE(c.ended_why, ''), COALESCE(c.ended_by, ''), c.cards,
			COALESCE(c.choose_by, 0), COALESCE(c.outcome, ''), c.audio,
			s.account_id, s.other_id, s.seq, COALESCE(s.accepted_at, 0), COALESCE(s.join_id, ''), s.muted, s.taken, COALESCE(s.hears_at, 0), COALESCE(s.away_at, 0),
			s.more, COALESCE(s.choice, ''), COALESCE(s.chosen_at, 0), COALESCE(s.feedback, '')
		FROM calls c JOIN call_sides s ON s.call_id = c.id WHERE c.id = $1 ORDER BY s.account_id`, string(c))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	st := &state{call: record{id: c}, i: -1, now: now}
	n := 0
	for ; rows.Next() && n < 2; n++ {
		r, s := &st.call, &st.sides[n]
		if err := rows.Scan(&r.kind, &r.state, &r.caller, &r.seq, &r.created, &r.deadline, &r.live, &r.ended, &r.why, &r.by, &r.cards,
			&r.chooseBy, &r.outcome, &r.audioOpen,
			&s.account, &s.other, &s.seq, &s.accepted, &s.admission, &s.muted, &s.taken, &s.hears, &s.away, &s.more, &s.choice, &s.chosen, &s.feedback); err != nil {
			return nil, err
		}
		if s.account == by || by == anybody && n == 0 {
			st.i = n
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if n == 1 { // the other's account is no more
		s := st.sides[0]
		st.sides[1] = side{account: s.other, other: s.account, gone: true}
	}
	if st.i < 0 {
		return nil, errNone
	}
	return st, nil
}

// write keeps what a rule changed.
func write(ctx context.Context, tx *sql.Tx, was, st *state) error {
	c := st.call
	if c != was.call {
		if _, err := tx.ExecContext(ctx, `UPDATE calls SET state = $1, seq = $2, deadline_at = $3, live_at = $4, ended_at = $5, ended_why = $6, ended_by = $7,
			choose_by = $8, outcome = $9 WHERE id = $10`,
			string(c.state), c.seq, some(c.deadline), some(c.live), some(c.ended), some(c.why), some(c.by), some(c.chooseBy), some(c.outcome), string(c.id)); err != nil {
			return err
		}
	}
	for i, s := range st.sides {
		if s == was.sides[i] && c.state == was.call.state || s.gone {
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE call_sides SET open = $1, seq = $2, accepted_at = $3, join_id = $4, muted = $5, taken = $6, hears_at = $7, away_at = $8, more = $9,
			choice = $10, chosen_at = $11, feedback = $12 WHERE call_id = $13 AND account_id = $14`,
			c.state != Ended, s.seq, some(s.accepted), some(s.admission), s.muted, s.taken, some(s.hears), some(s.away), s.more,
			some(s.choice), some(s.chosen), some(s.feedback), string(c.id), string(s.account)); err != nil {
			return err
		}
	}
	return nil
}

// insert writes a new call. busy names who is in another open call: then
// nothing was written, and the transaction can go on.
func insert(ctx context.Context, tx *sql.Tx, st *state) (busy account.ID, err error) {
	c := st.call
	if _, err := tx.ExecContext(ctx, `INSERT INTO calls (id, kind, state, caller_id, seq, created_at, deadline_at, ended_at, ended_why, ended_by, cards, audio)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		string(c.id), string(c.kind), string(c.state), some(c.caller), c.seq, c.created, some(c.deadline), some(c.ended), some(c.why), some(c.by),
		c.cards, c.audioOpen); err != nil {
		return "", err
	}
	for _, s := range st.sides { // by account, so that two who ring each other wait and do not lock each other out
		hit, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO call_sides (call_id, account_id, other_id, open, seq, accepted_at, join_id, muted, taken, away_at, more)
			VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, FALSE, $8, 0) ON CONFLICT DO NOTHING`,
			string(c.id), string(s.account), string(s.other), c.state != Ended, s.seq, some(s.accepted), some(s.admission), some(s.away)))
		if err != nil {
			return "", err
		}
		if !hit {
			_, err := tx.ExecContext(ctx, `DELETE FROM calls WHERE id = $1`, string(c.id))
			return s.account, err
		}
	}
	return "", nil
}

// some is v, or NULL for nothing.
func some[T ~string | ~int64](v T) any {
	var none T
	if v == none {
		return nil
	}
	return v
}

// openOf is the call in which somebody is; "": none.
func openOf(ctx context.Context, q db.Querier, who account.ID) (c ID, err error) {
	err = q.QueryRowContext(ctx, `SELECT call_id FROM call_sides WHERE account_id = $1 AND open`, string(who)).Scan(&c)
	if db.IsNone(err) {
		return "", nil
	}
	return c, err
}

// ordered are two people as a row of meetings has them.
func ordered(x, y account.ID) (a, b account.ID) { return min(x, y), max(x, y) }

// together locks two people and reports whether they never meet again.
func together(ctx context.Context, tx *sql.Tx, x, y account.ID) (never bool, err error) {
	a, b := ordered(x, y)
	err = tx.QueryRowContext(ctx, `INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, $2, 0, FALSE)
		ON CONFLICT (a_id, b_id) DO UPDATE SET at = meetings.at RETURNING never`, string(a), string(b)).Scan(&never)
	return never, err
}

func met(ctx context.Context, tx *sql.Tx, x, y account.ID, now int64) error {
	a, b := ordered(x, y)
	_, err := tx.ExecContext(ctx, `INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, $2, $3, FALSE)
		ON CONFLICT (a_id, b_id) DO UPDATE SET at = $3`, string(a), string(b), now)
	return err
}

func neverAgain(ctx context.Context, tx *sql.Tx, x, y account.ID) error {
	a, b := ordered(x, y)
	_, err := tx.ExecContext(ctx, `INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, $2, 0, TRUE)
		ON CONFLICT (a_id, b_id) DO UPDATE SET never = TRUE`, string(a), string(b))
	return err
}

func scanID(row interface{ Scan(...any) error }) (c ID, err error) {
	err = row.Scan(&c)
	return c, err
}
