package discovery_test

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
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

func TestWhomOneTalksToIsNotOffered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{}, somebody{})
		w.load()
		exec := func(text string, args ...any) {
			t.Helper()
			_, err := w.db.Exec(text, args...)
			must(t, err)
		}
		exec(`INSERT INTO calls (id, kind, state, seq, created_at, deadline_at, cards, audio) VALUES ('c', 'match', 'proposed', 1, 0, 0, '[]', FALSE)`)
		for i, who := range ids[:2] {
			exec(`INSERT INTO call_sides (call_id, account_id, other_id, open, muted, taken, more, seq) VALUES ('c', $1, $2, TRUE, FALSE, FALSE, 0, 1)`, string(who), string(ids[1-i]))
		}
		// Before the yes nothing may tell who is proposed.
		if got := w.sees(ids[0]); !slices.Contains(got, ids[1]) {
			t.Error("who is proposed is not in Discover")
		}
		exec(`UPDATE calls SET state = 'live'`)
		for i, who := range ids[:2] {
			if got := w.sees(who); !slices.Equal(got, ids[2:]) {
				t.Errorf("%d is offered %v in a call with %s", i, got, ids[1-i])
			}
		}
		exec(`UPDATE call_sides SET open = FALSE`)
		if got := w.sees(ids[0]); !slices.Contains(got, ids[1]) {
			t.Error("after the call they are not offered")
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
		c, err := w.ExactCounts(ctx, me, nil)
		if err != nil || c.People != 9 || c.Relax != nil { // who blocked me is counted: I must not learn it
			t.Fatalf("%+v, %v", c, err)
		}
		c, err = w.ExactCounts(ctx, me, &profile.Preferences{Meet: []string{"woman"}, From: 25, To: 40, Intents: []string{"dating"}, Interests: []string{"chess"}, Languages: []string{"en"}})
		want := map[string]int{"meet": 5, "ages": 4, "intents": 4, "languages": 3, "interests": 4, "verified_only": 3}
		if err != nil || c.People != 3 || fmt.Sprint(c.Without) != fmt.Sprint(want) || c.Relax == nil || *c.Relax != (discovery.Relax{Key: "meet", People: 5}) {
			t.Errorf("%+v, %v, %v", c, c.Relax, err)
		}
		// Looking changes nothing that is stored.
		if c, err := w.ExactCounts(ctx, me, nil); err != nil || c.People != 9 {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

// With an exact count anybody's age could be read: block them and count anew.
func TestCountsSingleNobodyOut(t *testing.T) {
	for secret := range uint64(5) {
		last := 0
		for n := range 200 {
			got := discovery.RoundCount(n, secret)
			if got%5 != 0 || got < last || got > n || got < n-8 || n < 5 && got != 0 {
				t.Errorf("%d counts as %d", n, got)
			}
			last = got
		}
	}
	each(t, func(t *testing.T, w *world) {
		ids := w.join(make([]somebody, 32)...)
		me := ids[0]
		w.load()
		edges := map[int]bool{} // by how many accounts of one's own a count turns
		for from := 18; from < 31; from++ {
			wishes := &profile.Preferences{Meet: []string{"woman"}, From: from, To: 40}
			before, err := w.Counts(ctx, me, wishes)
			must(t, err)
			must(t, w.safety.Block(ctx, me, ids[from]))
			w.fresh()
			w.load()
			if after, err := w.Counts(ctx, me, wishes); err != nil || after.People != before.People {
				t.Errorf("a block changes %+v to %+v, %v", before, after, err)
			}
			edges[before.People] = true
			w.pass(24 * time.Hour)
			w.seen(ids...)
			w.fresh()
			w.load()
		}
		if len(edges) < 2 {
			t.Errorf("31 people always count as %v: where rounding turns is known", edges)
		}
	})
}

// The attack: wishes that leave the same people, asked for in many words, gave
// each an answer of its own; their mean was the exact number, and for somebody who
// is alone in a language her age, her gender and whether she pauses.
func TestTheSamePeopleCountTheSameHoweverTheyAreAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		people := make([]somebody, 38)
		people[0] = somebody{languages: []string{"en", "is"}}
		people[1] = somebody{languages: []string{"is"}, born: "1990-03-03"}
		ids := w.join(people...)
		me, she := ids[0], ids[1]
		must(t, w.safety.Block(ctx, she, me))
		w.load()
		ask := func(wishes profile.Preferences) discovery.Counts {
			c, err := w.Counts(ctx, me, &wishes)
			must(t, err)
			return c
		}
		first := ask(profile.Preferences{Meet: profile.Genders, From: 18, To: 60})
		for to := 60; to < 120; to++ {
			if c := ask(profile.Preferences{Meet: profile.Genders, From: 18, To: to}); c.People != first.People || fmt.Sprint(c.Without) != fmt.Sprint(first.Without) || c.People > 37 || c.People < 29 {
				t.Errorf("to %d: %+v, before %+v", to, c, first)
			}
		}
		about := func() (answers []string) {
			tongue := []string{"is"}
			for _, g := range profile.Genders {
				answers = append(answers, fmt.Sprint(g, ask(profile.Preferences{Meet: []string{g}, From: 18, To: 120, Languages: tongue}).People))
			}
			for age := 30; age < 42; age++ {
				for _, ages := range [][2]int{{18, age}, {age, age}, {age, 120}} {
					answers = append(answers, fmt.Sprint(ages, ask(profile.Preferences{Meet: profile.Genders, From: ages[0], To: ages[1], Languages: tongue}).People))
				}
			}
			return append(answers, fmt.Sprint("18 to 30, or any age: ", ask(profile.Preferences{Meet: profile.Genders, From: 18, To: 30, Languages: tongue}).Without["ages"]))
		}
		if c, err := w.ExactCounts(ctx, me, &profile.Preferences{Meet: []string{"woman"}, From: 36, To: 36, Languages: []string{"is"}}); err != nil || c.People != 1 {
			t.Fatalf("she is not counted at all: %+v, %v", c, err)
		}
		with := about()
		w.set(she, "paused", true)
		must(t, w.Refresh(ctx))
		if without := about(); !slices.Equal(with, without) {
			t.Errorf("with her there: %v\nwithout: %v", with, without)
		}
	})
}

// What a new sample of people costs is a question, of which a day has only so many.
func TestADayHasOnlySoManyQuestions(t *testing.T) {
	w := newWorld(t, dbOf(t))
	me := w.join(somebody{}, somebody{})[0]
	w.load()
	asked := 0
	for from := 18; from < 121; from++ {
		for to := from; to < min(from+4, 121); to++ {
			_, err := w.Counts(ctx, me, &profile.Preferences{Meet: profile.Genders, From: from, To: to})
			if asked++; asked <= 300 {
				must(t, err)
			} else {
				wantCode(t, err, "rate.limited")
			}
		}
	}
	if _, err := w.Counts(ctx, me, &profile.Preferences{Meet: profile.Genders, From: 18, To: 18}); err != nil || asked < 350 {
		t.Errorf("an old question, after %d: %v", asked, err)
	}
	w.pass(24 * time.Hour)
	if _, err := w.Counts(ctx, me, &profile.Preferences{Meet: profile.Genders, From: 99, To: 99}); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

// The order of cards must not tell who likes the viewer: a like moves nothing
// before the day's shuffle, and the chance in that cannot be worked out.
func TestALikeMovesTheOrderWithTheNextDaysShuffleOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(make([]somebody, 40)...)
		me := ids[0]
		w.load()
		before := w.sees(me)
		last := before[len(before)-1]
		if _, err := w.Choose(ctx, last, me, discovery.Like); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time after a restart
			if now := w.sees(me); !slices.Equal(now, before) {
				t.Errorf("a like moved the order at once: %v, %v", before, now)
			}
			w.fresh()
			w.load()
		}
		w.pass(24 * time.Hour)
		if next := w.sees(me); slices.Equal(next, before) || len(next) != len(before) {
			t.Error("the next day shuffles nothing")
		}
	})
	orders := map[string]bool{}
	w := newWorld(t, dbOf(t))
	ids := w.join(make([]somebody, 20)...)
	for _, key := range []string{"one", "two", "three"} {
		w.secret = key
		w.fresh()
		w.load()
		orders[fmt.Sprint(w.sees(ids[0]))] = true
	}
	if len(orders) != 3 {
		t.Error("the order does not hang on the secret")
	}
}

func TestABellRingsOnceForSomebodyNew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.join(somebody{}, somebody{})
		me := ids[0]
		w.load()
		must(t, w.SetAlert(ctx, me, true))
		ring := func(want int) {
			t.Helper()
			w.pass(time.Minute)
			must(t, w.SendAlerts(ctx, w.now))
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
		if on, err := w.HasAlert(ctx, me); err != nil || !on {
			t.Errorf("%v, %v", on, err)
		}
		ring(1)
		if on, err := w.HasAlert(ctx, me); err != nil || on {
			t.Errorf("%v, %v", on, err)
		}
		w.join(somebody{})
		must(t, w.Refresh(ctx))
		ring(1)
		must(t, w.SetAlert(ctx, me, true))
		must(t, w.SetAlert(ctx, me, false))
		w.join(make([]somebody, 101)...)
		must(t, w.Refresh(ctx))
		ring(1)
		wantCode(t, w.SetAlert(ctx, me, true), "alert.needless")
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
				must(t, w.RecordListening(ctx, me, on, 1))
			}
			_, err := w.Choose(ctx, me, on, c)
			must(t, err)
		}
		wantCode(t, w.RecordListening(ctx, me, ids[1], 1.5), "heard.share")
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
