package presence

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// MaxListed is how many friends one read lists at most.
const MaxListed = 1000

// shown is what a person lets friends see; the zero value is offline.
type shown struct {
	state State
	room  room.Place
	shut  map[account.ID]bool // who may not join the room
}

// to returns what one friend sees.
func (v shown) to(who, viewer account.ID) Presence {
	switch {
	case v.state == "":
		return Presence{Account: who, State: Offline}
	case v.state == InRoom && v.shut[viewer]:
		return Presence{Account: who, State: Online}
	}
	return Presence{Account: who, State: v.state, Room: v.room}
}

func (v shown) equals(o shown) bool {
	return v.state == o.state && v.room == o.room && maps.Equal(v.shut, o.shut)
}

// Of returns the friends of viewer who are not offline.
func (s *Service) Of(ctx context.Context, viewer account.ID) (_ []Presence, err error) {
	defer fault.Wrap(&err, "presence of the friends of %s", viewer)
	friends, err := s.cfg.Friends.Friends(ctx, viewer)
	if err != nil {
		return nil, err
	}
	seen, err := s.look(ctx, friends...)
	if err != nil {
		return nil, err
	}
	s.wait(seen)
	out := make([]Presence, 0, len(seen))
	for _, who := range friends {
		if p := seen[who].to(who, viewer); p.State != Offline && len(out) < MaxListed {
			out = append(out, p)
		}
	}
	return out, nil
}

// wait puts what friends were told last in the place of a change that is still to be told.
// If it is taken back before that, no event follows, and nobody is left with it.
func (s *Service) wait(seen map[account.ID]shown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for who := range seen {
		settings, waits := s.marks[who]
		if !waits || settings {
			continue
		}
		if last, known := s.told[who]; known {
			seen[who] = last.within(seen[who])
		}
	}
}

// within is what may still be shown of v, which is no longer true: no room that somebody has left, and
// none to those to whom it has closed.
func (v shown) within(now shown) shown {
	switch {
	case v.state != InRoom:
		return v
	case now.state == InRoom && now.room == v.room:
		return now
	}
	return shown{state: Online}
}

// look reads what people let friends see. Those who are offline are left out.
func (s *Service) look(ctx context.Context, people ...account.ID) (map[account.ID]shown, error) {
	now := s.cfg.Now()
	out := map[account.ID]shown{}
	var roomsOf []account.ID
	for some := range slices.Chunk(people, batch) {
		all, err := db.Select(ctx, s.db, scanOwn, `SELECT DISTINCT o.account_id, COALESCE(p.mode, 'visible'), p.until, COALESCE(p.show_rooms, FALSE)
			FROM online o JOIN nodes n ON n.node = o.node LEFT JOIN presence_settings p ON p.account_id = o.account_id
			WHERE n.until > $1 AND o.account_id IN (`+db.Placeholders(2, len(some))+`)`, args(db.Millis(now), some)...)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			switch st := x.Settings.at(now); {
			case st.Mode == Invisible:
			case st.Mode == DoNotDisturb:
				out[x.who] = shown{state: Undisturbed}
			default:
				out[x.who] = shown{state: Online}
				if st.ShowRooms {
					roomsOf = append(roomsOf, x.who)
				}
			}
		}
	}
	shut := map[room.ID]map[account.ID]bool{}
	for some := range slices.Chunk(roomsOf, batch) {
		places, err := s.cfg.Rooms.Places(ctx, some...)
		if err != nil {
			return nil, err
		}
		for who, place := range places {
			if _, known := shut[place.ID]; !known {
				if shut[place.ID], err = s.shutTo(ctx, place.ID); err != nil {
					return nil, err
				}
			}
			out[who] = shown{state: InRoom, room: place, shut: shut[place.ID]}
		}
	}
	return out, nil
}

func (s *Service) shutTo(ctx context.Context, r room.ID) (map[account.ID]bool, error) {
	all, err := s.cfg.Rooms.ShutTo(ctx, r)
	shut := make(map[account.ID]bool, len(all))
	for _, who := range all {
		shut[who] = true
	}
	return shut, err
}

// connected returns those of people who have a socket at some node.
func (s *Service) connected(ctx context.Context, people []account.ID) (out []account.ID, err error) {
	for some := range slices.Chunk(people, batch) {
		all, err := db.Select(ctx, s.db, scanAccount, `SELECT DISTINCT account_id FROM online WHERE account_id IN (`+db.Placeholders(1, len(some))+`)`, args(nil, some)...)
		if err != nil {
			return nil, err
		}
		out = append(out, all...)
	}
	return out, nil
}

// own is a person who is online, with their settings.
type own struct {
	who account.ID
	Settings
}

func scanOwn(row interface{ Scan(...any) error }) (x own, err error) {
	var until sql.NullInt64
	err = row.Scan(&x.who, &x.Mode, &until, &x.ShowRooms)
	x.Until = moment(until)
	return x, err
}

// args are the arguments of a query about people, after first unless it is nil.
func args(first any, people []account.ID) []any {
	all := make([]any, 0, len(people)+1)
	if first != nil {
		all = append(all, first)
	}
	for _, who := range people {
		all = append(all, string(who))
	}
	return all
}
