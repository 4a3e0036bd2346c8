package call_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
)

// step is one action of one of a few people, or something that happens to all.
type step struct {
	what    string
	by, on  int
	forward time.Duration
}

const people = 4

// minute is how long somebody may be away, and round what nobody saw of it.
const minute, round = 59 * time.Second, 5 * time.Second

var stories = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
	by := rapid.IntRange(0, people-1).Draw(t, "by")
	return step{
		what: rapid.SampledFrom([]string{
			"date", "date", "date", "phone", "propose", "propose", "ring", "ring", "accept", "accept", "accept", "accept", "decline", "join", "join", "drop",
			"hears", "hears", "hears", "more", "more", "leave", "heart", "heart", "pass", "block", "meddle", "closed", "wait", "wait", "wait unseen", "restart", "reconcile",
		}).Draw(t, "what"),
		by: by, on: (by + rapid.IntRange(1, people-1).Draw(t, "on")) % people,
		forward: rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, time.Minute, 3 * time.Minute, 7 * time.Minute, 24 * time.Hour}).Draw(t, "forward"),
	}
}), 5, 25)

// expand replaces the long actions of a story by their single steps. Any step may
// fail, depending on what happened before.
func expand(story []step) (steps []step) {
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
		there := step{what: "", by: x.on, on: x.by}
		x.what = start
		steps = append(steps, x)
		for _, what := range []string{"join", "accept", "hears"} {
			x.what, there.what = what, what
			steps = append(steps, x, there)
		}
	}
	return steps
}

// model is a plain implementation of the rules: no rows, no seq, no transactions.
type model struct {
	now     time.Time
	calls   []*modelCall
	match   map[[2]int]bool
	ended   map[[2]int]bool // pairs whose match has ended, for ever
	never   map[[2]int]bool
	noRings map[int]bool // people whose privacy setting forbids rings
}

type modelCall struct {
	id                 call.ID
	direct             bool
	made               time.Time
	who                [2]int // of a ring: the caller first
	state              call.State
	deadline           time.Time
	accepted, received [2]bool
	connected          [2]bool      // connected
	away               [2]time.Time // zero: not away
	extendAsks         [2]int
	why                call.EndReason
	by                 int // -1: nobody caused the end
	wasLive            bool
	chooseBy           time.Time
	choice             [2]call.Choice
	decided            bool
	matched            bool
	withdrawn          [2]bool // has withdrawn, while the other has not
	unreachable        bool    // who[1] was withdrawn from the start: nothing rang
}

// withdraw is a refusal that the other side does not see.
func (k *modelCall) withdraw(o *model, i int, why call.EndReason) {
	k.withdrawn[i], k.connected[i] = true, false
	if k.why == "" {
		k.why, k.by = why, k.who[i]
	}
	if k.withdrawn[1-i] {
		k.end(o, k.why, k.by)
	}
}

// over is what a call is for one of the two.
func (k *modelCall) over(i int) bool { return k.state == call.Ended || k.withdrawn[i] }

func (k *modelCall) end(o *model, why call.EndReason, by int) {
	k.state, k.why, k.by, k.deadline, k.connected = call.Ended, why, by, time.Time{}, [2]bool{}
	if k.wasLive && !k.direct {
		k.chooseBy = o.now.Add(24 * time.Hour)
	}
}

// expire applies the time that has passed.
func (k *modelCall) expire(o *model) {
	over := !k.deadline.IsZero() && !k.deadline.After(o.now)
	switch {
	case over && k.state == call.Proposed:
		k.end(o, cmp.Or(k.why, call.Expired), k.by)
	case over && k.state == call.Connecting:
		k.end(o, call.NoAudio, -1)
	case over && k.state == call.Live:
		k.end(o, call.TimeUp, -1)
	case k.state == call.Live:
		first := -1
		for i, since := range k.away {
			if !since.IsZero() && (first < 0 || since.Before(k.away[first])) {
				first = i
			}
		}
		// If both disconnected at the same moment, either may be named.
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

func (k *modelCall) backBy(i int) int64 {
	by := time.Time{}
	if k.state == call.Live && !k.away[i].IsZero() {
		if by = k.away[i].Add(minute); by.After(k.deadline) {
			by = k.deadline
		}
	}
	return by.UnixMilli()
}

func (k *modelCall) decide(o *model, match bool) {
	p := pairOf(k.who[0], k.who[1])
	match = match && !o.never[p] && !o.ended[p]
	k.chooseBy, k.decided, k.matched = time.Time{}, true, match
	if match {
		o.match[p] = true
	} else {
		o.never[p] = true
	}
}

func (k *modelCall) choose(o *model, me int, c call.Choice) string {
	switch {
	case !k.over(me):
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

// open returns the open call of a person.
func (o *model) open(i int) *modelCall {
	for _, k := range o.calls {
		if (k.who[0] == i || k.who[1] == i) && !k.over(k.side(i)) {
			return k
		}
	}
	return nil
}

// last returns the newest call of a person.
func (o *model) last(i int) *modelCall {
	for _, k := range slices.Backward(o.calls) {
		if k.who[0] == i || k.who[1] == i {
			return k
		}
	}
	return nil
}

// do runs a command on a call. It returns "" or the code of a refusal, which
// changes nothing.
func (o *model) do(k *modelCall, f func(*modelCall) string) string {
	next, excluded, match := *k, maps.Clone(o.never), maps.Clone(o.match)
	next.expire(o)
	code := f(&next)
	if code == "" {
		*k = next
	} else { // deadlines that have passed are applied by the next command
		o.never, o.match = excluded, match
	}
	return code
}

func (k *modelCall) side(i int) int {
	if k.who[0] == i {
		return 0
	}
	return 1
}

func (k *modelCall) accept(o *model, i int) string {
	if k.over(i) {
		return "call.ended"
	}
	k.accepted[i] = true
	if k.state == call.Proposed && k.accepted[1-i] && !k.withdrawn[1-i] {
		k.state, k.deadline = call.Connecting, o.now.Add(20*time.Second)
	}
	return ""
}

func (o *model) newCall(direct bool, a, b int, within time.Duration) *modelCall {
	k := &modelCall{direct: direct, who: [2]int{a, b}, state: call.Proposed, made: o.now, deadline: o.now.Add(within), by: -1, away: [2]time.Time{o.now, o.now}}
	o.calls = append(o.calls, k)
	return k
}

func check(t tester, d *db.DB, story []step) {
	w := newWorld(t, d)
	_, err := d.Exec(`DELETE FROM calls`)
	must(t, err)
	o := &model{now: w.now(), match: map[[2]int]bool{}, ended: map[[2]int]bool{}, never: map[[2]int]bool{}, noRings: map[int]bool{}}
	var ids []account.ID
	for range people {
		ids = append(ids, w.person())
	}
	w.makeMatch(ids[0], ids[1])
	w.makeMatch(ids[1], ids[2])
	o.match[pairOf(0, 1)], o.match[pairOf(1, 2)] = true, true
	for n, x := range expand(story) {
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
				if _, excluded := w.encounter(who, ids[j]); excluded != o.never[pairOf(i, j)] {
					t.Fatalf("%d: %+v: %d and %d never meet: %v", n, x, i, j, excluded)
				}
				if w.matched(who, ids[j]) != o.match[pairOf(i, j)] {
					t.Fatalf("%d: %+v: %d and %d match: %v", n, x, i, j, !o.match[pairOf(i, j)])
				}
			}
		}
	}
	// Whatever happened, after a day everybody is free.
	w.later(time.Hour)
	w.later(24 * time.Hour)
	for _, who := range ids {
		if now, ok, err := w.Current(ctx, who); err != nil || ok {
			t.Fatalf("still in %+v, %v", now, err)
		}
	}
	if len(w.sfu.Rooms()) > 0 {
		t.Fatalf("still heard: %v", w.sfu.Rooms())
	}
	for _, k := range o.calls {
		w.agree(k.id, ids[k.who[0]], ids[k.who[1]])
	}
}

// want compares the result of a command with the model.
func want(t tester, err error, code string, x step) {
	t.Helper()
	if code == "" && err != nil || code != "" && !fault.Is(err, code) {
		t.Fatalf("%+v: want %q, got %v", x, code, err)
	}
}

func (w *world) act(t tester, o *model, ids []account.ID, x step) {
	by, on := ids[x.by], ids[x.on]
	k := o.last(x.by)
	switch x.what {
	case "wait":
		o.now = o.now.Add(x.forward)
		w.later(x.forward)
		for _, k := range o.calls {
			k.expire(o)
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
			k.expire(o)
			for i := range 2 {
				if k.connected[i] {
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
			o.newCall(false, x.by, x.on, 15*time.Second).id = c
		}
	case "ring":
		w.actRing(t, o, ids, x)
	case "block":
		must(t, w.separate(by, on))
		p := pairOf(x.by, x.on)
		for _, k := range o.calls { // as the listener of the facts does
			if pairOf(k.who[0], k.who[1]) == p {
				must(t, w.SyncMedia(ctx, k.id))
			}
		}
		must(t, w.Sweep(ctx))
		o.ended[p], o.never[p] = o.ended[p] || o.match[p], true
		delete(o.match, p)
		for _, k := range o.calls {
			if pairOf(k.who[0], k.who[1]) != p {
				continue
			}
			k.expire(o)
			switch i := k.side(x.by); {
			case k.over(i):
			case k.state == call.Proposed && !(k.direct && i == 0):
				k.withdraw(o, i, call.Blocked)
			default:
				k.end(o, call.Blocked, x.by)
			}
			if !k.chooseBy.IsZero() {
				k.choose(o, k.side(x.by), call.Pass)
			}
		}
		for _, k := range o.calls {
			k.expire(o)
		}
	case "closed": // or open again, a toggle
		o.noRings[x.by] = !o.noRings[x.by]
		w.setRings(by, !o.noRings[x.by])
	case "meddle": // a command on a call of other people
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
		want(t, err, o.do(k, func(k *modelCall) string { return k.accept(o, i) }), x)
	case "decline", "leave":
		leave := w.Leave
		if x.what == "decline" {
			leave = w.Decline
		}
		_, err := leave(ctx, by, k.id)
		want(t, err, o.do(k, func(k *modelCall) string {
			switch {
			case k.over(i):
			case k.state != call.Proposed && x.what == "decline":
			case k.state != call.Proposed:
				k.end(o, call.Left, x.by)
			case k.direct && i == 0:
				k.end(o, call.Cancelled, x.by)
			default:
				k.withdraw(o, i, call.Declined)
			}
			return ""
		}), x)
	case "join":
		code := o.do(k, func(k *modelCall) string {
			if k.over(i) {
				return "call.ended"
			}
			k.connected[i], k.away[i] = true, time.Time{}
			return ""
		})
		if code == "" {
			w.connect(k.id, by)
			break
		}
		_, _, err := w.Join(ctx, by, k.id)
		want(t, err, code, x)
	case "drop":
		if !k.connected[i] {
			break
		}
		w.disconnect(k.id, by)
		want(t, nil, o.do(k, func(k *modelCall) string {
			if k.connected[i] = false; k.state != call.Ended && k.away[i].IsZero() {
				k.away[i] = o.now
			}
			return ""
		}), x)
	case "hears":
		_, err := w.AudioReceived(ctx, by, k.id)
		want(t, err, o.do(k, func(k *modelCall) string {
			switch {
			case k.over(i):
				return "call.ended"
			case k.state == call.Proposed:
				return "call.not_accepted"
			case k.received[i]:
				return ""
			}
			if k.received[i], k.away[i] = true, (time.Time{}); k.received[1-i] {
				k.state, k.wasLive, k.deadline = call.Live, true, o.now.Add(7*time.Minute)
			}
			return ""
		}), x)
	case "more":
		_, err := w.Extend(ctx, by, k.id)
		want(t, err, o.do(k, func(k *modelCall) string {
			switch {
			case k.over(i):
				return "call.ended"
			case k.state != call.Live:
				return "call.not_live"
			case k.extendAsks[i] > k.extendAsks[1-i]: // has asked already
			case k.extendAsks[i] < k.extendAsks[1-i]:
				k.extendAsks[i]++
				k.deadline = k.deadline.Add(3 * time.Minute)
			default:
				k.extendAsks[i]++
			}
			return ""
		}), x)
	case "heart", "pass":
		_, err := w.Choose(ctx, by, k.id, call.Choice(x.what), call.Feedback{})
		want(t, err, o.do(k, func(k *modelCall) string { return k.choose(o, i, call.Choice(x.what)) }), x)
	}
}

func (w *world) actRing(t tester, o *model, ids []account.ID, x step) {
	v, err := w.Ring(ctx, ids[x.by], ids[x.on])
	if !o.match[pairOf(x.by, x.on)] {
		want(t, err, "person.unknown", x)
		return
	}
	if k := o.open(x.by); k != nil {
		next := *k
		next.expire(o)
		switch both := pairOf(k.who[0], k.who[1]) == pairOf(x.by, x.on); {
		case next.state == call.Ended: // unless the ring is refused below
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
	unanswered := 0
	for _, k := range o.calls {
		if k.direct && k.who == [2]int{x.by, x.on} && !k.wasLive && o.now.Sub(k.made) < 10*time.Minute {
			unanswered++
		}
	}
	if unanswered >= 3 {
		want(t, err, "call.rings", x)
		return
	}
	want(t, err, "", x)
	if k := o.open(x.on); k != nil {
		if k.expire(o); k.state == call.Proposed && k.direct && k.who == [2]int{x.on, x.by} && k.unreachable {
			k.end(o, call.Cancelled, -1)
		}
	}
	busy := o.open(x.on) != nil && !o.noRings[x.on]
	k := o.newCall(true, x.by, x.on, 30*time.Second)
	k.id, k.accepted[0] = v.ID, true
	k.unreachable = o.noRings[x.on]
	k.withdrawn[1] = k.unreachable
	if busy {
		k.end(o, call.Busy, -1)
	}
}

// compare compares what one side sees with the model.
func (w *world) compare(t tester, o *model, k *modelCall, me int, ids []account.ID, after string) {
	v, err := w.Get(ctx, ids[k.who[me]], k.id)
	must(t, err)
	they := 1 - me
	why, byMe := k.why, k.by == k.who[me]
	both := k.accepted[0] && k.accepted[1] && !k.withdrawn[0] && !k.withdrawn[1]
	switch why {
	case call.Declined, call.Expired:
		why = call.Unanswered
	case call.Blocked:
		if why = call.Left; !both {
			why = call.Unanswered
		}
	}
	state, deadline := k.state, k.deadline
	switch {
	case k.withdrawn[me]:
		state, deadline, why, byMe = call.Ended, time.Time{}, call.Unanswered, !k.unreachable || me == 0
	case k.state != call.Ended:
		why, byMe = "", false
	}
	given := min(k.extendAsks[0], k.extendAsks[1])
	live := k.state == call.Live
	type seen struct {
		state                                     call.State
		deadline, chooseBy, backBy, theyBackBy    int64
		yes, theirs, awayMe, awayThey, mine, more bool
		given                                     int
		why                                       call.EndReason
		byMe, decided, matched                    bool
		choice                                    call.Choice
		caller                                    bool
	}
	wanted := seen{
		state, deadline.UnixMilli(), k.chooseBy.UnixMilli(), k.backBy(me), k.backBy(they), k.accepted[me], both || k.direct && me == 1, live && !k.away[me].IsZero(), live && !k.away[they].IsZero(),
		live && k.extendAsks[me] > given, live && k.extendAsks[they] > given, given, why, byMe, k.decided, k.matched, k.choice[me], k.direct && me == 0,
	}
	if k.by == -2 {
		wanted.byMe = v.EndedByMe
	}
	got := seen{
		v.State, v.DeadlineAt.UnixMilli(), v.ChooseBy.UnixMilli(), v.Me.BackBy.UnixMilli(), v.Other.BackBy.UnixMilli(), v.Me.Accepted, v.Other.Accepted, v.Me.Away, v.Other.Away,
		v.ExtendAskedByMe, v.ExtendAskedByOther, v.Extensions, v.EndReason, v.EndedByMe, v.Decided, v.Matched, v.Choice, v.Caller,
	}
	if got != wanted || v.Other.Account != ids[k.who[they]] {
		t.Fatalf("%s\nside %d sees %+v\nwant          %+v", after, me, got, wanted)
	}
	speaks, there := w.sfu.canSpeak(k.id, ids[k.who[me]])
	if there != k.connected[me] || there && speaks != (live || k.state == call.Connecting) {
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
