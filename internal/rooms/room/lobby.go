package room

import (
	"context"
	"slices"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// maxLobby is the maximum number of rooms in a lobby.
const maxLobby = 100

// inLobby is the SQL condition that the lobby lists room r: it has a member present, and
// had an audio connection.
const inLobby = `r.ended_at IS NULL AND r.deadline_at IS NULL AND r.live_at IS NOT NULL`

// Lobby returns the open rooms with members present that are not closed to viewer,
// ordered by seats taken, then by listeners, then the newest first. Members has seated
// ones only; listeners excluded from viewer are not counted. category "" means all.
func (s *Service) Lobby(ctx context.Context, viewer account.ID, category string) (_ []Room, err error) {
	defer fault.Wrap(&err, "read the lobby")
	if category != "" && !slices.Contains(Categories, category) {
		return nil, fault.At("query.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
	}
	rooms, err := db.Select(ctx, s.db, scanCard, `SELECT `+prefixed+`,
		(SELECT COUNT(*) FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL AND m.seat IS NULL
			AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $2 AND x.b_id = m.account_id)) AS listeners
		FROM rooms r
		WHERE `+inLobby+` AND ($1 = '' OR r.category = $1) AND NOT `+closedTo("$2")+`
		ORDER BY (SELECT COUNT(*) FROM room_members m WHERE m.room_id = r.id AND m.seat IS NOT NULL) DESC, listeners DESC, r.id DESC LIMIT $3`,
		category, viewer, maxLobby)
	if err != nil || len(rooms) == 0 {
		return rooms, err
	}
	return rooms, s.readSeated(ctx, rooms)
}

// Card returns one room as the lobby lists it for viewers who are not in HiddenListeners,
// whether the lobby lists it now, and whether it may have before.
func (s *Service) Card(ctx context.Context, r ID) (_ Room, isShown, wasShown bool, err error) {
	defer fault.Wrap(&err, "read the card of %s", r)
	rooms, err := db.Select(ctx, s.db, scanCard, `SELECT `+prefixed+`,
		(SELECT COUNT(*) FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL AND m.seat IS NULL) AS listeners
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
// host or a speaker.
func (s *Service) ClosedTo(ctx context.Context, r ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "read whom %s is closed to", r)
	return db.Select(ctx, s.db, scanAccount, `SELECT x.b_id FROM rooms r JOIN apart x ON x.a_id = r.host_id WHERE r.id = $1
		UNION SELECT x.b_id FROM rooms r JOIN room_members m ON m.room_id = r.id JOIN apart x ON x.a_id = m.account_id
		WHERE r.id = $1 AND m.seat IS NOT NULL AND x.b_id <> r.host_id`, r)
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
	return db.Select(ctx, s.db, scanAccount, `SELECT m.account_id FROM room_members m WHERE m.room_id = $1 AND m.join_id IS NOT NULL
		AND EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $2 AND x.b_id = m.account_id)`, r, who)
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

const prefixed = `r.id, r.shape, r.category, r.title, r.language, r.host_id, r.seats, r.locked_seats, r.seq, r.created_at, r.ended_at, r.ended_why`

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

// readSeated sets Members of each room to the seated ones.
func (s *Service) readSeated(ctx context.Context, rooms []Room) error {
	type seated struct {
		room ID
		Member
	}
	at := map[ID]int{}
	ids := make([]any, len(rooms))
	for i, r := range rooms {
		at[r.ID], ids[i] = i, r.ID
	}
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (o seated, err error) {
		err = row.Scan(&o.room, &o.Account, &o.Role, &o.Seat, &o.Muted)
		o.Present = true
		return o, err
	}, `SELECT room_id, account_id, role, seat, muted FROM room_members WHERE room_id IN (`+db.Placeholders(1, len(ids))+`) AND seat IS NOT NULL ORDER BY seat`, ids...)
	if err != nil {
		return err
	}
	for _, o := range all {
		r := &rooms[at[o.room]]
		r.Members = append(r.Members, o.Member)
	}
	return nil
}
