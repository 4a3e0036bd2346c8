package discovery_test

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/discovery"
	"heyy/internal/profile"
	"heyy/internal/region"
)

var (
	rome  = region.CellAt(41.9, 12.5)
	ostia = region.CellAt(41.73, 12.28)
	tokyo = region.CellAt(35.68, 139.7)
)

func TestACardSaysWhoWhereAndWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(
			somebody{cell: rome.String(), languages: []string{"it", "en"}, interests: []string{"chess", "jazz", "wine"}},
			somebody{cell: ostia.String(), languages: []string{"en", "it"}, interests: []string{"wine", "jazz", "opera"}, born: "1990-11-21", since: time.Hour},
		)
		w.load()
		d, err := w.Cards(ctx, ids[0], 20)
		must(t, err)
		if len(d.Cards) != 1 || d.LikesLeft != 50 || !d.Loaded {
			t.Fatalf("%+v", d)
		}
		c := d.Cards[0]
		if c.Person != ids[1] || c.Age != 35 || c.Cell != ostia || c.Where != region.Nearby {
			t.Errorf("%+v", c)
		}
		want := []discovery.Reason{{Kind: "interests", Keys: []string{"jazz", "wine"}}, {Kind: "language", Keys: []string{"en", "it"}}, {Kind: "region", Keys: []string{"nearby"}}}
		if fmt.Sprint(c.Reasons) != fmt.Sprint(want) {
			t.Errorf("%v", c.Reasons)
		}
	})
}

func TestNearComesBeforeFarAndMembersBeforeResidents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(
			somebody{cell: rome.String()},
			somebody{cell: rome.String(), kind: "resident", interests: []string{"chess", "jazz"}},
			somebody{cell: tokyo.String(), interests: []string{"wine"}},
			somebody{cell: rome.String()},
		)
		w.load()
		if got := w.sees(ids[0]); !slices.Equal(got, []account.ID{ids[3], ids[2], ids[1]}) {
			t.Errorf("%v of %v", got, ids)
		}
	})
}

func TestTheCardsStayUntilOneChooses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(make([]somebody, 40)...)
		w.load()
		first := w.sees(ids[0])
		for range 5 {
			if again := w.sees(ids[0]); !slices.Equal(first, again) {
				t.Fatalf("%v, and then %v", first, again)
			}
		}
	})
}

func TestWhomManyLookedAtComesLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(make([]somebody, 60)...)
		w.load()
		me := ids[0]
		for _, by := range ids[2:40] {
			_, err := w.Choose(ctx, by, ids[1], discovery.Pass)
			must(t, err)
		}
		for range 2 { // the second time after a restart
			if got := w.sees(me); slices.Index(got, ids[1]) >= 0 && slices.Index(got, ids[1]) < 45 {
				t.Error("whom many have looked at is shown early")
			}
			must(t, w.Flush(ctx))
			w.fresh()
			w.load()
		}
	})
}

func TestMemoryThatLagsShowsNoWrongCard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(make([]somebody, 9)...)
		me := ids[0]
		w.load()
		if got := w.sees(me); len(got) != 8 {
			t.Fatalf("%d", len(got))
		}
		w.set(ids[1], "meet", `["man"]`)
		w.set(ids[2], "paused", true)
		w.set(ids[3], "verified_only", true)
		w.set(ids[4], "languages", `["zh"]`)
		must(t, w.safety.Block(ctx, ids[5], me))
		must(t, w.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec(`DELETE FROM accounts WHERE id = $1`, string(ids[6]))
			return err
		}))
		got := w.sees(me)
		slices.Sort(got)
		if !slices.Equal(got, ids[7:]) {
			t.Errorf("%v of %v", got, ids)
		}
		w.set(me, "meet", `["man"]`)
		if got := w.sees(me); len(got) != 0 {
			t.Errorf("the viewer's own wish came late: %v", got)
		}
		w.set(me, "meet", `["woman"]`)
		w.set(ids[1], "meet", `["woman"]`)
		w.set(ids[2], "paused", false)
		must(t, w.Refresh(ctx))
		if got := w.sees(me); len(got) != 4 {
			t.Errorf("changes are not learnt: %v", got)
		}
		w.set(me, "intents", `[]`)
		_, err := w.Cards(ctx, me, 20)
		wantCode(t, err, "discover.incomplete")
		w.set(ids[7], "paused", true)
		_, err = w.Cards(ctx, ids[7], 20)
		wantCode(t, err, "discover.paused")
	})
}

func TestNobodyWaitsForEverForMemory(t *testing.T) {
	d := newWorld(t, dbOf(t))
	ids := d.join(somebody{})
	deck, err := d.Cards(ctx, ids[0], 20)
	if err != nil || deck.Loaded || len(deck.Cards) != 0 {
		t.Errorf("%+v, %v", deck, err)
	}
}

func TestCountsSayWhichWishNarrows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		others := []somebody{
			{}, {gender: "man"}, {gender: "man"}, {gender: "man", born: "1950-01-01"}, {born: "1950-01-01"},
			{languages: []string{"en", "it"}}, {interests: []string{"jazz"}}, {intents: []string{"friends"}},
			{meet: []string{"man"}}, {gender: "man", meet: []string{"man"}}, {paused: true}, {}, {},
		}
		ids := w.join(append([]somebody{{gender: "woman", intents: []string{"dating", "friends"}}}, others...)...)
		me := ids[0]
		w.load()
		_, err := w.Choose(ctx, me, ids[12], discovery.Pass)
		must(t, err)
		must(t, w.safety.Block(ctx, ids[13], me))
		w.fresh()
		w.load()
		c, err := w.Counts(ctx, me, nil)
		if err != nil || c.People != 8 || c.Relax != nil {
			t.Fatalf("%+v, %v", c, err)
		}
		c, err = w.Counts(ctx, me, &profile.Wishes{Meet: []string{"woman"}, From: 25, To: 40, Intents: []string{"dating"}, Interests: []string{"chess"}, Languages: []string{"en"}})
		want := map[string]int{"meet": 4, "ages": 3, "intents": 3, "languages": 2, "interests": 3, "verified_only": 2}
		if err != nil || c.People != 2 || fmt.Sprint(c.Without) != fmt.Sprint(want) || c.Relax == nil || *c.Relax != (discovery.Relax{Key: "meet", People: 4}) {
			t.Errorf("%+v, %v, %v", c, c.Relax, err)
		}
		// Looking changes nothing that is stored.
		if c, err := w.Counts(ctx, me, nil); err != nil || c.People != 8 {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestABellRingsOnceForSomebodyNew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{})
		me := ids[0]
		w.load()
		must(t, w.Bell(ctx, me, true))
		ring := func(want int) {
			t.Helper()
			w.pass(time.Minute)
			must(t, w.RingBells(ctx, w.now))
			if n := w.facts(discovery.KindSomebodyFits); n != want {
				t.Errorf("rang %d times, want %d", n, want)
			}
		}
		ring(0)
		w.join(somebody{meet: []string{"man"}})
		must(t, w.Refresh(ctx))
		ring(0)
		w.join(somebody{})
		must(t, w.Refresh(ctx))
		if on, err := w.HasBell(ctx, me); err != nil || !on {
			t.Errorf("%v, %v", on, err)
		}
		ring(1)
		if on, err := w.HasBell(ctx, me); err != nil || on {
			t.Errorf("%v, %v", on, err)
		}
		w.join(somebody{})
		must(t, w.Refresh(ctx))
		ring(1)
		must(t, w.Bell(ctx, me, true))
		must(t, w.Bell(ctx, me, false))
		w.join(make([]somebody, 101)...)
		must(t, w.Refresh(ctx))
		ring(1)
		wantCode(t, w.Bell(ctx, me, true), "bell.needless")
	})
}

func TestVoicesThatOneLikesComeFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		low := &profile.Voice{PitchHz: 90, Brightness: .2, Tempo: .3, Energy: .2}
		high := &profile.Voice{PitchHz: 280, Brightness: .8, Tempo: .8, Energy: .8}
		var people []somebody
		for i := range 40 {
			p := somebody{voice: low}
			if i%2 == 1 {
				p.voice = high
			}
			people = append(people, p)
		}
		ids := w.join(people...)
		me := ids[0]
		w.load()
		for _, on := range ids[1:20] {
			c := discovery.Pass
			if slices.Index(ids, on)%2 == 0 {
				c = discovery.Like
				must(t, w.Heard(ctx, me, on, 1))
			}
			_, err := w.Choose(ctx, me, on, c)
			must(t, err)
		}
		wantCode(t, w.Heard(ctx, me, ids[1], 1.5), "heard.share")
		for round := range 2 {
			d, err := w.Cards(ctx, me, 10)
			must(t, err)
			liked := 0
			for _, c := range d.Cards {
				said := slices.ContainsFunc(c.Reasons, func(r discovery.Reason) bool { return r.Kind == "voice" })
				if is := slices.Index(ids, c.Person)%2 == 0; is != said {
					t.Errorf("says %v of such a voice: %v", c.Reasons, is)
				} else if is {
					liked++
				}
			}
			if round == 0 && liked < 6 { // later those were shown already
				t.Errorf("%d of ten", liked)
			}
			must(t, w.Flush(ctx))
			w.fresh()
			w.load()
		}
	})
}

func TestWhoLikesTheViewerDoesNotStandOut(t *testing.T) {
	w := newWorld(t, dbOf(t))
	ids := w.join(make([]somebody, 200)...)
	w.load()
	me, first := ids[0], 0
	const fans = 40
	for _, fan := range ids[1 : 1+fans] {
		_, err := w.Choose(ctx, fan, me, discovery.Like)
		must(t, err)
	}
	for _, who := range w.sees(me)[:fans] {
		if slices.Index(ids, who) <= fans {
			first++
		}
	}
	if first == fans {
		t.Error("the order names everybody who likes the viewer")
	}
}

func dbOf(t *testing.T) *db.DB {
	t.Helper()
	return dbtest.SQLite(t)
}
