package matchmaking_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
)

func TestTwoWhoFitAreProposedToEachOtherAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{}, personSpec{})
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
		if l := w.status(p[0]); !l.Waiting || l.Call != string(w.callOf(p[0])) || l.MembersWaiting != 3 {
			t.Fatalf("their lounge: %+v", l)
		}
		if n := w.count(`SELECT count(*) FROM outbox WHERE kind = 'match.changed'`); n != 3 {
			t.Errorf("%d facts of three who came", n)
		}
		w.talk(p[0], p[1])
		w.step()
		w.pass(time.Second) // the count is cached for a second
		if l := w.status(p[0]); l.Waiting {
			t.Errorf("who talks waits: %+v", l)
		}
		if l := w.status(p[2]); !l.Waiting || l.MembersWaiting != 1 {
			t.Errorf("who is left: %+v", l)
		}
	})
}

func TestWhoComesOrGoesIsCountedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{meet: []string{"man"}})
		look := func(who account.ID, want int, when string) {
			t.Helper()
			if l := w.status(who); l.MembersWaiting != want {
				t.Errorf("%s: %d look, not %d", when, l.MembersWaiting, want)
			}
		}
		w.enter(p[0])
		look(p[1], 1, "while another waits")
		w.enter(p[1])
		look(p[1], 2, "as soon as one waits too")
		must(t, w.Cancel(ctx, p[1]))
		look(p[1], 1, "as soon as one has left")
		must(t, w.SetCallPrivacy(ctx, p[0], matchmaking.Nobody))
		look(p[1], 0, "when the other may not be called any more")
	})
}

func TestHardRulesHoldBothWays(t *testing.T) {
	day := 24 * time.Hour
	verified := personSpec{verified: true}
	rules := []struct {
		name string
		a, b personSpec
		do   func(w *world, a, b account.ID)
		want bool
	}{
		{"strangers who fit", personSpec{}, personSpec{}, nil, true},
		{"a gender that one does not wish", personSpec{meet: []string{"man"}}, personSpec{}, nil, false},
		{"an age that one does not wish", personSpec{from: 40, to: 50}, personSpec{}, nil, false},
		{"no language in common", personSpec{languages: []string{"it"}}, personSpec{}, nil, false},
		{"a language that one wishes", personSpec{languagesWished: []string{"it"}}, personSpec{}, nil, false},
		{"other intents", personSpec{intents: []string{"friends"}}, personSpec{}, nil, false},
		{"verified people only, by wish", personSpec{onlyVerified: true}, personSpec{}, nil, false},
		{"verified people only, and they are", personSpec{onlyVerified: true}, verified, nil, true},
		{"verified people only, by reach", personSpec{privacy: matchmaking.Verified}, personSpec{}, nil, false},
		{"verified people only, by reach, though one is oneself", personSpec{privacy: matchmaking.Verified, verified: true}, personSpec{}, nil, false},
		{"verified people only, by reach, and they are", personSpec{privacy: matchmaking.Verified}, verified, nil, true},
		{"blocked", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { must(w.t, w.safety.Block(ctx, a, b)) }, false},
		{"passed in Discover", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { w.pair(a, b, "pass", 29*day, false) }, false},
		{"passed in Discover long ago", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { w.pair(a, b, "pass", 31*day, false) }, true},
		{"liked in Discover", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { w.pair(a, b, "like", day, false) }, true},
		{"matched", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { w.pair(a, b, "like", 90*day, true) }, false},
		{"met 29 days ago", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { w.met(a, b, 29*day, false) }, false},
		{"met 31 days ago", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { w.met(a, b, 31*day, false) }, true},
		{"never again", personSpec{}, personSpec{}, func(w *world, a, b account.ID) { w.met(a, b, 400*day, true) }, false},
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

// pair writes a's choice about b, with its age.
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

func TestALaggingStateNeverBreaksARule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// The rows change without a notice, after the leader has read both.
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
			p := w.join(personSpec{}, personSpec{})
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

// sit gives somebody a seat in a room.
func (w *world) sit(who account.ID) {
	w.t.Helper()
	w.exec(`INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at) VALUES ($1, 'talk', 'x', 'en', $1, 8, 0, 0)`, string(who))
	w.exec(`INSERT INTO room_members (room_id, account_id, role, seat, muted, can_speak, join_id, joined_at) VALUES ($1, $1, 'host', 1, FALSE, TRUE, 'j', 0)`, string(who))
}

func TestEnterRefusesWithAReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{mute: true}, personSpec{paused: true}, personSpec{privacy: matchmaking.Nobody}, personSpec{}, personSpec{}, personSpec{})
		for i, code := range []string{"match.incomplete", "match.paused", "match.call_privacy"} {
			_, err := w.Enter(ctx, p[i], matchmaking.SearchFilter{})
			wantCode(t, err, code)
		}
		w.sit(p[3])
		_, err := w.Enter(ctx, p[3], matchmaking.SearchFilter{})
		wantCode(t, err, "match.on_stage")
		_, err = w.Enter(ctx, p[4], matchmaking.SearchFilter{Intents: []string{"friends"}})
		wantCode(t, err, "match.intents")
		_, err = w.Enter(ctx, p[4], matchmaking.SearchFilter{Languages: []string{"en", "xx"}})
		wantCode(t, err, "match.languages")
		w.enter(p[4], p[5])
		w.step()
		c := w.callOf(p[4])
		w.exec(`DELETE FROM tickets`)
		_, err = w.Enter(ctx, p[4], matchmaking.SearchFilter{})
		wantCode(t, err, "match.in_call")
		if _, err := w.calls.Decline(ctx, p[4], c); err != nil {
			t.Fatal(err)
		}
		w.enter(p[4])
		if n := w.count(`SELECT count(*) FROM tickets`); n != 1 {
			t.Errorf("%d tickets, of whom one may wait", n)
		}
		_, err = w.Heartbeat(ctx, p[0])
		wantCode(t, err, "match.not_waiting")
		wantCode(t, w.SetCallPrivacy(ctx, p[0], "friends"), "match.call_privacy_unknown")
		_, err = w.Status(ctx, "nobody")
		wantCode(t, err, "match.incomplete")
	})
}

func TestTheSearchFilterNarrowsPreferences(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		both := personSpec{intents: []string{"dating", "friends"}, languages: []string{"en", "it"}}
		p := w.join(both, both, both)
		enterWith := func(who account.ID, m matchmaking.SearchFilter) {
			_, err := w.Enter(ctx, who, m)
			must(t, err)
		}
		enterWith(p[0], matchmaking.SearchFilter{Intents: []string{"friends"}})
		enterWith(p[1], matchmaking.SearchFilter{Intents: []string{"dating"}})
		w.step()
		if w.with(p[0]) != "" {
			t.Error("friends tonight, dating tonight: proposed")
		}
		enterWith(p[1], matchmaking.SearchFilter{Languages: []string{"it"}})
		enterWith(p[0], matchmaking.SearchFilter{Languages: []string{"en"}})
		w.step()
		if w.with(p[0]) != "" {
			t.Error("English tonight, Italian tonight: proposed")
		}
		enterWith(p[2], matchmaking.SearchFilter{Languages: []string{"it"}, Intents: []string{"friends"}})
		w.step()
		if w.with(p[2]) != p[1] {
			t.Errorf("Italian and friends: proposed to %q", w.with(p[2]))
		}
	})
}

func TestEnteringTwiceKeepsOneTicket(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{})
		first, err := w.Enter(ctx, p[0], matchmaking.SearchFilter{})
		must(t, err)
		w.pass(10 * time.Second)
		second, err := w.Enter(ctx, p[0], matchmaking.SearchFilter{})
		must(t, err)
		if first.ID != second.ID || !first.EnteredAt.Equal(second.EnteredAt) || !second.DeadlineAt.After(first.DeadlineAt) {
			t.Errorf("from another device: %+v, then %+v", first, second)
		}
		w.enter(p[1])
		w.step()
		if third, err := w.Enter(ctx, p[0], matchmaking.SearchFilter{}); err != nil || third.Call == "" || third.ID != first.ID {
			t.Errorf("while a proposal is out: %+v, %v", third, err)
		}
		must(t, w.Cancel(ctx, p[0]))
		must(t, w.Cancel(ctx, p[0]))
		if w.with(p[0]) != "" {
			t.Error("who cancels has declined")
		}
		if w.with(p[1]) != p[0] {
			t.Error("the other learns of it before the time is over")
		}
		again, err := w.Enter(ctx, p[0], matchmaking.SearchFilter{})
		must(t, err)
		if again.ID == first.ID || again.EnteredAt.Equal(first.EnteredAt) {
			t.Errorf("another coming is another ticket: %+v", again)
		}
	})
}

func TestATicketExpiresWithoutHeartbeats(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{}, personSpec{meet: []string{"man"}})
		w.enter(p[0], p[2])
		w.step()
		w.pass(30 * time.Second)
		_, err := w.Heartbeat(ctx, p[2])
		must(t, err)
		w.pass(12 * time.Second)
		if !w.status(p[0]).Waiting {
			t.Error("gone before 43 seconds")
		}
		w.pass(time.Second)
		if w.status(p[0]).Waiting {
			t.Error("waits after 43 seconds without a sign of life")
		}
		w.enter(p[1]) // before any sweep
		if c, err := w.lead.Propose(ctx, p[0], p[1]); err == nil && c != "" {
			t.Error("proposed to somebody who is gone")
		}
		w.step()
		if n := w.count(`SELECT count(*) FROM tickets WHERE account_id = $1`, string(p[0])); n != 0 || w.with(p[1]) != "" {
			t.Errorf("%d tickets of who is gone; the other is proposed to %q", n, w.with(p[1]))
		}
		if !w.status(p[2]).Waiting {
			t.Error("who gave a sign of life is gone")
		}
		_, err = w.Heartbeat(ctx, p[0])
		wantCode(t, err, "match.not_waiting")
		first := w.status(p[1]).Since
		w.pass(50 * time.Second)
		w.enter(p[1]) // expired, and not swept
		if w.status(p[1]).Since.Equal(first) {
			t.Error("a ticket that had run out went on")
		}
	})
}

func TestAProposalThatComesToNothingFreesTheTickets(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, end := range []string{"declined", "silence", "connecting"} {
			p := w.join(personSpec{}, personSpec{}, personSpec{})
			w.enter(p[0], p[1])
			since := w.status(p[0]).Since
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
				if l := w.status(p[0]); !l.Waiting || l.Call == "" {
					t.Errorf("between accepting and hearing: %+v", l)
				}
				w.pass(15 * time.Second)
			}
			w.pass(6 * time.Second)
			must(t, w.calls.Sweep(ctx))
			w.step()
			for _, who := range p[:2] {
				if l := w.status(who); !l.Waiting || l.Call != "" || !l.Since.Equal(since) {
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

func TestTwoUnansweredProposalsRemoveTheTicket(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{gender: "man", meet: []string{"woman"}}, personSpec{gender: "man", meet: []string{"woman"}})
		w.enter(p[0])
		for i, other := range p[1:] {
			w.enter(other)
			w.pass(5 * time.Second) // the suspension after an unanswered proposal
			w.step()
			c := w.callOf(p[0])
			_, err := w.calls.Accept(ctx, other, c)
			must(t, err)
			w.pass(16 * time.Second)
			must(t, w.calls.Sweep(ctx))
			w.step()
			if got := w.status(p[0]).Waiting; got != (i == 0) {
				t.Errorf("after %d silences: waits %v", i+1, got)
			}
			if !w.status(other).Waiting {
				t.Error("who had accepted waits no longer")
			}
			must(t, w.Cancel(ctx, other))
			if i == 0 {
				_, err = w.Heartbeat(ctx, p[0])
				must(t, err)
			}
		}
	})
}

// alerted returns who received an alert, once for each.
func (w *world) alerted() (all []account.ID) {
	w.t.Helper()
	rows, err := w.db.Query(`SELECT data FROM outbox WHERE kind = $1 ORDER BY seq, id`, matchmaking.KindAlerted)
	must(w.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var data string
		var f matchmaking.Alerted
		must(w.t, rows.Scan(&data))
		must(w.t, json.Unmarshal([]byte(data), &f))
		all = append(all, f.Account)
	}
	must(w.t, rows.Err())
	return all
}

func TestAnAlertIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{}, personSpec{meet: []string{"man"}}, personSpec{kind: "resident"})
		ann, bob, unfit, resident := p[0], p[1], p[2], p[3]
		later := func(d time.Duration) {
			w.pass(d)
			w.step()
		}
		must(t, w.SetAlert(ctx, ann, true))
		later(time.Second)
		w.enter(unfit, resident)
		later(10 * time.Second) // longer than ResidentDelay
		if all := w.alerted(); len(all) > 0 || !w.status(ann).Alert {
			t.Fatalf("nobody who fits looks, and it rang: %v", all)
		}
		w.enter(bob)
		at := w.clock().Add(time.Second)
		later(time.Second)
		if all := w.alerted(); !slices.Equal(all, []account.ID{ann}) {
			t.Fatalf("told: %v", all)
		}
		if l := w.status(ann); l.Alert || !l.AlertedAt.Equal(at) {
			t.Fatalf("after it rang: %+v", l)
		}
		// Whoever enters and leaves, and whatever node leads next: it was sent once.
		for n := range 5 {
			must(t, w.Cancel(ctx, bob))
			later(time.Second)
			w.enter(bob)
			later(time.Second)
			w.pass(5 * time.Second)
			w.Service = w.node(string(rune('a' + n)))
			w.lead = w.Leader()
			later(0)
		}
		if all := w.alerted(); len(all) != 1 || w.status(ann).AlertedAt.IsZero() {
			t.Fatalf("told %d times", len(all))
		}
		must(t, w.SetAlert(ctx, ann, false)) // she has seen it
		if l := w.status(ann); l.Alert || !l.AlertedAt.IsZero() {
			t.Fatalf("%+v", l)
		}
		later(2 * time.Second)
		must(t, w.SetAlert(ctx, ann, true)) // and sets it again, while somebody waits
		w.enter(bob)
		later(2 * time.Second)
		if all := w.alerted(); len(all) != 2 {
			t.Fatalf("told %d times", len(all))
		}
	})
}

func TestAnAlertKeepsTheRules(t *testing.T) {
	for name, c := range map[string]struct {
		ann, bob personSpec
		do       func(w *world, ann, bob account.ID)
		rings    bool
	}{
		"who fits":                           {rings: true},
		"who does not fit":                   {ann: personSpec{from: 50, to: 60}},
		"who is not verified, by reach":      {ann: personSpec{privacy: matchmaking.Verified}},
		"who is verified, by reach":          {ann: personSpec{privacy: matchmaking.Verified}, bob: personSpec{verified: true}, rings: true},
		"her own door is shut":               {ann: personSpec{privacy: matchmaking.Nobody}},
		"the looker takes the verified only": {bob: personSpec{privacy: matchmaking.Verified}},
		"a break":                            {ann: personSpec{paused: true}},
		"blocked":                            {do: func(w *world, ann, bob account.ID) { must(w.t, w.safety.Block(ctx, ann, bob)) }},
		"blocked by the looker":              {do: func(w *world, ann, bob account.ID) { must(w.t, w.safety.Block(ctx, bob, ann)) }},
		"a match already":                    {do: func(w *world, ann, bob account.ID) { w.pair(ann, bob, "like", time.Hour, true) }},
		"met lately":                         {do: func(w *world, ann, bob account.ID) { w.met(ann, bob, time.Hour, false) }},
		"let pass this evening":              {do: func(w *world, ann, bob account.ID) { w.meanwhile(ann, bob) }},
		"in a call":                          {do: func(w *world, ann, _ account.ID) { w.busy(ann) }},
		"on a stage":                         {do: func(w *world, ann, _ account.ID) { w.seat(ann) }, rings: true},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				p := w.join(c.ann, c.bob)
				must(t, w.SetAlert(ctx, p[0], true))
				if c.do != nil {
					c.do(w, p[0], p[1])
				}
				w.enter(p[1])
				for range 3 {
					w.pass(time.Second)
					w.step()
				}
				if got := len(w.alerted()) == 1; got != c.rings {
					t.Errorf("rang %v, want %v", w.alerted(), c.rings)
				}
			})
		})
	}
	each(t, func(t *testing.T, w *world) { // a person who waits gets a proposal, not an alert
		p := w.join(personSpec{}, personSpec{})
		must(t, w.SetAlert(ctx, p[0], true))
		w.enter(p...)
		w.pass(time.Second)
		w.step()
		if all := w.alerted(); len(all) > 0 || w.with(p[0]) != p[1] {
			t.Errorf("told %v", all)
		}
		w.talk(p[0], p[1])
		w.step()
		if w.status(p[0]).Alert {
			t.Error("who talks still wants to be told")
		}
	})
}

func TestRefusalsUseUpNobodyElsesProposals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// Mallory enters, declines and leaves, again and again, while Ann waits. The
		// fourth time somebody else declines her, too.
		p := w.join(personSpec{}, personSpec{}, personSpec{})
		ann, mallory, bob := p[0], p[1], p[2]
		w.enter(ann)
		since := w.status(ann).Since
		proposed := 0
		for range 10 {
			w.enter(mallory)
			w.step()
			if w.with(mallory) == ann {
				proposed++
				_, err := w.calls.Decline(ctx, mallory, w.callOf(mallory))
				must(t, err)
			}
			must(t, w.Cancel(ctx, mallory))
			w.pass(15 * time.Second)
			must(t, w.calls.Sweep(ctx))
			w.step()
			_, err := w.Heartbeat(ctx, ann)
			must(t, err)
		}
		if proposed != 1 {
			t.Errorf("%d of Ann's proposals are used up, and one by one person an evening is all", proposed)
		}
		if l := w.status(ann); !l.Waiting || l.Call != "" || !l.Since.Equal(since) {
			t.Errorf("Ann lost her place: %+v", l)
		}
		w.enter(bob)
		w.step()
		if w.with(ann) != bob {
			t.Errorf("Ann is with %q", w.with(ann))
		}
		w.exec(`DELETE FROM tickets`)
		w.exec(`DELETE FROM calls`)
		w.pass(12 * time.Hour) // after refusedPairTime
		w.enter(ann, mallory)
		w.step()
		if w.with(ann) != mallory {
			t.Error("an evening later they are still kept apart")
		}
	})
}

func TestEachRefusalSuspendsForLonger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		suspendedUntil := 5 * time.Second
		picky := w.join(personSpec{})[0]
		w.enter(picky)
		for n := range 9 {
			other := w.join(personSpec{})[0]
			w.enter(other)
			w.step()
			if w.with(picky) != other {
				t.Fatalf("%d: proposed to %q", n, w.with(picky))
			}
			silent := n%3 == 2
			switch { // not answering, or leaving, counts the same
			case silent:
				w.pass(15 * time.Second)
				must(t, w.calls.Sweep(ctx))
				w.enter(picky) // the unanswered proposals have removed the ticket
			case n%3 == 1:
				must(t, w.Cancel(ctx, picky))
				w.enter(picky)
			default:
				_, err := w.calls.Decline(ctx, picky, w.callOf(picky))
				must(t, err)
			}
			must(t, w.Cancel(ctx, other))
			next := w.join(personSpec{})[0]
			w.enter(next)
			for waited := time.Duration(0); waited < suspendedUntil; waited += min(30*time.Second, suspendedUntil-waited) {
				for _, who := range []account.ID{picky, next} {
					w.enter(who)
				}
				w.step()
				if w.with(picky) != "" {
					t.Fatalf("%d: rests %v, and is proposed after %v", n, suspendedUntil, waited)
				}
				w.pass(min(30*time.Second, suspendedUntil-waited))
			}
			if l := w.status(picky); !l.Waiting || !l.SuspendedUntil.IsZero() {
				t.Errorf("%d: %+v", n, l)
			}
			must(t, w.Cancel(ctx, next))
			suspendedUntil = min(10*time.Minute, 2*suspendedUntil)
		}
		w.exec(`DELETE FROM tickets`)
		w.pass(6 * time.Hour)
		must(t, w.calls.Sweep(ctx))
		if n := w.count(`SELECT count(*) FROM refusals`); n != 0 {
			t.Errorf("%d are remembered for ever", n)
		}
	})
}

func TestResidentsAreProposedOnlyWhereNoMemberFits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		resident := personSpec{kind: "resident"}
		p := w.join(resident, resident, personSpec{}, personSpec{})
		w.enter(p[0], p[1], p[2])
		w.step()
		w.pass(4 * time.Second)
		w.step()
		if w.with(p[0]) != "" || w.with(p[2]) != "" {
			t.Fatal("a resident is proposed before five seconds")
		}
		if l := w.status(p[2]); l.MembersWaiting != 1 {
			t.Errorf("%d look; residents do not count", l.MembersWaiting)
		}
		w.pass(time.Second)
		w.step()
		if o := w.with(p[2]); o != p[0] && o != p[1] {
			t.Fatalf("after five seconds: proposed to %q", o)
		}
		must(t, w.Cancel(ctx, p[2]))
		w.pass(time.Minute)
		must(t, w.calls.Sweep(ctx))
		w.enter(p[0], p[1], p[2])
		w.step()
		w.pass(5 * time.Second)
		w.enter(p[3]) // as ResidentDelay ends
		w.step()
		if w.with(p[2]) != p[3] {
			t.Errorf("a real person fits; proposed to %q", w.with(p[2]))
		}
	})
}

func TestTheEstimateIsTheMedianOfRecentWaits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wait := func(d time.Duration) {
			p := w.join(personSpec{}, personSpec{})
			w.enter(p[0])
			w.pass(d)
			w.enter(p[1])
			w.step()
			w.talk(p[0], p[1])
			w.step()
		}
		me := w.join(personSpec{}, personSpec{gender: "man"})
		w.enter(me[1])
		must(t, w.Cancel(ctx, me[1]))
		wait(9 * time.Second)
		w.pass(2 * time.Second)
		if l := w.status(me[0]); l.EstimateMs != 0 {
			t.Errorf("of two waits: %d", l.EstimateMs)
		}
		wait(20 * time.Second) // 0, 0, 9, 20
		w.pass(2 * time.Second)
		if l := w.status(me[0]); l.EstimateMs != 9000 {
			t.Errorf("median of 0, 0, 9 and 20 s: %d ms", l.EstimateMs)
		}
		if l := w.status(me[1]); l.EstimateMs != 0 {
			t.Errorf("of people unlike those who waited: %d ms", l.EstimateMs)
		}
		w.pass(61 * time.Minute)
		if l := w.status(me[0]); l.EstimateMs != 0 {
			t.Errorf("of the hour before the last: %d ms", l.EstimateMs)
		}
		w.step()
		if n := w.count(`SELECT count(*) FROM waits`); n != 0 {
			t.Errorf("%d waits are kept for more than an hour", n)
		}
	})
}

func TestCallPrivacyAndAlertAreStored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{})
		must(t, w.SetAlert(ctx, p[0], true))
		must(t, w.SetAlert(ctx, p[0], true))
		must(t, w.SetCallPrivacy(ctx, p[0], matchmaking.Verified))
		if l := w.status(p[0]); !l.Alert || l.CallPrivacy != matchmaking.Verified || l.Waiting {
			t.Errorf("%+v", l)
		}
		must(t, w.SetAlert(ctx, p[0], false))
		w.enter(p...)
		w.step()
		if w.with(p[0]) != "" {
			t.Error("proposed to somebody unverified")
		}
		must(t, w.SetCallPrivacy(ctx, p[0], matchmaking.Everyone))
		w.step()
		if w.with(p[0]) != p[1] {
			t.Error("a wider reach is not heeded")
		}
		must(t, w.SetCallPrivacy(ctx, p[0], matchmaking.Nobody))
		if l := w.status(p[0]); l.Waiting || l.Alert || w.with(p[0]) != "" || w.with(p[1]) != p[0] {
			t.Errorf("after nobody: %+v, the other is with %q", l, w.with(p[1]))
		}
		w.pass(15 * time.Second)
		must(t, w.calls.Sweep(ctx))
		if w.with(p[1]) != "" {
			t.Errorf("after nobody the other is with %q for ever", w.with(p[1]))
		}
	})
}

func TestNobodyIsLeftOverForManyOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// 33 women wait. 32 of them fit every man better than the last one does, which
		// is more than the candidates of anybody.
		men, women := personSpec{gender: "man", meet: []string{"woman"}}, personSpec{meet: []string{"man"}}
		last := women
		last.interests = []string{"jazz"}
		p := w.join(append(append(slices.Repeat([]personSpec{women}, 32), last), slices.Repeat([]personSpec{men}, 33)...)...)
		w.enter(p[:33]...)
		w.step()
		w.enter(p[33:]...)
		w.step()
		if n := w.count(`SELECT count(*) FROM calls`); n != 33 {
			t.Errorf("%d pairs of 33 men and 33 women", n)
		}
	})
}

func TestACallOutsideTheQueueRemovesTheTicket(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{}, personSpec{})
		w.enter(p[0])
		w.step()
		// A match rings, and they accept.
		w.exec(`INSERT INTO calls (id, kind, state, seq, created_at, deadline_at, live_at, cards, audio) VALUES ('c', 'direct', 'live', 1, 0, 0, 0, '[]', FALSE)`)
		for i, who := range p[:2] {
			w.exec(`INSERT INTO call_sides (call_id, account_id, other_id, open, muted, taken, more, seq) VALUES ('c', $1, $2, TRUE, FALSE, FALSE, 0, 1)`, string(who), string(p[1-i]))
		}
		w.enter(p[2])
		w.step()
		if w.with(p[2]) != "" || w.status(p[0]).Waiting {
			t.Errorf("who talks is proposed to %q and waits %v", w.with(p[2]), w.status(p[0]).Waiting)
		}
	})
}

func TestManyExclusionsCostNoProposals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(slices.Repeat([]personSpec{{}}, 12)...)
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
		if n := w.lead.CountPairs(ctx, t); n != 0 {
			t.Errorf("%d pairs are thought of that the rows refuse", n)
		}
	})
}
