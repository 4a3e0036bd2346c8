package discovery_test

import (
	"database/sql"
	"testing"

	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
)

// A like that could match once was written or not by what the other had chosen,
// and whose card came back told it: deal cards, wish for an age that nobody has,
// like them all, wish as before.
func TestWhoseCardComesBackTellsNoLike(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{}, somebody{})
		anna, fan, cleo := ids[0], ids[1], ids[2]
		w.load()
		_, err := w.Choose(ctx, fan, anna, discovery.Like)
		must(t, err)
		if n := len(w.sees(anna)); n != 2 {
			t.Fatalf("%d cards", n)
		}
		w.set(anna, "age_from", 90)
		for _, on := range []account.ID{fan, cleo} {
			if o, err := w.Choose(ctx, anna, on, discovery.Like); err != nil || o.Matched {
				t.Fatalf("%+v, %v", o, err)
			}
		}
		must(t, w.MatchMutual(ctx, w.now))
		if w.facts(discovery.KindMatched) != 0 {
			t.Fatal("a match of two who do not fit")
		}
		w.set(anna, "age_from", 18)
		w.fresh()
		w.load()
		if got := w.sees(anna); len(got) != 0 {
			t.Errorf("cards come back: %v", got)
		}
		woken := w.woken
		for range 2 {
			must(t, w.MatchMutual(ctx, w.now))
		}
		for on, want := range map[account.ID]bool{fan: true, cleo: false} {
			if is, err := w.Matched(ctx, on, anna); err != nil || is != want {
				t.Errorf("matched %v, want %v, %v", is, want, err)
			}
		}
		if w.facts(discovery.KindMatched) != 1 || w.woken != woken+1 {
			t.Errorf("told %d times, woken %d", w.facts(discovery.KindMatched), w.woken-woken)
		}
	})
}

// mutual are two who like each other and did not fit when the second like came,
// but do now.
func (w *world) mutual() (a, b account.ID) {
	w.t.Helper()
	ids := w.join(somebody{}, somebody{})
	_, err := w.Choose(ctx, ids[0], ids[1], discovery.Like)
	must(w.t, err)
	w.set(ids[1], "age_from", 90)
	_, err = w.Choose(ctx, ids[1], ids[0], discovery.Like)
	must(w.t, err)
	w.set(ids[1], "age_from", 18)
	return ids[0], ids[1]
}

func TestMutualLikesThatWaitMayBeTakenBackBlockedOrMet(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		after := map[string]func(a, b account.ID){
			"taken back": func(_, b account.ID) {
				_, err := w.Undo(ctx, b)
				must(t, err)
			},
			"blocked":               func(a, b account.ID) { must(t, w.safety.Block(ctx, a, b)) },
			"blocked and unblocked": func(a, b account.ID) { must(t, w.safety.Block(ctx, a, b)); must(t, w.safety.Unblock(ctx, a, b)) },
			"paused":                func(a, _ account.ID) { w.set(a, "paused", true) },
			"passed": func(a, b account.ID) {
				_, err := w.Choose(ctx, a, b, discovery.Pass)
				must(t, err)
			},
		}
		for name, do := range after {
			a, b := w.mutual()
			do(a, b)
			must(t, w.MatchMutual(ctx, w.now))
			if is, err := w.Matched(ctx, a, b); err != nil || is {
				t.Errorf("%s: matched %v, %v", name, is, err)
			}
		}
		if n := w.facts(discovery.KindMatched); n != 0 {
			t.Errorf("told %d times", n)
		}
		a, b := w.mutual()
		must(t, w.db.Tx(ctx, func(tx *sql.Tx) error { return w.Meet(ctx, tx, a, b) }))
		must(t, w.MatchMutual(ctx, w.now))
		if n := w.facts(discovery.KindMatched); n != 1 {
			t.Errorf("told %d times after a call", n)
		}
	})
}

func TestMutualLikesThatNeverFitKeepNobodyFromBeingLookedAt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 120 {
			a, _ := w.mutual()
			w.set(a, "age_from", 90)
		}
		a, b := w.mutual()
		for range 2 {
			must(t, w.MatchMutual(ctx, w.now))
		}
		if is, err := w.Matched(ctx, a, b); err != nil || !is {
			t.Errorf("%v, %v", is, err)
		}
		c, d := w.mutual() // and it begins anew at the end
		for range 2 {
			must(t, w.MatchMutual(ctx, w.now))
		}
		if is, err := w.Matched(ctx, c, d); err != nil || !is {
			t.Errorf("%v, %v", is, err)
		}
	})
}
