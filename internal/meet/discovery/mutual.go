package discovery

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

const mutualOne = 100 // mutual likes checked per run; the next run continues after them

// MatchMutual makes matches of mutual likes that could not match when the second was given,
// between people who now are shown, fit and do not exclude each other. Run it each minute,
// on one server.
func (s *Service) MatchMutual(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "match mutual likes")
	s.mutual.Lock()
	defer s.mutual.Unlock()
	pairs, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (p [2]account.ID, err error) {
		err = row.Scan(&p[0], &p[1])
		return p, err
	}, `SELECT a_id, b_id FROM pairs WHERE matched_at IS NULL AND a_choice = 'like' AND b_choice = 'like' AND (a_id, b_id) > ($1, $2)
		ORDER BY a_id, b_id LIMIT $3`, string(s.mutual.after[0]), string(s.mutual.after[1]), mutualOne)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		x, y, free, err := s.ReadPair(ctx, s.db, p[0], p[1], now)
		if err != nil {
			return err
		}
		if x != nil && y != nil && free && x.Shown(now) && y.Shown(now) && Fits(x, y, DayOf(now)) {
			if err := s.matchMutual(ctx, p[0], p[1], now); err != nil {
				return err
			}
		}
		s.mutual.after = p
	}
	if len(pairs) < mutualOne {
		s.mutual.after = [2]account.ID{}
	}
	return nil
}

// matchMutual makes the match if both still like each other. A concurrent block either
// locks the row later and ends the match, or earlier and has removed the likes.
func (s *Service) matchMutual(ctx context.Context, a, b account.ID, now time.Time) error {
	made := false
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		var seq int64
		err := tx.QueryRowContext(ctx, `UPDATE pairs SET matched_at = $1, seq = seq + 1 WHERE a_id = $2 AND b_id = $3 AND matched_at IS NULL
			AND a_choice = 'like' AND b_choice = 'like' AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $2 AND x.b_id = $3) RETURNING seq`,
			db.Millis(now), string(a), string(b)).Scan(&seq)
		if made = err == nil; !made {
			if db.IsNone(err) {
				return nil
			}
			return err
		}
		return s.matchMade(ctx, tx, Matched{A: a, B: b, At: now, Seq: seq})
	})
	if err == nil && made {
		s.wake()
	}
	return err
}
