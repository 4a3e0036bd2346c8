package room_test

import (
	"fmt"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// Somebody could block one person after another, and see at whom the answer changes.
func TestABlockTellsNothingThroughAClosedDoor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, p := range map[string]room.Plan{
			"pin": entry(room.AccessPIN), "followers": entry(room.AccessFollowers), "women": {Entry: room.Entry{WomenOnly: true}}, "verified": {Entry: room.Entry{VerifiedOnly: true}},
		} {
			l, s := apart(t, d)
			host, speaker, viewer := l.profiled(t, "woman", true), l.profiled(t, "woman", true), l.profiled(t, "man", false)
			l.follow(t, speaker, host)
			l.followed = map[account.ID]bool{host: true}
			r := l.planned(t, host, p)
			if p.PIN != "" {
				must(t, l.EnterPIN(ctx, speaker, r.ID, "4711", "net"))
			}
			l.joins(t, r.ID, speaker)
			_, err := l.Sit(ctx, speaker, r.ID, 0)
			must(t, err)
			look := func() string {
				t.Helper()
				seen, err := l.Get(ctx, viewer, r.ID)
				listed, broken := l.Lobby(ctx, viewer, "", "en")
				must(t, broken)
				return fmt.Sprintf("%v %v %v %d %d", code(err), seen.Gate, seen.Title, len(seen.Members), len(listed))
			}
			before := look()
			must(t, s.Block(ctx, viewer, speaker))
			if after := look(); after != before {
				t.Errorf("%s: %s, with the speaker blocked %s", name, before, after)
			}
			must(t, l.End(ctx, host, r.ID))
		}
	})
}

func TestANewPINIsAskedOfAllWhoComeAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host, guest := l.person(t), l.person(t)
		r := l.planned(t, host, entry(room.AccessPIN))
		must(t, l.EnterPIN(ctx, guest, r.ID, "4711", "net"))
		l.joins(t, r.ID, guest)
		pin := "0815"
		must(t, l.SetEntry(ctx, host, r.ID, room.EntryChange{PIN: &pin}))
		if !l.member(t, r.ID, guest).Present {
			t.Error("who was inside is out")
		}
		must(t, l.Leave(ctx, guest, r.ID))
		_, _, err := l.Join(ctx, guest, r.ID)
		refused(t, err, "room.pin_needed")
		must(t, l.EnterPIN(ctx, guest, r.ID, pin, "net"))
		l.joins(t, r.ID, guest)
	})
}
