package schedule_test

import (
	"testing"

	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
)

// Whoever has accepted to speak comes in, also where only others do.
func TestSpeakersOfAPlanComeThroughTheDoor(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		e, host := x.planned(t, func(p *schedule.Plan) { p.Access = room.AccessFollowers })
		speaker, asked, stranger := x.person(t), x.person(t), x.person(t)
		must(t, x.Invite(ctx, host, e.ID, speaker, schedule.Speaker))
		must(t, x.Invite(ctx, host, e.ID, asked, schedule.Speaker))
		must(t, x.Answer(ctx, speaker, e.ID, true))
		x.clock.Advance(e.StartsAt.Sub(x.clock.Now()))
		r, err := x.Start(ctx, host, e.ID)
		must(t, err)
		for range 2 { // and again
			_, _, err = x.rooms.Join(ctx, speaker, r)
			must(t, err)
			must(t, x.rooms.Leave(ctx, speaker, r))
		}
		_, _, err = x.rooms.Join(ctx, asked, r)
		wantCode(t, err, "room.followers_only")
		_, _, err = x.rooms.Join(ctx, stranger, r)
		wantCode(t, err, "room.followers_only")

		// Another door asks anew.
		pin, access := "4711", room.AccessPIN
		must(t, x.rooms.SetEntry(ctx, host, r, room.EntryChange{Access: &access, PIN: &pin}))
		_, _, err = x.rooms.Join(ctx, speaker, r)
		wantCode(t, err, "room.pin_needed")
		must(t, x.rooms.EnterPIN(ctx, stranger, r, pin, "net"))
		_, _, err = x.rooms.Join(ctx, stranger, r)
		must(t, err)
		must(t, x.rooms.Leave(ctx, stranger, r))
		access = room.AccessFollowers
		must(t, x.rooms.SetEntry(ctx, host, r, room.EntryChange{Access: &access}))
		_, _, err = x.rooms.Join(ctx, stranger, r)
		wantCode(t, err, "room.followers_only")
	})
}
