package room_test

import (
	"slices"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/media/reconcile"
	"heyy/internal/rooms/room"
)

// public reports whether anybody without an account hears a room now.
func (l *fixture) public(r room.ID) bool {
	_, there := l.listeners.Present(string(r))[reconcile.PublicIdentity]
	return there
}

func TestOnlyTheHostSharesARoomAndAnybodyReadsItThen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		speaker, listener := l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.Sit(ctx, speaker, r.ID, 0)
		must(t, err)
		_, err = l.Mute(ctx, speaker, r.ID, false)
		must(t, err)

		closed := func() {
			t.Helper()
			_, err := l.Public(ctx, r.ID)
			refused(t, err, "room.not_found")
			_, err = l.PublicListening(ctx, r.ID)
			refused(t, err, "room.not_found")
		}
		closed()
		_, err = l.Share(ctx, speaker, r.ID, true)
		refused(t, err, "room.host_only")
		_, err = l.Share(ctx, l.person(t), r.ID, true)
		refused(t, err, "room.host_only")
		_, err = l.Share(ctx, host, "01a23134-73d3-712b-98ec-a46d439f7128", true)
		refused(t, err, "room.not_found")

		before := l.seq(t, r.ID, listener)
		got, err := l.Share(ctx, host, r.ID, true)
		must(t, err)
		if got.Seq != before+1 || !got.At.Equal(l.now()) || !got.Shared {
			t.Errorf("%+v after %d", got, before)
		}
		if again, err := l.Share(ctx, host, r.ID, true); err != nil || again.Seq != got.Seq || !again.At.IsZero() || !again.Shared {
			t.Errorf("the same again: %+v, %v", again, err)
		}
		_, kinds := l.facts(t, r.ID)
		if n := len(kinds); kinds[n-1] != room.KindSharing || kinds[n-2] == room.KindSharing {
			t.Errorf("%v", kinds)
		}
		if seen, err := l.Get(ctx, listener, r.ID); err != nil || !seen.Shared || seen.Seq != got.Seq {
			t.Errorf("%+v, %v", seen, err)
		}
		l.tooOld(t, listener, r.ID, before)

		page, err := l.Public(ctx, r.ID)
		must(t, err)
		if page.Title != r.Title || page.Category != r.Category || page.Language != r.Language || len(page.Stage) != 2 {
			t.Fatalf("%+v", page)
		}
		for i, who := range []room.Member{l.member(t, r.ID, host), l.member(t, r.ID, speaker)} {
			if m := page.Stage[i]; m.Voice != who.Voice || m.Voice == 0 || m.Muted != who.Muted {
				t.Errorf("%+v on stage, not %+v", m, who)
			}
		}
		how, err := l.PublicListening(ctx, r.ID)
		must(t, err)
		if how.Identity != reconcile.PublicIdentity || how.JoinID != "" || !how.Until.IsZero() {
			t.Errorf("%+v", how)
		}

		must(t, l.Leave(ctx, host, r.ID))
		_, err = l.Share(ctx, host, r.ID, false)
		must(t, err)
		closed()
		if seen, err := l.Get(ctx, listener, r.ID); err != nil || seen.Shared {
			t.Errorf("%+v, %v", seen, err)
		}
	})
}

func TestWhoeverListensWithoutAnAccountFallsSilentWithTheCommand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		member := l.joined(t, r.ID)
		guest := reconcile.GuestIdentity(string(l.person(t)))
		connect := func() {
			l.listeners.Connect(string(r.ID), reconcile.PublicIdentity, "one")
			l.listeners.Connect(string(r.ID), reconcile.PublicIdentity, "two")
			l.listeners.Connect(string(r.ID), guest, "")
		}
		_, err := l.Share(ctx, host, r.ID, true)
		must(t, err)
		connect()
		must(t, l.ListenerJoined(ctx, string(r.ID), reconcile.PublicIdentity, "one"))
		must(t, l.ListenerLeft(ctx, string(r.ID), reconcile.PublicIdentity, "one"))
		must(t, l.Reconcile(ctx))
		if seen, err := l.Get(ctx, host, r.ID); err != nil || seen.Listeners != 1 || !l.public(r.ID) {
			t.Fatalf("%d listeners, %v", seen.Listeners, err)
		}
		_, err = l.Share(ctx, host, r.ID, false)
		must(t, err)
		if _, previews := l.listeners.Present(string(r.ID))[guest]; l.public(r.ID) || !previews {
			t.Error("people without an account still listen, or a member's preview has ended, too")
		}
		if _, listens := l.canPublish(r.ID, member); !listens || !l.member(t, r.ID, member).Present {
			t.Error("a member is out")
		}
		// Another node has missed the command, or it came between the check and the session.
		connect()
		must(t, l.Reconcile(ctx))
		if l.public(r.ID) {
			t.Error("the reconciler leaves them")
		}
		_, err = l.Share(ctx, host, r.ID, true)
		must(t, err)
		connect()
		must(t, l.End(ctx, host, r.ID))
		if slices.Contains(l.listeners.Rooms(), string(r.ID)) {
			t.Error("a room that has ended is heard")
		}
		_, err = l.Public(ctx, r.ID)
		refused(t, err, "room.not_found")
		_, err = l.Share(ctx, host, r.ID, true)
		refused(t, err, "room.ended")
	})
}
