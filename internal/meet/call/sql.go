package call

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/people/account"
)

// lock locks the row of the call for this transaction and reads the call.
func lock(ctx context.Context, tx *sql.Tx, c ID, by account.ID, now int64) (*state, error) {
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE calls SET seq = seq WHERE id = $1`, string(c)))
	if err != nil {
		return nil, err
	}
	if !hit {
		return nil, errNotFound
	}
	return read(ctx, tx, c, by, now)
}

// system is the actor of rules that nobody commands; it acts as the first side.
const system account.ID = "\x00"

// read reads the call as by sees it; by is an account, an identity at the media
// server or system. One statement, so that all rows are of the same moment. It
// fails with call.not_found if by is not in the call.
func read(ctx context.Context, q db.Querier, c ID, by account.ID, now int64) (*state, error) {
	rows, err := q.QueryContext(ctx, `SELECT c.kind, c.state, COALESCE(c.caller_id, ''), c.seq, c.created_at, COALESCE(c.deadline_at, 0),
			COALESCE(c.live_at, 0), COALESCE(c.ended_at, 0), COALESCE(c.ended_why, ''), COALESCE(c.ended_by, ''), c.cards,
			COALESCE(c.choose_by, 0), COALESCE(c.outcome, ''), c.audio, c.offered,
			s.account_id, s.other_id, s.seq, COALESCE(s.accepted_at, 0), COALESCE(s.join_id, ''), s.muted, s.taken, COALESCE(s.hears_at, 0), COALESCE(s.away_at, 0),
			s.more, COALESCE(s.choice, ''), COALESCE(s.chosen_at, 0), COALESCE(s.feedback, ''), COALESCE(s.out_at, 0), COALESCE(s.out_why, ''), s.audio_version
		FROM calls c JOIN call_sides s ON s.call_id = c.id WHERE c.id = $1 ORDER BY s.account_id`, string(c))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	st := &state{call: record{id: c}, i: -1, now: now}
	n := 0
	for ; rows.Next() && n < 2; n++ {
		r, s := &st.call, &st.sides[n]
		if err := rows.Scan(&r.kind, &r.state, &r.caller, &r.seq, &r.created, &r.deadline, &r.live, &r.ended, &r.endReason, &r.endedBy, &r.cards,
			&r.chooseBy, &r.outcome, &r.audioOpen, &r.offered,
			&s.account, &s.other, &s.seq, &s.accepted, &s.joinID, &s.muted, &s.micInterrupted, &s.audioReceived, &s.awaySince, &s.extendAsks, &s.choice, &s.chosen, &s.feedback, &s.withdrawn, &s.withdrawal, &s.audioVersion); err != nil {
			return nil, err
		}
		if s.account == by || by == system && n == 0 || string(by) == identityOf(n) {
			st.i = n
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if n == 1 { // the other's account was deleted
		s := st.sides[0]
		st.sides[1] = side{account: s.other, other: s.account, gone: true}
	}
	if st.i < 0 {
		return nil, errNotFound
	}
	return st, nil
}

// write stores what a rule changed.
func write(ctx context.Context, tx *sql.Tx, was, st *state) error {
	c := st.call
	if c != was.call {
		if _, err := tx.ExecContext(ctx, `UPDATE calls SET state = $1, seq = $2, deadline_at = $3, live_at = $4, ended_at = $5, ended_why = $6, ended_by = $7,
			choose_by = $8, outcome = $9 WHERE id = $10`,
			string(c.state), c.seq, nullable(c.deadline), nullable(c.live), nullable(c.ended), nullable(c.endReason), nullable(c.endedBy), nullable(c.chooseBy), nullable(c.outcome), string(c.id)); err != nil {
			return err
		}
	}
	for i, s := range st.sides {
		if s == was.sides[i] && c.state == was.call.state || s.gone {
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE call_sides SET open = $1, seq = $2, accepted_at = $3, join_id = $4, muted = $5, taken = $6, hears_at = $7, away_at = $8, more = $9,
			choice = $10, chosen_at = $11, feedback = $12, out_at = $13, out_why = $14, audio_version = $15 WHERE call_id = $16 AND account_id = $17`,
			c.state != Ended && s.withdrawn == 0, s.seq, nullable(s.accepted), nullable(s.joinID), s.muted, s.micInterrupted, nullable(s.audioReceived), nullable(s.awaySince), s.extendAsks,
			nullable(s.choice), nullable(s.chosen), nullable(s.feedback), nullable(s.withdrawn), nullable(s.withdrawal), s.audioVersion, string(c.id), string(s.account)); err != nil {
			return err
		}
	}
	return nil
}

// insert writes a new call. If one of the two is in another open call it returns
// that account and writes nothing, and the transaction can continue.
func insert(ctx context.Context, tx *sql.Tx, st *state) (busy account.ID, err error) {
	c := st.call
	if _, err := tx.ExecContext(ctx, `INSERT INTO calls (id, kind, state, caller_id, seq, created_at, deadline_at, ended_at, ended_why, ended_by, cards, audio, offered)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(c.id), string(c.kind), string(c.state), nullable(c.caller), c.seq, c.created, nullable(c.deadline), nullable(c.ended), nullable(c.endReason), nullable(c.endedBy),
		c.cards, c.audioOpen, c.offered); err != nil {
		return "", err
	}
	for _, s := range st.sides { // in the order of accounts, so that two people who ring each other do not deadlock
		hit, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO call_sides (call_id, account_id, other_id, open, seq, accepted_at, join_id, muted, taken, away_at, more, out_at, out_why)
			VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, FALSE, $8, 0, $9, $10) ON CONFLICT DO NOTHING`,
			string(c.id), string(s.account), string(s.other), c.state != Ended && s.withdrawn == 0, s.seq, nullable(s.accepted), nullable(s.joinID), nullable(s.awaySince),
			nullable(s.withdrawn), nullable(s.withdrawal)))
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

// nullable returns v, or NULL for its zero value.
func nullable[T ~string | ~int64](v T) any {
	var none T
	if v == none {
		return nil
	}
	return v
}

// openOf returns the open call of who, or "".
func openOf(ctx context.Context, q db.Querier, who account.ID) (c ID, err error) {
	err = q.QueryRowContext(ctx, `SELECT call_id FROM call_sides WHERE account_id = $1 AND open`, string(who)).Scan(&c)
	if db.IsNone(err) {
		return "", nil
	}
	return c, err
}

// ordered returns two accounts in the order of a row in meetings.
func ordered(x, y account.ID) (a, b account.ID) { return min(x, y), max(x, y) }

// lockPair locks the encounter row of two people and reports whether they are
// excluded from being proposed to each other for ever.
func lockPair(ctx context.Context, tx *sql.Tx, x, y account.ID) (excluded bool, err error) {
	a, b := ordered(x, y)
	err = tx.QueryRowContext(ctx, `INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, $2, 0, FALSE)
		ON CONFLICT (a_id, b_id) DO UPDATE SET at = meetings.at RETURNING never`, string(a), string(b)).Scan(&excluded)
	return excluded, err
}

// recordEncounter stores when two people last talked.
func recordEncounter(ctx context.Context, tx *sql.Tx, x, y account.ID, now int64) error {
	a, b := ordered(x, y)
	_, err := tx.ExecContext(ctx, `INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, $2, $3, FALSE)
		ON CONFLICT (a_id, b_id) DO UPDATE SET at = $3`, string(a), string(b), now)
	return err
}

// excludePair excludes two people from being proposed to each other, for ever.
func excludePair(ctx context.Context, tx *sql.Tx, x, y account.ID) error {
	a, b := ordered(x, y)
	_, err := tx.ExecContext(ctx, `INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, $2, 0, TRUE)
		ON CONFLICT (a_id, b_id) DO UPDATE SET never = TRUE`, string(a), string(b))
	return err
}

func scanID(row interface{ Scan(...any) error }) (c ID, err error) {
	err = row.Scan(&c)
	return c, err
}
