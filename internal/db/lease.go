package db

import (
	"context"
	"database/sql"
	"time"
)

// Lease takes or renews the right to do some timed work alone. It returns a
// fencing number that grows each time the right changes hands, and whether the
// holder has it until now+ttl.
func (d *DB) Lease(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (fence int64, held bool, err error) {
	t, until := now.UnixMilli(), now.Add(ttl).UnixMilli()
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		held = false
		if _, err := tx.ExecContext(ctx, `INSERT INTO leases (name, holder, fence, expires_at) VALUES ($1, '', 0, 0) ON CONFLICT (name) DO NOTHING`, name); err != nil {
			return err
		}
		renewed, err := Changed(tx.ExecContext(ctx, `UPDATE leases SET expires_at = $1 WHERE name = $2 AND holder = $3 AND expires_at > $4`,
			until, name, holder, t))
		if err != nil {
			return err
		}
		if !renewed {
			if held, err = Changed(tx.ExecContext(ctx, `UPDATE leases SET holder = $1, fence = fence + 1, expires_at = $2 WHERE name = $3 AND expires_at <= $4`,
				holder, until, name, t)); err != nil || !held {
				return err
			}
		}
		held = true
		return tx.QueryRowContext(ctx, `SELECT fence FROM leases WHERE name = $1`, name).Scan(&fence)
	})
	if err != nil {
		return 0, false, err
	}
	return fence, held, nil
}

// Release gives a lease back before it runs out.
func (d *DB) Release(ctx context.Context, name, holder string) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2`, name, holder)
		return err
	})
}
