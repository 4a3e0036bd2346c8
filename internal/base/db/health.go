package db

import (
	"context"
	"fmt"
	"time"
)

// CheckIntegrity returns an error if the database is damaged: by SQLite's quick_check,
// which reads the whole file once. Of PostgreSQL, which checks its own files, it only asks
// for an answer.
func (d *DB) CheckIntegrity(ctx context.Context) error {
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

// ClockSkew returns how far the clock of a PostgreSQL server is ahead of this machine's,
// with an error of at most half of took, the duration of the query. For SQLite, which has
// no clock of its own, it is zero.
func (d *DB) ClockSkew(ctx context.Context) (ahead, took time.Duration, err error) {
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
