package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Engine is the database behind a DB.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// oldestSQLite is the first release without the WAL-reset bug that could
// corrupt a database under concurrent checkpoints.
const oldestSQLite = 3_051_003

// DB is an open database. Reads go straight to the embedded *sql.DB; writes go
// through Tx.
type DB struct {
	*sql.DB
	Engine Engine

	// SQLite has one writer. Queueing here is fair and costs nothing; its own
	// busy handler sleeps and polls. See batch.
	writes  *sql.DB // its connection, which readers do not take
	writer  sync.Mutex
	waiting atomic.Int64 // for writer
	batch   *batch       // held by writer; nil: none is open

	source string // the address of the PostgreSQL server, for Listen
	wakes  wakes  // SQLite's, for Listen
}

// Open opens the database named by source: "" is heyy.db in the data folder
// dir, "postgres://..." is a PostgreSQL server. It does not migrate.
func Open(ctx context.Context, dir, source string) (*DB, error) {
	if source == "" {
		return openSQLite(ctx, sqliteFile(dir))
	}
	if strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://") {
		return openPostgres(ctx, source)
	}
	return nil, errors.New("database: leave it empty (SQLite in the data folder), or write it like postgres://user@host/name")
}

// cacheKiB is the most that a connection keeps of the database, in KiB: with SQLite's own 2 MiB, a
// lobby of thousands of rooms is read from the system again and again. All connections together
// may keep 17 times that.
const cacheKiB = 8 << 10

func openSQLite(ctx context.Context, file string) (*DB, error) {
	q := url.Values{"_txlock": {"immediate"}}
	for _, p := range []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "busy_timeout(10000)", fmt.Sprintf("cache_size(-%d)", cacheKiB)} {
		q.Add("_pragma", p)
	}
	source := "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
	driver, err := sql.Open("sqlite", source) // opens nothing yet
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	pool := func(most int) *sql.DB {
		x := sql.OpenDB(cachingConnector{source: source, driver: driver.Driver()})
		x.SetMaxOpenConns(most)
		x.SetMaxIdleConns(most)
		return x
	}
	d := &DB{DB: pool(16), writes: pool(1), Engine: SQLite}
	if err := d.checkSQLite(ctx); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	return d, nil
}

// Close closes all connections.
func (d *DB) Close() error {
	if d.writes == nil {
		return d.DB.Close()
	}
	return errors.Join(d.writes.Close(), d.DB.Close())
}

func (d *DB) checkSQLite(ctx context.Context) error {
	v, err := d.Version(ctx)
	if err != nil {
		return err
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(v, "%d.%d.%d", &major, &minor, &patch); err != nil {
		return fmt.Errorf("SQLite calls itself %q", v)
	}
	if major*1_000_000+minor*1_000+patch < oldestSQLite {
		return fmt.Errorf("SQLite %s can corrupt its write-ahead log; 3.51.3 or newer is needed", v)
	}
	return nil
}

func openPostgres(ctx context.Context, source string) (*DB, error) {
	x, err := sql.Open("pgx", source)
	if err != nil {
		return nil, errors.New("database: the postgres:// address cannot be read")
	}
	x.SetMaxOpenConns(32)
	x.SetMaxIdleConns(16)
	x.SetConnMaxIdleTime(5 * time.Minute)
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if err := x.PingContext(ctx); err != nil {
		_ = x.Close()
		return nil, fmt.Errorf("database: PostgreSQL does not answer; start it, or correct the address: %w", err)
	}
	return &DB{DB: x, Engine: Postgres, source: source}, nil
}

// Version is what the engine calls itself, such as "3.51.3" or "15.18".
func (d *DB) Version(ctx context.Context) (v string, err error) {
	q := "SELECT sqlite_version()"
	if d.Engine == Postgres {
		q = "SHOW server_version"
	}
	err = d.QueryRowContext(ctx, q).Scan(&v)
	return v, err
}

// Migrate brings the schema to the newest version.
func (d *DB) Migrate(ctx context.Context) error {
	dialect := goose.DialectSQLite3
	if d.Engine == Postgres {
		dialect = goose.DialectPostgres
	}
	files, err := migrationFiles()
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, d.DB, files)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// Tx runs f in one transaction: committed if f returns nil, else rolled back.
// Where the engine says "again" (PostgreSQL serialisation or deadlock, a batch on
// SQLite that was lost), f runs again, so it must not do anything that cannot be
// repeated. On SQLite those that wait for each other share one commit, but whoever
// runs again has one of their own: nobody is unlucky twice.
func (d *DB) Tx(ctx context.Context, f func(*sql.Tx) error) error {
	for try := 1; ; try++ {
		err := d.once(ctx, f, try > 1)
		if err == nil {
			commandClaimed(ctx)
			return nil
		}
		if try == 5 || !again(err) {
			return err
		}
	}
}

func (d *DB) once(ctx context.Context, f func(*sql.Tx) error, apart bool) error {
	if d.Engine == SQLite {
		return d.joined(ctx, f, apart)
	}
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	if err := d.fenced(ctx, tx); err != nil {
		return err
	}
	if err := claimCommand(ctx, tx); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func again(err error) bool {
	var p *pgconn.PgError
	return errors.Is(err, errBroken) || errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01")
}

// IsUnique reports whether err is a unique index saying no.
func IsUnique(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code == "23505"
	}
	var s *sqlite.Error
	return errors.As(err, &s) && (s.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || s.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsNone reports whether err says that there is no such row.
func IsNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Changed reports whether a guarded statement hit its row.
func Changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// ReadOnly are the options of a transaction that reads one moment. SQLite would
// take its write lock for any other.
func (d *DB) ReadOnly() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: d.snapshot()}
}

func (d *DB) snapshot() sql.IsolationLevel {
	if d.Engine == Postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// Querier is what *DB and *sql.Tx both can do.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Select collects all rows of a query.
func Select[T any](ctx context.Context, q Querier, scan func(row interface{ Scan(...any) error }) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Placeholders returns "$from,...,$from+n-1", for an IN list of n values.
func Placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// Millis is t as the database keeps it.
func Millis(t time.Time) int64 { return t.UnixMilli() }
