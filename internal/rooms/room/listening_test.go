package room_test

import (
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/media/reconcile"
	"heyy/internal/rooms/room"
)

func TestWhoHasJoinedListensAsLongAsTheJoinLives(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.person(t)
		joinID := l.joins(t, r.ID, who)
		got, err := l.Listening(ctx, who, r.ID, joinID)
		must(t, err)
		if got.JoinID != joinID || !got.Until.IsZero() || reconcile.IsGuest(got.Identity) {
			t.Errorf("%+v", got)
		}
		for _, other := range []string{"", "of another device"} {
			_, err = l.Listening(ctx, who, r.ID, other)
			refused(t, err, "room.elsewhere")
		}
		l.joins(t, r.ID, who)
		_, err = l.Listening(ctx, who, r.ID, joinID)
		refused(t, err, "room.elsewhere")
	})
}

func TestWhoHasNotJoinedHasAPreview(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		who, blocked, removed := l.person(t), l.person(t), l.joined(t, r.ID)
		got, err := l.Preview(ctx, who, r.ID)
		must(t, err)
		if !reconcile.IsGuest(got.Identity) || got.JoinID != "" || !got.Until.Equal(l.now().Add(room.PreviewTime)) {
			t.Errorf("%+v", got)
		}
		_, err = l.Listening(ctx, who, r.ID, "")
		refused(t, err, "room.not_here")
		must(t, s.Block(ctx, host, blocked))
		_, err = l.Preview(ctx, blocked, r.ID)
		refused(t, err, "room.not_found")
		_, err = l.Remove(ctx, host, r.ID, removed)
		must(t, err)
		_, err = l.Preview(ctx, removed, r.ID)
		refused(t, err, "room.removed")
		must(t, l.End(ctx, host, r.ID))
		_, err = l.Preview(ctx, who, r.ID)
		refused(t, err, "room.ended")
		_, err = l.Preview(ctx, who, "01a23134-73d3-712b-98ec-a46d439f7128")
		refused(t, err, "room.not_found")
	})
}

// A preview ends at once with what allowed it: rooms that stay open to the person go on.
func TestAPreviewEndsWithWhatAllowedIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host, other, who := l.person(t), l.person(t), l.person(t)
		r, elsewhere := string(l.opened(t, host).ID), string(l.opened(t, other).ID)
		guest := reconcile.GuestIdentity(string(who))
		hears := func(room string, want bool) {
			t.Helper()
			if _, is := l.listeners.Present(room)[guest]; is != want {
				t.Errorf("hears: %t, not %t", is, want)
			}
		}
		l.listeners.Connect(r, guest, "")
		l.listeners.Connect(elsewhere, guest, "")
		must(t, l.EndPreviews(ctx, who, false))
		hears(r, true)
		must(t, s.Block(ctx, host, who))
		must(t, l.EndPreviews(ctx, who, false))
		hears(r, false)
		hears(elsewhere, true)
		must(t, l.EndPreviews(ctx, who, true))
		hears(elsewhere, false)

		removed := l.joined(t, room.ID(elsewhere))
		guest = reconcile.GuestIdentity(string(removed))
		l.listeners.Connect(elsewhere, guest, "")
		_, err := l.Remove(ctx, other, room.ID(elsewhere), removed)
		must(t, err)
		hears(elsewhere, false)
	})
}

// Without a seat nobody is at the media server, but for the time in which a seat is taken or
// left.
func TestTheMediaServerIsForThoseWhoSpeak(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		who := l.person(t)
		joinID := l.joins(t, r.ID, who)
		admitted := func(want bool) {
			t.Helper()
			g, err := l.Admit(ctx, string(r.ID), l.media.identity(r.ID, who), joinID)
			if !want {
				refused(t, err, "audio.not_admitted")
				return
			}
			must(t, err)
			if m := l.member(t, r.ID, who); g.CanPublish != (m.Seat != 0) {
				t.Errorf("may publish: %t, in seat %d", g.CanPublish, m.Seat)
			}
		}
		admitted(false)
		_, err := l.PrepareToSpeak(ctx, who, r.ID, "of another device")
		refused(t, err, "room.not_here")
		me, err := l.PrepareToSpeak(ctx, who, r.ID, joinID)
		must(t, err)
		if me.Seat != 0 {
			t.Errorf("%+v", me)
		}
		admitted(true)
		l.wait(2*time.Minute + time.Second)
		admitted(false)
		_, err = l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		l.wait(time.Hour)
		admitted(true)
		_, err = l.MoveToAudience(ctx, host, r.ID, who)
		must(t, err)
		admitted(true)
		if canPublish, there := l.media.canPublish(r.ID, who); canPublish || !there {
			t.Error("whoever was moved hears nothing until they listen, or still speaks")
		}
		l.wait(11 * time.Second)
		admitted(false)
		must(t, l.Reconcile(ctx))
		if _, there := l.media.canPublish(r.ID, who); there {
			t.Error("whoever only listens stays at the media server")
		}
		_, err = l.PrepareToSpeak(ctx, who, r.ID, joinID)
		refused(t, err, "room.seat_refused")
	})
}

// The connection to the media server of somebody who has left their seat ends a little later.
// They are still there.
func TestWhoListensIsThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		who := l.person(t)
		joinID := l.joins(t, r.ID, who)
		_, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		_, err = l.Stand(ctx, who, r.ID)
		must(t, err)
		voice := l.media.identity(r.ID, who)
		l.listeners.Connect(string(r.ID), voice, joinID)
		must(t, l.media.Remove(ctx, string(r.ID), voice))
		must(t, l.ParticipantLeft(ctx, string(r.ID), voice, joinID))
		l.wait(11 * time.Second)
		must(t, l.Sweep(ctx))
		if !l.member(t, r.ID, who).Present {
			t.Fatal("out, and still listening")
		}
		l.listeners.CloseOwner(string(r.ID), voice, "")
		must(t, l.ListenerLeft(ctx, string(r.ID), voice, joinID))
		l.wait(11 * time.Second)
		must(t, l.Sweep(ctx))
		if l.member(t, r.ID, who).Present {
			t.Error("gone, and still counted")
		}
		must(t, l.ListenerLeft(ctx, string(r.ID), reconcile.GuestIdentity(string(who)), ""))
	})
}
