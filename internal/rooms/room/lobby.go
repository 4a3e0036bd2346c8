package room

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Bounds of a lobby: the liveliest rooms of all, those in the viewer's language, the liveliest
// of each topic in it, and rooms in which somebody speaks whom the viewer follows or is friends with.
const (
	maxLively   = 50
	maxSpoken   = 40
	maxPerTopic = 3
	maxOfYours  = 20
	maxListed   = 100 // of one topic, or of a club
)

// inLobby is the SQL condition that the lobby lists room r, for those of listedTo: it has a
// member present, and had an audio connection.
const inLobby = `r.ended_at IS NULL AND r.deadline_at IS NULL AND r.live_at IS NOT NULL AND r.access <> 'link'`

// Lobby returns the open rooms with members present of which lists tell viewer, the liveliest
// first: by seats taken, then by listeners, then the newest. Where there are more than a page,
// language is the one whose rooms come in any case. Members has seated ones only; listeners excluded
// from viewer are not counted. category "" means all.
func (s *Service) Lobby(ctx context.Context, viewer account.ID, category, language string) (_ []Room, err error) {
	defer fault.Wrap(&err, "read the lobby")
	if category != "" {
		if !slices.Contains(Categories, category) {
			return nil, fault.At("query.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
		}
		return s.listed(ctx, viewer, []part{{maxListed, `r.category = $2`}}, category)
	}
	parts := []part{
		{maxLively, `TRUE`},
		{maxSpoken, `r.language = $2`},
		{maxOfYours, `r.access <> 'pin' AND r.id IN (SELECT m.room_id FROM room_members m WHERE m.seat IS NOT NULL AND m.account_id IN (
			SELECT f.followee_id FROM follows f WHERE f.follower_id = $1
			UNION SELECT p.b_id FROM pairs p WHERE p.a_id = $1 AND p.matched_at IS NOT NULL AND p.ended_at IS NULL
			UNION SELECT p.a_id FROM pairs p WHERE p.b_id = $1 AND p.matched_at IS NOT NULL AND p.ended_at IS NULL))`},
	}
	for _, c := range Categories {
		parts = append(parts, part{maxPerTopic, `r.language = $2 AND r.category = '` + c + `'`})
	}
	return s.listed(ctx, viewer, parts, language)
}

// Among returns those of ids that Lobby would list to viewer, in its order. ids has a few
// hundred at most.
func (s *Service) Among(ctx context.Context, viewer account.ID, ids []ID) (_ []Room, err error) {
	defer fault.Wrap(&err, "read rooms for a list")
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, r := range ids {
		args[i] = r
	}
	return s.listed(ctx, viewer, []part{{len(ids), `r.id IN (` + db.Placeholders(2, len(args)) + `)`}}, args...)
}

// part is a part of a list: of the rooms for which where holds, an SQL condition, the liveliest.
type part struct {
	most  int
	where string
}

// listed returns the rooms of all parts of which lists tell viewer, who is $1 of their
// conditions, the liveliest first; args are from $2 on. Which rooms these are is asked at once, so
// that whom the viewer is excluded from is found once, and in a text in which only args vary, which
// PostgreSQL plans once.
func (s *Service) listed(ctx context.Context, viewer account.ID, parts []part, args ...any) ([]Room, error) {
	listed := listedGiven("$1", `SELECT id FROM apart_people`, `SELECT id FROM apart_stages`)
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = `SELECT id FROM (SELECT r.id FROM rooms r WHERE ` + inLobby + ` AND ` + listed + ` AND ` + p.where + `
			ORDER BY r.lively DESC, r.id DESC LIMIT ` + strconv.Itoa(p.most) + `) AS part`
	}
	with := `WITH apart_people (id) AS MATERIALIZED (` + apartPeople("$1", "") + `), apart_stages (id) AS MATERIALIZED (` + apartStages("$1", "") + `) `
	ids, err := db.Select(ctx, s.db, scanID, with+strings.Join(texts, ` UNION `), append([]any{viewer}, args...)...)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.cards(ctx, viewer, ids)
}

// cards returns rooms of which lists tell viewer, as they are told, the liveliest first.
func (s *Service) cards(ctx context.Context, viewer account.ID, ids []ID) ([]Room, error) {
	args := make([]any, len(ids))
	for i, r := range ids {
		args[i] = r
	}
	rooms, err := db.Select(ctx, s.db, scanCard, `SELECT `+prefixed+`, r.listening AS listeners FROM rooms r WHERE r.id IN (`+db.Placeholders(1, len(args))+`)
		ORDER BY r.lively DESC, r.id DESC`, args...)
	if err != nil {
		return nil, err
	}
	hidden, err := db.Select(ctx, s.db, scanID, `SELECT m.room_id FROM room_members m WHERE m.account_id IN (SELECT b_id FROM apart WHERE a_id = $1) AND m.join_id IS NOT NULL AND m.seat IS NULL`, viewer)
	if err != nil {
		return nil, err
	}
	at := make([]*Room, len(rooms))
	for i := range rooms {
		at[i] = &rooms[i]
		for _, r := range hidden {
			if r == rooms[i].ID {
				rooms[i].Listeners--
			}
		}
	}
	if err := s.hideClubs(ctx, s.db, viewer, at...); err != nil {
		return nil, err
	}
	return rooms, s.readSeated(ctx, rooms)
}

// Card returns one room as the lobby lists it for its Audience, but those in HiddenListeners,
// whether the lobby lists it now, and whether it may have before.
func (s *Service) Card(ctx context.Context, r ID) (_ Room, isShown, wasShown bool, err error) {
	defer fault.Wrap(&err, "read the card of %s", r)
	rooms, err := db.Select(ctx, s.db, scanCard, `SELECT `+prefixed+`,
		r.listening AS listeners
		FROM rooms r WHERE r.id = $1`, r)
	if err != nil {
		return Room{}, false, false, err
	}
	if len(rooms) == 0 {
		return Room{}, false, false, errNotFound
	}
	if err := s.db.QueryRowContext(ctx, `SELECT `+inLobby+`, r.live_at IS NOT NULL FROM rooms r WHERE r.id = $1`, r).Scan(&isShown, &wasShown); err != nil {
		return Room{}, false, false, err
	}
	return rooms[0], isShown, wasShown, s.readSeated(ctx, rooms)
}

// ClosedTo returns the people for whom a room does not exist: those excluded from its
// host or a speaker, and those banned by the host.
func (s *Service) ClosedTo(ctx context.Context, r ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "read whom %s is closed to", r)
	return db.Select(ctx, s.db, scanAccount, `SELECT x.b_id FROM rooms r JOIN apart x ON x.a_id = r.host_id WHERE r.id = $1
		UNION SELECT x.b_id FROM rooms r JOIN room_members m ON m.room_id = r.id JOIN apart x ON x.a_id = m.account_id
		WHERE r.id = $1 AND m.seat IS NOT NULL AND x.b_id <> r.host_id
		UNION SELECT b.account_id FROM rooms r JOIN room_bans b ON b.host_id = r.host_id WHERE r.id = $1`, r)
}

// HiddenListeners returns, by viewer, how many listeners of a room are excluded from that
// viewer and so not counted for them. Viewers with none are left out.
func (s *Service) HiddenListeners(ctx context.Context, r ID) (_ map[account.ID]int, err error) {
	defer fault.Wrap(&err, "read hidden listeners of %s", r)
	type viewer struct {
		who account.ID
		n   int
	}
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (o viewer, err error) {
		err = row.Scan(&o.who, &o.n)
		return o, err
	}, `SELECT x.b_id, COUNT(DISTINCT m.account_id) FROM room_members m JOIN apart x ON x.a_id = m.account_id
		WHERE m.room_id = $1 AND m.join_id IS NOT NULL AND m.seat IS NULL GROUP BY x.b_id`, r)
	if err != nil {
		return nil, err
	}
	hidden := make(map[account.ID]int, len(all))
	for _, o := range all {
		hidden[o.who] = o.n
	}
	return hidden, nil
}

// ExcludedIn returns the members present in a room who are excluded from who.
func (s *Service) ExcludedIn(ctx context.Context, r ID, who account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "read who in %s is excluded from %s", r, who)
	return excludedIn(ctx, s.db, r, who)
}

// RoomsOfSpeakers returns the open rooms in which one of people hosts or has a seat.
func (s *Service) RoomsOfSpeakers(ctx context.Context, people ...account.ID) (_ []ID, err error) {
	defer fault.Wrap(&err, "read the rooms of speakers")
	args := make([]any, len(people))
	for i, p := range people {
		args[i] = p
	}
	return db.Select(ctx, s.db, scanID, `SELECT id FROM rooms WHERE ended_at IS NULL AND host_id IN (`+db.Placeholders(1, len(args))+`)
		UNION SELECT room_id FROM room_members WHERE seat IS NOT NULL AND account_id IN (`+db.Placeholders(1, len(args))+`)`, args...)
}

// SharedRoom returns the title of room r if by has been in it and other has, or hosts it;
// otherwise ok is false.
func (s *Service) SharedRoom(ctx context.Context, by, other account.ID, r ID) (title string, ok bool, err error) {
	defer fault.Wrap(&err, "read whether %s met %s in %s", by, other, r)
	err = s.db.QueryRowContext(ctx, `SELECT r.title FROM rooms r
		WHERE r.id = $1 AND EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.account_id = $2)
		AND (r.host_id = $3 OR EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.account_id = $3))`, r, by, other).Scan(&title)
	if db.IsNone(err) {
		return "", false, nil
	}
	return title, err == nil, err
}

func scanAccount(row interface{ Scan(...any) error }) (a account.ID, err error) {
	err = row.Scan(&a)
	return a, err
}

const prefixed = `r.id, r.shape, r.category, r.title, r.language, r.host_id, r.seats, r.locked_seats, r.seq, r.created_at, r.ended_at, r.ended_why, r.shared, r.hands, r.crowded, r.link, r.chat, r.slow_seconds, r.access, r.pin_hash, r.capacity, r.audience, r.women_only, r.verified_only, r.listening, r.recorded, r.club_id,
	(SELECT CASE WHEN c.entry = 'invite' THEN '' ELSE c.name END FROM clubs c WHERE c.id = r.club_id AND c.closed_at IS NULL)`

func scanCard(row interface{ Scan(...any) error }) (Room, error) {
	var listeners int
	r, err := scanRoom(extraColumn{row, &listeners})
	r.Listeners = listeners
	return r, err
}

// extraColumn is a row that scans one more column, into last.
type extraColumn struct {
	row  interface{ Scan(...any) error }
	last any
}

func (a extraColumn) Scan(dest ...any) error { return a.row.Scan(append(dest, a.last)...) }

// readSeated sets Members of each room to the seated ones, as far as lists tell of them.
func (s *Service) readSeated(ctx context.Context, rooms []Room) error {
	at := make(map[ID]*Room, len(rooms))
	ids := make([]any, len(rooms))
	for i := range rooms {
		at[rooms[i].ID], ids[i] = &rooms[i], rooms[i].ID
	}
	if _, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (none struct{}, err error) {
		var in ID
		m := Member{Present: true}
		if err = row.Scan(&in, &m.Account, &m.Role, &m.Seat, &m.Muted); err == nil {
			at[in].Members = append(at[in].Members, m)
		}
		return none, err
	}, `SELECT room_id, account_id, role, seat, muted FROM room_members WHERE room_id IN (`+db.Placeholders(1, len(ids))+`) AND seat IS NOT NULL ORDER BY room_id, seat`, ids...); err != nil {
		return err
	}
	for i := range rooms {
		rooms[i].veil()
	}
	return nil
}
