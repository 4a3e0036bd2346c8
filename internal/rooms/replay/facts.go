package replay

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// What names a kind of News.
type What string

// News.
const (
	Drafted What = "drafted" // to its host and those whose voice is in it
	Opened  What = "opened"  // published: to those, and to who went to the event of its room
)

// News is the fact that there is something to tell of a replay.
type News struct {
	Replay room.ID `json:"replay"`
	What   What    `json:"what"`
}

// KindNews is the kind of the fact in the outbox.
const KindNews = "replay.news"

// Kind implements outbox.Fact.
func (News) Kind() string { return KindNews }

// Scope implements outbox.Fact.
func (f News) Scope() string { return "room:" + string(f.Replay) }

// Order implements outbox.Fact. It is 0: it has no place among the facts of the room.
func (News) Order() int64 { return 0 }

// Audience returns the replay of some news, without its speakers, and the next people to tell
// after one of them, in the order of their ids; none if the news are none any more. Fault:
// ErrNotFound.
func (s *Service) Audience(ctx context.Context, n News, after account.ID, limit int) (r Replay, _ []account.ID, err error) {
	defer fault.Wrap(&err, "read who is told of the replay %s", n.Replay)
	r, err = scan(s.db.QueryRowContext(ctx, `SELECT `+columns+` FROM replays r WHERE r.id = $2`, "", n.Replay))
	switch {
	case db.IsNone(err):
		return r, nil, ErrNotFound
	case err != nil:
		return r, nil, err
	case n.What == Drafted && r.State != Draft, n.What == Opened && r.State != Published:
		return r, nil, nil
	}
	told, err := db.Select(ctx, s.db, scanAccount, `SELECT W.who FROM (
			SELECT account_id AS who FROM replay_parts WHERE replay_id = $1
			UNION SELECT host_id FROM replays WHERE id = $1 AND $2
			UNION SELECT g.account_id FROM event_goers g JOIN events v ON v.id = g.event_id WHERE v.last_room_id = $1 AND NOT $2
		) W JOIN replays r ON r.id = $1 WHERE W.who > $3 AND (W.who <> r.host_id OR $2) AND `+exists("W.who")+` ORDER BY W.who LIMIT $4`,
		n.Replay, n.What == Drafted, after, limit)
	return r, told, err
}
