package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db/dbtest"
)

// Many at once, of whom some fail, some are cancelled in the middle of a long
// statement and some panic: what was acknowledged is there, and nothing else.
func TestThoseWhoShareACommitDoNotShareTheirFate(t *testing.T) {
	d := dbtest.SQLite(t)
	ctx := context.Background()
	if _, err := d.ExecContext(ctx, `CREATE TABLE notes (n BIGINT PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	var all sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[int]bool{}
	for n := range 400 {
		all.Go(func() {
			ctx, stop := context.WithCancel(ctx)
			defer stop()
			defer func() { _ = recover() }()
			err := d.Tx(ctx, func(tx *sql.Tx) error {
				if _, err := tx.ExecContext(ctx, `INSERT INTO notes (n) VALUES ($1)`, n); err != nil {
					return err
				}
				switch n % 8 {
				case 1:
					return no
				case 3:
					panic("on purpose")
				case 5: // interrupted while it writes
					time.AfterFunc(2*time.Millisecond, stop)
					_, err := tx.ExecContext(ctx, `INSERT INTO notes (n) WITH RECURSIVE r (x) AS (SELECT 1000 UNION ALL SELECT x + 1 FROM r WHERE x < 9000000) SELECT -x FROM r`)
					return err
				case 7:
					runtime.Goexit()
				}
				return nil
			})
			if err == nil {
				mu.Lock()
				acknowledged[n] = true
				mu.Unlock()
			} else if n%2 == 0 {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	all.Wait()
	rows, err := d.QueryContext(ctx, `SELECT n FROM notes`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	kept := map[int]bool{}
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		kept[n] = true
	}
	if rows.Err() != nil || len(kept) != 200 || len(acknowledged) != 200 {
		t.Fatalf("%d kept, %d acknowledged, %v", len(kept), len(acknowledged), rows.Err())
	}
	for n := range kept {
		if !acknowledged[n] {
			t.Errorf("%d is there, and nobody was told", n)
		}
	}
}

func TestALostCommitIsToldToAll(t *testing.T) {
	d := dbtest.SQLite(t)
	ctx := context.Background()
	if _, err := d.ExecContext(ctx, `CREATE TABLE a (id BIGINT PRIMARY KEY); CREATE TABLE b (a BIGINT REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)`); err != nil {
		t.Fatal(err)
	}
	err := d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO b (a) VALUES (1)`)
		return err
	})
	if err == nil {
		t.Fatal("a commit that cannot be was acknowledged")
	}
	if err := d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO a (id) VALUES (1)`)
		return err
	}); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

func BenchmarkTx(b *testing.B) {
	for _, at := range []int{1, 16} {
		b.Run(fmt.Sprintf("%d at once", at), func(b *testing.B) {
			d := dbtest.SQLite(b)
			ctx := context.Background()
			if _, err := d.ExecContext(ctx, `CREATE TABLE notes (n BIGINT)`); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(at)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := d.Tx(ctx, func(tx *sql.Tx) error {
						_, err := tx.ExecContext(ctx, `INSERT INTO notes (n) VALUES ($1)`, 1)
						return err
					}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
