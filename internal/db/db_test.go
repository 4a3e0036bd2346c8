package db_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/db"
	"heyy/internal/db/dbtest"
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
		must(t, d.Migrate(ctx))
		v, err := d.Version(ctx)
		must(t, err)
		if v == "" {
			t.Fatal("no version")
		}
	})
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
