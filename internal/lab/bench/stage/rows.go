package stage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/lab/bench"
)

// relayed waits until all facts of the outbox are told.
func relayed(ctx context.Context, d *db.DB) error {
	for {
		var waiting int
		if err := d.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbox WHERE n IS NULL OR n > (SELECT MIN(n) FROM outbox_cursors)`).Scan(&waiting); err != nil {
			return err
		}
		if waiting == 0 {
			return nil
		}
		if err := bench.Wait(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// rowCounter counts the rows that a server writes, by triggers on its tables: SQLite's own
// counters are those of a connection, and PostgreSQL's come late.
type rowCounter struct {
	db     *db.DB
	tables []string
}

// The statements of both engines. Tables that no migration makes are in quotation marks.
const (
	countTable = `CREATE TABLE "bench_rows" (name TEXT NOT NULL)`
	countFunc  = `CREATE FUNCTION bench_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "bench_rows" (name) VALUES (TG_TABLE_NAME); RETURN NULL; END $$`
	tablesHere = `SELECT table_name FROM "information_schema"."tables" WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`
	tablesFile = `SELECT name FROM "sqlite_master" WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite_%'`
)

func countRows(ctx context.Context, d *db.DB) (*rowCounter, error) {
	c := &rowCounter{db: d}
	query, do := tablesFile, []string{countTable}
	if d.Engine == db.Postgres {
		query, do = tablesHere, append(do, countFunc)
	}
	names, err := db.Select(ctx, d, func(row interface{ Scan(...any) error }) (name string, err error) {
		err = row.Scan(&name)
		return name, err
	}, query)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if name == "leases" { // renewed in the background, whatever happens
			continue
		}
		c.tables = append(c.tables, name)
		if d.Engine == db.Postgres {
			do = append(do, fmt.Sprintf(`CREATE TRIGGER bench_count AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION bench_count()`, name))
			continue
		}
		for _, what := range []string{"insert", "update", "delete"} {
			do = append(do, fmt.Sprintf(`CREATE TRIGGER bench_%s_%s AFTER %s ON %s BEGIN INSERT INTO "bench_rows" (name) VALUES ('%s'); END`, what, name, what, name, name))
		}
	}
	return c, c.exec(ctx, do)
}

func (c *rowCounter) exec(ctx context.Context, all []string) error {
	return c.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, one := range all {
			if _, err := tx.ExecContext(ctx, one); err != nil {
				return fmt.Errorf("bench: count rows: %w", err)
			}
		}
		return nil
	})
}

// total returns how many rows were written since countRows, as soon as the outbox is empty.
func (c *rowCounter) total(ctx context.Context) (n int, err error) {
	if err := relayed(ctx, c.db); err != nil {
		return 0, err
	}
	err = c.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM "bench_rows"`).Scan(&n)
	return n, err
}

// stop removes the triggers.
func (c *rowCounter) stop(ctx context.Context) error {
	var do []string
	for _, name := range c.tables {
		if c.db.Engine == db.Postgres {
			do = append(do, `DROP TRIGGER bench_count ON `+name)
			continue
		}
		for _, what := range []string{"insert", "update", "delete"} {
			do = append(do, `DROP TRIGGER bench_`+what+`_`+name)
		}
	}
	if c.db.Engine == db.Postgres {
		do = append(do, `DROP FUNCTION bench_count()`)
	}
	return c.exec(ctx, append(do, `DROP TABLE "bench_rows"`))
}
