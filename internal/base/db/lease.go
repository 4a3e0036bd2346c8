package db

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Lease takes or renews the right to do some timed work alone. It returns a
// fencing token that grows each time the right changes hands, and whether the
// holder has it until now+ttl.
func (d *DB) Lease(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (fence int64, held bool, err error) {
	t, until := now.UnixMilli(), now.Add(ttl).UnixMilli()
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		held = true
		err := tx.QueryRowContext(ctx, `UPDATE leases SET expires_at = $1 WHERE name = $2 AND holder = $3 AND expires_at > $4 RETURNING fence`,
			until, name, holder, t).Scan(&fence)
		if !IsNone(err) {
			return err
		}
		// Taking it replaces the row instead of changing it. On PostgreSQL that waits
		// for the transactions that have checked the old token, see fenced, and they
		// do not hold up a renewal.
		fence = 0
		err = tx.QueryRowContext(ctx, `DELETE FROM leases WHERE name = $1 AND expires_at <= $2 RETURNING fence`, name, t).Scan(&fence)
		if err != nil && !IsNone(err) {
			return err
		}
		fence++
		held, err = Changed(tx.ExecContext(ctx, `INSERT INTO leases (name, holder, fence, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING`,
			name, holder, fence, until))
		return err
	})
	if err != nil || !held {
		return 0, false, err
	}
	return fence, true, nil
}

// Fence is one holding of a lease: its name, and the token that Lease returned.
type Fence struct {
	Lease string
	Token int64
}

// ErrFenced means that the lease has changed hands, and that the transaction has
// written nothing.
var ErrFenced = errors.New("db: somebody else holds the lease by now")

type fenceKey struct{}

// WithFence makes each Tx under the returned context fail with ErrFenced once
// somebody else has taken the lease: whoever was too slow to notice that they have
// lost it writes nothing any more.
func WithFence(ctx context.Context, f Fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, f)
}

// fenced checks the token of ctx at the start of a transaction. Nobody can take the
// lease between the check and the commit: SQLite has one writer, and on PostgreSQL
// the row cannot be deleted meanwhile, though it can be renewed.
func (d *DB) fenced(ctx context.Context, tx *sql.Tx) error {
	f, ok := ctx.Value(fenceKey{}).(Fence)
	if !ok {
		return nil
	}
	q := `SELECT fence FROM leases WHERE name = $1 AND fence = $2`
	if d.Engine == Postgres {
		q += ` FOR KEY SHARE`
	}
	err := tx.QueryRowContext(ctx, q, f.Lease, f.Token).Scan(&f.Token)
	if IsNone(err) {
		return ErrFenced
	}
	return err
}

// Release gives a lease back before it runs out.
func (d *DB) Release(ctx context.Context, name, holder string) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2`, name, holder)
		return err
	})
}
