package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"time"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/discovery"
	"heyy/internal/event"
	"heyy/internal/match"
	"heyy/internal/room"
)

// What Call needs of the others, in the words of each.

// proposals lets the queue propose calls.
type proposals struct{ calls *call.Service }

func (p proposals) Propose(ctx context.Context, tx *sql.Tx, two match.Proposal) (string, error) {
	id, err := p.calls.Propose(ctx, tx, call.Proposal{A: two.A, B: two.B, Shared: two.Shared})
	return string(id), err
}

func (p proposals) Decline(ctx context.Context, by account.ID, id string) error {
	_, err := p.calls.Decline(ctx, by, call.ID(id))
	return err
}

// pairs lets two hearts become a match.
type pairs struct{ *discovery.Service }

func (p pairs) Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	return p.MatchedIn(ctx, tx, a, b)
}

// elsewhere is where somebody may be with their voice besides a call.
type elsewhere func(ctx context.Context, who account.ID) error

func (e elsewhere) Leave(ctx context.Context, who account.ID) error { return e(ctx, who) }

// everyRoom is all that is heard at the media server: lounges and calls.
type everyRoom struct {
	rooms *room.Service
	calls *call.Service
}

func (e everyRoom) Admit(ctx context.Context, name, person, admission string) (bool, error) {
	if _, ok := call.Of(name); ok {
		return e.calls.Admit(ctx, name, person, admission)
	}
	return e.rooms.Admit(ctx, name, person, admission)
}

func (e everyRoom) Arrived(ctx context.Context, name, person, admission string) error {
	if _, ok := call.Of(name); ok {
		return e.calls.Arrived(ctx, name, person, admission)
	}
	return e.rooms.Arrived(ctx, name, person, admission)
}

func (e everyRoom) Departed(ctx context.Context, name, person, admission string, unseen time.Duration) error {
	if _, ok := call.Of(name); ok {
		return e.calls.Departed(ctx, name, person, admission, unseen)
	}
	return e.rooms.Departed(ctx, name, person, admission)
}

// onCalls is what follows from a call that is otherwise than before: the queue
// looks again, and a call that a block has ended, in a transaction of others,
// falls silent now and not with the next sweep.
func onCalls(calls *call.Service, queue *match.Service, log *slog.Logger) event.Listener {
	return func(ctx context.Context, r event.Record) error {
		if r.Kind != call.KindChanged {
			return nil
		}
		queue.Stir()
		var c call.Changed
		if err := json.Unmarshal(r.Data, &c); err != nil {
			return err
		}
		if c.State == call.Ended && c.Why == call.Blocked {
			go func() { // other facts do not wait for the media server
				if err := calls.Settle(ctx, c.Call); err != nil {
					log.Warn("call: not silenced at once; the sweep will", "call", c.Call, "err", err)
				}
			}()
		}
		return nil
	}
}
