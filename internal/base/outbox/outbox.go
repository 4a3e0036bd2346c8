package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
)

// A Fact is something that became true. Its JSON form is what listeners get.
type Fact interface {
	Kind() string  // "room.member"
	Scope() string // whose sequence it belongs to: "room:<id>"
	Order() int64  // its number in that sequence; 0: it has none
}

// Record is a fact on its way to the listeners.
type Record struct {
	N     int64 // its number among all facts
	ID    string
	Kind  string
	Scope string
	Seq   int64
	Data  json.RawMessage
	At    time.Time
}

// Append writes facts into the outbox, in the transaction that makes them true.
func Append(ctx context.Context, tx *sql.Tx, now time.Time, facts ...Fact) error {
	for _, f := range facts {
		data, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("fact %s: %w", f.Kind(), err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO outbox (id, scope, seq, kind, data, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id.New(), f.Scope(), f.Order(), f.Kind(), string(data), now.UnixMilli()); err != nil {
			return fmt.Errorf("fact %s: %w", f.Kind(), err)
		}
	}
	return nil
}

// A Listener takes facts, one at a time, in order. An error means: this one again,
// later, and nothing after it before.
type Listener struct {
	Name string // of its cursor row; never changed, or it begins anew
	Take func(ctx context.Context, r Record) error
	// Patience is how long one fact may fail before it becomes a dead letter and the
	// next one is taken; 0 is DefaultPatience.
	Patience time.Duration
}

// DefaultPatience outlasts a restart of whatever a listener needs.
const DefaultPatience = 15 * time.Minute

var (
	// ErrGone is what Take returns, wrapped or not, if the fact is about somebody or
	// something that was deleted since: it is skipped.
	ErrGone = errors.New("outbox: what this fact is about was deleted")
	// ErrUnreadable is what Take returns if no retry can help: the fact becomes a dead
	// letter at once.
	ErrUnreadable = errors.New("outbox: this fact cannot be read")
)

// Read is the fact of a record whose Kind is F's. Its error is ErrUnreadable.
func Read[F any](r Record) (f F, err error) {
	if err := json.Unmarshal(r.Data, &f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return f, nil
}

// DeadLetters counts the dead letters of one listener.
type DeadLetters struct {
	Listener string
	N        int
	Error    string // what the last one died of
}

// Dead are the dead letters of the listeners that have any.
func Dead(ctx context.Context, q db.Querier) ([]DeadLetters, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (d DeadLetters, err error) {
		err = row.Scan(&d.Listener, &d.N, &d.Error)
		return d, err
	}, `SELECT l.listener, l.letters, d.error FROM (SELECT listener, COUNT(*) AS letters, MAX(n) AS last FROM outbox_dead_letters GROUP BY listener) l
		JOIN outbox_dead_letters d ON d.listener = l.listener AND d.n = l.last ORDER BY l.listener`)
}
