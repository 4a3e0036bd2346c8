package outbox_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/outbox"
)

// pair runs f with two nodes on one database: on PostgreSQL with connections of
// their own, on SQLite, which nobody shares, within one process.
func pair(t *testing.T, f func(t *testing.T, a, b *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		d := dbtest.SQLite(t)
		f(t, d, d)
	})
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		var two [2]*db.DB
		for i := range two {
			d, err := db.Open(ctx, "", url)
			must(t, err)
			t.Cleanup(func() { _ = d.Close() })
			must(t, d.Migrate(ctx))
			two[i] = d
		}
		f(t, two[0], two[1])
	})
}

func TestANodeThatCommitsWithoutTheLeaseWakesTheOneThatHoldsIt(t *testing.T) {
	pair(t, func(t *testing.T, holds, commits *db.DB) {
		a, b := &listener{name: "fanout"}, &listener{name: "fanout"}
		first := start(t, holds, "a", nil, a)
		commit(t, holds, "hold")
		first.Wake()
		a.takes(t, "hold") // so it has the lease
		second := start(t, commits, "b", nil, b)

		all := []string{"hold"}
		var took []time.Duration
		began := time.Now()
		for i := range 40 {
			all = append(all, fmt.Sprint(i))
			committed := time.Now()
			commit(t, commits, all[len(all)-1])
			second.Wake()
			a.takes(t, all...)
			took = append(took, time.Since(committed))
		}
		// Looking once a second by itself, the first would need 40 s.
		if all := time.Since(began); all > soon {
			t.Errorf("40 facts took %s: was anybody woken?", all)
		}
		slices.Sort(took)
		t.Logf("from the commit on one node to the listener on the other: median %s, slowest %s", took[20].Round(10*time.Microsecond), took[39].Round(10*time.Microsecond))
		if got := b.took(); len(got) > 0 {
			t.Errorf("the node without the lease took %v", got)
		}
	})
}

func TestAnotherNodeGoesOnWhereTheOneThatStopsWas(t *testing.T) {
	pair(t, func(t *testing.T, one, other *db.DB) {
		a, b := &listener{name: "fanout"}, &listener{name: "fanout"}
		first := start(t, one, "a", nil, a)
		commit(t, one, "1", "2")
		first.Wake()
		a.takes(t, "1", "2")
		second := start(t, other, "b", nil, b)
		first.stop()
		commit(t, other, "3")
		second.Wake()
		b.takes(t, "3")
	})
}

// victim is the environment of a process that the test kills.
const victim = "HEYY_TEST_OUTBOX"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		if err := relayUntilKilled(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// relayUntilKilled says each fact that it takes, and does not come back from "5".
func relayUntilKilled(dir string) error {
	d, err := db.Open(ctx, dir, os.Getenv(victim+"_SOURCE"))
	if err != nil {
		return err
	}
	return outbox.NewRelay(d, slog.New(slog.NewTextHandler(os.Stderr, nil)), outbox.Config{Node: "here", Listeners: []outbox.Listener{{
		Name: "fanout", Take: func(_ context.Context, r outbox.Record) error {
			f, err := outbox.Read[fact](r)
			if err != nil {
				return err
			}
			fmt.Println(f.Text)
			if f.Text == "5" {
				select {}
			}
			return nil
		},
	}}}).Run(ctx)
}

func TestAKillBetweenTellingAndTheCursorRepeatsAndLosesNothing(t *testing.T) {
	for _, engine := range []db.Engine{db.SQLite, db.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			dir, source := t.TempDir(), ""
			if engine == db.Postgres {
				source = dbtest.PostgresURL(t)
			}
			d, err := db.Open(ctx, dir, source)
			must(t, err)
			defer func() { _ = d.Close() }()
			must(t, d.Migrate(ctx))
			var all []string
			for i := 1; i <= 9; i++ {
				all = append(all, fmt.Sprint(i))
			}
			commit(t, d, all...)

			it := exec.Command(os.Args[0]) //nolint:gosec // this test itself
			it.Env = append(os.Environ(), victim+"="+dir, victim+"_SOURCE="+source)
			out, err := it.StdoutPipe()
			must(t, err)
			must(t, it.Start())
			var told []string
			for lines := bufio.NewScanner(out); lines.Scan(); {
				if told = append(told, lines.Text()); lines.Text() == "5" {
					break // it was told; that it was is not written
				}
			}
			must(t, it.Process.Kill())
			_, _ = io.Copy(io.Discard, out)
			_ = it.Wait() // killed
			if !slices.Equal(told, all[:5]) {
				t.Fatalf("told %v before it died", told)
			}

			a := &listener{name: "fanout"}
			start(t, d, "here", nil, a) // the same node again
			eventually(t, func() bool { got := a.took(); return len(got) > 0 && got[len(got)-1] == "9" }, func() string { return fmt.Sprint(a.took()) })
			got := a.took()
			first := slices.Index(all, got[0])
			if first > 4 || !slices.Equal(got, all[first:]) {
				t.Errorf("told %v, killed, and then told %v", told, got)
			}
			t.Logf("told again: %v", all[first:5])
		})
	}
}

// A node whose lease is over, and which has not noticed, writes a cursor late.
func TestACursorNeverGoesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := &listener{name: "fanout"}
		slow := start(t, d, "here", nil, a)
		commit(t, d, "1")
		slow.Wake()
		a.takes(t, "1")
		must(t, d.Tx(ctx, func(tx *sql.Tx) error { // its successor was faster
			_, err := tx.Exec(`UPDATE outbox_cursors SET n = 7 WHERE listener = 'fanout'`)
			return err
		}))
		slow.stop() // writes its cursor, if it had not
		if at := count(t, d, `SELECT n FROM outbox_cursors`); at != 7 {
			t.Errorf("the cursor went back to %d", at)
		}
	})
}
