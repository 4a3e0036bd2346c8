package db

import (
	"context"
	"os"
)

// Size is the number of bytes that the rows take up on disk: SQLite's file with its log,
// or what PostgreSQL says of the database.
func (d *DB) Size(ctx context.Context) (bytes int64, err error) {
	if d.Engine == Postgres {
		err = d.QueryRowContext(ctx, "SELECT pg_database_size(current_database())").Scan(&bytes)
		return bytes, err
	}
	var n int
	var name, file string
	if err := d.QueryRowContext(ctx, "PRAGMA database_list").Scan(&n, &name, &file); err != nil {
		return 0, err
	}
	for _, f := range []string{file, file + "-wal"} {
		info, err := os.Stat(f)
		if err != nil {
			return 0, err
		}
		bytes += info.Size()
	}
	return bytes, nil
}
