package schedule

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
)

// inClub is the SQL condition that event r is one of club c: its host belongs to it.
const inClub = `c.id = r.club_id AND c.closed_at IS NULL AND EXISTS (SELECT 1 FROM club_members h WHERE h.club_id = c.id AND h.account_id = r.host_id AND h.role <> 'follower')`

// columns of event r, as the viewer of $1 sees it.
var columns = `r.id, r.host_id, (SELECT c.id FROM clubs c WHERE ` + inClub + `), (SELECT CASE WHEN c.entry = 'invite' THEN '' ELSE c.name END FROM clubs c WHERE ` + inClub + `),
	r.title, r.about, r.category, r.shape, r.language, r.access, r.zone, r.wall, r.starts_at, r.minutes, r.weekly, r.recorded, r.state, r.room_id,
	` + replay.Visible("$1") + `, r.sequence, r.moves, r.reminded, r.missed, r.updated_at,
	(SELECT COUNT(*) FROM event_goers g WHERE g.event_id = r.id),
	EXISTS (SELECT 1 FROM event_goers g WHERE g.event_id = r.id AND g.account_id = $1),
	(SELECT p.part FROM event_people p WHERE p.event_id = r.id AND p.account_id = $1),
	(SELECT p.answer FROM event_people p WHERE p.event_id = r.id AND p.account_id = $1)`

func scanEvent(row interface{ Scan(...any) error }) (e Event, err error) {
	var host, club, clubName, in, recorded, part, answer sql.NullString
	var at, updated int64
	err = row.Scan(&e.ID, &host, &club, &clubName, &e.Title, &e.About, &e.Category, &e.Shape, &e.Language, &e.Access, &e.Zone, &e.wall, &at, &e.Minutes, &e.Weekly,
		&e.Recorded, &e.State, &in, &recorded, &e.Sequence, &e.moves, &e.reminded, &e.missed, &updated, &e.Goers, &e.Going, &part, &answer)
	e.Host, e.Club, e.ClubName = account.ID(host.String), room.ClubID(club.String), clubName.String
	e.StartsAt, e.UpdatedAt = time.UnixMilli(at), time.UnixMilli(updated)
	e.Part, e.Answer = Part(part.String), Answer(answer.String)
	e.Replay = room.ID(recorded.String)
	if e.State == Live {
		e.Room = room.ID(in.String)
	}
	return e, err
}

// isMine returns the SQL condition that viewer hosts event r, goes, or is asked to take part.
func isMine(viewer string) string {
	return `(r.host_id = ` + viewer + ` OR EXISTS (SELECT 1 FROM event_goers g WHERE g.event_id = r.id AND g.account_id = ` + viewer + `)
		OR EXISTS (SELECT 1 FROM event_people p WHERE p.event_id = r.id AND p.account_id = ` + viewer + ` AND p.answer <> 'declined'))`
}

// exists returns the SQL condition that event r exists for viewer.
func exists(viewer string) string {
	return `(NOT ` + room.HostHides(viewer) + ` AND NOT EXISTS (SELECT 1 FROM club_bans b WHERE b.club_id = r.club_id AND b.account_id = ` + viewer + `)
		AND (r.access <> 'followers' OR ` + room.FollowsHost(viewer) + ` OR ` + isMine(viewer) + `)
		AND (r.access <> 'club' OR ` + room.BelongsToClub(viewer) + ` OR ` + isMine(viewer) + `))`
}

// read reads an event as viewer sees it; "" sees all. Fault: event.not_found.
func read(ctx context.Context, q db.Querier, e ID, viewer account.ID) (Event, error) {
	// The system acts for events without a host, too.
	out, err := scanEvent(q.QueryRowContext(ctx, `SELECT `+columns+` FROM events r WHERE r.id = $2 AND ($1 = '' OR r.host_id IS NOT NULL AND `+exists("$1")+`)`, viewer, e))
	if db.IsNone(err) {
		return Event{}, errNotFound
	}
	return out, err
}

// Get returns an event as viewer sees it. Fault: event.not_found.
func (s *Service) Get(ctx context.Context, viewer account.ID, e ID) (_ Event, err error) {
	defer fault.Wrap(&err, "read the event %s", e)
	out, err := read(ctx, s.db, e, viewer)
	out.CanStart = err == nil && out.isLedBy(viewer) && out.startable(s.now()) == nil
	return out, err
}

// Filter says which events to list; empty fields take all.
type Filter struct {
	Mine bool // that the viewer hosts, takes part in or goes to
	Club room.ClubID
}

// Upcoming returns a page of the events that are not over, the next first: those that lists
// tell viewer of, and their own.
func (s *Service) Upcoming(ctx context.Context, viewer account.ID, f Filter, r page.Request) (_ []Event, next page.Cursor, err error) {
	defer fault.Wrap(&err, "list events")
	_, id, limit := r.Args()
	all, err := db.Select(ctx, s.db, scanEvent, `SELECT `+columns+` FROM events r
		WHERE r.ended_at IS NULL AND r.host_id IS NOT NULL AND (r.starts_at > $2 OR r.starts_at = $2 AND r.id > $3)
		AND ($4 = '' OR EXISTS (SELECT 1 FROM clubs c WHERE c.id = $4 AND `+inClub+`))
		AND (NOT $5 AND r.access <> 'link' OR `+isMine("$1")+`) AND `+exists("$1")+`
		ORDER BY r.starts_at, r.id LIMIT $6`, viewer, r.Before.At, id, f.Club, f.Mine, limit)
	if err != nil {
		return nil, next, err
	}
	for i := range all {
		all[i].CanStart = all[i].isLedBy(viewer) && all[i].startable(s.now()) == nil
	}
	all, next = page.Cut(r, all, func(e Event) page.Cursor { return page.Of(e.StartsAt, string(e.ID)) })
	return all, next, nil
}

// People returns who takes part in an event: for its host everybody who was asked, for others
// those who have accepted. People apart from viewer are left out.
func (s *Service) People(ctx context.Context, viewer account.ID, e ID) (_ []Invited, err error) {
	defer fault.Wrap(&err, "people of the event %s", e)
	now, err := read(ctx, s.db, e, viewer)
	if err != nil {
		return nil, err
	}
	return db.Select(ctx, s.db, scanInvited, `SELECT p.account_id, p.part, p.answer FROM event_people p
		WHERE p.event_id = $1 AND ($2 OR p.answer = 'accepted') AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $3 AND x.b_id = p.account_id)
		ORDER BY CASE p.part WHEN 'co_host' THEN 0 ELSE 1 END, p.at, p.account_id`, e, now.Host == viewer, viewer)
}

// maxKnown bounds the people that Known returns.
const maxKnown = 50

// Known returns those of people who go to an event and are not apart from viewer; 50 at most.
func (s *Service) Known(ctx context.Context, viewer account.ID, e ID, people []account.ID) (known []account.ID, err error) {
	defer fault.Wrap(&err, "who of the known goes to %s", e)
	if _, err := read(ctx, s.db, e, viewer); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(people, 500) {
		args := []any{e, viewer}
		for _, who := range some {
			args = append(args, who)
		}
		found, err := db.Select(ctx, s.db, scanAccount, `SELECT g.account_id FROM event_goers g WHERE g.event_id = $1
			AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $2 AND x.b_id = g.account_id) AND g.account_id IN (`+db.Placeholders(3, len(some))+`)
			ORDER BY g.at, g.account_id`, args...)
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
		if len(known) >= maxKnown {
			return known[:maxKnown], nil
		}
	}
	return known, nil
}

func scanAccount(row interface{ Scan(...any) error }) (a account.ID, err error) {
	err = row.Scan(&a)
	return a, err
}

// Card is the title and the host of an event, for news about it.
type Card struct {
	Title string
	Host  account.ID // "": their account is deleted
}

// Audience returns the event of some news, and the next people to tell after one of them, in
// the order of their ids; none if the news are none any more. Fault: event.not_found.
func (s *Service) Audience(ctx context.Context, n News, after account.ID, limit int) (c Card, _ []account.ID, err error) {
	defer fault.Wrap(&err, "read who is told of the event %s", n.Event)
	e, err := read(ctx, s.db, n.Event, "")
	if err != nil {
		return c, nil, err
	}
	c = Card{Title: e.Title, Host: e.Host}
	if !e.isNews(n, s.now()) {
		return c, nil, nil
	}
	// Who is asked and has not answered is told of the time, and not reminded.
	isReminder := n.What == Soon || n.What == Begins
	told, err := db.Select(ctx, s.db, scanAccount, `SELECT W.who FROM (
			SELECT account_id AS who FROM event_goers WHERE event_id = $1
			UNION SELECT account_id FROM event_people WHERE event_id = $1 AND (answer = 'accepted' OR answer = 'none' AND NOT $2)
			UNION SELECT host_id FROM events WHERE id = $1 AND host_id IS NOT NULL
		) W JOIN events r ON r.id = $1 WHERE W.who > $3 AND W.who <> $4 AND ($5 = '' OR W.who = $5) AND `+exists("W.who")+` ORDER BY W.who LIMIT $6`,
		n.Event, isReminder, after, n.By, n.To, limit)
	return c, told, err
}

// isNews reports whether some news about an event are still true, and not too late.
func (e Event) isNews(n News, now time.Time) bool {
	switch n.What {
	case Soon:
		return e.State == Planned && e.StartsAt.Equal(n.StartsAt) && now.Before(e.StartsAt)
	case Begins:
		return e.State == Planned && e.StartsAt.Equal(n.StartsAt) && now.Before(e.StartsAt.Add(remindLate))
	case Started:
		return e.State == Live && e.Room == n.Room
	case Moved:
		return e.State == Planned && e.StartsAt.Equal(n.StartsAt)
	case Invites:
		return e.State == Planned || e.State == Live
	}
	return e.State == Cancelled
}
