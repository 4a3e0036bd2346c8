package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Notify wakes everybody who listens to channel, on every node that shares the
// database: by NOTIFY on PostgreSQL, within this process on SQLite, which nobody
// shares. Call it after the commit, not in the transaction: PostgreSQL lets all
// transactions that notify wait for each other at their commit.
func (d *DB) Notify(ctx context.Context, channel string) error {
	if d.Engine == SQLite {
		d.wakes.call(channel)
		return nil
	}
	_, err := d.ExecContext(ctx, `SELECT pg_notify($1, '')`, channel)
	return err
}

// pingEvery is how often a quiet connection is asked whether it still stands.
const pingEvery = 30 * time.Second

// Listen calls wake after each Notify on channel until ctx ends; several in a row
// may be one call. It returns an error when the connection is lost: then call it
// again. It also calls wake as soon as it listens, because of what was sent before.
// A wake-up can be lost with a connection, so whoever must not miss anything also
// looks by themselves now and then.
func (d *DB) Listen(ctx context.Context, channel string, wake func()) error {
	if d.Engine == SQLite {
		defer d.wakes.add(channel, wake)()
		wake()
		<-ctx.Done()
		return nil
	}
	err := d.listenPostgres(ctx, channel, wake)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // whatever it is, it comes from the end of ctx
	}
	return err
}

// listenPostgres has a connection of its own: one of the pool would be lent for ever.
func (d *DB) listenPostgres(ctx context.Context, channel string, wake func()) error {
	c, err := pgx.Connect(ctx, d.source)
	if err != nil {
		return fmt.Errorf("listen to %s: %w", channel, err)
	}
	defer func() {
		bye, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		_ = c.Close(bye) // nothing is lost with it
	}()
	if _, err := c.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen to %s: %w", channel, err)
	}
	for {
		wake()
		for quiet := true; quiet; {
			within, stop := context.WithTimeout(ctx, pingEvery)
			_, err := c.WaitForNotification(within)
			stop()
			switch {
			case err == nil:
				quiet = false
			case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
				if err := c.Ping(ctx); err != nil {
					return fmt.Errorf("listen to %s: %w", channel, err)
				}
			default:
				return fmt.Errorf("listen to %s: %w", channel, err)
			}
		}
	}
}

// wakes are the listeners within this process, by channel.
type wakes struct {
	mu   sync.Mutex
	next int
	all  map[string]map[int]func()
}

func (w *wakes) add(channel string, wake func()) (remove func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next++
	id := w.next
	if w.all == nil {
		w.all = map[string]map[int]func(){}
	}
	if w.all[channel] == nil {
		w.all[channel] = map[int]func(){}
	}
	w.all[channel][id] = wake
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all[channel], id)
	}
}

func (w *wakes) call(channel string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, wake := range w.all[channel] {
		wake()
	}
}
