package db

import (
	"context"
	"fmt"
	"time"
)

// Sound asks the engine whether what it keeps is whole: SQLite's quick_check,
// which reads the file once, or one answer from PostgreSQL, which looks after
// its own files.
func (d *DB) Sound(ctx context.Context) error {
	if d.Engine == Postgres {
		return d.PingContext(ctx)
	}
	var says string
	if err := d.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&says); err != nil {
		return err
	}
	if says != "ok" {
		return fmt.Errorf("SQLite finds the file damaged: %s", says)
	}
	return nil
}

// Ahead is how far the clock of a PostgreSQL server is ahead of ours, give or
// take half of what its answer took. SQLite has no clock of its own: zero.
func (d *DB) Ahead(ctx context.Context) (ahead, took time.Duration, err error) {
	if d.Engine == SQLite {
		return 0, 0, nil
	}
	var theirs time.Time
	asked := time.Now()
	if err := d.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&theirs); err != nil {
		return 0, 0, err
	}
	took = time.Since(asked)
	return theirs.Sub(asked.Add(took / 2)), took, nil
}
