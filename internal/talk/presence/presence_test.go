package presence_test

import (
	"fmt"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/talk/presence"
)

var visible = presence.Settings{Mode: presence.Visible}

func TestFriendsSeeWhoComesAndGoesAndStrangersNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		stranger := w.person("stranger")
		fan := w.person("fan")
		must(t, w.follows.Follow(ctx, fan, bob)) // one way makes no friend
		for _, who := range []account.ID{stranger, fan} {
			w.Connected(who)
		}
		w.tick()
		w.hears("two strangers came")
		w.Connected(bob)
		w.tick()
		w.hears("he came", "ada: bob online")
		w.sees(ada, "bob online")
		w.sees(bob, "ada online")
		w.sees(stranger)
		w.sees(fan)
		w.Disconnected(bob)
		w.Advance(presence.Linger)
		w.tick()
		w.hears("he has gone", "ada: bob offline")
		w.sees(ada)
	})
}

func TestAReloadIsNoLeaving(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		w.Connected(bob)
		w.tick()
		w.hears("he came", "ada: bob online")
		for range 10 {
			w.Disconnected(bob)
			w.Advance(presence.Linger - presence.Pause - time.Second)
			w.tick()
			w.Connected(bob)
			w.tick()
		}
		w.hears("he reloaded ten times")
		w.sees(ada, "bob online")
		w.Connected(bob) // a second tab
		w.Disconnected(bob)
		w.Advance(presence.Linger)
		w.tick()
		w.hears("one of two tabs has gone")
	})
}

func TestReconnectingAThousandTimesTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, bob := w.friends()
		w.Connected(bob)
		w.tick()
		w.hears("he came", "ada: bob online")
		for range 1000 {
			w.Disconnected(bob)
			w.Connected(bob)
			w.Advance(60 * time.Millisecond)
			w.step()
		}
		w.hears("1,000 reconnects in a minute")
	})
}

func TestWhateverSomebodySwitchesFriendsAreToldAFewTimes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		r := w.opens(w.person("host"), "Late talk")
		w.Connected(bob)
		w.set(bob, presence.Settings{Mode: presence.Visible, ShowRooms: true})
		w.tick()
		w.told = nil
		const seconds = 30
		for i := range seconds {
			w.Advance(time.Second)
			mode := presence.Modes[i%len(presence.Modes)]
			w.set(bob, presence.Settings{Mode: presence.Mode(mode), ShowRooms: i%2 == 0})
			w.joins(bob, r)
			w.step()
			must(t, w.rooms.Leave(ctx, bob, r))
			w.step()
		}
		if n := len(w.told); n > 2*seconds/int(presence.Pause/time.Second)+2 {
			t.Errorf("told %d times in %d s: %q", n, seconds, w.told)
		}
		w.set(bob, visible)
		w.tick()
		w.tick()
		w.sees(ada, "bob online")
		if last := w.told[len(w.told)-1]; last != "ada: bob online" {
			t.Errorf("the last event is %q", last)
		}
	})
}

func TestInvisibleIsOffline(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		r := w.opens(w.person("host"), "Late talk")
		w.Connected(bob)
		w.tick()
		w.hears("he came", "ada: bob online")
		w.set(bob, presence.Settings{Mode: presence.Invisible, ShowRooms: true})
		w.sees(ada) // at once
		w.step()    // and told without a pause
		w.hears("he hides", "ada: bob offline")
		w.sees(bob, "ada online") // he sees as before
		w.joins(bob, r)
		w.tick()
		must(t, w.rooms.Leave(ctx, bob, r))
		w.tick()
		w.set(bob, presence.Settings{Mode: presence.Invisible})
		w.tick()
		w.Disconnected(bob)
		w.Advance(presence.Linger)
		w.tick()
		w.Connected(bob)
		w.tick()
		w.hears("somebody invisible walks about")
		w.sees(ada)
		w.set(bob, visible)
		w.tick()
		w.hears("he shows himself", "ada: bob online")
	})
}

func TestARoomIsSeenByFriendsWhoMayJoinIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		cleo, host := w.person("cleo"), w.person("host")
		w.match(cleo, bob)
		w.Connected(cleo)
		w.Connected(bob)
		w.tick()
		w.told = nil
		must(t, w.safety.Block(ctx, host, cleo))
		r := w.opens(host, "Late talk")
		w.joins(bob, r)
		w.tick()
		w.hears("he does not show rooms")
		w.sees(ada, "bob online")

		w.set(bob, presence.Settings{Mode: presence.Visible, ShowRooms: true})
		w.tick()
		w.hears("he shows rooms", "ada: bob in_room Late talk") // and nothing for whom the host blocked
		w.sees(ada, "bob in_room Late talk")
		w.sees(cleo, "bob online")

		w.joins(ada, r)
		_, err := w.rooms.Remove(ctx, host, r, ada)
		must(t, err)
		w.tick()
		w.sees(ada, "bob online") // a link that leads nowhere is none
		w.told = nil

		dora, eve := w.person("dora"), w.person("eve")
		for _, friend := range []account.ID{dora, eve} {
			w.match(friend, bob)
			w.Connected(friend)
		}
		w.tick()
		w.sees(dora, "bob in_room Late talk")
		w.told = nil
		must(t, w.safety.Block(ctx, host, dora))
		w.tick()
		w.hears("the room closed to one of his friends", "dora: bob online")

		must(t, w.rooms.End(ctx, host, r))
		w.tick()
		w.hears("it ended", "eve: bob online")
	})
}

func TestARoomWithABlockedSpeakerIsNotSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		host, speaker := w.person("host"), w.person("speaker")
		must(t, w.safety.Block(ctx, ada, speaker))
		r := w.opens(host, "Late talk")
		w.set(bob, presence.Settings{Mode: presence.Visible, ShowRooms: true})
		w.Connected(bob)
		w.joins(bob, r)
		w.tick()
		w.hears("he is in a room", "ada: bob in_room Late talk")
		w.joins(speaker, r)
		_, err := w.rooms.Sit(ctx, speaker, r, 2)
		must(t, err)
		w.tick()
		w.hears("somebody sat whom she blocked", "ada: bob online")
		_, err = w.rooms.Stand(ctx, speaker, r)
		must(t, err)
		w.tick()
		w.hears("and stood up", "ada: bob in_room Late talk")
		must(t, w.rooms.Leave(ctx, bob, r))
		w.tick()
		w.hears("he left", "ada: bob online")
	})
}

func TestABlockAndTheEndOfAMatchEndItAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for how, end := range map[string]func(ada, bob account.ID) error{
			"a block":   func(ada, bob account.ID) error { return w.safety.Block(ctx, ada, bob) },
			"his block": func(ada, bob account.ID) error { return w.safety.Block(ctx, bob, ada) },
			"a report": func(ada, bob account.ID) error {
				return w.safety.Report(ctx, bob, ada, safety.Complaint{Reason: "spam", Place: "match"})
			},
			"an unmatch": func(ada, bob account.ID) error { return w.discovery.End(ctx, ada, bob) },
		} {
			ada, bob := w.friends()
			w.Connected(bob)
			w.tick()
			w.sees(ada, "bob online")
			w.told = nil
			must(t, end(ada, bob))
			w.sees(ada)
			w.sees(bob)
			w.set(bob, presence.Settings{Mode: presence.DoNotDisturb})
			w.tick()
			w.hears(how, "ada: bob offline", "bob: ada offline")
		}
	})
}

func TestABlockAmongStrangersTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.person("ada"), w.person("bob")
		w.Connected(ada)
		w.Connected(bob)
		w.tick()
		must(t, w.safety.Block(ctx, ada, bob))
		w.tick()
		w.hears("she blocked a stranger")
	})
}

func TestNewFriendsAreToldOfEachOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob, cleo := w.person("ada"), w.person("bob"), w.person("cleo")
		for _, who := range []account.ID{ada, bob, cleo} {
			w.Connected(who)
		}
		w.set(cleo, presence.Settings{Mode: presence.Invisible})
		w.tick()
		must(t, w.follows.Follow(ctx, ada, bob))
		w.tick()
		w.hears("a follow goes one way")
		must(t, w.follows.Follow(ctx, bob, ada))
		w.tick()
		w.hears("they follow each other", "ada: bob online", "bob: ada online")
		must(t, w.follows.Follow(ctx, cleo, ada))
		must(t, w.follows.Follow(ctx, ada, cleo))
		w.tick()
		w.hears("one is invisible", "cleo: ada online")
		must(t, w.follows.Unfollow(ctx, ada, bob))
		w.tick()
		w.hears("it is over", "ada: bob offline", "bob: ada offline")
	})
}

func TestDoNotDisturbIsSeenAndEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		w.Connected(bob)
		w.tick()
		w.told = nil
		undisturbed := func(want bool) {
			t.Helper()
			if on, _, err := w.IsUndisturbed(ctx, w.db, bob); err != nil || on != want {
				t.Errorf("undisturbed: %v, %v", on, err)
			}
		}
		undisturbed(false)
		w.set(bob, presence.Settings{Mode: presence.DoNotDisturb, Until: w.Now().Add(time.Hour), ShowRooms: true})
		w.joins(bob, w.opens(w.person("host"), "Late talk"))
		w.tick()
		w.hears("he wants peace", "ada: bob do_not_disturb")
		undisturbed(true)
		w.Advance(time.Hour)
		undisturbed(false)   // whether or not it was swept
		must(t, w.Keep(ctx)) // the heartbeat
		w.sees(ada, "bob in_room Late talk")
		must(t, w.Sweep(ctx, w.Now()))
		w.tick()
		w.hears("it is over", "ada: bob in_room Late talk")
		if st, err := w.Settings(ctx, bob); err != nil || st != (presence.Settings{Mode: presence.Visible, ShowRooms: true}) {
			t.Errorf("then he has %+v, %v", st, err)
		}
	})
}

func TestSettingsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bob := w.person("bob")
		soon := w.Now().Add(time.Hour)
		for _, c := range []struct {
			code string
			set  presence.Settings
		}{
			{"presence.mode", presence.Settings{}},
			{"presence.mode", presence.Settings{Mode: "away"}},
			{"presence.until", presence.Settings{Mode: presence.Visible, Until: soon}},
			{"presence.until", presence.Settings{Mode: presence.Invisible, Until: soon}}, // nobody becomes visible by themselves
			{"presence.until", presence.Settings{Mode: presence.DoNotDisturb, Until: w.Now()}},
			{"presence.until", presence.Settings{Mode: presence.DoNotDisturb, Until: w.Now().Add(presence.MaxUntil + time.Second)}},
		} {
			wantCode(t, w.Set(ctx, bob, c.set), c.code)
		}
	})
}

// A process that is killed leaves its rows.
func TestTheRowsOfADeadNodeGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "one")
		ada, bob := w.friends()
		w.Connected(bob)
		w.tick()
		w.sees(ada, "bob online")

		again := newWorld(t, d, "one") // the same node starts anew
		again.names = w.names
		again.sees(ada)
		again.Connected(bob)
		again.tick()
		again.sees(ada, "bob online")

		other := newWorld(t, d, "two") // another one stays
		other.names = w.names
		other.Advance(2 * time.Minute)
		other.sees(ada) // the heartbeat has run out
		must(t, other.Sweep(ctx, other.Now()))
		if n := other.rows(); n != 0 {
			t.Errorf("%d rows are left", n)
		}

		// It was only slow: it finds that it was taken for dead, and writes its people again.
		again.Advance(2 * time.Minute)
		again.tick()
		again.sees(ada, "bob online")
	})
}

func TestAnybodyOnTwoNodesIsThereUntilTheLastHasGone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one := newWorld(t, d, "one")
		ada, bob := one.friends()
		two := newWorld(t, d, "two")
		two.names = one.names
		one.Connected(bob)
		two.Connected(bob)
		one.tick()
		two.tick()
		one.Disconnected(bob)
		one.Advance(presence.Linger)
		one.tick()
		two.sees(ada, "bob online")
		if n := one.rows(); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestThousandsComeAndGoInBatches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, _ := w.friends()
		const many = 1000
		people := make([]account.ID, many)
		want := make([]string, many)
		for i := range people {
			name := fmt.Sprintf("p%04d", i)
			people[i] = w.person(name)
			w.match(ada, people[i])
			w.Connected(people[i])
			want[i] = name + " online"
		}
		w.tick()
		if n := w.rows(); n != many+1 {
			t.Fatalf("%d rows", n)
		}
		w.sees(ada, want...)
		for range many/200 - 1 {
			w.step() // a batch at a time
		}
		if n := len(w.told); n != many {
			t.Errorf("told %d times", n)
		}
		for _, who := range people {
			w.Disconnected(who)
		}
		w.Advance(presence.Linger)
		for range many / 200 {
			w.tick()
		}
		w.sees(ada)
		w.Disconnected(ada)
		w.Advance(presence.Linger)
		w.tick()
		w.tick()
		if !w.Forgotten() {
			t.Error("something of them is still held")
		}
	})
}

func TestSomebodyDeletedMeanwhileIsNoTrouble(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		w.Connected(bob)
		w.exec(`DELETE FROM accounts WHERE id = $1`, string(bob))
		w.tick()
		w.sees(ada)
		w.Disconnected(bob)
		w.Advance(presence.Linger)
		w.tick()
		w.sees(ada)
	})
}

// A change that is still to be told is not read either: taken back before that, no event
// would follow it.
func TestAReadSaysWhatEventsSay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, bob := w.friends()
		r := w.opens(w.person("host"), "Late talk")
		w.set(bob, presence.Settings{Mode: presence.Visible, ShowRooms: true})
		w.Connected(bob)
		w.joins(bob, r)
		w.tick()
		w.told = nil
		w.sees(ada, "bob in_room Late talk")
		must(t, w.rooms.Leave(ctx, bob, r))
		w.tick()
		w.hears("he left", "ada: bob online")
		w.joins(bob, r)
		w.step() // he waits
		w.sees(ada, "bob online")
		must(t, w.rooms.Leave(ctx, bob, r))
		w.tick()
		w.hears("he was there for a moment")
		w.sees(ada, "bob online")
	})
}
