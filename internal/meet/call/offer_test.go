package call_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"heyy/internal/meet/call"
	"heyy/internal/people/account"
)

func TestPeopleInOneRoomMayTalkPrivately(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, carl := w.person(), w.person(), w.person()
		w.gather(ann, bob)
		_, err := w.Ring(ctx, ann, carl) // not here
		refused(t, err, "person.unknown")
		v, err := w.Ring(ctx, ann, bob)
		must(t, err)
		if !v.Offered || !v.Caller || v.State != call.Proposed {
			t.Fatalf("Ann offers: %+v", v)
		}
		if again, err := w.Ring(ctx, ann, bob); err != nil || again.ID != v.ID {
			t.Fatalf("a double tap: %+v, %v", again, err)
		}
		if b := w.sees(bob, v.ID); !b.Offered || b.Caller || b.Me.Accepted {
			t.Fatalf("it rings at Bob's: %+v", b)
		}
		if left := w.leftRooms(); len(left) != 0 {
			t.Fatalf("left the room for an offer: %v", left)
		}
		if v, err = w.Accept(ctx, bob, v.ID); err != nil || v.State != call.Connecting {
			t.Fatalf("%+v, %v", v, err)
		}
		if left := w.leftRooms(); !slices.Contains(left, ann) || !slices.Contains(left, bob) {
			t.Fatalf("not both left the room: %v", left)
		}
		if !v.ChooseBy.IsZero() || w.matched(ann, bob) {
			t.Fatal("an offer is a proposal of the queue")
		}
	})
}

func TestAnOfferThatComesToNothingIsSilent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person(), w.person()
		w.gather(ann, bob)
		v, err := w.Ring(ctx, ann, bob)
		must(t, err)
		must(t, fail(w.Decline(ctx, bob, v.ID)))
		if x := w.sees(ann, v.ID); x.State != call.Proposed {
			t.Fatalf("Ann learns that Bob declined: %+v", x)
		}
		w.later(30 * time.Second)
		w.wantEnded(v.ID, call.Unanswered, ann, bob)
		_, err = w.Ring(ctx, ann, bob) // at once
		refused(t, err, "call.rings")
		for range 2 {
			w.later(10*time.Minute + time.Second)
			_, err = w.Ring(ctx, ann, bob)
			must(t, err)
			w.later(30 * time.Second)
		}
		w.later(10*time.Minute + time.Second)
		_, err = w.Ring(ctx, ann, bob) // the fourth within a day
		refused(t, err, "call.rings")
		w.makeMatch(ann, bob)
		if missed, err := w.Missed(ctx, bob); err != nil || len(missed) != 0 {
			t.Fatalf("an offer is kept: %+v, %v", missed, err)
		}
		_, err = w.Ring(ctx, ann, bob) // a match may
		must(t, err)
	})
}

func TestOffersOfOnePersonAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person()
		room := []account.ID{ann}
		for range 6 {
			room = append(room, w.person())
		}
		w.gather(room...)
		for i, who := range room[1:] {
			v, err := w.Ring(ctx, ann, who)
			if i == 5 {
				refused(t, err, "call.rings")
				return
			}
			must(t, err)
			must(t, fail(w.Leave(ctx, ann, v.ID)))
			w.wait(time.Second)
		}
	})
}

// What Ann sees must be the same whether Bob is in a call, welcomes nobody, has had enough
// offers, forbids calls, has passed after a call with her, or just does not answer.
func TestAnOfferThatRingsAtNobodysLooksUnanswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person(), w.person()
		others := []account.ID{w.person(), w.person(), w.person()}
		w.gather(append(others, ann, bob)...)
		ring := func(by, of account.ID) call.Call {
			t.Helper()
			v, err := w.Ring(ctx, by, of)
			must(t, err)
			return v
		}
		hidden := func(v call.Call) call.Call {
			v.ID, v.Me.Account, v.Other.Account, v.Me.Identity, v.Other.Identity, v.Cards = "", "", "", "", "", nil
			v.CreatedAt, v.DeadlineAt = time.Time{}, time.Time{}
			return v
		}
		ends := func(by account.ID, v call.Call) {
			t.Helper()
			must(t, fail(w.Leave(ctx, by, v.ID)))
		}
		open := ring(others[0], others[1])
		want := hidden(open)
		ends(others[0], open)
		check := func(why string) {
			t.Helper()
			w.later(11 * time.Minute)
			v := ring(ann, bob)
			if got := hidden(v); !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\n%+v\n%+v", why, got, want)
			}
			for _, f := range w.facts(v.ID) {
				if slices.Contains(f.Recipients, bob) {
					t.Errorf("%s: Bob is told: %+v", why, f)
				}
			}
			ends(ann, v)
			w.later(25 * time.Hour) // the next one is the first again
		}
		w.recluse = map[account.ID]bool{bob: true}
		check("Bob welcomes nobody")
		w.recluse = nil
		w.setRings(bob, false)
		check("Bob forbids calls")
		w.setRings(bob, true)
		_, err := w.propose(bob, w.person())
		must(t, err)
		v := ring(ann, bob)
		if got := hidden(v); !reflect.DeepEqual(got, want) {
			t.Errorf("Bob is in a call:\n%+v\n%+v", got, want)
		}
		ends(ann, v)
		w.later(25 * time.Hour)
		for _, by := range others {
			ends(by, ring(by, bob))
			w.wait(time.Second)
		}
		v = ring(ann, bob)
		if got := hidden(v); !reflect.DeepEqual(got, want) {
			t.Errorf("Bob has had enough:\n%+v\n%+v", got, want)
		}
		if _, ok, err := w.Current(ctx, bob); err != nil || ok {
			t.Errorf("a fourth offer rings within ten minutes: %v", err)
		}
		ends(ann, v)
		must(t, w.separate(ann, bob)) // leaves a mark for ever, as a pass after a call does
		check("Bob has passed after a call")
	})
}
