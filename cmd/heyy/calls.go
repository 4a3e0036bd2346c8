package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"heyy/internal/base/outbox"
	"heyy/internal/media/reconcile"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// proposals implements matchmaking's proposals with calls.
type proposals struct{ calls *call.Service }

func (p proposals) Propose(ctx context.Context, tx *sql.Tx, two matchmaking.Proposal) (string, error) {
	id, err := p.calls.Propose(ctx, tx, call.Proposal{A: two.A, B: two.B, Shared: two.Shared})
	return string(id), err
}

func (p proposals) Decline(ctx context.Context, by account.ID, id string) error {
	_, err := p.calls.Decline(ctx, by, call.ID(id))
	return err
}

// pairs implements call's matches with discovery.
type pairs struct{ *discovery.Service }

func (p pairs) Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	return p.MatchedIn(ctx, tx, a, b)
}

// callRooms implements the rooms of package call.
type callRooms struct{ *room.Service }

func (r callRooms) Leave(ctx context.Context, who account.ID) error { return r.LeaveAll(ctx, who) }

// mediaRooms passes what the gate and the webhooks ask and report to package call or room,
// by the name of the media server's room.
type mediaRooms struct {
	rooms *room.Service
	calls *call.Service
}

func (e mediaRooms) Admit(ctx context.Context, name, person, joinID string) (reconcile.Grant, error) {
	if _, ok := call.FromRoom(name); ok {
		return e.calls.Admit(ctx, name, person, joinID)
	}
	return e.rooms.Admit(ctx, name, person, joinID)
}

func (e mediaRooms) ParticipantJoined(ctx context.Context, name, person, joinID string) error {
	if _, ok := call.FromRoom(name); ok {
		return e.calls.ParticipantJoined(ctx, name, person, joinID)
	}
	return e.rooms.ParticipantJoined(ctx, name, person, joinID)
}

func (e mediaRooms) TrackPublished(ctx context.Context, name, person string) error {
	if _, ok := call.FromRoom(name); ok {
		return e.calls.TrackPublished(ctx, name)
	}
	return e.rooms.TrackPublished(ctx, name, person)
}

func (e mediaRooms) ParticipantLeft(ctx context.Context, name, person, joinID string, unseen time.Duration) error {
	if _, ok := call.FromRoom(name); ok {
		return e.calls.ParticipantLeft(ctx, name, person, joinID, unseen)
	}
	return e.rooms.ParticipantLeft(ctx, name, person, joinID)
}

// backgroundTimeout bounds the work of inBackground.
const backgroundTimeout = time.Minute

// inBackground runs f after the calling listener has returned, so that other facts do not
// wait for the media server. A reconciler repeats what fails or times out.
func inBackground(ctx context.Context, f func(context.Context)) {
	go func() {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), backgroundTimeout)
		defer stop()
		f(ctx)
	}()
}

// onSignOut is the listener that ends the join of a session that ended, so that the room or
// call does not wait for a lost connection.
func onSignOut(rooms *room.Service, calls *call.Service, log *slog.Logger) outbox.Listener {
	return outbox.Listener{Name: "sign-outs", Take: func(ctx context.Context, r outbox.Record) error {
		if r.Kind != (account.SignedOut{}).Kind() {
			return nil
		}
		s, err := outbox.Read[account.SignedOut](r)
		if err != nil {
			return err
		}
		if err := rooms.EndPreviews(ctx, s.Account, true); err != nil {
			return err
		}
		if s.JoinID == "" {
			return nil
		}
		inBackground(ctx, func(ctx context.Context) {
			err := errors.Join(rooms.EndJoin(ctx, s.Account, s.JoinID), calls.EndJoin(ctx, s.Account, s.JoinID))
			if err != nil {
				log.Warn("signed out, but the join is not ended; the sweep ends it when the connection is lost", "person", s.Account, "err", err)
			}
		})
		return nil
	}}
}

// onCalls is the listener for changed calls: it notifies the queue, and syncs the media
// server at once for a call that a block has ended, instead of with the next sweep.
func onCalls(calls *call.Service, queue *matchmaking.Service, log *slog.Logger) outbox.Listener {
	return outbox.Listener{Name: "calls", Take: func(ctx context.Context, r outbox.Record) error {
		if r.Kind != call.KindChanged {
			return nil
		}
		queue.Notify()
		c, err := outbox.Read[call.Changed](r)
		if err != nil {
			return err
		}
		if c.EndReason == call.Blocked {
			inBackground(ctx, func(ctx context.Context) {
				if err := calls.SyncMedia(ctx, c.Call); err != nil {
					log.Warn("call: the media server is not synced; the reconciler repeats it", "call", c.Call, "err", err)
				}
			})
		}
		return nil
	}}
}
