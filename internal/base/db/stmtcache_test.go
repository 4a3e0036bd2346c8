package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
)

func openCached(t *testing.T) *DB {
	t.Helper()
	d, err := Open(t.Context(), t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Exec(`CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE)`); err != nil {
		t.Fatal(err)
	}
	for i, w := range []string{"one", "two", "three"} {
		if _, err := d.Exec(`INSERT INTO words (id, word) VALUES ($1, $2)`, i+1, w); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// idle returns the number of statements that the connection of a transaction keeps.
func idle(t *testing.T, d *DB) (n int) {
	t.Helper()
	c, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Raw(func(raw any) error { n = len(raw.(*cachingConn).idle); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAStatementThatIsInUseIsNotUsedTwice(t *testing.T) {
	d := openCached(t)
	d.SetMaxOpenConns(1)
	const query = `SELECT word FROM words WHERE id >= $1 ORDER BY id`
	read := func(tx *sql.Tx, from int, each func(string)) {
		rows, err := tx.Query(query, from)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var w string
			if err := rows.Scan(&w); err != nil {
				t.Fatal(err)
			}
			each(w)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // with nothing kept, and with one
		tx, err := d.Begin()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		read(tx, 1, func(outer string) {
			got += outer + ":"
			read(tx, 2, func(inner string) { got += " " + inner })
			got += "\n"
		})
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if want := "one: two three\ntwo: two three\nthree: two three\n"; got != want {
			t.Errorf("read\n%s", got)
		}
	}
}

func TestAStatementThatFailedIsPreparedAnew(t *testing.T) {
	d := openCached(t)
	d.SetMaxOpenConns(1)
	const insert = `INSERT INTO words (id, word) VALUES ($1, $2)`
	for i := range 3 {
		if _, err := d.Exec(insert, 10+i, "one"); !IsUnique(err) {
			t.Fatalf("the word stands twice: %v", err)
		}
		if _, err := d.Exec(insert, 10+i, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Exec(`SELECT nothing`); err == nil {
		t.Error("a wrong text is no error")
	}
}

func TestAQueryThatWasCancelledCanBeAskedAgain(t *testing.T) {
	d := openCached(t)
	d.SetMaxOpenConns(1)
	const long = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) FROM n`
	for range 3 {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			var n int
			done <- d.QueryRowContext(ctx, long, 1<<40).Scan(&n)
		}()
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatalf("want it cancelled, got %v", err)
		}
		var n int
		if err := d.QueryRow(long, 1000).Scan(&n); err != nil || n != 1000 {
			t.Fatalf("counted %d, %v", n, err)
		}
	}
}

func TestStatementsFollowTheSchema(t *testing.T) {
	d := openCached(t)
	d.SetMaxOpenConns(1)
	count := func() (n int) {
		if err := d.QueryRow(`SELECT COUNT(*) FROM words WHERE word <> $1`, "").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if count() != 3 {
		t.Fatal("not three words")
	}
	for _, change := range []string{
		`ALTER TABLE words ADD COLUMN seen INTEGER`,
		`CREATE TABLE other AS SELECT * FROM words WHERE id = 1; DROP TABLE words; ALTER TABLE other RENAME TO words`, // a script
	} {
		if _, err := d.Exec(change); err != nil {
			t.Fatal(err)
		}
	}
	if count() != 1 {
		t.Error("it counts the table that is gone")
	}
}

func TestAConnectionKeepsAFewStatements(t *testing.T) {
	d := openCached(t)
	d.SetMaxOpenConns(1)
	for i := range 3 * maxStatements {
		var n int
		if err := d.QueryRow(fmt.Sprintf(`SELECT %d`, i%(2*maxStatements))).Scan(&n); err != nil || n != i%(2*maxStatements) {
			t.Fatal(n, err)
		}
	}
	if n := idle(t, d); n != maxStatements {
		t.Errorf("%d statements are kept", n)
	}
	// A row that was not read to its end gives its statement back, too.
	for range 10 {
		if err := d.QueryRow(`SELECT word FROM words`).Scan(new(string)); err != nil {
			t.Fatal(err)
		}
	}
	if n := idle(t, d); n != maxStatements {
		t.Errorf("%d statements are kept", n)
	}
}

func TestManyReadAndWriteWithKeptStatements(t *testing.T) {
	d := openCached(t)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 50 {
				if err := d.Tx(t.Context(), func(tx *sql.Tx) error {
					_, err := tx.Exec(`INSERT INTO words (word) VALUES ($1)`, fmt.Sprint(g, " ", i))
					return err
				}); err != nil {
					t.Error(err)
				}
				var n int
				if err := d.QueryRow(`SELECT COUNT(*) FROM words WHERE word LIKE $1`, fmt.Sprint(g, " %")).Scan(&n); err != nil || n != i+1 {
					t.Errorf("%d of %d, %v", n, i+1, err)
				}
			}
		})
	}
	all.Wait()
}
