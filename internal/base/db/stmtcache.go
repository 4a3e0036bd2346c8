package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// maxStatements is the number of prepared statements that one connection keeps.
const maxStatements = 200

// cachingConnector opens connections to SQLite that keep their prepared statements: the
// driver parses and plans a text at each use otherwise, which took a fifth of the processor
// time of the server. PostgreSQL's driver keeps them by itself.
type cachingConnector struct {
	source string
	driver driver.Driver
}

func (c cachingConnector) Driver() driver.Driver { return c.driver }

func (c cachingConnector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.driver.Open(c.source)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(sqliteConn)
	if !ok {
		_ = opened.Close()
		return nil, errors.New("database: the driver of SQLite has changed")
	}
	return &cachingConn{sqliteConn: conn, idle: map[string]statement{}}, nil
}

// sqliteConn lists the abilities of the driver's connections.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// statement lists the abilities of the driver's prepared statements.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// cachingConn keeps prepared statements that are not in use. database/sql uses a connection
// from one goroutine at a time.
type cachingConn struct {
	sqliteConn
	idle map[string]statement // by text
}

func (c *cachingConn) Close() error {
	for _, s := range c.idle {
		_ = s.Close() // the connection goes, too
	}
	clear(c.idle)
	return c.sqliteConn.Close()
}

// take returns a statement for the text, which nobody else uses until it is given back.
func (c *cachingConn) take(ctx context.Context, text string) (statement, error) {
	if s, ok := c.idle[text]; ok {
		delete(c.idle, text)
		return s, nil
	}
	prepared, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return prepared.(statement), nil
}

// giveBack keeps a statement, or closes it if it has failed, or if another one with its text
// was used at the same time. Which one goes when there are too many does not matter.
func (c *cachingConn) giveBack(text string, s statement, failed bool) error {
	if failed {
		_ = s.Close() // would say the same again
		return nil
	}
	if _, twice := c.idle[text]; twice {
		return s.Close()
	}
	var err error
	if len(c.idle) == maxStatements {
		for other, old := range c.idle {
			delete(c.idle, other)
			err = old.Close()
			break
		}
	}
	c.idle[text] = s
	return err
}

// ExecContext implements driver.ExecerContext.
func (c *cachingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	return result, errors.Join(err, c.giveBack(text, s, err != nil))
}

// QueryContext implements driver.QueryerContext.
func (c *cachingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.giveBack(text, s, true))
	}
	return &cachedRows{Rows: rows, conn: c, text: text, statement: s}, nil
}

// cachedRows are the rows of a statement that is given back when they are closed.
type cachedRows struct {
	driver.Rows
	conn      *cachingConn
	text      string
	statement statement
	failed    bool
}

func (r *cachedRows) Next(into []driver.Value) error {
	err := r.Rows.Next(into)
	r.failed = r.failed || err != nil && !errors.Is(err, io.EOF)
	return err
}

func (r *cachedRows) Close() error {
	if r.statement == nil {
		return nil
	}
	s := r.statement
	r.statement = nil
	err := r.Rows.Close()
	return errors.Join(err, r.conn.giveBack(r.text, s, r.failed || err != nil))
}
