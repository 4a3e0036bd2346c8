package club

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Sweep finds an heir for the clubs whose founder is gone, or closes them, and deletes what is
// over: closed clubs, links, requests that nobody answered, and noes that are old. One node at
// a time calls it, about once a minute.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep clubs")
	orphans, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (c ID, err error) {
		err = row.Scan(&c)
		return c, err
	}, `SELECT c.id FROM clubs c WHERE c.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM club_members m WHERE m.club_id = c.id AND m.role = 'founder') LIMIT 200`)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range orphans {
		err := s.inherit(ctx, c, now)
		if errors.Is(err, db.ErrFenced) {
			return err
		}
		failed = errors.Join(failed, err)
	}
	for _, over := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM clubs WHERE id IN (SELECT id FROM clubs WHERE closed_at <= $1 LIMIT 50)`, []any{db.Millis(now.Add(-retention))}},
		{`DELETE FROM club_invites WHERE expires_at <= $1`, []any{db.Millis(now.Add(-retention))}},
		{`DELETE FROM club_requests WHERE at <= $1 OR declined_at <= $2`, []any{db.Millis(now.Add(-pending)), db.Millis(now.Add(-askAgain))}},
	} {
		err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, over.query, over.args...)
			return err
		})
		if errors.Is(err, db.ErrFenced) {
			return err
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// inherit makes the admin who joined first the founder, or else the member; without either, the
// club closes.
func (s *Service) inherit(ctx context.Context, c ID, now time.Time) error {
	return s.command(ctx, "", c, func(tx *sql.Tx, st *state) error {
		var heir account.ID
		err := tx.QueryRowContext(ctx, `SELECT m.account_id FROM club_members m WHERE m.club_id = $1 AND m.role <> 'follower'
			AND NOT EXISTS (SELECT 1 FROM club_members f WHERE f.club_id = m.club_id AND f.role = 'founder')
			ORDER BY CASE m.role WHEN 'admin' THEN 0 ELSE 1 END, m.joined_at, m.account_id LIMIT 1`, c).Scan(&heir)
		if !db.IsNone(err) {
			if err != nil {
				return err
			}
			return setRole(ctx, tx, c, heir, Founder)
		}
		var led bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM club_members WHERE club_id = $1 AND role = 'founder')`, c).Scan(&led); err != nil || led || st.closed {
			return err
		}
		return closeClub(ctx, tx, c, now)
	})
}
