package blobref

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/db"
)

const (
	// claimTime is how long a new blob may stay without a row.
	claimTime = 10 * time.Minute
	// graceTime is how long a dropped blob can still be read. It exceeds signedurl.TTL, so
	// that no signed URL breaks before it expires.
	graceTime  = 10 * time.Minute
	sweepBatch = 500
)

// Store writes blobs for rows and deletes unreferenced ones. Create it with New.
type Store struct {
	db    *db.DB
	blobs *blob.Store
	now   func() time.Time
}

// New returns a Store; now may be nil for time.Now.
func New(d *db.DB, blobs *blob.Store, now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{db: d, blobs: blobs, now: now}
}

// Put writes data under a key that was never used before. The caller must Claim it within
// claimTime, in the transaction that writes the referencing row.
func (s *Store) Put(ctx context.Context, key string, data []byte) error {
	// Without the idempotency key: the command takes effect with the
	// referencing row, not with this registration.
	plain := db.WithCommand(ctx, nil)
	if err := s.db.Tx(plain, func(tx *sql.Tx) error {
		return s.insertLoose(plain, tx, key, claimTime)
	}); err != nil {
		return fmt.Errorf("blobref: %w", err)
	}
	if _, err := s.blobs.Put(ctx, key, bytes.NewReader(data), int64(len(data))); err != nil {
		return fmt.Errorf("blobref: %w", err)
	}
	return nil
}

// Claim marks the blob as referenced, in the transaction of its row. It fails if Sweep has
// deleted the blob meanwhile.
func (s *Store) Claim(ctx context.Context, tx *sql.Tx, key string) error {
	claimed, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM loose_blobs WHERE key = $1`, key))
	if err == nil && !claimed {
		err = fmt.Errorf("claim %s: it waited too long", key)
	}
	if err != nil {
		return fmt.Errorf("blobref: %w", err)
	}
	return nil
}

// Drop marks blobs as unreferenced, in the transaction that removes the reference. They
// stay readable for graceTime.
func (s *Store) Drop(ctx context.Context, tx *sql.Tx, keys ...string) error {
	for _, key := range keys {
		if err := s.insertLoose(ctx, tx, key, graceTime); err != nil {
			return fmt.Errorf("blobref: %w", err)
		}
	}
	return nil
}

// insertLoose registers key for deletion after ttl.
func (s *Store) insertLoose(ctx context.Context, tx *sql.Tx, key string, ttl time.Duration) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO loose_blobs (key, due_at) VALUES ($1, $2)`, key, db.Millis(s.now().Add(ttl)))
	return err
}

// Sweep deletes expired blobs, at most sweepBatch. Run it every minute, on one server.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	keys, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (key string, err error) {
		err = row.Scan(&key)
		return key, err
	}, `SELECT key FROM loose_blobs WHERE due_at <= $1 ORDER BY due_at LIMIT $2`, db.Millis(now), sweepBatch)
	if err != nil {
		return fmt.Errorf("sweep blobs: %w", err)
	}
	for _, key := range keys {
		// Row and blob go in one transaction: a concurrent Claim finds either
		// both or neither.
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			due, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM loose_blobs WHERE key = $1 AND due_at <= $2`, key, db.Millis(now)))
			if err != nil || !due {
				return err
			}
			return s.blobs.Delete(ctx, key)
		}); err != nil {
			return fmt.Errorf("sweep blobs: %w", err)
		}
	}
	return nil
}
