package club_test

import (
	"slices"
	"testing"

	"heyy/internal/people/account"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/room"
)

func TestARoomForMembersOfItsClub(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		c, founder := x.founded(t, plan(club.Open))
		member, stranger, follower := x.member(t, c), x.person(t), x.person(t)
		must(t, x.Follow(ctx, follower, c.ID))
		_, err := x.rooms.Open(ctx, founder, room.Plan{Title: "Ours", Category: "music", Language: "en", Entry: room.Entry{Access: room.AccessClub}})
		wantCode(t, err, "room.club_missing")
		r, err := x.rooms.Open(ctx, founder, room.Plan{Title: "Ours", Category: "music", Language: "en", Club: c.ID, Entry: room.Entry{Access: room.AccessClub}})
		must(t, err)
		x.exec(t, `UPDATE rooms SET live_at = 1 WHERE id = $1`, r.ID)

		// told compares what lists, cards, the room's address and the door say.
		told := func(who account.ID, comesIn bool) {
			t.Helper()
			isIn := func(rooms []room.Room, err error) bool {
				must(t, err)
				return slices.ContainsFunc(rooms, func(o room.Room) bool { return o.ID == r.ID })
			}
			if listed := isIn(x.rooms.Lobby(ctx, who, "", "en")); listed != comesIn {
				t.Errorf("listed: %t", listed)
			}
			if listed := isIn(x.rooms.OfClub(ctx, who, c.ID)); listed != comesIn {
				t.Errorf("listed in the club: %t", listed)
			}
			card, _, _, err := x.rooms.Card(ctx, r.ID)
			must(t, err)
			audience, err := x.rooms.Audience(ctx, card, []account.ID{who})
			must(t, err)
			if audience.Has(who) != comesIn {
				t.Errorf("cards: %t", !comesIn)
			}
			seen, err := x.rooms.Get(ctx, who, r.ID)
			must(t, err)
			gate, people := room.GateClub, 0
			if comesIn {
				gate, people = room.NoGate, 1
			}
			if seen.Gate != gate || len(seen.Members) != people || seen.Club != c.ID {
				t.Errorf("read with gate %q and %d members", seen.Gate, len(seen.Members))
			}
			_, heard := x.rooms.Preview(ctx, who, r.ID)
			_, _, err = x.rooms.Join(ctx, who, r.ID)
			if !comesIn {
				wantCode(t, heard, "room.club_only")
				wantCode(t, err, "room.club_only")
				return
			}
			must(t, heard)
			must(t, err)
			must(t, x.rooms.Leave(ctx, who, r.ID))
		}
		told(member, true)
		told(stranger, false)
		told(follower, false)
		_, err = x.Join(ctx, stranger, c.ID, club.Entrance{})
		must(t, err)
		told(stranger, true)
		_, err = x.rooms.Share(ctx, founder, r.ID, true)
		wantCode(t, err, "room.not_shareable")

		// Whoever leaves the club stays where they are inside, and does not come again.
		_, _, err = x.rooms.Join(ctx, member, r.ID)
		must(t, err)
		must(t, x.Leave(ctx, member, c.ID))
		if _, err := x.rooms.Get(ctx, member, r.ID); err != nil {
			t.Error(err)
		}
		must(t, x.rooms.Leave(ctx, member, r.ID))
		told(member, false)

		must(t, x.Close(ctx, founder, c.ID))
		_, _, err = x.rooms.Join(ctx, stranger, r.ID)
		wantCode(t, err, "room.club_only")
		open, shut := room.AccessOpen, room.AccessClub
		must(t, x.rooms.SetEntry(ctx, founder, r.ID, room.EntryChange{Access: &open}))
		_, _, err = x.rooms.Join(ctx, stranger, r.ID)
		must(t, err)
		other, err := x.rooms.Open(ctx, member, room.Plan{Title: "Mine", Category: "music", Language: "en"})
		must(t, err)
		wantCode(t, x.rooms.SetEntry(ctx, member, other.ID, room.EntryChange{Access: &shut}), "room.club_missing")
	})
}
