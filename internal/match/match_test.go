package match_test

import (
	"slices"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/match"
)

func TestTwoWhoFitAreProposedToEachOtherAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{}, somebody{})
		w.enter(p[0])
		w.step()
		if got := w.with(p[0]); got != "" {
			t.Fatalf("somebody alone is proposed to %s", got)
		}
		w.enter(p[1])
		w.step()
		if w.with(p[0]) != p[1] || w.with(p[1]) != p[0] {
			t.Fatalf("two who fit: %q and %q", w.with(p[0]), w.with(p[1]))
		}
		w.enter(p[2])
		w.step()
		if got := w.with(p[2]); got != "" {
			t.Fatalf("a third is proposed to %s, who has a proposal", got)
		}
		if l := w.lounge(p[0]); !l.Waiting || l.Call != string(w.callOf(p[0])) || l.Looking != 3 {
			t.Fatalf("their lounge: %+v", l)
		}
		if n := w.count(`SELECT count(*) FROM outbox WHERE kind = 'match.changed'`); n != 3 {
			t.Errorf("%d facts of three who came", n)
		}
		w.talk(p[0], p[1])
		w.step()
		w.pass(time.Second) // the number who look is as old as that
		if l := w.lounge(p[0]); l.Waiting {
			t.Errorf("who talks waits: %+v", l)
		}
		if l := w.lounge(p[2]); !l.Waiting || l.Looking != 1 {
			t.Errorf("who is left: %+v", l)
		}
	})
}

func TestHardRulesHoldBothWays(t *testing.T) {
	day := 24 * time.Hour
	verified := somebody{verified: true}
	rules := []struct {
		name string
		a, b somebody
		do   func(w *world, a, b account.ID)
		want bool
	}{
		{"strangers who fit", somebody{}, somebody{}, nil, true},
		{"a gender that one does not wish", somebody{meet: []string{"man"}}, somebody{}, nil, false},
		{"an age that one does not wish", somebody{from: 40, to: 50}, somebody{}, nil, false},
		{"no language in common", somebody{languages: []string{"it"}}, somebody{}, nil, false},
		{"a language that one wishes", somebody{languagesWished: []string{"it"}}, somebody{}, nil, false},
		{"other intents", somebody{intents: []string{"friends"}}, somebody{}, nil, false},
		{"verified people only, by wish", somebody{onlyVerified: true}, somebody{}, nil, false},
		{"verified people only, and they are", somebody{onlyVerified: true}, verified, nil, true},
		{"verified people only, by reach", somebody{reach: match.Verified}, somebody{}, nil, false},
		{"verified people only, by reach, though one is oneself", somebody{reach: match.Verified, verified: true}, somebody{}, nil, false},
		{"verified people only, by reach, and they are", somebody{reach: match.Verified}, verified, nil, true},
		{"blocked", somebody{}, somebody{}, func(w *world, a, b account.ID) { must(w.t, w.safety.Block(ctx, a, b)) }, false},
		{"passed in Discover", somebody{}, somebody{}, func(w *world, a, b account.ID) { w.pair(a, b, "pass", 29*day, false) }, false},
		{"passed in Discover long ago", somebody{}, somebody{}, func(w *world, a, b account.ID) { w.pair(a, b, "pass", 31*day, false) }, true},
		{"liked in Discover", somebody{}, somebody{}, func(w *world, a, b account.ID) { w.pair(a, b, "like", day, false) }, true},
		{"matched", somebody{}, somebody{}, func(w *world, a, b account.ID) { w.pair(a, b, "like", 90*day, true) }, false},
		{"met 29 days ago", somebody{}, somebody{}, func(w *world, a, b account.ID) { w.met(a, b, 29*day, false) }, false},
		{"met 31 days ago", somebody{}, somebody{}, func(w *world, a, b account.ID) { w.met(a, b, 31*day, false) }, true},
		{"never again", somebody{}, somebody{}, func(w *world, a, b account.ID) { w.met(a, b, 400*day, true) }, false},
	}
	each(t, func(t *testing.T, w *world) {
		for _, c := range rules {
			for _, turned := range []bool{false, true} {
				p := w.join(c.a, c.b)
				if turned {
					p[0], p[1] = p[1], p[0]
				}
				if c.do != nil {
					c.do(w, p[0], p[1])
				}
				w.enter(p...)
				w.step()
				if got := w.with(p[0]) == p[1]; got != c.want {
					t.Errorf("%s, turned %v: proposed %v, want %v", c.name, turned, got, c.want)
				}
				w.exec(`DELETE FROM tickets`)
				w.step()
			}
		}
	})
}

// pair writes what a chose of b, a while ago.
func (w *world) pair(a, b account.ID, choice string, ago time.Duration, matched bool) {
	w.t.Helper()
	at := w.clock().Add(-ago).UnixMilli()
	mine := "a_choice, a_at"
	if a > b {
		a, b, mine = b, a, "b_choice, b_at"
	}
	var when any
	if matched {
		when = at
	}
	w.exec(`INSERT INTO pairs (a_id, b_id, `+mine+`, matched_at) VALUES ($1, $2, $3, $4, $5)`, string(a), string(b), choice, at, when)
}

func (w *world) met(a, b account.ID, ago time.Duration, never bool) {
	w.t.Helper()
	w.exec(`INSERT INTO meetings (a_id, b_id, at, never) VALUES ($1, $2, $3, $4)`, string(min(a, b)), string(max(a, b)), w.clock().Add(-ago).UnixMilli(), never)
}

func TestMemoryThatLagsNeverBreaksARule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// The rows change behind the leader's back, after it has read both.
		for name, change := range map[string]func(a, b account.ID){
			"a wish": func(a, _ account.ID) { w.exec(`UPDATE profiles SET meet = '["man"]' WHERE account_id = $1`, string(a)) },
			"reach": func(a, _ account.ID) {
				w.exec(`UPDATE profiles SET reach = 'verified' WHERE account_id = $1`, string(a))
			},
			"a block": func(a, b account.ID) {
				w.exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(a), string(b))
			},
			"a stage": func(a, _ account.ID) { w.sit(a) },
			"a pause": func(a, _ account.ID) { w.exec(`UPDATE profiles SET paused = TRUE WHERE account_id = $1`, string(a)) },
			"leaving": func(a, _ account.ID) { w.exec(`DELETE FROM tickets WHERE account_id = $1`, string(a)) },
		} {
			p := w.join(somebody{}, somebody{})
			w.enter(p[0])
			w.step()
			change(p[0], p[1])
			w.enter(p[1])
			// No poll: only the second one is read.
			if c, err := w.lead.Propose(ctx, p[0], p[1]); err != nil || c != "" {
				t.Errorf("%s: proposed %q, %v", name, c, err)
			}
			w.step()
			if w.with(p[1]) != "" {
				t.Errorf("%s: proposed all the same", name)
			}
			w.exec(`DELETE FROM tickets`)
			w.step()
		}
	})
}

// sit puts somebody on a stage.
func (w *world) sit(who account.ID) {
	w.t.Helper()
	w.exec(`INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at) VALUES ($1, 'talk', 'x', 'en', $1, 8, 0, 0)`, string(who))
	w.exec(`INSERT INTO room_members (room_id, account_id, seat, muted, may_sit, join_id, joined_at) VALUES ($1, $1, 1, FALSE, TRUE, 'j', 0)`, string(who))
}

func TestWhoMayNotEnterHearsWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{mute: true}, somebody{paused: true}, somebody{reach: match.Nobody}, somebody{}, somebody{}, somebody{})
		for i, code := range []string{"match.incomplete", "match.paused", "match.reach"} {
			_, err := w.Enter(ctx, p[i], match.Tonight{})
			wantCode(t, err, code)
		}
		w.sit(p[3])
		_, err := w.Enter(ctx, p[3], match.Tonight{})
		wantCode(t, err, "match.on_stage")
		_, err = w.Enter(ctx, p[4], match.Tonight{Intents: []string{"friends"}})
		wantCode(t, err, "match.intents")
		_, err = w.Enter(ctx, p[4], match.Tonight{Languages: []string{"en", "xx"}})
		wantCode(t, err, "match.languages")
		w.enter(p[4], p[5])
		w.step()
		c := w.callOf(p[4])
		w.exec(`DELETE FROM tickets`)
		_, err = w.Enter(ctx, p[4], match.Tonight{})
		wantCode(t, err, "match.in_call")
		if _, err := w.calls.Decline(ctx, p[4], c); err != nil {
			t.Fatal(err)
		}
		w.enter(p[4])
		if n := w.count(`SELECT count(*) FROM tickets`); n != 1 {
			t.Errorf("%d tickets, of whom one may wait", n)
		}
		_, err = w.Stay(ctx, p[0])
		wantCode(t, err, "match.not_waiting")
		wantCode(t, w.SetReach(ctx, p[0], "friends"), "match.reach_unknown")
		_, err = w.Lounge(ctx, "nobody")
		wantCode(t, err, "match.incomplete")
	})
}

func TestTonightNarrowsWishes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		both := somebody{intents: []string{"dating", "friends"}, languages: []string{"en", "it"}}
		p := w.join(both, both, both)
		tonight := func(who account.ID, m match.Tonight) {
			_, err := w.Enter(ctx, who, m)
			must(t, err)
		}
		tonight(p[0], match.Tonight{Intents: []string{"friends"}})
		tonight(p[1], match.Tonight{Intents: []string{"dating"}})
		w.step()
		if w.with(p[0]) != "" {
			t.Error("friends tonight, dating tonight: proposed")
		}
		tonight(p[1], match.Tonight{Languages: []string{"it"}})
		tonight(p[0], match.Tonight{Languages: []string{"en"}})
		w.step()
		if w.with(p[0]) != "" {
			t.Error("English tonight, Italian tonight: proposed")
		}
		tonight(p[2], match.Tonight{Languages: []string{"it"}, Intents: []string{"friends"}})
		w.step()
		if w.with(p[2]) != p[1] {
			t.Errorf("Italian and friends: proposed to %q", w.with(p[2]))
		}
	})
}

func TestEnteringTwiceIsWaitingOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{})
		first, err := w.Enter(ctx, p[0], match.Tonight{})
		must(t, err)
		w.pass(10 * time.Second)
		second, err := w.Enter(ctx, p[0], match.Tonight{})
		must(t, err)
		if first.ID != second.ID || !first.EnteredAt.Equal(second.EnteredAt) || !second.DeadlineAt.After(first.DeadlineAt) {
			t.Errorf("from another device: %+v, then %+v", first, second)
		}
		w.enter(p[1])
		w.step()
		if third, err := w.Enter(ctx, p[0], match.Tonight{}); err != nil || third.Call == "" || third.ID != first.ID {
			t.Errorf("while a proposal is out: %+v, %v", third, err)
		}
		must(t, w.Cancel(ctx, p[0]))
		must(t, w.Cancel(ctx, p[0]))
		if w.with(p[0]) != "" || w.with(p[1]) != "" {
			t.Error("who cancels has declined")
		}
		again, err := w.Enter(ctx, p[0], match.Tonight{})
		must(t, err)
		if again.ID == first.ID || again.EnteredAt.Equal(first.EnteredAt) {
			t.Errorf("another coming is another ticket: %+v", again)
		}
	})
}

func TestATicketIsGoneWithItsPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{}, somebody{meet: []string{"man"}})
		w.enter(p[0], p[2])
		w.step()
		w.pass(30 * time.Second)
		_, err := w.Stay(ctx, p[2])
		must(t, err)
		w.pass(12 * time.Second)
		if !w.lounge(p[0]).Waiting {
			t.Error("gone before 43 seconds")
		}
		w.pass(time.Second)
		if w.lounge(p[0]).Waiting {
			t.Error("waits after 43 seconds without a sign of life")
		}
		w.enter(p[1]) // before anything has swept
		if c, err := w.lead.Propose(ctx, p[0], p[1]); err == nil && c != "" {
			t.Error("proposed to somebody who is gone")
		}
		w.step()
		if n := w.count(`SELECT count(*) FROM tickets WHERE account_id = $1`, string(p[0])); n != 0 || w.with(p[1]) != "" {
			t.Errorf("%d tickets of who is gone; the other is proposed to %q", n, w.with(p[1]))
		}
		if !w.lounge(p[2]).Waiting {
			t.Error("who gave a sign of life is gone")
		}
		_, err = w.Stay(ctx, p[0])
		wantCode(t, err, "match.not_waiting")
		first := w.lounge(p[1]).Since
		w.pass(50 * time.Second)
		w.enter(p[1]) // late, and not swept
		if w.lounge(p[1]).Since.Equal(first) {
			t.Error("a ticket that had run out went on")
		}
	})
}

func TestAProposalThatComesToNothingGivesTheTicketsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, end := range []string{"declined", "silence", "connecting"} {
			p := w.join(somebody{}, somebody{}, somebody{})
			w.enter(p[0], p[1])
			since := w.lounge(p[0]).Since
			w.step()
			c := w.callOf(p[0])
			w.pass(10 * time.Second)
			switch end {
			case "declined":
				_, err := w.calls.Decline(ctx, p[1], c)
				must(t, err)
			case "silence":
				_, err := w.calls.Accept(ctx, p[0], c)
				must(t, err)
			case "connecting":
				for _, who := range p[:2] {
					_, err := w.calls.Accept(ctx, who, c)
					must(t, err)
				}
				w.step()
				if l := w.lounge(p[0]); !l.Waiting || l.Call == "" {
					t.Errorf("between accepting and hearing: %+v", l)
				}
				w.pass(15 * time.Second)
			}
			w.pass(6 * time.Second)
			must(t, w.calls.Sweep(ctx))
			w.step()
			for _, who := range p[:2] {
				if l := w.lounge(who); !l.Waiting || l.Call != "" || !l.Since.Equal(since) {
					t.Errorf("%s: who was proposed in vain: %+v", end, l)
				}
			}
			if w.with(p[0]) != "" {
				t.Errorf("%s: the two are proposed again in this coming", end)
			}
			w.enter(p[2])
			w.step()
			if o := w.with(p[2]); o != p[0] && o != p[1] {
				t.Errorf("%s: the next one is proposed to %q", end, o)
			}
			w.exec(`DELETE FROM tickets`)
			w.exec(`UPDATE call_sides SET open = FALSE`)
			w.step()
		}
	})
}

func TestWhoIsSilentTwiceIsOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{gender: "man", meet: []string{"woman"}}, somebody{gender: "man", meet: []string{"woman"}})
		w.enter(p[0])
		for i, other := range p[1:] {
			w.enter(other)
			w.step()
			c := w.callOf(p[0])
			_, err := w.calls.Accept(ctx, other, c)
			must(t, err)
			w.pass(16 * time.Second)
			must(t, w.calls.Sweep(ctx))
			w.step()
			if got := w.lounge(p[0]).Waiting; got != (i == 0) {
				t.Errorf("after %d silences: waits %v", i+1, got)
			}
			if !w.lounge(other).Waiting {
				t.Error("who had accepted waits no longer")
			}
			must(t, w.Cancel(ctx, other))
			if i == 0 {
				_, err = w.Stay(ctx, p[0])
				must(t, err)
			}
		}
	})
}

func TestResidentsStandInOnlyWhereNobodyRealFits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		resident := somebody{kind: "resident"}
		p := w.join(resident, resident, somebody{}, somebody{})
		w.enter(p[0], p[1], p[2])
		w.step()
		w.pass(4 * time.Second)
		w.step()
		if w.with(p[0]) != "" || w.with(p[2]) != "" {
			t.Fatal("a resident is proposed before five seconds")
		}
		if l := w.lounge(p[2]); l.Looking != 1 {
			t.Errorf("%d look; residents do not count", l.Looking)
		}
		w.pass(time.Second)
		w.step()
		if o := w.with(p[2]); o != p[0] && o != p[1] {
			t.Fatalf("after five seconds: proposed to %q", o)
		}
		must(t, w.Cancel(ctx, p[2]))
		w.pass(time.Minute)
		w.enter(p[0], p[1], p[2])
		w.step()
		w.pass(5 * time.Second)
		w.enter(p[3]) // as the five seconds end
		w.step()
		if w.with(p[2]) != p[3] {
			t.Errorf("a real person fits; proposed to %q", w.with(p[2]))
		}
	})
}

func TestTheEstimateIsHonest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wait := func(d time.Duration) {
			p := w.join(somebody{}, somebody{})
			w.enter(p[0])
			w.pass(d)
			w.enter(p[1])
			w.step()
			w.talk(p[0], p[1])
			w.step()
		}
		me := w.join(somebody{}, somebody{gender: "man"})
		w.enter(me[1])
		must(t, w.Cancel(ctx, me[1]))
		wait(9 * time.Second)
		w.pass(2 * time.Second)
		if l := w.lounge(me[0]); l.EstimateMs != 0 {
			t.Errorf("of two waits: %d", l.EstimateMs)
		}
		wait(20 * time.Second) // 0, 0, 9, 20
		w.pass(2 * time.Second)
		if l := w.lounge(me[0]); l.EstimateMs != 9000 {
			t.Errorf("median of 0, 0, 9 and 20 s: %d ms", l.EstimateMs)
		}
		if l := w.lounge(me[1]); l.EstimateMs != 0 {
			t.Errorf("of people unlike those who waited: %d ms", l.EstimateMs)
		}
		w.pass(61 * time.Minute)
		if l := w.lounge(me[0]); l.EstimateMs != 0 {
			t.Errorf("of the hour before the last: %d ms", l.EstimateMs)
		}
		w.step()
		if n := w.count(`SELECT count(*) FROM waits`); n != 0 {
			t.Errorf("%d waits are kept for more than an hour", n)
		}
	})
}

func TestReachAndBellAreKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{})
		must(t, w.Bell(ctx, p[0], true))
		must(t, w.Bell(ctx, p[0], true))
		must(t, w.SetReach(ctx, p[0], match.Verified))
		if l := w.lounge(p[0]); !l.Bell || l.Reach != match.Verified || l.Waiting {
			t.Errorf("%+v", l)
		}
		must(t, w.Bell(ctx, p[0], false))
		w.enter(p...)
		w.step()
		if w.with(p[0]) != "" {
			t.Error("proposed to somebody unverified")
		}
		must(t, w.SetReach(ctx, p[0], match.Everyone))
		w.step()
		if w.with(p[0]) != p[1] {
			t.Error("a wider reach is not heeded")
		}
		must(t, w.SetReach(ctx, p[0], match.Nobody))
		if l := w.lounge(p[0]); l.Waiting || l.Bell || w.with(p[1]) != "" {
			t.Errorf("after nobody: %+v, the other is with %q", l, w.with(p[1]))
		}
	})
}

func TestNobodyIsLeftOverForManyOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// 33 women wait. 32 of them fit every man better than the last one does,
		// and these are more than anybody's candidates.
		men, women := somebody{gender: "man", meet: []string{"woman"}}, somebody{meet: []string{"man"}}
		last := women
		last.interests = []string{"jazz"}
		p := w.join(append(append(slices.Repeat([]somebody{women}, 32), last), slices.Repeat([]somebody{men}, 33)...)...)
		w.enter(p[:33]...)
		w.step()
		w.enter(p[33:]...)
		w.step()
		if n := w.count(`SELECT count(*) FROM calls`); n != 33 {
			t.Errorf("%d pairs of 33 men and 33 women", n)
		}
	})
}

func TestWhoTalksByAnotherWayWaitsNoLonger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{}, somebody{})
		w.enter(p[0])
		w.step()
		// A friend rings, and they answer.
		w.exec(`INSERT INTO calls (id, kind, state, seq, created_at, deadline_at, live_at, cards, audio) VALUES ('c', 'direct', 'live', 1, 0, 0, 0, '[]', FALSE)`)
		for i, who := range p[:2] {
			w.exec(`INSERT INTO call_sides (call_id, account_id, other_id, open, muted, taken, more, seq) VALUES ('c', $1, $2, TRUE, FALSE, FALSE, 0, 1)`, string(who), string(p[1-i]))
		}
		w.enter(p[2])
		w.step()
		if w.with(p[2]) != "" || w.lounge(p[0]).Waiting {
			t.Errorf("who talks is proposed to %q and waits %v", w.with(p[2]), w.lounge(p[0]).Waiting)
		}
	})
}

func TestAHistoryOfManyCostsNoProposals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(slices.Repeat([]somebody{{}}, 12)...)
		for i, a := range p {
			for j, b := range p[:i] {
				switch (i + j) % 4 {
				case 0:
					w.met(a, b, time.Hour, false)
				case 1:
					w.pair(b, a, "pass", time.Hour, false)
				case 2:
					w.exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(b), string(a))
				case 3:
					w.exec(`INSERT INTO reports (id, by_id, on_id, reason, note, place, created_at) VALUES ($1, $2, $3, 'other', '', 'x', 0)`, string(a)+string(b), string(a), string(b))
				}
			}
		}
		w.enter(p...)
		if n := w.lead.Thinks(ctx, t); n != 0 {
			t.Errorf("%d pairs are thought of that the rows refuse", n)
		}
	})
}
