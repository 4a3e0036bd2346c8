package main

import (
	"context"
	"log/slog"
	"time"

	"heyy/internal/call"
	"heyy/internal/room"
)

// worker does the timed work, on one node of those that share the database.
type worker struct {
	*house
	rooms *room.Service
	calls *call.Service
	node  string
	log   *slog.Logger
}

const (
	workEvery = time.Second
	workLease = 5 * time.Second
)

// Run works until ctx ends.
func (w *worker) Run(ctx context.Context) error {
	jobs := []*job{
		{name: "rooms due", every: workEvery, do: w.rooms.Sweep},
		{name: "rooms and audio", every: 5 * time.Second, do: w.rooms.Reconcile},
		{name: "calls due", every: workEvery, do: w.calls.Sweep},
		{name: "calls and audio", every: 5 * time.Second, do: w.calls.Reconcile},
		{name: "sign-ins run out", every: time.Minute, do: func(ctx context.Context) error { return w.accounts.Sweep(ctx, time.Now()) }},
		{name: "regions", every: time.Minute, do: func(ctx context.Context) error { return w.regions.Sweep(ctx, time.Now()) }},
		{name: "bells", every: time.Minute, do: func(ctx context.Context) error { return w.people.RingBells(ctx, time.Now()) }},
		{name: "loose blobs", every: time.Minute, do: func(ctx context.Context) error { return w.shelf.Sweep(ctx, time.Now()) }},
		{name: "choices", every: time.Hour, do: func(ctx context.Context) error { return w.people.Sweep(ctx, time.Now()) }},
		{name: "hearings", every: time.Hour, do: func(ctx context.Context) error { return w.profiles.Sweep(ctx, time.Now()) }},
		{name: "verifications", every: time.Hour, do: func(ctx context.Context) error { return w.verify.Sweep(ctx, time.Now()) }},
		{name: "old replies", every: 10 * time.Minute, do: func(ctx context.Context) error {
			return w.db.ForgetReplies(ctx, time.Now().Add(-24*time.Hour))
		}},
	}
	tick := time.NewTicker(workEvery)
	defer tick.Stop()
	var until time.Time // the lease is ours so long
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		if until.Sub(now) < workLease/2 {
			_, held, err := w.db.Lease(ctx, "worker", w.node, now, workLease)
			if err != nil && ctx.Err() == nil {
				w.log.Warn("worker: lease", "err", err)
			}
			if !held {
				continue
			}
			until = now.Add(workLease)
		}
		for _, j := range jobs {
			if now.Before(j.next) {
				continue
			}
			j.next = now.Add(j.every)
			if err := j.do(ctx); err != nil && ctx.Err() == nil {
				w.log.Warn("worker: will try again", "job", j.name, "err", err)
			}
		}
	}
}

type job struct {
	name  string
	every time.Duration
	next  time.Time
	do    func(context.Context) error
}
