package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"heyy/internal/base/config"
	"heyy/internal/meet/call"
)

// hoursCommand schedules happy hours.
type hoursCommand struct {
	Add    addHour    `cmd:"" help:"Plan a happy hour. Members see a countdown and can say they'll come."`
	List   listHours  `cmd:"" help:"Print current and future happy hours, one JSON object per line."`
	Cancel cancelHour `cmd:"" help:"Cancel a happy hour."`
}

type addHour struct {
	Config config.Config `embed:""`
	Title  string        `arg:"" help:"Title."`
	Start  time.Time     `required:"" help:"Start time, such as 2026-12-01T20:00:00Z."`
	For    time.Duration `default:"1h" help:"Duration, at most twelve hours."`
}

func (a *addHour) Run(ctx context.Context, to std) error {
	return withCalls(ctx, a.Config, to, func(calls *call.Service) error {
		h, err := calls.Schedule(ctx, a.Title, a.Start, a.Start.Add(a.For))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(to.out, h.ID)
		return err
	})
}

type listHours struct {
	Config config.Config `embed:""`
}

func (l *listHours) Run(ctx context.Context, to std) error {
	return withCalls(ctx, l.Config, to, func(calls *call.Service) error {
		all, err := calls.HappyHours(ctx, "")
		if err != nil {
			return err
		}
		lines := json.NewEncoder(to.out)
		for _, h := range all {
			if err := lines.Encode(map[string]any{"id": h.ID, "title": h.Title, "starts_at": h.StartsAt.UTC(), "ends_at": h.EndsAt.UTC(), "coming": h.Attendees}); err != nil {
				return err
			}
		}
		return nil
	})
}

type cancelHour struct {
	Config config.Config `embed:""`
	ID     string        `arg:"" help:"ID, as printed by add and list."`
}

func (c *cancelHour) Run(ctx context.Context, to std) error {
	return withCalls(ctx, c.Config, to, func(calls *call.Service) error { return calls.Unschedule(ctx, c.ID) })
}

// withCalls opens the call service for a command that does not touch audio.
func withCalls(ctx context.Context, c config.Config, to std, do func(*call.Service) error) error {
	a, err := openQuiet(ctx, c, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	return do(call.New(a.db, nil, call.Config{}))
}
