package db_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, err := d.Exec(`INSERT INTO accounts (id, kind, born, created_at, seen_at) VALUES ('a', 'member', '1990-01-01', 1, 1)`)
		must(t, err)
		before := schema(t, d)
		must(t, d.Migrate(ctx))
		if after := schema(t, d); !slices.Equal(before, after) {
			t.Errorf("the schema was\n%s\nand is\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
		var rows int
		must(t, d.QueryRow(`SELECT count(*) FROM accounts`).Scan(&rows))
		if rows != 1 {
			t.Errorf("%d accounts where there was one", rows)
		}
	})
}

// schema is every table, column and index, and each migration that was applied.
func schema(t *testing.T, d *db.DB) []string {
	t.Helper()
	text := `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master`
	if d.Engine == db.Postgres {
		text = `SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'`
	}
	one := func(row interface{ Scan(...any) error }) (s string, err error) {
		err = row.Scan(&s)
		return s, err
	}
	found, err := db.Select(ctx, d, one, text)
	must(t, err)
	applied, err := db.Select(ctx, d, one, `SELECT CAST(version_id AS TEXT) FROM goose_db_version`)
	must(t, err)
	if len(found) < 100 || len(applied) < 10 {
		t.Fatalf("%d parts of the schema, %d migrations", len(found), len(applied))
	}
	slices.Sort(found)
	return append(found, applied...)
}

func TestSQLiteKeepsWhatItAcknowledged(t *testing.T) {
	d := dbtest.SQLite(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		must(t, d.QueryRow("PRAGMA "+pragma).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		broke := errors.New("broke")
		err := d.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ('a', 'member', 0)`)
			must(t, err)
			return broke
		})
		if !errors.Is(err, broke) {
			t.Fatal(err)
		}
		var n int
		must(t, d.QueryRow(`SELECT COUNT(*) FROM accounts`).Scan(&n))
		if n != 0 {
			t.Fatal("half written")
		}
	})
}

func TestAUniqueIndexSaysNoAlikeOnBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		insert := func() error {
			return d.Tx(ctx, func(tx *sql.Tx) error {
				_, err := tx.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ('a', 'member', 0)`)
				return err
			})
		}
		must(t, insert())
		if err := insert(); !db.IsUnique(err) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestWritersQueueAndAllGetThrough(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO leases (name, holder, fence, expires_at) VALUES ('count', '', 0, 0)`)
			return err
		}))
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				if err := d.Tx(ctx, func(tx *sql.Tx) error {
					_, err := tx.Exec(`UPDATE leases SET fence = fence + 1 WHERE name = 'count'`)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var n int
		must(t, d.QueryRow(`SELECT fence FROM leases WHERE name = 'count'`).Scan(&n))
		if n != 40 {
			t.Fatalf("%d of 40 counted", n)
		}
	})
}

func TestALeaseHasOneHolderAndAGrowingFence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Unix(1_800_000_000, 0)
		var holders atomic.Int32
		var all sync.WaitGroup
		for _, who := range []string{"a", "b", "c", "d", "e", "f"} {
			all.Go(func() {
				_, held, err := d.Lease(ctx, "sweep", who, now, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if held {
					holders.Add(1)
				}
			})
		}
		all.Wait()
		if n := holders.Load(); n != 1 {
			t.Fatalf("%d holders", n)
		}
		later := now.Add(2 * time.Minute)
		first, held, err := d.Lease(ctx, "sweep", "x", later, time.Minute)
		must(t, err)
		if !held {
			t.Fatal("an expired lease is not free")
		}
		again, held, err := d.Lease(ctx, "sweep", "x", later.Add(30*time.Second), time.Minute)
		must(t, err)
		if !held || again != first {
			t.Fatalf("renewing changed the fence from %d to %d (held %t)", first, again, held)
		}
		must(t, d.Release(ctx, "sweep", "x"))
		next, held, err := d.Lease(ctx, "sweep", "y", later.Add(40*time.Second), time.Minute)
		must(t, err)
		if !held || next <= first {
			t.Fatalf("handed over with fence %d after %d (held %t)", next, first, held)
		}
	})
}

func TestAFencedTransactionWritesNothingOnceTheLeaseHasChangedHands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Unix(1_800_000_000, 0)
		token, held, err := d.Lease(ctx, "sweep", "slow", now, time.Minute)
		must(t, err)
		if !held {
			t.Fatal("a free lease is not given")
		}
		work := db.WithFence(ctx, db.Fence{Lease: "sweep", Token: token})
		write := func(key string) error {
			return d.Tx(work, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `INSERT INTO commands (account_id, key, request, created_at) VALUES ('a', $1, '', 0)`, key)
				return err
			})
		}
		must(t, write("while it holds the lease"))
		must(t, d.Release(ctx, "sweep", "slow"))
		must(t, write("after it expired and before anybody else has it"))
		if _, held, err = d.Lease(ctx, "sweep", "quick", now, time.Minute); err != nil || !held {
			t.Fatalf("the lease is not handed over: held %t, %v", held, err)
		}
		if err := write("too late"); !errors.Is(err, db.ErrFenced) {
			t.Errorf("a stale holder wrote: %v", err)
		}
		var n int
		must(t, d.QueryRow(`SELECT COUNT(*) FROM commands WHERE key = 'too late'`).Scan(&n))
		if n != 0 {
			t.Error("what a stale holder wrote was kept")
		}
	})
}

func TestALeaseIsRenewedDuringAFencedTransactionAndTakenOnlyAfterIt(t *testing.T) {
	d := dbtest.Postgres(t) // on SQLite nothing else is written meanwhile
	now := time.Unix(1_800_000_000, 0)
	token, _, err := d.Lease(ctx, "sweep", "slow", now, time.Minute)
	must(t, err)
	type taking struct {
		token int64
		held  bool
		err   error
	}
	taken := make(chan taking, 1)
	must(t, d.Tx(db.WithFence(ctx, db.Fence{Lease: "sweep", Token: token}), func(*sql.Tx) error {
		within, stop := context.WithTimeout(ctx, 10*time.Second)
		defer stop()
		again, held, err := d.Lease(within, "sweep", "slow", now.Add(time.Second), time.Minute)
		if err != nil || !held || again != token {
			t.Errorf("not renewed meanwhile: token %d after %d, held %t, %v", again, token, held, err)
		}
		go func() {
			next, held, err := d.Lease(ctx, "sweep", "quick", now.Add(time.Hour), time.Minute)
			taken <- taking{next, held, err}
		}()
		select {
		case <-taken:
			t.Error("the lease was taken in the middle of a transaction that had checked it")
		case <-time.After(200 * time.Millisecond):
		}
		return nil
	}))
	if x := <-taken; x.err != nil || !x.held || x.token != token+1 {
		t.Errorf("not taken afterwards: %+v", x)
	}
}

func TestACommandIsClaimedWithItsEffectOrNotAtAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &db.Command{Account: "a", Key: "k", Request: "r"}
		broke := errors.New("broke")
		err := d.Tx(db.WithCommand(ctx, c), func(*sql.Tx) error { return broke })
		if !errors.Is(err, broke) || c.Claimed() {
			t.Fatalf("%v, claimed %t", err, c.Claimed())
		}
		must(t, d.Tx(db.WithCommand(ctx, c), func(*sql.Tx) error { return nil }))
		must(t, d.Tx(db.WithCommand(ctx, c), func(*sql.Tx) error { return nil })) // a second step of the same request
		other := &db.Command{Account: "a", Key: "k", Request: "r"}
		if err := d.Tx(db.WithCommand(ctx, other), func(*sql.Tx) error { return nil }); !errors.Is(err, db.ErrClaimed) {
			t.Fatalf("a retry ran: %v", err)
		}
		must(t, d.KeepReply(ctx, c, 201, "{}"))
		r, found, err := d.ReplyTo(ctx, "a", "k")
		must(t, err)
		if !found || r.Status != 201 || r.Body != "{}" || r.Request != "r" {
			t.Fatalf("kept %+v", r)
		}
		must(t, d.ForgetReplies(ctx, time.Now().Add(time.Hour)))
		if _, found, _ = d.ReplyTo(ctx, "a", "k"); found {
			t.Fatal("not forgotten")
		}
	})
}

func TestAWrongAddressIsToldWithoutItsPassword(t *testing.T) {
	for _, source := range []string{"mysql://u:hunter2@h/x", "postgres://u:hunter2@[bad", "postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=1"} {
		_, err := db.Open(ctx, t.TempDir(), source)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}
