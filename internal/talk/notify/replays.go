package notify

import (
	"context"
	"strings"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
)

// Replays reads who is told of a replay; see package replay.
type Replays interface {
	Audience(ctx context.Context, n replay.News, after account.ID, limit int) (replay.Replay, []account.ID, error)
}

const replayPrefix = "replay:"

// replayOf returns the replay that a source names; "" if it names none.
func replayOf(source string) room.ID {
	rest, ok := strings.CutPrefix(source, replayPrefix)
	if !ok {
		return ""
	}
	r, _, _ := strings.Cut(rest, ":")
	return room.ID(r)
}

// replayNews notifies the next people of some news about a replay, after one of them. The rest is
// left to a fact of its own, as in live.
func (s *Service) replayNews(ctx context.Context, n replay.News, after account.ID, at time.Time) error {
	r, told, err := s.cfg.Replays.Audience(ctx, n, after, atOnce)
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone
	}
	if err != nil || len(told) == 0 {
		return err
	}
	all := make([]news, len(told))
	for i, who := range told {
		all[i] = news{Account: who, Kind: Replay, About: r.Host, Source: replayPrefix + string(r.ID) + ":" + string(n.What), Outcome: Opened, Detail: r.Title, At: at, Listed: true}
		switch {
		case n.What == replay.Drafted && who == r.Host:
			all[i].Outcome = Ready
		case n.What == replay.Drafted:
			all[i].Outcome = Kept
		}
	}
	if err := s.notify(ctx, all...); err != nil || len(told) < atOnce {
		return err
	}
	return s.goOn(ctx, at, ReplayContinued{News: n, After: told[len(told)-1]})
}
