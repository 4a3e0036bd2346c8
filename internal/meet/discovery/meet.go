package discovery

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Meet makes a and b a match, in the transaction tx, after a call with two hearts. It is
// idempotent; a match that has ended cannot return: match.over. The caller wakes the relay
// after the commit.
func (s *Service) Meet(ctx context.Context, tx *sql.Tx, a, b account.ID) (err error) {
	defer fault.Wrap(&err, "match %s and %s", a, b)
	a, b, _ = ordered(a, b)
	now := s.now()
	var seq int64
	err = tx.QueryRowContext(ctx, `INSERT INTO pairs (a_id, b_id, a_choice, a_at, b_choice, b_at, matched_at, seq) VALUES ($1, $2, 'like', $3, 'like', $3, $3, 1)
		ON CONFLICT (a_id, b_id) DO UPDATE SET a_choice = 'like', b_choice = 'like', matched_at = $3, seq = pairs.seq + 1
		WHERE pairs.matched_at IS NULL RETURNING seq`, string(a), string(b), db.Millis(now)).Scan(&seq)
	if db.IsNone(err) {
		matched, err := s.matched(ctx, tx, a, b)
		if err == nil && !matched {
			return fault.New(fault.Conflict, "match.over", "You two matched before, and one of you ended it.")
		}
		return err
	}
	if err != nil {
		return err
	}
	return s.matchMade(ctx, tx, Matched{A: a, B: b, At: now, Seq: seq})
}

// MatchedIn is Matched within a transaction.
func (s *Service) MatchedIn(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	return s.matched(ctx, tx, a, b)
}
