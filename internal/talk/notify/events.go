package notify

import (
	"context"
	"strconv"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
)

// Events reads who is told of an event; see package schedule.
type Events interface {
	Audience(ctx context.Context, n schedule.News, after account.ID, limit int) (schedule.Card, []account.ID, error)
}

const eventPrefix = "event:"

// eventSource is the source of some news about one date of an event. Of an invitation it does
// not name the date: somebody is asked once. The room of an event that is live stands behind.
func eventSource(n schedule.News) string {
	switch n.What {
	case schedule.Invites, schedule.Called:
		return eventPrefix + string(n.Event) + ":" + string(n.What)
	case schedule.Started:
		return eventPrefix + string(n.Event) + ":" + string(n.What) + ":" + string(n.Room)
	}
	return eventPrefix + string(n.Event) + ":" + string(n.What) + ":" + strconv.FormatInt(db.Millis(n.StartsAt), 10)
}

// eventOf returns the event that a source names, and the room in which it is live; "" if it
// names none.
func eventOf(source string) (e schedule.ID, r room.ID) {
	rest, ok := strings.CutPrefix(source, eventPrefix)
	if !ok {
		return "", ""
	}
	parts := strings.Split(rest, ":")
	if len(parts) == 3 && parts[1] == string(schedule.Started) {
		r = room.ID(parts[2])
	}
	return schedule.ID(parts[0]), r
}

// eventTTLs are the times for which a push of some news is worth sending, if that is not the
// TTL of the kind.
var eventTTLs = map[schedule.What]time.Duration{
	schedule.Soon: schedule.RemindSoon, schedule.Moved: 24 * time.Hour, schedule.Called: 24 * time.Hour, schedule.Invites: 3 * 24 * time.Hour,
}

// eventNews notifies the next people of some news about an event, after one of them. The rest
// is left to a fact of its own, as in live.
func (s *Service) eventNews(ctx context.Context, n schedule.News, after account.ID, at time.Time) error {
	card, told, err := s.cfg.Events.Audience(ctx, n, after, atOnce)
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone
	}
	if err != nil || len(told) == 0 {
		return err
	}
	all := make([]news, len(told))
	for i, who := range told {
		all[i] = news{Account: who, Kind: Event, About: card.Host, Source: eventSource(n), Outcome: Outcome(n.What), Detail: card.Title, At: at, Listed: true}
		if ttl := eventTTLs[n.What]; ttl != 0 {
			all[i].Expires = at.Add(ttl)
		}
	}
	if err := s.notify(ctx, all...); err != nil || len(told) < atOnce {
		return err
	}
	return s.goOn(ctx, at, EventContinued{News: n, After: told[len(told)-1]})
}
