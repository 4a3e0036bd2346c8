package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// batchMost bounds how long the first of a batch waits for the last.
const batchMost = 64

// errBroken means that another member of the batch took the whole of it down.
var errBroken = errors.New("db: the transaction was lost with another")

// batch is one SQLite transaction in which several Tx take their turns, each
// within a savepoint. One commit, and so one wait for the disk, is for all.
type batch struct {
	tx      *sql.Tx
	members int
	broken  bool
	done    chan struct{} // closed when err is final
	err     error
}

// joined runs f as a member of the open batch, or opens one. SQLite has one
// writer at a time; whoever finds nobody waiting behind them commits for all.
// It returns after the commit. Who was lost with others before asks to be apart:
// then they share a commit with nobody.
func (d *DB) joined(ctx context.Context, f func(*sql.Tx) error, apart bool) (err error) {
	d.waiting.Add(1)
	d.writer.Lock()
	behind := d.waiting.Add(-1)
	if apart && d.batch != nil { // its members had their turns, and only wait for who comes
		d.batch.finish()
		d.batch = nil
	}
	alone := d.batch == nil && (apart || behind == 0)
	if d.batch == nil {
		// The transaction belongs to all of them: it must not end with one's ctx.
		tx, err := d.writes.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			d.writer.Unlock()
			return fmt.Errorf("begin: %w", err)
		}
		d.batch = &batch{tx: tx, done: make(chan struct{})}
	}
	b := d.batch
	err = func() error {
		ok := false
		defer func() { // also when f panics
			if !ok {
				b.undo(alone)
			}
			if b.broken || apart || b.members == batchMost || d.waiting.Load() == 0 {
				d.batch = nil
				b.finish()
			}
			d.writer.Unlock()
		}()
		b.members++
		err := d.turn(ctx, b, f, alone)
		ok = err == nil
		return err
	}()
	if err != nil {
		return err
	}
	<-b.done
	return b.err
}

// turn is one member's turn. Who is alone needs no savepoint: there is nothing
// of others to keep.
func (d *DB) turn(ctx context.Context, b *batch, f func(*sql.Tx) error, alone bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !alone {
		if _, err := b.tx.ExecContext(context.WithoutCancel(ctx), `SAVEPOINT member`); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
	}
	if err := d.fenced(ctx, b.tx); err != nil {
		return err
	}
	if err := claimCommand(ctx, b.tx); err != nil {
		return err
	}
	if err := f(b.tx); err != nil {
		return err
	}
	if !alone {
		if _, err := b.tx.ExecContext(context.WithoutCancel(ctx), `RELEASE member`); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
	}
	return nil
}

// undo takes one member's part back. Where that fails, because an interrupted
// statement made SQLite roll everything back, all of them must begin again.
func (b *batch) undo(alone bool) {
	if alone {
		b.broken = true
		return
	}
	_, back := b.tx.ExecContext(context.Background(), `ROLLBACK TO member`)
	_, gone := b.tx.ExecContext(context.Background(), `RELEASE member`)
	b.broken = back != nil || gone != nil
}

func (b *batch) finish() {
	defer close(b.done)
	if b.broken {
		b.err = errBroken
		_ = b.tx.Rollback() // there may be nothing left to roll back
		return
	}
	if err := b.tx.Commit(); err != nil {
		b.err = fmt.Errorf("commit: %w", err)
	}
}
