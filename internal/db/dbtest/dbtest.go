// Package dbtest runs a test on every engine: SQLite always, PostgreSQL where
// HEYY_TEST_POSTGRES names a server. With CI set, a missing server fails.
package dbtest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	"heyy/internal/db"
	"heyy/internal/id"
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
	return migrated(t, t.TempDir(), "")
}

// Postgres is a fresh, migrated PostgreSQL database, dropped with the test.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return migrated(t, "", PostgresURL(t))
}

// PostgresURL is the address of a fresh, empty PostgreSQL database, dropped
// with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("HEYY_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("HEYY_TEST_POSTGRES names no server; `make test` starts one")
		}
		t.Skip("HEYY_TEST_POSTGRES names no server; `make test` starts one")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "heyy_" + strings.ReplaceAll(id.New(), "-", "")
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func migrated(t testing.TB, dir, source string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dir, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return d
}
