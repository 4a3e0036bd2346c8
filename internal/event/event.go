package event

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"heyy/internal/db"
	"heyy/internal/id"
)

// A Fact is something that became true. Its JSON form is what listeners get.
type Fact interface {
	Kind() string  // "room.member"
	Scope() string // whose sequence it belongs to: "room:<id>"
	Order() int64  // its number in that sequence
}

// Record is a fact on its way to the listeners.
type Record struct {
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

// A Listener takes one fact. An error means: again, later, and nothing after it
// before.
type Listener func(ctx context.Context, r Record) error

// Relay hands committed facts to listeners, one node at a time.
type Relay struct {
	db     *db.DB
	log    *slog.Logger
	node   string
	listen []Listener
	wake   chan struct{}
}

// NewRelay makes a relay; node names this process among those that share the
// database.
func NewRelay(d *db.DB, log *slog.Logger, node string, listen ...Listener) *Relay {
	return &Relay{db: d, log: log, node: node, listen: listen, wake: make(chan struct{}, 1)}
}

// Wake says that something was committed. It never blocks.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

const (
	batch     = 200
	leaseTime = 10 * time.Second
	idle      = time.Second // looks by itself, for facts of other nodes
)

// Run relays until ctx ends.
func (r *Relay) Run(ctx context.Context) error {
	tick := time.NewTicker(idle)
	defer tick.Stop()
	var held time.Time // the lease is ours until then
	defer func() {
		c, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		if err := r.db.Release(c, "relay", r.node); err != nil {
			r.log.Warn("relay: lease not released", "err", err)
		}
	}()
	for {
		if now := time.Now(); held.Sub(now) < leaseTime/2 {
			_, ok, err := r.db.Lease(ctx, "relay", r.node, now, leaseTime)
			switch {
			case err != nil && ctx.Err() == nil:
				r.log.Warn("relay: lease", "err", err)
			case ok:
				held = now.Add(leaseTime)
			}
		}
		if time.Now().Before(held) {
			if err := r.drain(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn("relay: will try again", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-tick.C:
		}
	}
}

func (r *Relay) drain(ctx context.Context) error {
	for {
		records, err := db.Select(ctx, r.db, scanRecord,
			`SELECT id, scope, seq, kind, data, created_at FROM outbox ORDER BY id LIMIT $1`, batch)
		if err != nil || len(records) == 0 {
			return err
		}
		told := make([]any, 0, len(records))
		var failed error
	hand:
		for _, rec := range records {
			for _, l := range r.listen {
				if failed = l(ctx, rec); failed != nil {
					failed = fmt.Errorf("%s %s: %w", rec.Kind, rec.Scope, failed)
					break hand
				}
			}
			told = append(told, rec.ID)
		}
		if len(told) > 0 {
			if err := r.db.Tx(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE id IN (`+db.Marks(1, len(told))+`)`, told...)
				return err
			}); err != nil {
				return err
			}
		}
		if failed != nil || len(records) < batch {
			return failed
		}
	}
}

func scanRecord(row interface{ Scan(...any) error }) (rec Record, err error) {
	var data string
	var at int64
	err = row.Scan(&rec.ID, &rec.Scope, &rec.Seq, &rec.Kind, &data, &at)
	rec.Data, rec.At = json.RawMessage(data), time.UnixMilli(at)
	return rec, err
}
