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

// Time returns the time of the PostgreSQL server, give or take within. For SQLite, which has no
// clock of its own, it is that of this machine.
func (d *DB) Time(ctx context.Context) (now time.Time, within time.Duration, err error) {
	if d.Engine == SQLite {
		return time.Now().Round(0), 0, nil // as it is set, without the monotonic reading
	}
	asked := time.Now()
	if err := d.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&now); err != nil {
		return now, 0, err
	}
	within = time.Since(asked) / 2
	return now.Add(within), within, nil
}

// ClockSkew returns how far the clock of a PostgreSQL server is ahead of this machine's,
// with an error of at most half of took. For SQLite it is zero.
func (d *DB) ClockSkew(ctx context.Context) (ahead, took time.Duration, err error) {
	theirs, within, err := d.Time(ctx)
	if err != nil || d.Engine == SQLite {
		return 0, 0, err
	}
	return time.Until(theirs), 2 * within, nil
}
