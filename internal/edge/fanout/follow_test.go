package fanout_test

import (
	"testing"

	"heyy/internal/edge/apitypes"
)

func TestLiveEventsOfAFollow(t *testing.T) {
	p := newFixture(t)
	ada, bob, eve := p.member(t, "ada"), p.member(t, "bob"), p.member(t, "eve")
	adas, bobs, eves := p.chatEvents(t, ada), p.chatEvents(t, bob), p.chatEvents(t, eve)
	ctx := t.Context()
	bond := func(e apitypes.BondEvent, who *listener, following, friend bool) {
		t.Helper()
		if e.PersonID != string(who.id) || e.Following != following || e.Friend != friend {
			t.Errorf("%+v, want %s, %v, %v", e, who.id, following, friend)
		}
	}

	// Who is followed hears of it; who follows, what the other is to them, on each device.
	must(t, p.follows.Follow(ctx, ada.id, bob.id))
	bond(next[apitypes.BondEvent](t, adas, "bond"), bob, true, false)
	next[apitypes.FollowersEvent](t, bobs, "followers")

	// The second follow makes them friends, which both hear.
	must(t, p.follows.Follow(ctx, bob.id, ada.id))
	bond(next[apitypes.BondEvent](t, adas, "bond"), bob, true, true)
	next[apitypes.FollowersEvent](t, adas, "followers")
	bond(next[apitypes.BondEvent](t, bobs, "bond"), ada, true, true)

	// Nobody hears that they were unfollowed, but that they are friends no more.
	must(t, p.follows.Unfollow(ctx, bob.id, ada.id))
	bond(next[apitypes.BondEvent](t, bobs, "bond"), ada, false, false)
	bond(next[apitypes.BondEvent](t, adas, "bond"), bob, true, false)
	must(t, p.follows.Unfollow(ctx, ada.id, bob.id))
	bond(next[apitypes.BondEvent](t, adas, "bond"), bob, false, false)
	silent(t, bobs)
	silent(t, eves)
}
