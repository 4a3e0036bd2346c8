package discovery_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
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
		if m, err := w.matches(bob); err != nil || len(m) != 0 || w.facts(discovery.KindMatched) != 0 {
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
			m, err := w.matches(pair[0])
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
			if m, err := w.matches(pair[0]); err != nil || len(m) != 0 {
				t.Errorf("%+v, %v", m, err)
			}
			if slices.Contains(w.sees(pair[0]), pair[1]) {
				t.Error("an ended match comes back")
			}
			if o, err := w.Choose(ctx, pair[0], pair[1], discovery.Like); err != nil || o.Matched {
				t.Errorf("a like after the end: %+v, %v", o, err)
			}
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

func TestAPassHidesAtARandomLaterTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.hides = 9 * time.Hour
		ids := w.join(somebody{}, somebody{})
		anna, bob := ids[0], ids[1]
		w.load()
		before, err := w.Counts(ctx, bob, nil)
		must(t, err)
		_, err = w.Choose(ctx, anna, bob, discovery.Pass)
		must(t, err)
		for _, step := range []struct {
			after time.Duration
			sees  bool
		}{{0, true}, {9*time.Hour - time.Second, true}, {time.Second, false}} {
			w.pass(step.after)
			w.fresh()
			w.load()
			if len(w.sees(anna)) != 0 {
				t.Error("who passed sees them again")
			}
			if got := slices.Contains(w.sees(bob), anna); got != step.sees {
				t.Errorf("after %v bob sees anna: %v", step.after, got)
			}
			if c, err := w.Counts(ctx, bob, nil); err != nil || c.People != before.People {
				t.Errorf("bob's count shows the pass: %+v, %v", c, err)
			}
		}
		// Taken back, it never hid anybody.
		_, err = w.Choose(ctx, bob, anna, discovery.Pass)
		must(t, err)
		_, err = w.Undo(ctx, bob)
		must(t, err)
		w.pass(9 * time.Hour)
		w.fresh()
		w.load()
		if slices.Contains(w.sees(anna), bob) || slices.Contains(w.sees(bob), anna) {
			t.Error("anna's own pass is over too soon")
		}
	})
	least, most := 48*time.Hour, time.Duration(0)
	for range 1000 {
		d := discovery.HideDelay()
		least, most = min(least, d), max(most, d)
	}
	if least < 6*time.Hour || most > 48*time.Hour || most-least < 24*time.Hour {
		t.Errorf("a pass hides after %v to %v", least, most)
	}
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
		if d, err := w.Cards(ctx, anna, 1); err != nil || d.LikesLeft != 48 {
			t.Errorf("a like that was taken back can be given again: %+v, %v", d, err)
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

// whatBecame is what may have become of somebody since their card was served.
var whatBecame = []struct {
	name string
	do   func(w *world, me, them account.ID)
}{
	{"nothing", func(*world, account.ID, account.ID) {}},
	{"meets others", func(w *world, _, them account.ID) { w.set(them, "meet", `["man"]`) }},
	{"is another", func(w *world, _, them account.ID) { w.set(them, "gender", "man") }},
	{"looks for something else", func(w *world, _, them account.ID) { w.set(them, "intents", `["professional"]`) }},
	{"wishes older ones", func(w *world, _, them account.ID) { w.set(them, "age_from", 90) }},
	{"paused", func(w *world, _, them account.ID) { w.set(them, "paused", true) }},
	{"passed", func(w *world, me, them account.ID) {
		_, err := w.Choose(ctx, them, me, discovery.Pass)
		must(w.t, err)
	}},
	{"liked, and paused", func(w *world, me, them account.ID) {
		_, err := w.Choose(ctx, them, me, discovery.Like)
		must(w.t, err)
		w.set(them, "paused", true)
	}},
	{"blocked", func(w *world, me, them account.ID) { must(w.t, w.safety.Block(ctx, them, me)) }},
	{"reported", func(w *world, me, them account.ID) {
		must(w.t, w.safety.Report(ctx, them, me, safety.Complaint{Reason: "spam", Place: "discover"}))
	}},
	{"matched and parted", func(w *world, me, them account.ID) {
		must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error { return w.Meet(ctx, tx, me, them) }))
		must(w.t, w.End(ctx, them, me))
	}},
	{"is gone", func(w *world, _, them account.ID) {
		must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec(`DELETE FROM accounts WHERE id = $1`, string(them))
			return err
		}))
	}},
}

// Somebody's attributes, passes, blocks and being there at all must not be read
// off the answer to a choice on them: whatever became of them since their card
// was served, the answers and the statements are the same.
func TestWhateverBecameOfThemAChoiceIsAnsweredAlike(t *testing.T) {
	for _, c := range []discovery.Choice{discovery.Like, discovery.Pass} {
		t.Run(string(c), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				var want []string
				for _, x := range whatBecame {
					ids := w.join(somebody{}, somebody{})
					me, them := ids[0], ids[1]
					w.load()
					_ = w.sees(me)
					x.do(w, me, them)
					var got []string
					say := func(step string, o any, err error) { got = append(got, fmt.Sprint(step, " ", o, " ", err)) }
					o, err := w.Choose(ctx, me, them, c)
					say("choose", o, err)
					o, err = w.Choose(ctx, me, them, c)
					say("again", o, err)
					on, err := w.Undo(ctx, me)
					say("undo", on == them, err)
					o, err = w.Choose(ctx, me, them, c)
					say("anew", o, err)
					d, err := w.Cards(ctx, me, 1)
					say("left", d.LikesLeft, err)
					if is, err := w.Matched(ctx, me, them); err != nil || is {
						t.Errorf("%s: matched %v, %v", x.name, is, err)
					}
					if want == nil {
						want = got
					} else if !slices.Equal(got, want) {
						t.Errorf("%s: %q, want %q", x.name, got, want)
					}
				}
			})
		})
	}
}

func TestWhoMayNotLookMayNotChoose(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{paused: true}, somebody{mute: true})
		anna := ids[0]
		_, err := w.Choose(ctx, ids[2], anna, discovery.Like)
		wantCode(t, err, "discover.incomplete")
		_, err = w.Choose(ctx, ids[1], anna, discovery.Like)
		wantCode(t, err, "discover.paused")
		_, err = w.Choose(ctx, anna, ids[1], "love")
		wantCode(t, err, "choice.unknown")
		_, err = w.Choose(ctx, anna, anna, discovery.Like)
		wantCode(t, err, "choice.unknown")
	})
}

func TestAChoiceWithoutACardIsOneOfTheDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{})
		_, err := w.Choose(ctx, ids[0], ids[1], discovery.Pass)
		must(t, err)
		for range 499 {
			must(t, w.CountMiss(ctx, ids[0]))
		}
		wantCode(t, w.CountMiss(ctx, ids[0]), "choices.spent")
		var rows int
		must(t, w.db.QueryRow(`SELECT count(*) FROM choices`).Scan(&rows))
		if rows != 500 {
			t.Errorf("%d rows", rows)
		}
		if on, err := w.Undo(ctx, ids[0]); err != nil || on != ids[1] {
			t.Errorf("the last choice cannot be taken back: %q, %v", on, err)
		}
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
