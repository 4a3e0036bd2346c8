package shelf

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"heyy/internal/blob"
	"heyy/internal/db"
)

const (
	// claimTime is how long a blob may wait for its row.
	claimTime = 10 * time.Minute
	// keepTime is how long what was dropped can still be read: whoever was let
	// to it has five minutes.
	keepTime  = 10 * time.Minute
	sweepMost = 500
)

// Shelf puts blobs away for rows. Make it with New.
type Shelf struct {
	db    *db.DB
	blobs *blob.Store
	now   func() time.Time
}

// New makes a shelf; now may be nil for time.Now.
func New(d *db.DB, blobs *blob.Store, now func() time.Time) *Shelf {
	if now == nil {
		now = time.Now
	}
	return &Shelf{db: d, blobs: blobs, now: now}
}

// Put writes data under key, which nobody has used before. Claim it in the
// transaction that writes its row, within ten minutes.
func (s *Shelf) Put(ctx context.Context, key string, data []byte) error {
	// The command takes effect with the row, not with this note.
	note := db.WithCommand(ctx, nil)
	if err := s.db.Tx(note, func(tx *sql.Tx) error {
		return s.loose(note, tx, key, claimTime)
	}); err != nil {
		return fmt.Errorf("shelf: %w", err)
	}
	if _, err := s.blobs.Put(ctx, key, bytes.NewReader(data), int64(len(data))); err != nil {
		return fmt.Errorf("shelf: %w", err)
	}
	return nil
}

// Claim says in tx that a row has the blob now. It fails if the blob has been
// thrown away meanwhile.
func (s *Shelf) Claim(ctx context.Context, tx *sql.Tx, key string) error {
	claimed, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM loose_blobs WHERE key = $1`, key))
	if err == nil && !claimed {
		err = fmt.Errorf("claim %s: it waited too long", key)
	}
	if err != nil {
		return fmt.Errorf("shelf: %w", err)
	}
	return nil
}

// Drop says in tx that no row has these blobs any more. They can be read for
// ten more minutes.
func (s *Shelf) Drop(ctx context.Context, tx *sql.Tx, keys ...string) error {
	for _, key := range keys {
		if err := s.loose(ctx, tx, key, keepTime); err != nil {
			return fmt.Errorf("shelf: %w", err)
		}
	}
	return nil
}

func (s *Shelf) loose(ctx context.Context, tx *sql.Tx, key string, stays time.Duration) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO loose_blobs (key, due_at) VALUES ($1, $2)`, key, db.Millis(s.now().Add(stays)))
	return err
}

// Sweep throws away what is due. Run it every minute, on one server.
func (s *Shelf) Sweep(ctx context.Context, now time.Time) error {
	keys, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (key string, err error) {
		err = row.Scan(&key)
		return key, err
	}, `SELECT key FROM loose_blobs WHERE due_at <= $1 ORDER BY due_at LIMIT $2`, db.Millis(now), sweepMost)
	if err != nil {
		return fmt.Errorf("sweep shelf: %w", err)
	}
	for _, key := range keys {
		// The note goes first only if the blob can go with it: a claim that comes
		// now finds either both or neither.
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			due, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM loose_blobs WHERE key = $1 AND due_at <= $2`, key, db.Millis(now)))
			if err != nil || !due {
				return err
			}
			return s.blobs.Delete(ctx, key)
		}); err != nil {
			return fmt.Errorf("sweep shelf: %w", err)
		}
	}
	return nil
}
