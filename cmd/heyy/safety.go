package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/meet/call"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/moment"
)

// places resolves the places at which a person can be reported: each function returns what
// the reporter could hear or see there, or that they could not.
func places(a *app, calls *call.Service, rooms *room.Service) map[string]safety.PlaceResolver {
	return map[string]safety.PlaceResolver{
		"call": func(ctx context.Context, by, other account.ID, id string) (string, bool, error) {
			c, err := calls.Get(ctx, by, call.ID(id))
			if fault.KindOf(err) == fault.NotFound {
				return "", false, nil
			}
			return "", err == nil && c.Other.Account == other, err
		},
		"room": func(ctx context.Context, by, other account.ID, id string) (string, bool, error) {
			return rooms.SharedRoom(ctx, by, other, room.ID(id))
		},
		"clip": func(ctx context.Context, _, other account.ID, id string) (string, bool, error) {
			all, err := a.profiles.Clips(ctx, other)
			i := slices.IndexFunc(all[other], func(c profile.Clip) bool { return c.ID == id })
			if err != nil || i < 0 {
				return "", false, err
			}
			return all[other][i].Prompt, true, nil
		},
		"moment": func(ctx context.Context, by, other account.ID, id string) (string, bool, error) {
			m, err := a.moments.Get(ctx, by, moment.ID(id))
			if fault.KindOf(err) == fault.NotFound {
				return "", false, nil
			}
			return m.Text, err == nil && m.Author == other, err
		},
		"photo": func(ctx context.Context, by, other account.ID, id string) (string, bool, error) {
			shown, err := a.photos.Between(ctx, by, other)
			return "", slices.ContainsFunc(shown[other].Photos, func(p photo.Photo) bool { return string(p.ID) == id }), err
		},
	}
}

// onRooms is the listener that syncs the media server for members who left a room because
// of an exclusion, and ends previews of rooms that it has closed to somebody.
func onRooms(rooms *room.Service, log *slog.Logger) outbox.Listener {
	return outbox.Listener{Name: "rooms", Take: func(ctx context.Context, r outbox.Record) error {
		if r.Kind == safety.KindExclusionChanged {
			e, err := outbox.Read[safety.ExclusionChanged](r)
			if err != nil {
				return err
			}
			if err := errors.Join(rooms.EndPreviews(ctx, e.A, false), rooms.EndPreviews(ctx, e.B, false)); err != nil {
				log.Warn("room: previews of a room that is closed to somebody now go on until their end", "err", err)
			}
			return nil
		}
		if r.Kind == follow.KindChanged {
			c, err := outbox.Read[follow.Changed](r)
			if err == nil && !c.Follows {
				err = rooms.EndPreviews(ctx, c.By, false)
			}
			return err
		}
		if r.Kind != room.KindChanged {
			return nil
		}
		c, err := outbox.Read[room.Changed](r)
		if err != nil || c.Cause != room.Excluded {
			return err
		}
		inBackground(ctx, func(ctx context.Context) {
			if err := rooms.SyncMedia(ctx, c.Room, c.Member.Account); err != nil {
				log.Warn("room: the media server is not synced; the reconciler repeats it", "room", c.Room, "err", err)
			}
		})
		return nil
	}}
}

// onReports is the listener that logs new reports, for the operator.
func onReports(log *slog.Logger) outbox.Listener {
	return outbox.Listener{Name: "reports", Take: func(_ context.Context, r outbox.Record) error {
		if r.Kind != safety.KindReported {
			return nil
		}
		f, err := outbox.Read[safety.Reported](r)
		if err != nil {
			return err
		}
		log.Warn("a report is waiting for an operator: heyy admin reports show "+f.Report, "reason", f.Reason, "place", f.Place)
		return nil
	}}
}

// countReports registers the metric of open reports.
func countReports(ctx context.Context, s *safety.Service, log *slog.Logger) error {
	return prometheus.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "heyy_reports_open", Help: "Reports of people that wait for an operator's decision.",
	}, func() float64 {
		n, err := s.CountOpen(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("metrics: reports", "err", err)
		}
		return float64(n)
	}))
}
