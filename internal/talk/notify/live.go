package notify

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// liveGap is how often somebody is notified at most that one person is live: whoever opens
// room after room is news once.
const liveGap = 6 * time.Hour

func liveSource(r room.ID) string { return string(FollowedLive) + ":" + string(r) }

// liveRoom returns the room that a source names; "" if it names none.
func liveRoom(source string) room.ID {
	r, ok := strings.CutPrefix(source, liveSource(""))
	if !ok {
		return ""
	}
	return room.ID(r)
}

// live notifies the next followers of a room's host, after one of them, that it is open, if
// lists tell them of it. The rest is left to a fact of its own: somebody may have a hundred
// thousand followers, and a ring does not wait for all of them.
func (s *Service) live(ctx context.Context, r room.ID, after account.ID, at time.Time) error {
	card, open, _, err := s.cfg.Rooms.Card(ctx, r)
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone
	}
	if err != nil || !open {
		return err
	}
	followers, err := s.cfg.Follows.FollowersOf(ctx, s.db, card.Host, after, atOnce)
	if err != nil || len(followers) == 0 {
		return err
	}
	audience, err := s.cfg.Rooms.Audience(ctx, card, followers)
	if err != nil {
		return err
	}
	told, err := s.toldLive(ctx, card.Host, followers, at)
	if err != nil {
		return err
	}
	var all []news
	for _, who := range followers {
		if audience.Has(who) && !slices.Contains(told, who) {
			all = append(all, news{Account: who, Kind: FollowedLive, About: card.Host, Source: liveSource(r), Detail: card.Title, At: at, Listed: true})
		}
	}
	if len(all) > 0 {
		if err := s.notify(ctx, all...); err != nil {
			return err
		}
	}
	if len(followers) < atOnce {
		return nil
	}
	return s.goOn(ctx, at, LiveContinued{Room: r, After: followers[len(followers)-1]})
}

// goOn leaves the next of many people to a fact of its own, behind those that came meanwhile.
func (s *Service) goOn(ctx context.Context, at time.Time, rest outbox.Fact) error {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error { return outbox.Append(ctx, tx, at, rest) })
	if err == nil {
		s.cfg.Wake()
	}
	return err
}

// toldLive returns those of some people who were notified within liveGap that host is live, or
// that an event of the host is.
func (s *Service) toldLive(ctx context.Context, host account.ID, some []account.ID, at time.Time) ([]account.ID, error) {
	args := []any{string(host), string(FollowedLive), string(Event), string(Started), db.Millis(at.Add(-liveGap))}
	for _, who := range some {
		args = append(args, string(who))
	}
	return db.Select(ctx, s.db, scanAccount, `SELECT account_id FROM notifications WHERE about_id = $1 AND (kind = $2 OR kind = $3 AND outcome = $4) AND at > $5
		AND account_id IN (`+db.Placeholders(6, len(some))+`)`, args...)
}

// openRoom returns a room as who sees it; ok is false if it has ended, or does not exist for them.
func (s *Service) openRoom(ctx context.Context, who account.ID, r room.ID) (now room.Room, ok bool, err error) {
	now, err = s.cfg.Rooms.Get(ctx, who, r)
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Forbidden { // it is closed to them, or they were removed
		return now, false, nil
	}
	return now, err == nil && now.EndedAt.IsZero(), err
}

// stillLive reports whether a room is open, and lists tell who of it.
func (s *Service) stillLive(ctx context.Context, who account.ID, r room.ID) (bool, error) {
	now, ok, err := s.openRoom(ctx, who, r)
	if err != nil || !ok {
		return false, err
	}
	told, err := s.cfg.Rooms.Audience(ctx, now, []account.ID{who})
	return told.Has(who), err
}
