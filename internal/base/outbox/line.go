package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"heyy/internal/base/db"
)

// cursor is how far a listener is.
type cursor struct {
	n     int64 // the last fact it has taken
	tries int   // of the next one
	since int64 // Unix milliseconds at which the next one failed first; 0: it did not
}

// line is one listener with its cursor, which only its own goroutine moves.
type line struct {
	Listener
	relay *Relay
	wake  chan struct{}
	retry time.Time // not before, if the next fact fails

	mu    sync.Mutex // others read them
	at    cursor
	saved cursor // as in the row
}

const (
	batch       = 200
	firstRetry  = 100 * time.Millisecond
	slowRetry   = time.Minute
	takeTime    = 30 * time.Second // for one fact
	errorLength = 2000             // of what a dead letter says, in bytes
)

// load reads the cursors. A listener that has none begins with the facts that have
// no number yet: what was told before it existed is not for it.
func (r *Relay) load(ctx context.Context) error {
	at := make([]cursor, len(r.lines))
	var head int64
	err := r.db.Tx(ctx, func(tx *sql.Tx) error {
		for i, l := range r.lines {
			if _, err := tx.ExecContext(ctx, `INSERT INTO outbox_cursors (listener, n, tries, failing_since)
				SELECT $1, n, 0, 0 FROM outbox_head WHERE TRUE ON CONFLICT (listener) DO NOTHING`, l.Name); err != nil {
				return err
			}
			if err := tx.QueryRowContext(ctx, `SELECT n, tries, failing_since FROM outbox_cursors WHERE listener = $1`, l.Name).
				Scan(&at[i].n, &at[i].tries, &at[i].since); err != nil {
				return err
			}
		}
		return tx.QueryRowContext(ctx, `SELECT n FROM outbox_head`).Scan(&head)
	})
	if err != nil {
		return err
	}
	r.head.Store(head)
	for i, l := range r.lines {
		l.mu.Lock()
		l.at, l.saved = at[i], at[i]
		l.mu.Unlock()
		l.retry = time.Time{}
	}
	return nil
}

// save writes the cursors that have moved. It is not done for each fact: what is
// not written yet is told again after a crash.
func (r *Relay) save(ctx context.Context) error {
	moved := map[*line]cursor{}
	for _, l := range r.lines {
		l.mu.Lock()
		if l.at != l.saved {
			moved[l] = l.at
		}
		l.mu.Unlock()
	}
	if len(moved) == 0 {
		return nil
	}
	err := r.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, l := range r.lines { // always in one order, or two nodes could lock each other out
			if to, ok := moved[l]; ok {
				if err := move(ctx, tx, l.Name, to); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write cursors: %w", err)
	}
	for l, to := range moved {
		l.keep(to)
	}
	return nil
}

// move writes a cursor, never backwards: a node that lost the lease and has not
// noticed must not take back what its successor did.
func move(ctx context.Context, tx *sql.Tx, listener string, to cursor) error {
	_, err := tx.ExecContext(ctx, `UPDATE outbox_cursors SET n = $1, tries = $2, failing_since = $3 WHERE listener = $4 AND n <= $1`,
		to.n, to.tries, to.since, listener)
	return err
}

// keep notes that the row says to.
func (l *line) keep(to cursor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.saved.n <= to.n {
		l.saved = to
	}
}

// kept is how far the listener is according to its row.
func (l *line) kept() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.saved.n
}

// taken is how far the listener is.
func (l *line) taken() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at.n
}

func (l *line) set(to cursor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = to
}

// run hands facts to the listener until ctx ends.
func (l *line) run(ctx context.Context) {
	for {
		wait, err := l.hand(ctx)
		if err != nil && ctx.Err() == nil {
			l.relay.log.Warn("relay: will try again", "listener", l.Name, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-time.After(wait):
		}
	}
}

// hand gives the listener what there is for it, up to a fact that fails, and says
// how long to wait unless woken.
func (l *line) hand(ctx context.Context) (wait time.Duration, err error) {
	for {
		if left := l.retry.Sub(l.relay.now()); left > 0 && left <= slowRetry { // more, if the clock was set back
			return min(left, idle), nil
		}
		records, err := db.Select(ctx, l.relay.db, scanRecord,
			`SELECT n, id, scope, seq, kind, data, created_at FROM outbox WHERE n > $1 ORDER BY n LIMIT $2`, l.at.n, batch)
		if err != nil {
			return idle, err
		}
		for _, rec := range records {
			if ctx.Err() != nil {
				return idle, nil
			}
			err := l.take(ctx, rec)
			switch {
			case err == nil, errors.Is(err, ErrGone):
				l.set(cursor{n: rec.N})
				l.retry = time.Time{}
			case ctx.Err() != nil:
				return idle, nil
			default:
				if on, err := l.failed(ctx, rec, err); err != nil || !on {
					return min(l.retry.Sub(l.relay.now()), idle), err
				}
			}
		}
		if len(records) < batch {
			return idle, nil
		}
	}
}

// take hands over one fact. A listener that panics has failed.
func (l *line) take(ctx context.Context, rec Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, stop := context.WithTimeout(ctx, takeTime)
	defer stop()
	return l.Take(ctx, rec)
}

// failed notes that a fact was not taken, and decides whether to go on without it.
func (l *line) failed(ctx context.Context, rec Record, cause error) (goOn bool, err error) {
	now := l.relay.now()
	at := l.at
	if at.tries++; at.since == 0 {
		at.since = db.Millis(now)
	}
	l.set(at)
	left := time.UnixMilli(at.since).Add(l.Patience).Sub(now)
	if left > 0 && !errors.Is(cause, ErrUnreadable) {
		// Doubled each time; the last try is when patience is over.
		l.retry = now.Add(min(firstRetry<<min(at.tries-1, 20), slowRetry, left))
		l.relay.log.Warn("relay: a fact was not taken; will try again", "listener", l.Name, "kind", rec.Kind, "scope", rec.Scope, "n", rec.N, "tries", at.tries, "err", cause)
		return false, nil
	}
	l.retry = now.Add(idle) // if this fails
	if err := l.bury(ctx, rec, at.tries, cause); err != nil {
		return false, fmt.Errorf("dead letter: %w", err)
	}
	l.set(cursor{n: rec.N})
	l.keep(cursor{n: rec.N})
	l.retry = time.Time{}
	l.relay.dead.WithLabelValues(l.Name).Inc()
	l.relay.log.Error("relay: a fact is now a dead letter", "listener", l.Name, "kind", rec.Kind, "scope", rec.Scope, "n", rec.N, "tries", at.tries, "err", cause)
	return true, nil
}

// bury writes a dead letter and moves the cursor past it, both or neither.
func (l *line) bury(ctx context.Context, rec Record, tries int, cause error) error {
	says := cause.Error()
	says = strings.ToValidUTF8(strings.ReplaceAll(says[:min(len(says), errorLength)], "\x00", ""), "") // PostgreSQL takes no other
	return l.relay.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO outbox_dead_letters (listener, n, scope, seq, kind, data, error, tries, created_at, died_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (listener, n) DO NOTHING`,
			l.Name, rec.N, rec.Scope, rec.Seq, rec.Kind, string(rec.Data), says, tries, db.Millis(rec.At), db.Millis(l.relay.now())); err != nil {
			return err
		}
		return move(ctx, tx, l.Name, cursor{n: rec.N})
	})
}

func scanRecord(row interface{ Scan(...any) error }) (rec Record, err error) {
	var data string
	var at int64
	err = row.Scan(&rec.N, &rec.ID, &rec.Scope, &rec.Seq, &rec.Kind, &data, &at)
	rec.Data, rec.At = json.RawMessage(data), time.UnixMilli(at)
	return rec, err
}
