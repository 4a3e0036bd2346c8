package main

import (
	"context"
	"log/slog"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/job"
	"heyy/internal/lab/doctor"
	"heyy/internal/meet/call"
	"heyy/internal/rooms/lobby"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
)

// worker runs the background jobs, on one node at a time of those that share a database.
type worker struct {
	*app
	data          string // folder
	rooms         *room.Service
	lobby         *lobby.Service
	events        *schedule.Service
	replays       *replay.Service
	recorder      *replay.Recorder
	calls         *call.Service
	notifications *notify.Service
	here          *presence.Service
	node          string
	log           *slog.Logger
}

// TTL of the worker's lease: how long after a crash another node takes over. SQLite is not
// shared, and a renewal there may wait long for another writer.
const (
	workerLease       = 5 * time.Second
	workerLeaseSQLite = time.Minute
)

// Run runs the jobs until ctx ends.
func (w *worker) Run(ctx context.Context) error {
	ttl := workerLease
	if w.db.Engine == db.SQLite {
		ttl = workerLeaseSQLite
	}
	return (&job.Runner{DB: w.db, Lease: "worker", Node: w.node, TTL: ttl, Log: w.log, Jobs: w.jobs()}).Run(ctx)
}

func (w *worker) jobs() []job.Job {
	at := func(sweep func(context.Context, time.Time) error) func(context.Context) error {
		return func(ctx context.Context) error { return sweep(ctx, time.Now()) }
	}
	return []job.Job{
		{Name: "rooms due", Every: time.Second, Do: w.rooms.Sweep},
		{Name: "rooms and audio", Every: 5 * time.Second, Do: w.rooms.Reconcile},
		{Name: "ended rooms", Every: time.Minute, Do: w.rooms.DeleteEnded},
		{Name: "words of rooms", Every: 10 * time.Minute, Do: at(w.lobby.CatchUp)},
		{Name: "calls due", Every: time.Second, Do: w.calls.Sweep},
		{Name: "happy hours", Every: 5 * time.Second, Do: at(w.calls.AnnounceHappyHours)},
		{Name: "calls and audio", Every: 5 * time.Second, Do: w.calls.Reconcile},
		{Name: "sign-ins run out", Every: time.Minute, Do: at(w.accounts.Sweep)},
		{Name: "regions", Every: time.Minute, Do: at(w.regions.Sweep)},
		{Name: "alerts", Every: time.Minute, Do: at(w.people.SendAlerts)},
		{Name: "unreferenced blobs", Every: time.Minute, Do: at(w.blobRefs.Sweep)},
		{Name: "mutual likes", Every: time.Minute, Do: at(w.people.MatchMutual)},
		{Name: "voice messages", Every: 10 * time.Minute, Do: at(w.messages.Sweep)},
		{Name: "read marks", Every: 5 * time.Minute, Do: at(w.messages.SweepReadMarks)},
		{Name: "chat requests", Every: time.Hour, Do: at(w.messages.SweepRequests)},
		{Name: "moments", Every: 5 * time.Minute, Do: at(w.moments.Sweep)},
		{Name: "offers of cards", Every: time.Minute, Do: at(w.cards.Sweep)},
		{Name: "clubs", Every: time.Minute, Do: at(w.clubs.Sweep)},
		{Name: "events", Every: 5 * time.Second, Do: at(w.events.Sweep)},
		{Name: "recordings", Every: time.Second, Do: w.recorder.Tick},
		{Name: "replays", Every: time.Minute, Do: at(w.replays.Sweep)},
		{Name: "choices", Every: time.Hour, Do: at(w.people.Sweep)},
		{Name: "clip plays", Every: time.Hour, Do: at(w.profiles.Sweep)},
		{Name: "notifications", Every: time.Minute, Do: at(w.notifications.Sweep)},
		{Name: "presence", Every: 10 * time.Second, Do: at(w.here.Sweep)},
		{Name: "changes in the search index", Every: 5 * time.Second, Do: at(w.search.CatchUpLate)},
		{Name: "search index", Every: 10 * time.Minute, Do: at(w.search.CatchUpAll)},
		{Name: "search index of ended chats", Every: time.Minute, Do: at(w.search.Sweep)},
		{Name: "verifications", Every: time.Minute, Do: at(w.verify.Sweep)},
		{Name: "disk", Every: 10 * time.Minute, Do: w.disk},
		{Name: "old replies", Every: 10 * time.Minute, Do: at(func(ctx context.Context, now time.Time) error {
			return w.db.ForgetReplies(ctx, now.Add(-24*time.Hour))
		})},
	}
}

// disk warns when the disk of the data folder is nearly full, before writes fail.
func (w *worker) disk(context.Context) error {
	if free, known := doctor.FreeSpace(w.data); known && free < doctor.LittleRoom {
		w.log.Warn("the disk of the data folder is nearly full", "megabytes", free>>20)
	}
	return nil
}
