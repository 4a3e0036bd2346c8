package discovery_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
)

// story is a small population, what happened among them, and what somebody
// changed that memory has not heard of.
type story struct {
	people []somebody
	deeds  []deed
	late   []edit
	hides  time.Duration // after this a pass hides who passed
}

type deed struct {
	kind   string
	by, on int
	after  time.Duration
}

type edit struct {
	who    int
	column string
	value  any
	apply  func(*somebody)
}

// stories are drawn from few values, so that people often nearly fit.
var stories = rapid.Custom(func(t *rapid.T) (s story) {
	some := func(name string, keys ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, len(keys), rapid.ID[string]).Draw(t, name)
	}
	least := func(name string, keys ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 1, len(keys), rapid.ID[string]).Draw(t, name)
	}
	often := func(name string) bool { // small numbers are drawn more often than others
		return rapid.SampledFrom([]bool{true, true, true, true, true, true, true, true, false}).Draw(t, name)
	}
	of := func(name string, lists ...[]string) []string { return rapid.SampledFrom(lists).Draw(t, name) }
	genders := []string{"woman", "man", "nonbinary"}
	// The world begins on 20 November 2026: birthdays are today, yesterday and
	// tomorrow, and on the day that most years do not have.
	borns := []string{"2008-11-20", "2008-11-19", "2001-11-21", "2001-11-20", "1996-02-29", "1986-11-20", "1986-11-21", "1950-01-01"}
	person := rapid.Custom(func(t *rapid.T) somebody {
		p := somebody{
			born: rapid.SampledFrom(borns).Draw(t, "born"), gender: rapid.SampledFrom(genders[:2]).Draw(t, "gender"),
			languages: of("speaks", []string{"en"}, []string{"en", "it"}, []string{"it"}), interests: least("likes", "chess", "jazz", "tea"),
			intents: of("intents", []string{"dating"}, []string{"dating", "friends"}, []string{"friends"}),
			meet:    of("meets", genders, []string{"man", "woman"}, genders, genders[:1]), verified: rapid.Bool().Draw(t, "verified"), paused: !often("paused"), mute: !often("mute"),
			onlyVerified: !often("only verified"), cell: rapid.SampledFrom([]string{"", rome.String(), ostia.String(), tokyo.String()}).Draw(t, "cell"),
			kind: rapid.SampledFrom([]string{"member", "member", "member", "resident"}).Draw(t, "kind"),
			from: rapid.SampledFrom([]int{18, 18, 18, 25, 40}).Draw(t, "from"), to: rapid.SampledFrom([]int{120, 120, 40}).Draw(t, "to"),
			seen: rapid.SampledFrom([]time.Duration{0, 0, 0, 0, 0, 31 * 24 * time.Hour}).Draw(t, "seen"),
		}
		if !often("wishes languages") {
			p.wishTongues = some("wished languages", "en", "it")
		}
		if !often("wishes interests") {
			p.wishLiking = some("wished interests", "chess", "jazz", "tea")
		}
		if !often("wishes intents") {
			p.wishIntents = some("wished intents", "dating", "friends", "professional")
		}
		return p.usual()
	})
	s.people = rapid.SliceOfN(person, 2, 14).Draw(t, "people")
	one := rapid.IntRange(0, len(s.people)-1)
	for range rapid.IntRange(0, 30).Draw(t, "deeds") {
		by := one.Draw(t, "by")
		s.deeds = append(s.deeds, deed{
			kind: rapid.SampledFrom([]string{"like", "like", "pass", "pass", "undo", "block", "unblock", "report", "end", "match"}).Draw(t, "deed"),
			by:   by, on: (by + rapid.IntRange(1, len(s.people)-1).Draw(t, "on")) % len(s.people),
			after: rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour, 9 * 24 * time.Hour}).Draw(t, "after"),
		})
	}
	s.hides = rapid.SampledFrom([]time.Duration{0, 6 * time.Hour, 48 * time.Hour}).Draw(t, "hides")
	for range rapid.IntRange(0, 4).Draw(t, "late edits") {
		e := edit{who: one.Draw(t, "who")}
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0:
			meet := least("meets now", genders...)
			e.column, e.value, e.apply = "meet", listed(meet), func(p *somebody) { p.meet = meet }
		case 1:
			e.column, e.value, e.apply = "paused", true, func(p *somebody) { p.paused = true }
		case 2:
			e.column, e.value, e.apply = "age_to", 25, func(p *somebody) { p.to = 25 }
		case 3:
			tongues := least("speaks now", "en", "it")
			e.column, e.value, e.apply = "languages", listed(tongues), func(p *somebody) { p.languages = tongues }
		case 4:
			e.column, e.value, e.apply = "verified_only", true, func(p *somebody) { p.onlyVerified = true }
		}
		s.late = append(s.late, e)
	}
	return s
})

func listed(keys []string) string {
	b, err := json.Marshal(keys)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// told is what a plain reading of the rules makes of a story.
type told struct {
	people []somebody
	now    time.Time
	seen   []time.Time
	choice map[[2]int]discovery.Choice
	at     map[[2]int]time.Time
	block  map[[2]int]bool
	report map[[2]int]bool
	match  map[[2]int]bool // once; for ever
	over   map[[2]int]bool // matches that ended
	last   map[int]undoing
	said   map[[2]int][]saying // not taken back
	hides  time.Duration       // after this a pass hides who passed
}

// undoing is what comes back when somebody takes their last choice back.
type undoing struct {
	was discovery.Choice
	at  time.Time
}

// saying is a choice that was taken.
type saying struct {
	c  discovery.Choice
	at time.Time
}

func pairOf(a, b int) [2]int { return [2]int{min(a, b), max(a, b)} }

func (o *told) shown(i int) bool {
	p := o.people[i]
	return !p.paused && !p.mute && o.now.Sub(o.seen[i]) < 30*24*time.Hour
}

// wanted reports whether j is whom i wishes for, one way.
func (o *told) wanted(i, j int) bool {
	a, b := o.people[i], o.people[j]
	age, err := account.Age(b.born, o.now)
	if err != nil {
		panic(err)
	}
	overlap := func(x, y []string) bool {
		return slices.ContainsFunc(x, func(k string) bool { return slices.Contains(y, k) })
	}
	here := func(p somebody) (l []string) {
		for _, k := range p.intents {
			if len(p.wishIntents) == 0 || slices.Contains(p.wishIntents, k) {
				l = append(l, k)
			}
		}
		return l
	}
	return slices.Contains(a.meet, b.gender) && a.from <= age && age <= a.to && overlap(a.languages, b.languages) && overlap(here(a), here(b)) &&
		(len(a.wishTongues) == 0 || overlap(a.wishTongues, b.languages)) && (len(a.wishLiking) == 0 || overlap(a.wishLiking, b.interests)) &&
		(!a.onlyVerified || b.verified)
}

func (o *told) fit(i, j int) bool { return i != j && o.wanted(i, j) && o.wanted(j, i) }

func (o *told) apart(i, j int) bool {
	return o.block[[2]int{i, j}] || o.block[[2]int{j, i}] || o.report[[2]int{i, j}] || o.report[[2]int{j, i}]
}

// may reports whether j may be on a card for i.
func (o *told) may(i, j int) bool {
	passed := func(a, b int, after time.Duration) bool {
		k := [2]int{a, b}
		return o.choice[k] == discovery.Pass && o.now.Sub(o.at[k]) < 30*24*time.Hour && o.now.Sub(o.at[k]) >= after
	}
	return o.fit(i, j) && o.shown(j) && !o.apart(i, j) && !o.match[pairOf(i, j)] && o.choice[[2]int{i, j}] != discovery.Like && !passed(i, j, 0) && !passed(j, i, o.hides)
}

// counted reports whether i counts j: who is left out by others' doing is
// counted all the same.
func (o *told) counted(i, j int) bool {
	k := [2]int{i, j}
	mine := o.choice[k] == discovery.Like || o.choice[k] == discovery.Pass && o.now.Sub(o.at[k]) < 30*24*time.Hour
	return o.fit(i, j) && o.shown(j) && !o.match[pairOf(i, j)] && !mine
}

// whole reports whether i may look at all.
func (o *told) whole(i int) bool { return !o.people[i].paused && !o.people[i].mute }

func check(t tester, d *db.DB, s story) {
	_, err := d.Exec(`DELETE FROM accounts`)
	must(t, err)
	w := newWorld(t, d)
	w.hides = s.hides
	w.load()
	ids := w.join(s.people...)
	if len(s.deeds)%2 == 0 { // who was there at the start, and who came later, are the same
		must(t, w.Refresh(ctx))
	} else {
		w.fresh()
		w.load()
	}
	o := &told{people: slices.Clone(s.people), choice: map[[2]int]discovery.Choice{}, at: map[[2]int]time.Time{},
		block: map[[2]int]bool{}, report: map[[2]int]bool{}, match: map[[2]int]bool{}, over: map[[2]int]bool{}, last: map[int]undoing{}, said: map[[2]int][]saying{}, hides: w.hides}
	for _, p := range s.people {
		o.seen = append(o.seen, w.now.Add(-p.seen))
	}
	o.now = w.now
	for i := range ids { // what w remembers of everybody is of before the deeds
		cardsOf(t, w, o, ids, i)
	}
	other := &world{t: t, db: d, now: w.now, hides: s.hides} // done on another server
	other.fresh()
	for _, x := range s.deeds {
		w.pass(x.after)
		other.pass(x.after)
		o.now = w.now
		act(t, other, o, ids, x)
	}

	for _, e := range s.late {
		w.set(ids[e.who], e.column, e.value)
		e.apply(&o.people[e.who])
	}
	for i := range ids { // memory lags: less may be shown, nothing wrong
		for _, c := range cardsOf(t, w, o, ids, i) {
			if !o.may(i, c) {
				t.Errorf("%d is shown %d, who must not be", i, c)
			}
		}
	}
	must(t, w.Refresh(ctx))
	w.seenAgain(t)
	rows, err := w.People(ctx, ids...)
	must(t, err)
	for i := range ids {
		for j := range ids {
			fits := discovery.Fits(rows[ids[i]], rows[ids[j]], discovery.DayOf(w.now))
			if fits != discovery.Fits(rows[ids[j]], rows[ids[i]], discovery.DayOf(w.now)) || fits != o.fit(i, j) {
				t.Errorf("%d and %d fit: %v, want %v", i, j, fits, o.fit(i, j))
			}
		}
	}
	for i := range ids {
		want, counted := []int{}, 0
		for j := range ids {
			if o.may(i, j) {
				want = append(want, j)
			}
			if o.counted(i, j) {
				counted++
			}
		}
		c, err := w.ExactCounts(ctx, ids[i], nil)
		if !o.whole(i) {
			if fault.As(err) == nil {
				t.Errorf("who is not whole counts %+v, %v", c, err)
			}
			continue
		}
		if err != nil || c.People != counted {
			t.Errorf("%d counts %+v, want %d, %v", i, c, counted, err)
		}
		for key, drop := range map[string]func(*somebody){
			"meet": func(p *somebody) { p.meet = []string{"woman", "man", "nonbinary"} }, "ages": func(p *somebody) { p.from, p.to = 18, 120 },
			"intents": func(p *somebody) { p.wishIntents = nil }, "languages": func(p *somebody) { p.wishTongues = nil },
			"interests": func(p *somebody) { p.wishLiking = nil }, "verified_only": func(p *somebody) { p.onlyVerified = false },
		} {
			was, n := o.people[i], 0
			drop(&o.people[i])
			for j := range ids {
				if o.counted(i, j) {
					n++
				}
			}
			if o.people[i] = was; c.Without[key] != n {
				t.Errorf("%d without %s counts %d, want %d", i, key, c.Without[key], n)
			}
		}
		var got []int
		for { // choosing one card after another
			next := cardsOf(t, w, o, ids, i)
			if len(next) == 0 {
				break
			}
			if !o.may(i, next[0]) || slices.Contains(got, next[0]) {
				t.Errorf("%d is shown %d again, or wrongly", i, next[0])
				break
			}
			got = append(got, next[0])
			_, err := w.Choose(ctx, ids[i], ids[next[0]], discovery.Pass)
			must(t, err)
			k := [2]int{i, next[0]}
			o.choice[k], o.at[k] = discovery.Pass, w.now
		}
		slices.Sort(got)
		if !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%d was shown %v in the end, want %v", i, got, want)
		}
	}
}

// seenAgain starts the memory of sessions anew, as time does.
func (w *world) seenAgain(t tester) {
	w.fresh()
	w.load()
}

func cardsOf(t tester, w *world, o *told, ids []account.ID, i int) (list []int) {
	d, err := w.Cards(ctx, ids[i], 3)
	if !o.whole(i) {
		if fault.As(err) == nil {
			t.Errorf("%d is not whole and sees %+v, %v", i, d, err)
		}
		return nil
	}
	must(t, err)
	for _, c := range d.Cards {
		j := slices.Index(ids, c.Person)
		list = append(list, j)
		if age, err := account.Age(o.people[j].born, o.now); err != nil || c.Age != age {
			t.Errorf("%d is %d years old, not %d, %v", j, age, c.Age, err)
		}
		if len(c.Reasons) == 0 || len(c.Reasons) > 3 {
			t.Errorf("reasons %v", c.Reasons)
		}
	}
	return list
}

// act does one deed, in the world and in what is told of it.
func act(t tester, w *world, o *told, ids []account.ID, x deed) {
	by, on, k := ids[x.by], ids[x.on], [2]int{x.by, x.on}
	if x.by == x.on && x.kind != "undo" {
		return
	}
	switch x.kind {
	case "like", "pass":
		c := discovery.Choice(x.kind)
		out, err := w.Choose(ctx, by, on, c)
		may := o.fit(x.by, x.on) && o.shown(x.on) && !o.apart(x.by, x.on)
		matched := o.match[pairOf(x.by, x.on)]
		if matched && o.whole(x.by) {
			return // said elsewhere what comes of it
		}
		if (err == nil) != o.whole(x.by) { // whoever the other is by now
			t.Errorf("%s of %d on %d: %v", x.kind, x.by, x.on, err)
		}
		if err != nil {
			return
		}
		mutual := c == discovery.Like && o.choice[[2]int{x.on, x.by}] == discovery.Like
		said := o.said[k]
		same := len(said) > 0 && said[len(said)-1].c == c && o.now.Sub(said[len(said)-1].at) < 24*time.Hour && !may
		if !same && (o.choice[k] != c || c == discovery.Pass && o.now.Sub(o.at[k]) >= 30*24*time.Hour) {
			o.said[k] = append(said, saying{c, o.now})
			o.last[x.by] = undoing{o.choice[k], o.at[k]}
			o.choice[k], o.at[k] = c, o.now
		} else {
			mutual = false // the same again changes nothing
		}
		mutual = mutual && may
		if out.Matched != mutual {
			t.Errorf("%d likes %d: %+v, want %v", x.by, x.on, out, mutual)
		}
		if mutual {
			o.match[pairOf(x.by, x.on)] = true
		}
	case "undo":
		whom, err := w.Undo(ctx, by)
		if err != nil {
			if fault.As(err) == nil {
				t.Errorf("undo: %v", err)
			}
			return
		}
		k, back := [2]int{x.by, slices.Index(ids, whom)}, o.last[x.by]
		o.said[k] = o.said[k][:len(o.said[k])-1]
		if delete(o.choice, k); back.was == discovery.Pass { // a like is asked for again
			o.choice[k], o.at[k] = back.was, back.at
		}
	case "block", "report":
		if x.kind == "block" {
			must(t, w.safety.Block(ctx, by, on))
		} else {
			must(t, w.safety.Report(ctx, by, on, safety.Complaint{Reason: "spam", Place: "discover"}))
			o.report[k] = true
		}
		o.block[k] = true
		o.over[pairOf(x.by, x.on)] = o.match[pairOf(x.by, x.on)]
		for _, k := range [][2]int{k, {x.on, x.by}} {
			if o.choice[k] == discovery.Like && !o.match[pairOf(x.by, x.on)] {
				delete(o.choice, k)
			}
		}
	case "unblock":
		must(t, w.safety.Unblock(ctx, by, on))
		delete(o.block, k)
	case "end":
		if err := w.End(ctx, by, on); err != nil && !fault.Is(err, "match.unknown") {
			t.Errorf("end: %v", err)
		}
		o.over[pairOf(x.by, x.on)] = o.match[pairOf(x.by, x.on)]
	case "match":
		must(t, w.MatchMutual(ctx, w.now))
		for i := range ids {
			for j := range i {
				likes := o.choice[[2]int{i, j}] == discovery.Like && o.choice[[2]int{j, i}] == discovery.Like && !o.match[pairOf(i, j)]
				if likes && o.fit(i, j) && o.shown(i) && o.shown(j) && !o.apart(i, j) {
					o.match[pairOf(i, j)] = true
				}
				if is, err := w.Matched(ctx, ids[i], ids[j]); err != nil || is != (o.match[pairOf(i, j)] && !o.over[pairOf(i, j)]) {
					t.Errorf("%d and %d are a match: %v, %v", i, j, is, err)
				}
			}
		}
	}
}

func TestNoCardBreaksAWishAndNobodyStarves(t *testing.T) {
	d := dbtest.SQLite(t)
	rapid.Check(t, func(t *rapid.T) { check(t, d, stories.Draw(t, "story")) })
}

func TestNoCardBreaksAWishOnPostgresEither(t *testing.T) {
	d := dbtest.Postgres(t)
	for seed := range 8 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { check(t, d, stories.Example(seed)) })
	}
}
