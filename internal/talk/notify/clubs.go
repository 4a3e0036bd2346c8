package notify

import (
	"context"
	"strings"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/club"
)

// Clubs reads who answers the requests of a club; see package club.
type Clubs interface {
	Leaders(ctx context.Context, c club.ID) (name string, who []account.ID, err error)
}

const clubPrefix = "club:"

// clubSource is the source of news about a club, which detail tells from others.
func clubSource(c club.ID, detail string) string { return clubPrefix + string(c) + ":" + detail }

// clubOf returns the club that a source names; "" if it names none.
func clubOf(source string) club.ID {
	rest, ok := strings.CutPrefix(source, clubPrefix)
	if !ok {
		return ""
	}
	c, _, _ := strings.Cut(rest, ":")
	return club.ID(c)
}

// clubRequested notifies those who can answer a request; people apart from its author are not told.
func (s *Service) clubRequested(ctx context.Context, f club.Requested, r outbox.Record) error {
	name, leaders, err := s.cfg.Clubs.Leaders(ctx, f.Club)
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone
	}
	if err != nil || len(leaders) == 0 {
		return err
	}
	// Whoever asks, takes it back and asks again is news once a day.
	once := string(f.Account) + ":" + r.At.UTC().Format(time.DateOnly)
	all := make([]news, len(leaders))
	for i, who := range leaders {
		all[i] = news{Account: who, Kind: ClubRequest, About: f.Account, Source: clubSource(f.Club, once), Detail: name, At: r.At, Listed: true}
	}
	return s.notify(ctx, all...)
}

// clubAnswered notifies somebody of the answer to their request. Who has answered is not told.
func (s *Service) clubAnswered(ctx context.Context, f club.Answered, r outbox.Record) error {
	name, _, err := s.cfg.Clubs.Leaders(ctx, f.Club)
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone
	}
	if err != nil {
		return err
	}
	outcome := Declined
	if f.Accepted {
		outcome = Approved
	}
	return s.notify(ctx, news{Account: f.Account, Kind: ClubAnswer, Source: clubSource(f.Club, r.ID), Outcome: outcome, Detail: name, At: r.At, Listed: true})
}
