package call_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/fault"
)

// deed is one thing that one of a few people does, or that happens to all.
type deed struct {
	what    string
	by, on  int
	forward time.Duration
}

const people = 4

// minute is how long somebody may be away, and round what nobody saw of it.
const minute, round = 59 * time.Second, 5 * time.Second

var stories = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) deed {
	by := rapid.IntRange(0, people-1).Draw(t, "by")
	return deed{
		what: rapid.SampledFrom([]string{
			"date", "date", "date", "phone", "propose", "propose", "ring", "ring", "accept", "accept", "accept", "accept", "decline", "join", "join", "drop",
			"hears", "hears", "hears", "more", "more", "leave", "heart", "heart", "pass", "block", "meddle", "wait", "wait", "wait unseen", "restart", "reconcile",
		}).Draw(t, "what"),
		by: by, on: (by + rapid.IntRange(1, people-1).Draw(t, "on")) % people,
		forward: rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, time.Minute, 3 * time.Minute, 7 * time.Minute, 24 * time.Hour}).Draw(t, "forward"),
	}
}), 5, 25)

// told is a story with its long deeds step by step; what happened before may
// keep any step from succeeding.
func told(story []deed) (steps []deed) {
	for _, x := range story {
		var start string
		switch x.what {
		case "date":
			start = "propose"
		case "phone":
			start = "ring"
		default:
			steps = append(steps, x)
			continue
		}
		there := deed{what: "", by: x.on, on: x.by}
		x.what = start
		steps = append(steps, x)
		for _, what := range []string{"join", "accept", "hears"} {
			x.what, there.what = what, what
			steps = append(steps, x, there)
		}
	}
	return steps
}

// tale is what a plain reading of the rules makes of a story. It knows no
// rows, no seq and no transactions.
type tale struct {
	now   time.Time
	calls []*talk
	match map[[2]int]bool
	ended map[[2]int]bool // matches, for ever
	never map[[2]int]bool
}

type talk struct {
	id        call.ID
	direct    bool
	made      time.Time
	who       [2]int // of a ring: who rings first
	state     call.State
	deadline  time.Time
	yes, hear [2]bool
	there     [2]bool      // connected
	away      [2]time.Time // zero: not
	more      [2]int
	why       call.Why
	by        int // -1: nobody's doing
	wasLive   bool
	chooseBy  time.Time
	choice    [2]call.Choice
	decided   bool
	matched   bool
}

func (k *talk) end(o *tale, why call.Why, by int) {
	k.state, k.why, k.by, k.deadline, k.there = call.Ended, why, by, time.Time{}, [2]bool{}
	if k.wasLive && !k.direct {
		k.chooseBy = o.now.Add(24 * time.Hour)
	}
}

// lapse is what the time that has passed does to a call.
func (k *talk) lapse(o *tale) {
	over := !k.deadline.IsZero() && !k.deadline.After(o.now)
	switch {
	case over && k.state == call.Proposed:
		k.end(o, call.Expired, -1)
	case over && k.state == call.Connecting:
		k.end(o, call.NeverHeard, -1)
	case over && k.state == call.Live:
		k.end(o, call.Time, -1)
	case k.state == call.Live:
		first := -1
		for i, since := range k.away {
			if !since.IsZero() && (first < 0 || since.Before(k.away[first])) {
				first = i
			}
		}
		// Of two who went in the same moment, it does not matter who is named.
		if first >= 0 && o.now.Sub(k.away[first]) >= minute {
			k.end(o, call.Lost, k.who[first])
			if k.away[0].Equal(k.away[1]) {
				k.by = -2
			}
		}
	case !k.chooseBy.IsZero() && !k.chooseBy.After(o.now):
		k.decide(o, false)
	}
}

func (k *talk) backBy(i int) int64 {
	by := time.Time{}
	if k.state == call.Live && !k.away[i].IsZero() {
		if by = k.away[i].Add(minute); by.After(k.deadline) {
			by = k.deadline
		}
	}
	return by.UnixMilli()
}

func (k *talk) decide(o *tale, match bool) {
	p := pairOf(k.who[0], k.who[1])
	match = match && !o.never[p] && !o.ended[p]
	k.chooseBy, k.decided, k.matched = time.Time{}, true, match
	if match {
		o.match[p] = true
	} else {
		o.never[p] = true
	}
}

func (k *talk) choose(o *tale, me int, c call.Choice) string {
	switch {
	case k.state != call.Ended:
		return "call.not_ended"
	case k.decided && k.choice[me] != "" && k.choice[me] != c:
		return "call.decided"
	case k.decided:
		return ""
	case k.chooseBy.IsZero():
		return "call.no_choice"
	}
	k.choice[me] = c
	if k.choice[1-me] != "" {
		k.decide(o, k.choice[0] == call.Heart && k.choice[1] == call.Heart)
	}
	return ""
}

func pairOf(a, b int) [2]int { return [2]int{min(a, b), max(a, b)} }

// open is the call in which somebody is.
func (o *tale) open(i int) *talk {
	for _, k := range o.calls {
		if k.state != call.Ended && (k.who[0] == i || k.who[1] == i) {
			return k
		}
	}
	return nil
}

// last is the newest call of somebody.
func (o *tale) last(i int) *talk {
	for _, k := range slices.Backward(o.calls) {
		if k.who[0] == i || k.who[1] == i {
			return k
		}
	}
	return nil
}

// do lets somebody give a command on a call; "" is done, and anything else is
// the code of the refusal, after which nothing has changed.
func (o *tale) do(k *talk, f func(*talk) string) string {
	next, never, match := *k, maps.Clone(o.never), maps.Clone(o.match)
	next.lapse(o)
	code := f(&next)
	if code == "" {
		*k = next
	} else { // what was due stays so until the next one looks
		o.never, o.match = never, match
	}
	return code
}

func (k *talk) side(i int) int {
	if k.who[0] == i {
		return 0
	}
	return 1
}

func (k *talk) accept(o *tale, i int) string {
	if k.state == call.Ended {
		return "call.ended"
	}
	k.yes[i] = true
	if k.state == call.Proposed && k.yes[1-i] {
		k.state, k.deadline = call.Connecting, o.now.Add(20*time.Second)
	}
	return ""
}

func (o *tale) fresh(direct bool, a, b int, within time.Duration) *talk {
	k := &talk{direct: direct, who: [2]int{a, b}, state: call.Proposed, made: o.now, deadline: o.now.Add(within), by: -1, away: [2]time.Time{o.now, o.now}}
	o.calls = append(o.calls, k)
	return k
}

func check(t tester, d *db.DB, story []deed) {
	w := newWorld(t, d)
	_, err := d.Exec(`DELETE FROM calls`)
	must(t, err)
	o := &tale{now: w.now(), match: map[[2]int]bool{}, ended: map[[2]int]bool{}, never: map[[2]int]bool{}}
	var ids []account.ID
	for range people {
		ids = append(ids, w.person())
	}
	w.befriend(ids[0], ids[1])
	w.befriend(ids[1], ids[2])
	o.match[pairOf(0, 1)], o.match[pairOf(1, 2)] = true, true
	for n, x := range told(story) {
		w.act(t, o, ids, x)
		for _, k := range o.calls {
			for me := range 2 {
				w.compare(t, o, k, me, ids, fmt.Sprintf("%d: %+v", n, x))
			}
		}
		for i, who := range ids {
			if busy, err := w.Busy(ctx, who); err != nil || busy != (o.open(i) != nil) {
				t.Fatalf("%d: %+v: %d is busy: %v, %v", n, x, i, busy, err)
			}
			for j := range i {
				if _, never := w.meeting(who, ids[j]); never != o.never[pairOf(i, j)] {
					t.Fatalf("%d: %+v: %d and %d never meet: %v", n, x, i, j, never)
				}
				if w.matched(who, ids[j]) != o.match[pairOf(i, j)] {
					t.Fatalf("%d: %+v: %d and %d match: %v", n, x, i, j, !o.match[pairOf(i, j)])
				}
			}
		}
	}
	// Whatever happened, after a day nobody is stuck in anything.
	w.later(time.Hour)
	w.later(24 * time.Hour)
	for _, who := range ids {
		if now, ok, err := w.Now(ctx, who); err != nil || ok {
			t.Fatalf("still in %+v, %v", now, err)
		}
	}
	if len(w.ear.present) > 0 {
		t.Fatalf("still heard: %v", w.ear.present)
	}
	for _, k := range o.calls {
		w.agree(k.id, ids[k.who[0]], ids[k.who[1]])
	}
}

// want holds an answer against the tale's.
func want(t tester, err error, code string, x deed) {
	t.Helper()
	if code == "" && err != nil || code != "" && !fault.Is(err, code) {
		t.Fatalf("%+v: want %q, got %v", x, code, err)
	}
}

func (w *world) act(t tester, o *tale, ids []account.ID, x deed) {
	by, on := ids[x.by], ids[x.on]
	k := o.last(x.by)
	switch x.what {
	case "wait":
		o.now = o.now.Add(x.forward)
		w.later(x.forward)
		for _, k := range o.calls {
			k.lapse(o)
		}
	case "wait unseen":
		o.now = o.now.Add(x.forward)
		w.wait(x.forward)
	case "restart":
		w.restart()
	case "reconcile":
		must(t, w.Sweep(ctx))
		must(t, w.Reconcile(ctx))
		for _, k := range o.calls {
			k.lapse(o)
			for i := range 2 {
				if k.there[i] {
					k.away[i] = time.Time{}
				} else if k.away[i].IsZero() {
					k.away[i] = o.now.Add(-round)
				}
			}
		}
	case "propose":
		code := ""
		switch {
		case o.never[pairOf(x.by, x.on)]:
			code = "call.apart"
		case o.open(x.by) != nil || o.open(x.on) != nil:
			code = "call.busy"
		}
		c, err := w.propose(by, on)
		want(t, err, code, x)
		if code == "" {
			o.fresh(false, x.by, x.on, 15*time.Second).id = c
		}
	case "ring":
		w.actRing(t, o, ids, x)
	case "block":
		must(t, w.part(by, on))
		must(t, w.Sweep(ctx))
		p := pairOf(x.by, x.on)
		o.ended[p], o.never[p] = o.ended[p] || o.match[p], true
		delete(o.match, p)
		for _, k := range o.calls {
			if pairOf(k.who[0], k.who[1]) != p {
				continue
			}
			k.lapse(o)
			if k.state != call.Ended {
				k.end(o, call.Blocked, x.by)
			}
			if !k.chooseBy.IsZero() {
				k.choose(o, k.side(x.by), call.Pass)
			}
		}
		for _, k := range o.calls {
			k.lapse(o)
		}
	case "meddle": // with a call of others
		for _, k := range o.calls {
			if k.who[0] != x.by && k.who[1] != x.by {
				_, err := w.Accept(ctx, by, k.id)
				want(t, err, "call.not_found", x)
				_, _, err = w.Join(ctx, by, k.id)
				want(t, err, "call.not_found", x)
			}
		}
	}
	if k == nil {
		return
	}
	i := k.side(x.by)
	switch x.what {
	case "accept":
		_, err := w.Accept(ctx, by, k.id)
		want(t, err, o.do(k, func(k *talk) string { return k.accept(o, i) }), x)
	case "decline", "leave":
		leave := w.Leave
		if x.what == "decline" {
			leave = w.Decline
		}
		_, err := leave(ctx, by, k.id)
		want(t, err, o.do(k, func(k *talk) string {
			switch {
			case k.state == call.Ended:
			case k.state != call.Proposed && x.what == "decline":
			case k.state != call.Proposed:
				k.end(o, call.Left, x.by)
			case k.direct && i == 0:
				k.end(o, call.Cancelled, x.by)
			default:
				k.end(o, call.Declined, x.by)
			}
			return ""
		}), x)
	case "join":
		code := o.do(k, func(k *talk) string {
			if k.state == call.Ended {
				return "call.ended"
			}
			k.there[i], k.away[i] = true, time.Time{}
			return ""
		})
		if code == "" {
			w.enters(k.id, by)
			break
		}
		_, _, err := w.Join(ctx, by, k.id)
		want(t, err, code, x)
	case "drop":
		if !k.there[i] {
			break
		}
		w.drops(k.id, by)
		want(t, nil, o.do(k, func(k *talk) string {
			if k.there[i] = false; k.state != call.Ended && k.away[i].IsZero() {
				k.away[i] = o.now
			}
			return ""
		}), x)
	case "hears":
		_, err := w.Hears(ctx, by, k.id)
		want(t, err, o.do(k, func(k *talk) string {
			switch {
			case k.state == call.Ended:
				return "call.ended"
			case k.state == call.Proposed:
				return "call.not_accepted"
			case k.hear[i]:
				return ""
			}
			if k.hear[i], k.away[i] = true, (time.Time{}); k.hear[1-i] {
				k.state, k.wasLive, k.deadline = call.Live, true, o.now.Add(7*time.Minute)
			}
			return ""
		}), x)
	case "more":
		_, err := w.More(ctx, by, k.id)
		want(t, err, o.do(k, func(k *talk) string {
			switch {
			case k.state == call.Ended:
				return "call.ended"
			case k.state != call.Live:
				return "call.not_live"
			case k.more[i] > k.more[1-i]: // asked already
			case k.more[i] < k.more[1-i]:
				k.more[i]++
				k.deadline = k.deadline.Add(3 * time.Minute)
			default:
				k.more[i]++
			}
			return ""
		}), x)
	case "heart", "pass":
		_, err := w.Choose(ctx, by, k.id, call.Choice(x.what), call.Feedback{})
		want(t, err, o.do(k, func(k *talk) string { return k.choose(o, i, call.Choice(x.what)) }), x)
	}
}

func (w *world) actRing(t tester, o *tale, ids []account.ID, x deed) {
	v, err := w.Ring(ctx, ids[x.by], ids[x.on])
	if !o.match[pairOf(x.by, x.on)] {
		want(t, err, "call.unmatched", x)
		return
	}
	if k := o.open(x.by); k != nil {
		next := *k
		next.lapse(o)
		switch both := pairOf(k.who[0], k.who[1]) == pairOf(x.by, x.on); {
		case next.state == call.Ended: // but what is refused below takes that back
			before := *k
			*k = next
			defer func() {
				if err != nil {
					*k = before
				}
			}()
		case !both:
			want(t, err, "call.busy", x)
			return
		default:
			if next.state == call.Proposed && k.direct && k.who[0] == x.on {
				next.accept(o, 1)
			}
			*k = next
			want(t, err, "", x)
			if v.ID != k.id {
				t.Fatalf("%+v: another call", x)
			}
			return
		}
	}
	vain := 0
	for _, k := range o.calls {
		if k.direct && k.who == [2]int{x.by, x.on} && !k.wasLive && o.now.Sub(k.made) < 10*time.Minute {
			vain++
		}
	}
	if vain >= 3 {
		want(t, err, "call.rings", x)
		return
	}
	want(t, err, "", x)
	busy := o.open(x.on) != nil
	k := o.fresh(true, x.by, x.on, 30*time.Second)
	k.id, k.yes[0] = v.ID, true
	if busy {
		k.end(o, call.Busy, -1)
	}
}

// compare holds what one side sees against the tale.
func (w *world) compare(t tester, o *tale, k *talk, me int, ids []account.ID, after string) {
	v, err := w.Look(ctx, ids[k.who[me]], k.id)
	must(t, err)
	they := 1 - me
	why, byMe := k.why, k.by == k.who[me]
	both := k.yes[0] && k.yes[1]
	switch why {
	case call.Declined, call.Expired:
		why = call.Nothing
	case call.Blocked:
		if why = call.Left; !both {
			why = call.Nothing
		}
	}
	given := min(k.more[0], k.more[1])
	live := k.state == call.Live
	type seen struct {
		state                                     call.State
		deadline, chooseBy, backBy, theyBackBy    int64
		yes, theirs, awayMe, awayThey, mine, more bool
		given                                     int
		why                                       call.Why
		byMe, decided, matched                    bool
		choice                                    call.Choice
		caller                                    bool
	}
	wanted := seen{
		k.state, k.deadline.UnixMilli(), k.chooseBy.UnixMilli(), k.backBy(me), k.backBy(they), k.yes[me], both || k.direct && me == 1, live && !k.away[me].IsZero(), live && !k.away[they].IsZero(),
		live && k.more[me] > given, live && k.more[they] > given, given, why, byMe, k.decided, k.matched, k.choice[me], k.direct && me == 0,
	}
	if k.by == -2 {
		wanted.byMe = v.EndedByMe
	}
	got := seen{
		v.State, v.DeadlineAt.UnixMilli(), v.ChooseBy.UnixMilli(), v.Me.BackBy.UnixMilli(), v.Other.BackBy.UnixMilli(), v.Me.Accepted, v.Other.Accepted, v.Me.Away, v.Other.Away,
		v.MoreMine, v.TheyWantMore, v.MoreGiven, v.EndedWhy, v.EndedByMe, v.Decided, v.Matched, v.Choice, v.Caller,
	}
	if got != wanted || v.Other.Account != ids[k.who[they]] {
		t.Fatalf("%s\nside %d sees %+v\nwant          %+v", after, me, got, wanted)
	}
	speaks, there := w.ear.hears(k.id, ids[k.who[me]])
	if there != k.there[me] || there && speaks != (live || k.state == call.Connecting) {
		t.Fatalf("%s\nside %d is connected: %v, speaks: %v, in %s", after, me, there, speaks, k.state)
	}
}

func TestAnyStoryHasOneOutcome(t *testing.T) {
	d := dbtest.SQLite(t)
	rapid.Check(t, func(t *rapid.T) { check(t, d, stories.Draw(t, "story")) })
}

func TestAnyStoryHasOneOutcomeOnPostgresToo(t *testing.T) {
	d := dbtest.Postgres(t)
	for seed := range 20 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { check(t, d, stories.Example(seed)) })
	}
}
