package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// sqliteFile is the database within the data folder.
func sqliteFile(dir string) string { return filepath.Join(dir, "heyy.db") }

// Private makes the SQLite files of the data folder dir readable by their owner
// alone, also where the folder is open to all, and makes the first of them.
// SQLite gives the others the mode of that one.
func Private(dir string) error {
	file := sqliteFile(dir)
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(name, 0o600); err != nil {
			return fmt.Errorf("%s can be read by other users of this machine, and it is not ours to change: chown it to the user who runs Heyy: %w", name, err)
		}
	}
	return nil
}

// Alone makes sure that no other process serves from the SQLite files in dir:
// two would each keep in memory what the other changes. Commands and doctor may
// look in beside a server. It holds until release, or the end of the process.
func Alone(dir string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		var pid int
		_, _ = fmt.Fscan(f, &pid) // it may just be starting
		_ = f.Close()
		who := ""
		if pid > 0 {
			who = fmt.Sprintf(" (process %d)", pid)
		}
		return nil, fmt.Errorf("data: another Heyy%s serves from %s; stop it, or give this one a folder of its own with --data", who, dir)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintln(f, os.Getpid()) // for the sentence above
	}
	return func() { _ = f.Close() }, nil
}

// Writable makes a small commit, as every command must: a database that can be
// read may well refuse to be written, as on a full disk.
func (d *DB) Writable(ctx context.Context) error {
	return d.Tx(WithCommand(ctx, nil), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO leases (name, holder, fence, expires_at) VALUES ('writable', '', 0, $1)
			ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at`, time.Now().UnixMilli())
		return err
	})
}
