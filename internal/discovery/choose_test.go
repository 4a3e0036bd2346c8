package discovery_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/discovery"
	"heyy/internal/id"
	"heyy/internal/safety"
)

func TestTwoLikesAreAMatchAndOneIsASecret(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{}, somebody{})
		anna, bob, cleo := ids[0], ids[1], ids[2]
		w.load()
		before, err := w.Cards(ctx, bob, 20)
		must(t, err)
		o, err := w.Choose(ctx, anna, bob, discovery.Like)
		if err != nil || o.Matched || o.LikesLeft != 49 {
			t.Fatalf("%+v, %v", o, err)
		}
		if again, err := w.Choose(ctx, anna, bob, discovery.Like); err != nil || again != o {
			t.Fatalf("twice is not once: %+v, %v", again, err)
		}
		if after, err := w.Cards(ctx, bob, 20); err != nil || after.LikesLeft != before.LikesLeft || len(after.Cards) != len(before.Cards) {
			t.Errorf("bob's deck tells of the like: %+v, %v", after, err)
		}
		if m, err := w.Matches(ctx, bob); err != nil || len(m) != 0 || w.facts(discovery.KindMatched) != 0 {
			t.Errorf("%+v, %v", m, err)
		}
		if slices.Contains(w.sees(anna), bob) {
			t.Error("anna is shown whom she chose")
		}
		w.pass(time.Minute)
		if o, err = w.Choose(ctx, bob, anna, discovery.Like); err != nil || !o.Matched {
			t.Fatalf("%+v, %v", o, err)
		}
		for _, pair := range [][2]account.ID{{anna, bob}, {bob, anna}} {
			m, err := w.Matches(ctx, pair[0])
			if err != nil || len(m) != 1 || m[0].Other != pair[1] || !m[0].At.Equal(w.now) {
				t.Errorf("%+v, %v", m, err)
			}
			if is, err := w.Matched(ctx, pair[0], pair[1]); err != nil || !is {
				t.Errorf("%v, %v", is, err)
			}
			if o, err := w.Choose(ctx, pair[0], pair[1], discovery.Like); err != nil || !o.Matched {
				t.Errorf("a like again: %+v, %v", o, err)
			}
			_, err = w.Choose(ctx, pair[0], pair[1], discovery.Pass)
			wantCode(t, err, "choice.matched")
			if slices.Contains(w.sees(pair[0]), pair[1]) {
				t.Error("a match is shown as a stranger")
			}
		}
		if w.facts(discovery.KindMatched) != 1 || w.woken != 1 {
			t.Errorf("told %d times, woken %d", w.facts(discovery.KindMatched), w.woken)
		}
		if is, err := w.Matched(ctx, anna, cleo); err != nil || is {
			t.Errorf("%v, %v", is, err)
		}
		wantCode(t, w.End(ctx, anna, cleo), "match.unknown")
		must(t, w.End(ctx, bob, anna))
		wantCode(t, w.End(ctx, anna, bob), "match.unknown")
		if w.facts(discovery.KindEnded) != 1 || w.forgot != 1 {
			t.Errorf("told %d times, forgot %d", w.facts(discovery.KindEnded), w.forgot)
		}
		w.pass(365 * 24 * time.Hour)
		for _, pair := range [][2]account.ID{{anna, bob}, {bob, anna}} {
			if m, err := w.Matches(ctx, pair[0]); err != nil || len(m) != 0 {
				t.Errorf("%+v, %v", m, err)
			}
			if slices.Contains(w.sees(pair[0]), pair[1]) {
				t.Error("an ended match comes back")
			}
			_, err := w.Choose(ctx, pair[0], pair[1], discovery.Like)
			wantCode(t, err, "person.unknown")
		}
	})
}

func TestOfTwoLikesAtOnceExactlyOneMakesTheMatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const races = 200
		people := w.join(make([]somebody, 2*races)...)
		var wrong []string
		var mu sync.Mutex
		for i := range races {
			a, b := people[2*i], people[2*i+1]
			var made int
			var both sync.WaitGroup
			start := make(chan struct{})
			for _, pair := range [][2]account.ID{{a, b}, {b, a}} {
				both.Go(func() {
					<-start
					o, err := w.Choose(ctx, pair[0], pair[1], discovery.Like)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						wrong = append(wrong, err.Error())
					}
					if o.Matched {
						made++
					}
				})
			}
			close(start)
			both.Wait()
			if made != 1 {
				t.Errorf("race %d: %d were told of a match", i, made)
			}
		}
		if len(wrong) > 0 {
			t.Error(wrong)
		}
		if n := w.facts(discovery.KindMatched); n != races {
			t.Errorf("%d facts of %d matches", n, races)
		}
	})
}

func TestALikeAndABlockAtOnceLeaveNoMatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		people := w.join(make([]somebody, 100)...)
		for i := 0; i < len(people); i += 2 {
			a, b := people[i], people[i+1]
			_, err := w.Choose(ctx, a, b, discovery.Like)
			must(t, err)
			var both sync.WaitGroup
			both.Go(func() { _, _ = w.Choose(ctx, b, a, discovery.Like) })
			both.Go(func() {
				if err := w.safety.Block(ctx, a, b); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if is, err := w.Matched(ctx, a, b); err != nil || is {
				t.Errorf("%v, %v", is, err)
			}
		}
	})
}

func TestPassesAreSilentAndLastAMonth(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{})
		anna, bob := ids[0], ids[1]
		w.load()
		_, err := w.Choose(ctx, anna, bob, discovery.Pass)
		must(t, err)
		for range 2 {
			if len(w.sees(anna)) != 0 || len(w.sees(bob)) != 0 {
				t.Error("they see each other after a pass")
			}
			w.fresh()
			w.load()
		}
		// A card that bob got before is as good as it was.
		if o, err := w.Choose(ctx, bob, anna, discovery.Like); err != nil || o.Matched {
			t.Errorf("%+v, %v", o, err)
		}
		w.pass(29 * 24 * time.Hour)
		w.fresh()
		w.load()
		if len(w.sees(anna)) != 0 {
			t.Error("back too soon")
		}
		w.pass(25 * time.Hour)
		w.seen(anna, bob)
		w.fresh()
		w.load()
		if !slices.Contains(w.sees(anna), bob) {
			t.Error("not back after a month")
		}
		must(t, w.Sweep(ctx, w.now))
		if o, err := w.Choose(ctx, anna, bob, discovery.Like); err != nil || !o.Matched {
			t.Errorf("bob's like is gone: %+v, %v", o, err)
		}
	})
}

func TestTheLastChoiceCanBeTakenBackOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{}, somebody{})
		anna, bob, cleo := ids[0], ids[1], ids[2]
		w.load()
		_, err := w.Undo(ctx, anna)
		wantCode(t, err, "undo.none")
		_, err = w.Choose(ctx, anna, bob, discovery.Like)
		must(t, err)
		_, err = w.Choose(ctx, anna, cleo, discovery.Pass)
		must(t, err)
		if on, err := w.Undo(ctx, anna); err != nil || on != cleo {
			t.Fatalf("%s, %v", on, err)
		}
		if !slices.Contains(w.sees(anna), cleo) || !slices.Contains(w.sees(cleo), anna) {
			t.Error("cleo does not come back")
		}
		_, err = w.Undo(ctx, anna)
		wantCode(t, err, "undo.none")
		_, err = w.Choose(ctx, anna, cleo, discovery.Like)
		must(t, err)
		if on, err := w.Undo(ctx, anna); err != nil || on != cleo {
			t.Fatalf("%s, %v", on, err)
		}
		if d, err := w.Cards(ctx, anna, 1); err != nil || d.LikesLeft != 49 {
			t.Errorf("the like does not come back: %+v, %v", d, err)
		}
		if o, err := w.Choose(ctx, cleo, anna, discovery.Like); err != nil || o.Matched {
			t.Errorf("a like that was taken back matches: %+v, %v", o, err)
		}
		_, err = w.Choose(ctx, bob, anna, discovery.Like)
		must(t, err)
		_, err = w.Undo(ctx, bob)
		wantCode(t, err, "undo.matched")
		_, err = w.Choose(ctx, anna, cleo, discovery.Pass)
		must(t, err)
		w.pass(10 * time.Minute)
		_, err = w.Undo(ctx, anna)
		wantCode(t, err, "undo.none")
	})
}

func TestQuotasAreTheSameForAll(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		people := w.join(make([]somebody, 504)...)
		me, others := people[0], people[1:]
		for i, on := range others[:50] {
			if o, err := w.Choose(ctx, me, on, discovery.Like); err != nil || o.LikesLeft != 49-i {
				t.Fatalf("like %d: %+v, %v", i, o, err)
			}
		}
		_, err := w.Choose(ctx, me, others[50], discovery.Like)
		wantCode(t, err, "likes.spent")
		for _, on := range others[50:500] {
			_, err := w.Choose(ctx, me, on, discovery.Pass)
			must(t, err)
		}
		_, err = w.Choose(ctx, me, others[500], discovery.Pass)
		wantCode(t, err, "choices.spent")
		w.pass(24 * time.Hour)
		must(t, w.Sweep(ctx, w.now))
		if o, err := w.Choose(ctx, me, others[501], discovery.Like); err != nil || o.LikesLeft != 49 {
			t.Errorf("%+v, %v", o, err)
		}
	})
}

func TestQuotasHoldWhenAllComesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		people := w.join(make([]somebody, 61)...)
		var all sync.WaitGroup
		var mu sync.Mutex
		given := 0
		for _, on := range people[1:] {
			all.Go(func() {
				_, err := w.Choose(ctx, people[0], on, discovery.Like)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					given++
				} else {
					wantCode(t, err, "likes.spent")
				}
			})
		}
		all.Wait()
		if given != 50 {
			t.Errorf("%d likes were given", given)
		}
	})
}

func TestWhoDoesNotFitIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{meet: []string{"man"}}, somebody{paused: true}, somebody{mute: true}, somebody{seen: 31 * 24 * time.Hour}, somebody{}, somebody{})
		anna, blocked, reported := ids[0], ids[5], ids[6]
		must(t, w.safety.Block(ctx, blocked, anna))
		must(t, w.safety.Report(ctx, anna, reported, safety.Complaint{Reason: "spam", Place: "discover"}))
		for _, on := range append(ids[1:], account.ID(id.New()), anna, "nobody") {
			for _, c := range []discovery.Choice{discovery.Like, discovery.Pass} {
				_, err := w.Choose(ctx, anna, on, c)
				wantCode(t, err, "person.unknown")
			}
		}
		_, err := w.Choose(ctx, ids[3], anna, discovery.Like)
		wantCode(t, err, "discover.incomplete")
		_, err = w.Choose(ctx, ids[2], anna, discovery.Like)
		wantCode(t, err, "discover.paused")
		_, err = w.Choose(ctx, anna, blocked, "love")
		wantCode(t, err, "choice.unknown")
	})
}

func TestABlockEndsTheMatchOrNothingHappens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{})
		for i := range ids {
			_, err := w.Choose(ctx, ids[i], ids[1-i], discovery.Like)
			must(t, err)
		}
		w.forgets = errors.New("broken")
		if err := w.safety.Block(ctx, ids[0], ids[1]); !errors.Is(err, w.forgets) {
			t.Fatal(err)
		}
		if is, err := w.Matched(ctx, ids[0], ids[1]); err != nil || !is || w.facts(discovery.KindEnded) != 0 {
			t.Fatalf("half ended: %v, %v", is, err)
		}
		w.forgets = nil
		must(t, w.safety.Block(ctx, ids[0], ids[1]))
		if is, err := w.Matched(ctx, ids[0], ids[1]); err != nil || is || w.facts(discovery.KindEnded) != 1 {
			t.Fatalf("%v, %v", is, err)
		}
		must(t, w.safety.Unblock(ctx, ids[0], ids[1]))
		w.load()
		if len(w.sees(ids[0])) != 0 {
			t.Error("shown again")
		}
	})
}
