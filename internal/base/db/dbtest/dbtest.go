// Package dbtest runs a test on every engine: SQLite always, PostgreSQL where
// HEYY_TEST_POSTGRES names a server. With CI set, a missing server fails.
//
// Migrating takes longer than most tests. It is done once, into a template, and
// each test gets a copy: of a file on SQLite, by CREATE DATABASE ... TEMPLATE on
// PostgreSQL, where all packages of a test run share one template.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
)

// Each runs f as a subtest on a fresh, migrated database of each engine.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite is a fresh, migrated SQLite database, closed with the test.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	file, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sqliteName), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, dir, "")
}

// Postgres is a fresh, migrated PostgreSQL database, dropped with the test.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	server := postgresServer(t)
	template, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, "", created(t, server, " TEMPLATE "+template+" STRATEGY FILE_COPY")) // nothing waits for its checkpoint: fsync is off
}

// PostgresURL is the address of a fresh, empty PostgreSQL database, dropped
// with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return created(t, postgresServer(t), "")
}

func open(t testing.TB, dir, source string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dir, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

const sqliteName = "heyy.db"

// sqliteTemplate is the content of a migrated database file.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "heyy-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := migrate(dir, ""); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, sqliteName)) // closing has taken the log in
})

func migrate(dir, source string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, dir, source)
	if err != nil {
		return err
	}
	if err := d.Migrate(ctx); err != nil {
		_ = d.Close()
		return err
	}
	return d.Close()
}

const serverEnv = "HEYY_TEST_POSTGRES"

// postgresServer is the address of the server; without one the test is skipped,
// and fails in CI.
func postgresServer(t testing.TB) string {
	t.Helper()
	server := os.Getenv(serverEnv)
	if server == "" {
		const none = serverEnv + " names no server; `make test` starts one"
		if os.Getenv("CI") != "" {
			t.Fatal(none)
		}
		t.Skip(none)
	}
	return server
}

// created is the address of a fresh database, dropped with the test.
func created(t testing.TB, server, from string) string {
	t.Helper()
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "heyy_" + strings.ReplaceAll(id.New(), "-", "")
	if _, err := admin.Exec("CREATE DATABASE " + name + from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	address, err := named(server, name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// named is the address of another database on the same server.
func named(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// postgresTemplate is the name of a migrated database to copy. The first process
// that asks makes it, under another name until it is whole; others wait.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	server, ctx := os.Getenv(serverEnv), context.Background()
	hash, err := db.SchemaHash()
	if err != nil {
		return "", err
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	defer func() { _ = admin.Close() }()
	conn, err := admin.Conn(ctx) // the lock belongs to a connection
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	const lock = 4372 // of this package alone
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return "", err
	}
	defer func() { _, _ = conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, lock) }()
	name := "heyy_template_" + hash
	var found bool
	if err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&found); err != nil || found {
		return name, err
	}
	raw := name + "_raw"
	address, err := named(server, raw)
	if err != nil {
		return "", err
	}
	for _, text := range []string{"DROP DATABASE IF EXISTS " + raw, "CREATE DATABASE " + raw} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return "", err
		}
	}
	if err := migrate("", address); err != nil {
		return "", fmt.Errorf("template database: %w", err)
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+raw+" RENAME TO "+name)
	return name, err
})
