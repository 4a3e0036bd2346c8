package room

import (
	"context"
	"slices"

	"heyy/internal/db"
	"heyy/internal/fault"
)

// listed is how many rooms a lobby shows at most.
const listed = 100

// Lobby is the open rooms with somebody in them, liveliest first: by seats
// taken, then by listeners, then the newest. Members are only those who sit.
// category "" is all.
func (s *Service) Lobby(ctx context.Context, category string) (_ []Room, err error) {
	defer fault.Wrap(&err, "read the lobby")
	if category != "" && !slices.Contains(Categories, category) {
		return nil, fault.At("query.category", "room.category_unknown", "There is no such category.")
	}
	rooms, err := db.Select(ctx, s.db, scanCard, `SELECT `+prefixed+`,
		(SELECT COUNT(*) FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL AND m.seat IS NULL) AS listeners
		FROM rooms r
		WHERE r.ended_at IS NULL AND r.deadline_at IS NULL AND ($1 = '' OR r.category = $1)
		ORDER BY (SELECT COUNT(*) FROM room_members m WHERE m.room_id = r.id AND m.seat IS NOT NULL) DESC, listeners DESC, r.id DESC LIMIT $2`,
		category, listed)
	if err != nil || len(rooms) == 0 {
		return rooms, err
	}
	return rooms, s.seat(ctx, rooms)
}

// Card is one room as the lobby shows it, open or ended.
func (s *Service) Card(ctx context.Context, r ID) (_ Room, err error) {
	defer fault.Wrap(&err, "read the card of %s", r)
	rooms, err := db.Select(ctx, s.db, scanCard, `SELECT `+prefixed+`,
		(SELECT COUNT(*) FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL AND m.seat IS NULL) AS listeners
		FROM rooms r WHERE r.id = $1`, r)
	if err != nil {
		return Room{}, err
	}
	if len(rooms) == 0 {
		return Room{}, errNone
	}
	return rooms[0], s.seat(ctx, rooms)
}

const prefixed = `r.id, r.category, r.title, r.language, r.host_id, r.seats, r.seq, r.created_at, r.ended_at, r.ended_why`

func scanCard(row interface{ Scan(...any) error }) (Room, error) {
	var listeners int
	r, err := scanRoom(also{row, &listeners})
	r.Listeners = listeners
	return r, err
}

// also scans one column more than it is asked for.
type also struct {
	row  interface{ Scan(...any) error }
	last any
}

func (a also) Scan(dest ...any) error { return a.row.Scan(append(dest, a.last)...) }

// seat fills in who sits in each of rooms.
func (s *Service) seat(ctx context.Context, rooms []Room) error {
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
		err = row.Scan(&o.room, &o.Account, &o.Seat, &o.Muted)
		o.Here = true
		return o, err
	}, `SELECT room_id, account_id, seat, muted FROM room_members WHERE room_id IN (`+db.Marks(1, len(ids))+`) AND seat IS NOT NULL ORDER BY seat`, ids...)
	if err != nil {
		return err
	}
	for _, o := range all {
		r := &rooms[at[o.room]]
		r.Members = append(r.Members, o.Member)
	}
	return nil
}
