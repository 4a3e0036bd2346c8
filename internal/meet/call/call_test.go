package call_test

import (
	"database/sql"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

// facts returns the facts of a call, in order.
func (w *world) facts(c call.ID) (all []call.Changed) {
	w.t.Helper()
	rows, err := w.db.Query(`SELECT data FROM outbox WHERE scope = $1 ORDER BY seq`, "call:"+string(c))
	must(w.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var data string
		var f call.Changed
		must(w.t, rows.Scan(&data))
		must(w.t, json.Unmarshal([]byte(data), &f))
		if f.Seq != int64(len(all))+1 {
			w.t.Fatalf("fact %d follows %d", f.Seq, len(all))
		}
		all = append(all, f)
	}
	must(w.t, rows.Err())
	return all
}

func TestTwoTalkAndMatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.proposed()
		v := w.sees(ann, c)
		if v.State != call.Proposed || v.Other.Account != bob || !v.DeadlineAt.Equal(w.now().Add(15*time.Second)) || len(v.Cards) != 12 || v.Caller {
			t.Fatalf("asked: %+v", v)
		}
		if n, ok, err := w.Current(ctx, bob); err != nil || !ok || n.ID != c || !slices.Equal(n.Cards, v.Cards) {
			t.Fatalf("Bob is in %+v, %v, %v", n, ok, err)
		}
		for _, who := range []account.ID{ann, bob} {
			w.connect(c, who)
			if speaks, there := w.sfu.canSpeak(c, who); speaks || !there {
				t.Fatal("connected, and may speak before both said yes")
			}
		}
		_, err := w.Accept(ctx, ann, c)
		must(t, err)
		if v := w.sees(bob, c); v.State != call.Proposed || v.Other.Accepted || v.Seq != 1 {
			t.Fatalf("Bob learns that Ann said yes: %+v", v)
		}
		w.wait(5 * time.Second)
		v, err = w.Accept(ctx, bob, c)
		must(t, err)
		if v.State != call.Connecting || !v.Other.Accepted || !v.DeadlineAt.Equal(w.now().Add(20*time.Second)) {
			t.Fatalf("both said yes: %+v", v)
		}
		for _, who := range []account.ID{ann, bob} {
			if speaks, _ := w.sfu.canSpeak(c, who); !speaks {
				t.Fatal("both said yes, and one may not speak")
			}
			if !slices.Contains(w.leftRooms(), who) {
				t.Fatal("somebody is still in a room")
			}
		}
		v, err = w.AudioReceived(ctx, ann, c)
		must(t, err)
		if v.State != call.Connecting {
			t.Fatal("the clock runs before both hear")
		}
		w.wait(300 * time.Millisecond)
		v, err = w.AudioReceived(ctx, bob, c)
		must(t, err)
		if v.State != call.Live || !v.LiveAt.Equal(w.now()) || !v.EndsAt.Equal(w.now().Add(7*time.Minute)) {
			t.Fatalf("live: %+v", v)
		}
		if at, excluded := w.encounter(ann, bob); !at.Equal(w.now()) || excluded {
			t.Fatalf("met at %v, never again: %v", at, excluded)
		}
		w.later(7*time.Minute - time.Millisecond)
		if w.sees(ann, c).State != call.Live {
			t.Fatal("it was cut short")
		}
		w.later(time.Millisecond)
		w.wantEnded(c, call.TimeUp, ann, bob)
		if n, ok, err := w.Current(ctx, ann); err != nil || !ok || n.ID != c || n.ChooseBy.IsZero() {
			t.Fatalf("Ann has to choose: %+v, %v, %v", n, ok, err)
		}
		_, err = w.Choose(ctx, ann, c, call.Heart, call.Feedback{Kind: isTrue(), Safe: isTrue()})
		must(t, err)
		if v := w.sees(bob, c); v.Decided || v.Matched || v.Choice != "" {
			t.Fatalf("Bob learns of Ann's heart: %+v", v)
		}
		v, err = w.Choose(ctx, bob, c, call.Heart, call.Feedback{})
		must(t, err)
		if !v.Matched || !v.Decided || !w.matched(ann, bob) || !w.sees(ann, c).Matched {
			t.Fatalf("two hearts: %+v", v)
		}
		if _, excluded := w.encounter(ann, bob); excluded {
			t.Fatal("two hearts keep apart")
		}
		if _, ok, err := w.Current(ctx, ann); err != nil || ok {
			t.Fatal("it is done, and still shown")
		}
		var kept string
		must(t, w.db.QueryRow(`SELECT feedback FROM call_sides WHERE call_id = $1 AND account_id = $2`, string(c), string(ann)).Scan(&kept))
		if kept != `{"kind":true,"safe":true}` {
			t.Fatalf("kept %s", kept)
		}
		facts := w.facts(c)
		if facts[0].State != call.Proposed || facts[0].Before != "" || facts[len(facts)-1].State != call.Ended {
			t.Fatalf("told %+v", facts)
		}
	})
}

func TestNobodyLearnsOfWhatIsNotTheirs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.proposed()
		_, err := w.Accept(ctx, ann, c)
		must(t, err)
		_, err = w.Microphone(ctx, ann, c, true, true)
		must(t, err)
		w.connect(c, ann)
		for _, f := range w.facts(c)[1:] {
			if slices.Contains(f.Recipients, bob) {
				t.Fatalf("Bob hears something: %+v", f)
			}
		}
		c, ann, bob = w.ended()
		before := len(w.facts(c))
		seq := w.sees(bob, c).Seq
		_, err = w.Choose(ctx, ann, c, call.Pass, call.Feedback{})
		must(t, err)
		facts := w.facts(c)
		if len(facts) != before+1 || !slices.Equal(facts[before].Recipients, []account.ID{ann}) || w.sees(bob, c).Seq != seq {
			t.Fatalf("Bob learns that Ann has chosen: %+v", facts[before:])
		}
	})
}

// Accepting and then leaving withdraws: if the other accepts afterwards, the call
// expires and is not connected to somebody who has gone.
func TestAWithdrawnAcceptanceConnectsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, anna, bob := w.proposed()
		_, err := w.Accept(ctx, anna, c)
		must(t, err)
		_, err = w.Decline(ctx, anna, c)
		must(t, err)
		before := w.sees(anna, c)
		_, err = w.Accept(ctx, bob, c)
		must(t, err)
		if v := w.sees(bob, c); v.State != call.Proposed || v.Other.Accepted {
			t.Fatalf("Bob is told that the call is %s, and that Anna said yes: %v", v.State, v.Other.Accepted)
		}
		if v := w.sees(anna, c); !reflect.DeepEqual(v, before) {
			t.Fatalf("Anna, who is gone, sees what Bob says:\n%+v\n%+v", before, v)
		}
		w.later(15 * time.Second)
		w.wantEnded(c, call.Unanswered, anna, bob)
	})
}

func TestDecliningAndNotAnsweringLookAlike(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		declined, _, bob := w.proposed()
		_, err := w.Accept(ctx, bob, declined)
		must(t, err)
		other := w.sees(bob, declined).Other.Account
		silent, ann, carl := w.proposed()
		_, err = w.Accept(ctx, carl, silent)
		must(t, err)
		facts := len(w.facts(declined))
		before := w.sees(bob, declined)
		_, err = w.Decline(ctx, other, declined)
		must(t, err)
		for range 15 { // until the deadline Bob sees no difference
			if v := w.sees(bob, declined); !reflect.DeepEqual(v, before) {
				t.Fatalf("Bob sees a decline:\n%+v\n%+v", before, v)
			}
			if v := w.sees(other, declined); v.State != call.Ended || !v.EndedByMe {
				t.Fatalf("who declined is still asked: %+v", v)
			}
			w.later(time.Second)
		}
		if all := w.facts(declined); len(all) != facts+2 || slices.Contains(all[facts].Recipients, bob) || slices.Contains(all[facts+1].Recipients, other) {
			t.Fatalf("told %+v", all[facts:])
		}
		w.wantEnded(declined, call.Unanswered, bob, other)
		w.wantEnded(silent, call.Unanswered, ann, carl)
		x, y := w.sees(bob, declined), w.sees(carl, silent)
		for _, v := range []*call.Call{&x, &y} {
			v.ID, v.Me.Account, v.Other.Account, v.EndedAt, v.CreatedAt, v.Cards = "", "", "", time.Time{}, time.Time{}, nil
		}
		a, _ := json.Marshal(x)
		b, _ := json.Marshal(y)
		if string(a) != string(b) {
			t.Fatalf("they differ:\n%s\n%s", a, b)
		}
		if _, excluded := w.encounter(ann, carl); excluded {
			t.Fatal("silence is not for ever")
		}
		if at, _ := w.encounter(ann, carl); !at.IsZero() {
			t.Fatal("they did not meet")
		}
	})
}

func TestABlockLooksLikeHangingUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		must(t, w.separate(ann, bob))
		must(t, w.Reconcile(ctx)) // closes the room, if no listener of the fact has
		w.wantEnded(c, call.Left, ann, bob)
		v := w.sees(bob, c)
		if v.ChooseBy.IsZero() || v.EndedByMe {
			t.Fatalf("Bob sees that something is different: %+v", v)
		}
		// Bob's heart, and even a later one of Ann, make no match.
		_, err := w.Choose(ctx, ann, c, call.Heart, call.Feedback{})
		must(t, err)
		v, err = w.Choose(ctx, bob, c, call.Heart, call.Feedback{})
		must(t, err)
		if v.Matched || !v.Decided || w.matched(ann, bob) {
			t.Fatalf("who was blocked is a match: %+v", v)
		}
		_, err = w.propose(ann, bob)
		refused(t, err, "call.apart")

		c, ann, bob = w.proposed()
		before := w.sees(ann, c)
		must(t, w.separate(bob, ann))
		w.later(14 * time.Second)
		w.wantEnded(c, call.Unanswered, bob)
		if v := w.sees(ann, c); !reflect.DeepEqual(v, before) {
			t.Fatalf("Ann sees that something is different:\n%+v\n%+v", before, v)
		}
		w.later(time.Second)
		w.wantEnded(c, call.Unanswered, ann, bob)
		c, ann, bob = w.ended()
		_, err = w.Choose(ctx, ann, c, call.Heart, call.Feedback{})
		must(t, err)
		must(t, w.separate(bob, ann))
		if v := w.sees(ann, c); v.Matched || !v.Decided {
			t.Fatalf("a block is a pass: %+v", v)
		}
	})
}

func TestAnythingButTwoHeartsExcludesForEver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, choices := range map[string][2]call.Choice{
			"a pass": {call.Heart, call.Pass}, "two passes": {call.Pass, call.Pass}, "one heart and silence": {call.Heart, ""}, "silence": {"", ""},
		} {
			c, ann, bob := w.ended()
			for i, who := range []account.ID{ann, bob} {
				if choices[i] != "" {
					_, err := w.Choose(ctx, who, c, choices[i], call.Feedback{})
					must(t, err)
				}
			}
			w.later(24*time.Hour - time.Millisecond)
			if silent := choices[1] == ""; w.sees(ann, c).Decided == silent {
				t.Fatalf("%s: decided %v", name, !silent)
			}
			w.later(time.Millisecond)
			for _, who := range []account.ID{ann, bob} {
				if v := w.sees(who, c); !v.Decided || v.Matched {
					t.Fatalf("%s: %+v", name, v)
				}
				if _, ok, err := w.Current(ctx, who); err != nil || ok {
					t.Fatalf("%s: still asked, %v", name, err)
				}
			}
			if _, excluded := w.encounter(ann, bob); !excluded {
				t.Fatalf("%s: they may meet again", name)
			}
			_, err := w.propose(bob, ann)
			refused(t, err, "call.apart")
			_, err = w.Choose(ctx, ann, c, call.Heart, call.Feedback{})
			if choices[0] == call.Pass {
				refused(t, err, "call.decided")
			}
		}
		c, ann, bob := w.ended()
		w.makeMatch(ann, bob)
		must(t, w.db.Tx(ctx, func(tx *sql.Tx) error { return unmatch(tx, ann, bob) }))
		for _, who := range []account.ID{ann, bob} {
			_, err := w.Choose(ctx, who, c, call.Heart, call.Feedback{})
			must(t, err)
		}
		if v := w.sees(ann, c); !v.Decided || v.Matched {
			t.Fatalf("a match that ended came back: %+v", v)
		}
	})
}

func TestThreeMoreMinutesEachTimeBothAsk(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		ends := w.sees(ann, c).EndsAt
		ask := func(who account.ID) {
			for range 3 { // a double tap, and another device
				_, err := w.Extend(ctx, who, c)
				must(t, err)
			}
		}
		ask(ann)
		v := w.sees(bob, c)
		if !v.ExtendAskedByOther || v.ExtendAskedByMe || v.Extensions != 0 || !v.EndsAt.Equal(ends) {
			t.Fatalf("Ann asks: %+v", v)
		}
		_, err := w.Extend(ctx, bob, c)
		must(t, err)
		v = w.sees(bob, c)
		if v.ExtendAskedByOther || v.ExtendAskedByMe || v.Extensions != 1 || !v.EndsAt.Equal(ends.Add(3*time.Minute)) {
			t.Fatalf("Bob asks, too: %+v", v)
		}
		w.later(9 * time.Minute)
		ask(bob)
		if v = w.sees(bob, c); v.ExtendAskedByOther || !v.ExtendAskedByMe || v.Extensions != 1 {
			t.Fatalf("Bob asks for more: %+v", v)
		}
		_, err = w.Extend(ctx, ann, c)
		must(t, err)
		if v = w.sees(bob, c); v.Extensions != 2 || !v.EndsAt.Equal(ends.Add(6*time.Minute)) {
			t.Fatalf("so does Ann: %+v", v)
		}
		ends = v.EndsAt
		w.later(ends.Sub(w.now()))
		w.wantEnded(c, call.TimeUp, ann, bob)
	})
}

func TestALostConnectionHasAMinuteToComeBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		w.disconnect(c, ann)
		if v := w.sees(bob, c); !v.Other.Away || !v.Other.BackBy.Equal(w.now().Add(59*time.Second)) {
			t.Fatalf("Bob is not told: %+v", v)
		}
		w.later(58 * time.Second)
		w.connect(c, ann)
		if v := w.sees(bob, c); v.Other.Away || v.State != call.Live {
			t.Fatalf("Ann is back: %+v", v)
		}
		if speaks, there := w.sfu.canSpeak(c, ann); !speaks || !there {
			t.Fatal("Ann came back and may not speak")
		}
		w.later(2 * time.Minute)
		w.disconnect(c, ann)
		w.later(59 * time.Second)
		w.wantEnded(c, call.Lost, ann, bob)
		if !w.sees(ann, c).EndedByMe || w.sees(bob, c).EndedByMe {
			t.Fatal("it was Ann who got lost")
		}
		_, _, err := w.Join(ctx, ann, c)
		refused(t, err, "call.ended")

		c, ann, bob = w.live()
		w.disconnect(c, bob)
		w.later(30 * time.Second)
		w.disconnect(c, ann)
		w.later(29 * time.Second)
		w.wantEnded(c, call.Lost, ann, bob)
		if w.sees(ann, c).EndedByMe || !w.sees(bob, c).EndedByMe {
			t.Fatal("it was Bob who was away longest")
		}
	})
}

func TestTheMinuteCountsFromTheLastSignOfTheConnection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		falls := func(silent time.Duration) (by time.Time) {
			joinID, _, err := w.JoinID(ctx, ann, c)
			must(t, err)
			must(t, w.sfu.Remove(ctx, c.Room(), w.identity(c, ann)))
			w.wait(silent)
			must(t, w.ParticipantLeft(ctx, c.Room(), w.identity(c, ann), joinID, silent))
			v := w.sees(bob, c)
			if mine := w.sees(ann, c).Me; !v.Other.Away || !mine.BackBy.Equal(v.Other.BackBy) {
				t.Fatalf("they are told otherwise: %+v, %+v", v, mine)
			}
			return v.Other.BackBy
		}
		since := w.now()
		by := falls(20 * time.Second)
		if !by.Equal(since.Add(59 * time.Second)) {
			t.Fatalf("gone at %v, noticed at %v, back by %v", since, w.now(), by)
		}
		w.later(by.Sub(w.now()) - time.Millisecond)
		w.connect(c, ann)
		if v := w.sees(bob, c); v.Other.Away || !v.Other.BackBy.IsZero() || v.State != call.Live {
			t.Fatalf("back at the last moment: %+v", v)
		}
		// The deadline of the call limits it.
		w.later(w.sees(ann, c).EndsAt.Sub(w.now()) - 30*time.Second)
		if by := falls(20 * time.Second); !by.Equal(w.sees(ann, c).EndsAt) {
			t.Fatalf("back by %v, and it ends at %v", by, w.sees(ann, c).EndsAt)
		}
		w.later(10 * time.Second)
		w.wantEnded(c, call.TimeUp, ann, bob)

		c, ann, bob = w.live()
		by = falls(22 * time.Second)
		w.later(by.Sub(w.now()))
		w.wantEnded(c, call.Lost, ann, bob)
	})
}

func TestWebhooksOfOlderJoinsAreIgnored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		older, _, err := w.JoinID(ctx, ann, c)
		must(t, err)
		if _, _, err := w.Join(ctx, ann, c); err != nil { // another device, not connected yet
			t.Fatal(err)
		}
		if _, there := w.sfu.canSpeak(c, ann); there || !w.sees(bob, c).Other.Away {
			t.Fatal("the older device is still heard")
		}
		must(t, w.ParticipantJoined(ctx, c.Room(), w.identity(c, ann), older))
		if !w.sees(bob, c).Other.Away {
			t.Fatal("the older device counts")
		}
		w.connect(c, ann)
		must(t, w.ParticipantLeft(ctx, c.Room(), w.identity(c, ann), older, 0))
		if w.sees(bob, c).Other.Away {
			t.Fatal("the older device was missed")
		}

		c, ann, bob = w.proposed() // without webhooks
		for _, who := range []account.ID{ann, bob} {
			_, err := w.Accept(ctx, who, c)
			must(t, err)
		}
		for _, who := range []account.ID{ann, bob} {
			v, err := w.AudioReceived(ctx, who, c)
			must(t, err)
			if v.Me.Away {
				t.Fatal("who hears is there")
			}
		}
	})
}

func TestACallWithoutAudioEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.accepted()
		_, err := w.AudioReceived(ctx, bob, c)
		must(t, err)
		v, err := w.Decline(ctx, bob, c) // from a card left open on another device
		if err != nil || v.State != call.Connecting {
			t.Fatalf("%+v, %v", v, err)
		}
		w.later(20 * time.Second)
		w.wantEnded(c, call.NoAudio, ann, bob)
		if v := w.sees(ann, c); !v.ChooseBy.IsZero() {
			t.Fatal("nobody to choose")
		}
		_, err = w.Choose(ctx, ann, c, call.Heart, call.Feedback{})
		refused(t, err, "call.no_choice")
		if at, excluded := w.encounter(ann, bob); !at.IsZero() || excluded {
			t.Fatal("they did not meet")
		}
	})
}

func TestCommandsInTheWrongStateAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.proposed()
		third := w.person()
		do := map[string]func(who account.ID, c call.ID) error{
			"accept":  func(who account.ID, c call.ID) error { _, err := w.Accept(ctx, who, c); return err },
			"decline": func(who account.ID, c call.ID) error { _, err := w.Decline(ctx, who, c); return err },
			"join":    func(who account.ID, c call.ID) error { _, _, err := w.Join(ctx, who, c); return err },
			"mute":    func(who account.ID, c call.ID) error { _, err := w.Microphone(ctx, who, c, true, false); return err },
			"hears":   func(who account.ID, c call.ID) error { _, err := w.AudioReceived(ctx, who, c); return err },
			"more":    func(who account.ID, c call.ID) error { _, err := w.Extend(ctx, who, c); return err },
			"leave":   func(who account.ID, c call.ID) error { _, err := w.Leave(ctx, who, c); return err },
			"choose": func(who account.ID, c call.ID) error {
				_, err := w.Choose(ctx, who, c, call.Heart, call.Feedback{})
				return err
			},
			"look":      func(who account.ID, c call.ID) error { _, err := w.Get(ctx, who, c); return err },
			"admission": func(who account.ID, c call.ID) error { _, _, err := w.JoinID(ctx, who, c); return err },
		}
		for name, f := range do {
			for _, who := range []account.ID{third, "", "nobody"} {
				if err := f(who, c); !fault.Is(err, "call.not_found") {
					t.Errorf("%s by %q: %v", name, who, err)
				}
			}
			if err := f(ann, "forged"); !fault.Is(err, "call.not_found") {
				t.Errorf("%s of a forged call: %v", name, err)
			}
		}
		for _, name := range []string{"hears", "more", "choose"} {
			if err := do[name](ann, c); fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s while asked: %v", name, err)
			}
		}
		_, err := w.Choose(ctx, ann, c, "maybe", call.Feedback{})
		refused(t, err, "call.choice_unknown")
		if w.sees(bob, c).Seq != 1 || len(w.facts(c)) != 1 {
			t.Fatal("what was refused was told")
		}
		w.wait(15 * time.Second) // and no sweep has run yet
		for _, name := range []string{"accept", "join", "mute", "hears", "more"} {
			refused(t, do[name](ann, c), "call.ended")
		}
		must(t, do["leave"](ann, c))
		w.wantEnded(c, call.Unanswered, ann, bob)
		if w.sees(ann, c).EndedByMe {
			t.Fatal("it was over before Ann left")
		}
		must(t, do["leave"](ann, c))
		must(t, do["decline"](bob, c))
		if n := len(w.facts(c)); n != 2 {
			t.Fatalf("%d facts", n)
		}
	})
}

func TestTheGateAdmitsOnlyTheCurrentJoin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.proposed()
		minted, speaks, err := w.JoinID(ctx, ann, c)
		if err != nil || minted == "" || speaks {
			t.Fatal("the admission of the proposal", err)
		}
		_, err = w.Admit(ctx, c.Room(), w.identity(c, ann), minted)
		must(t, err)
		first := w.connect(c, ann)
		for what, try := range map[string][3]string{
			"the older one": {c.Room(), w.identity(c, ann), minted}, "the other's": {c.Room(), w.identity(c, bob), first}, "a third person": {c.Room(), string(w.person()), first},
			"no admission": {c.Room(), w.identity(c, ann), ""}, "nobody": {c.Room(), "", first}, "by their account": {c.Room(), string(ann), first}, "another room": {string(c), w.identity(c, ann), first}, "a forged call": {"call:x", w.identity(c, ann), first},
		} {
			if _, err := w.Admit(ctx, try[0], try[1], try[2]); !fault.Is(err, "audio.not_admitted") {
				t.Errorf("%s opens: %v", what, err)
			}
		}
		second := w.connect(c, ann) // another device
		must(t, w.ParticipantLeft(ctx, c.Room(), w.identity(c, ann), first, 0))
		_, err = w.Accept(ctx, ann, c)
		must(t, err)
		_, err = w.Accept(ctx, bob, c)
		must(t, err)
		if g, err := w.Admit(ctx, c.Room(), w.identity(c, ann), second); err != nil || !g.CanPublish {
			t.Fatal("both said yes, and the gate does not know", err)
		}
		_, err = w.Leave(ctx, bob, c)
		must(t, err)
		if _, err := w.Admit(ctx, c.Room(), w.identity(c, ann), second); !fault.Is(err, "audio.not_admitted") {
			t.Fatal("the call is over, and its audio opens")
		}
		must(t, w.ParticipantJoined(ctx, "call:gone", w.identity(c, ann), second))
		must(t, w.ParticipantJoined(ctx, c.Room(), w.identity(c, ann), second))
		w.wantEnded(c, call.Left, ann, bob)
	})
}

func TestNobodyIsInTwoCalls(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.proposed()
		carl, dora := w.person(), w.person()
		must(t, w.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := w.Propose(ctx, tx, call.Proposal{A: carl, B: ann})
			refused(t, err, "call.busy")
			_, err = w.Propose(ctx, tx, call.Proposal{A: carl, B: dora}) // the transaction can continue
			return err
		}))
		if n, ok, err := w.Current(ctx, carl); err != nil || !ok || n.Other.Account != dora {
			t.Fatalf("Carl is in %+v, %v, %v", n, ok, err)
		}
		_, err := w.propose(bob, bob)
		refused(t, err, "call.self")
		_, err = w.Decline(ctx, bob, c)
		must(t, err)
		eve := w.person()
		_, err = w.propose(ann, eve) // Ann sees the proposal as open
		refused(t, err, "call.busy")
		_, err = w.propose(bob, eve)
		must(t, err)
		w.later(15 * time.Second)
		_, err = w.propose(ann, w.person())
		must(t, err)
	})
}

// A side that is muted in the rows is muted at the media server, even if a grant was
// lost.
func TestMutedIsMutedAtTheMediaServer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, _ := w.live()
		for _, muted := range []bool{true, false} {
			_, err := w.Microphone(ctx, ann, c, muted, false)
			must(t, err)
			if w.sfu.muted(c, ann) != muted {
				t.Errorf("after the command muted is %t", !muted)
			}
			w.sfu.Set(c.Room(), w.identity(c, ann), true, !muted)
			must(t, w.TrackPublished(ctx, c.Room()))
			if w.sfu.muted(c, ann) != muted {
				t.Errorf("after a track was published muted is %t", !muted)
			}
			w.sfu.Set(c.Room(), w.identity(c, ann), true, !muted)
			must(t, w.Reconcile(ctx))
			if w.sfu.muted(c, ann) != muted {
				t.Errorf("after a sweep muted is %t", !muted)
			}
		}
		must(t, w.TrackPublished(ctx, "call:nothing"))
		must(t, w.TrackPublished(ctx, "a room"))
	})
}

func TestTheReconcilerFinishesWhatARestartInterrupted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		ends := w.sees(ann, c).EndsAt
		w.sfu.Restart()
		w.restart()
		w.wait(2 * time.Second)
		must(t, w.Reconcile(ctx))
		if v := w.sees(ann, c); v.State != call.Live || !v.EndsAt.Equal(ends) || !v.Other.Away {
			t.Fatalf("after the restart: %+v", v)
		}
		w.connect(c, ann)
		w.connect(c, bob)
		if v := w.sees(ann, c); v.Other.Away || v.Me.Away {
			t.Fatalf("both are back: %+v", v)
		}
		// Webhooks and grants are lost: one is connected but away in the rows, one may not
		// speak, one does not belong to the call.
		w.disconnect(c, ann)
		joinID, _, err := w.JoinID(ctx, ann, c)
		must(t, err)
		w.sfu.connect(c, ann, joinID, false)
		w.sfu.connect(c, w.person(), "none", true)
		must(t, w.Reconcile(ctx))
		if speaks, _ := w.sfu.canSpeak(c, ann); !speaks || w.sees(bob, c).Other.Away || w.sfu.Rooms()[c.Room()] != 2 {
			t.Fatalf("not mended: %+v", w.sfu.Rooms())
		}
		// The media server is down when the call ends; the reconciler closes the room later.
		w.sfu.Fail(errDown)
		_, err = w.Leave(ctx, ann, c)
		must(t, err)
		if err := w.Reconcile(ctx); err == nil {
			t.Fatal("the reconciler did not try")
		}
		w.sfu.Fail(nil)
		w.restart()
		must(t, w.Reconcile(ctx))
		w.wantEnded(c, call.Left, ann, bob)
	})
}

func TestAClockSetBackExtendsNoDeadline(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		w.wait(-time.Hour)
		must(t, w.Reconcile(ctx))
		if v := w.sees(ann, c); !v.EndsAt.Equal(w.now().Add(7 * time.Minute)) {
			t.Fatalf("ends %v, now %v", v.EndsAt, w.now())
		}
		w.later(7 * time.Minute)
		w.wantEnded(c, call.TimeUp, ann, bob)
		c, ann, bob = w.proposed()
		w.later(48 * time.Hour) // and forward
		w.wantEnded(c, call.Unanswered, ann, bob)
	})
}

func TestADeletedAccountLeavesNobodyInACall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		_, err := w.db.Exec(`DELETE FROM accounts WHERE id = $1`, string(ann))
		must(t, err)
		must(t, w.Reconcile(ctx))
		w.wantEnded(c, call.Left, bob)
		w.later(24 * time.Hour)
		if v := w.sees(bob, c); !v.Decided {
			t.Fatalf("%+v", v)
		}
		c, ann, bob = w.proposed()
		_, err = w.db.Exec(`DELETE FROM accounts WHERE id IN ($1, $2)`, string(ann), string(bob))
		must(t, err)
		w.later(time.Minute)
		var n int
		must(t, w.db.QueryRow(`SELECT COUNT(*) FROM calls WHERE id = $1`, string(c)).Scan(&n))
		if n != 0 {
			t.Fatal("a call of nobody stays")
		}
	})
}

func TestMatchesRingEachOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.matchedPair()
		v, err := w.Ring(ctx, ann, bob)
		must(t, err)
		if !v.Caller || v.Kind != call.Direct || !v.Me.Accepted || v.Other.Accepted || !v.DeadlineAt.Equal(w.now().Add(30*time.Second)) {
			t.Fatalf("Ann rings: %+v", v)
		}
		if b := w.sees(bob, v.ID); b.Caller || !b.Other.Accepted || b.Me.Accepted {
			t.Fatalf("it rings at Bob's: %+v", b)
		}
		again, err := w.Ring(ctx, ann, bob) // a double tap
		if err != nil || again.ID != v.ID || again.Seq != v.Seq {
			t.Fatalf("rings twice: %+v, %v", again, err)
		}
		back, err := w.Ring(ctx, bob, ann) // accepts the ring
		if err != nil || back.ID != v.ID || back.State != call.Connecting {
			t.Fatalf("Bob calls back: %+v, %v", back, err)
		}
		carl := w.person()
		w.makeMatch(carl, ann)
		busy, err := w.Ring(ctx, carl, ann)
		if err != nil || busy.State != call.Ended || busy.EndReason != call.Busy {
			t.Fatalf("Ann is busy: %+v, %v", busy, err)
		}
		_, err = w.Ring(ctx, ann, carl)
		refused(t, err, "call.busy")
		missed, err := w.Missed(ctx, ann)
		if err != nil || len(missed) != 1 || missed[0].By != carl || missed[0].Call != busy.ID || !missed[0].At.Equal(w.now()) {
			t.Fatalf("missed %+v, %v", missed, err)
		}
		for _, who := range []account.ID{ann, bob} {
			_, err := w.AudioReceived(ctx, who, v.ID)
			must(t, err)
		}
		_, err = w.Leave(ctx, bob, v.ID)
		must(t, err)
		w.wantEnded(v.ID, call.Left, ann, bob)
		if x := w.sees(ann, v.ID); !x.ChooseBy.IsZero() {
			t.Fatal("friends have chosen already")
		}
		if at, excluded := w.encounter(ann, bob); !at.IsZero() || excluded {
			t.Fatal("friends do not meet by matching")
		}
		_, err = w.Ring(ctx, ann, w.person())
		refused(t, err, "person.unknown")
		_, err = w.Ring(ctx, ann, ann)
		refused(t, err, "call.self")
	})
}

func TestUnansweredRingsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.matchedPair()
		one, err := w.Ring(ctx, ann, bob)
		must(t, err)
		w.later(30 * time.Second)
		w.wantEnded(one.ID, call.Unanswered, ann, bob)
		two, err := w.Ring(ctx, ann, bob)
		must(t, err)
		_, err = w.Leave(ctx, ann, two.ID)
		must(t, err)
		w.wantEnded(two.ID, call.Cancelled, ann, bob)
		w.wait(time.Second)
		three, err := w.Ring(ctx, ann, bob)
		must(t, err)
		_, err = w.Decline(ctx, bob, three.ID)
		must(t, err)
		w.wantEnded(three.ID, call.Unanswered, bob)
		w.later(30 * time.Second)
		w.wantEnded(three.ID, call.Unanswered, ann, bob)
		missed, err := w.Missed(ctx, bob)
		if err != nil || len(missed) != 2 || missed[0].Call != two.ID || missed[1].Call != one.ID {
			t.Fatalf("missed %+v, %v", missed, err)
		}
		if none, err := w.Missed(ctx, ann); err != nil || len(none) != 0 {
			t.Fatalf("Ann missed %+v, %v", none, err)
		}
		_, err = w.Ring(ctx, ann, bob)
		refused(t, err, "call.rings")
		_, err = w.Ring(ctx, bob, ann) // the other direction rings
		must(t, err)
		must(t, w.separate(ann, bob))
		if none, err := w.Missed(ctx, bob); err != nil || len(none) != 0 {
			t.Fatalf("Ann, who blocked him, %+v, %v", none, err)
		}
		_, err = w.db.Exec(`UPDATE pairs SET ended_at = NULL`) // the match is restored
		must(t, err)
		if both, err := w.Missed(ctx, bob); err != nil || len(both) != 2 {
			t.Fatalf("%+v, %v", both, err)
		}
		w.later(10 * time.Minute)
		_, err = w.Ring(ctx, ann, bob)
		must(t, err)
		w.later(8 * 24 * time.Hour)
		if none, err := w.Missed(ctx, bob); err != nil || len(none) != 0 {
			t.Fatalf("after a week %+v, %v", none, err)
		}
	})
}

func TestNothingRingsWhereCallPrivacyForbidsIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.matchedPair()
		carl, dora := w.matchedPair()
		w.setRings(bob, false)
		shut, err := w.Ring(ctx, ann, bob)
		must(t, err)
		open, err := w.Ring(ctx, carl, dora) // who does not answer
		must(t, err)
		same := func(when string) {
			t.Helper()
			x, y := w.sees(ann, shut.ID), w.sees(carl, open.ID)
			for _, v := range []*call.Call{&x, &y} {
				v.ID, v.Me.Account, v.Other.Account, v.Cards = "", "", "", nil
			}
			if !reflect.DeepEqual(x, y) {
				t.Errorf("%s Ann can tell that it does not ring:\n%+v\n%+v", when, x, y)
			}
		}
		same("at once,")
		for who, c := range map[account.ID]call.ID{ann: shut.ID, carl: open.ID} {
			w.connect(c, who)
		}
		same("on the line,")
		if n, ok, err := w.Current(ctx, bob); err != nil || ok {
			t.Fatalf("it rings at Bob's: %+v, %v", n, err)
		}
		if busy, err := w.Busy(ctx, bob); err != nil || busy {
			t.Fatalf("Bob is busy with what he does not hear, %v", err)
		}
		for name, err := range map[string]error{
			"accept": fail(w.Accept(ctx, bob, shut.ID)), "hears": fail(w.AudioReceived(ctx, bob, shut.ID)), "more": fail(w.Extend(ctx, bob, shut.ID)),
			"microphone": fail(w.Microphone(ctx, bob, shut.ID, true, false)),
		} {
			if !fault.Is(err, "call.ended") {
				t.Errorf("Bob guesses its name: %s: %v", name, err)
			}
		}
		_, _, err = w.Join(ctx, bob, shut.ID)
		refused(t, err, "call.ended")
		w.later(29 * time.Second)
		same("a second before the end")
		w.later(time.Second)
		same("in the end")
		w.wantEnded(shut.ID, call.Unanswered, ann, bob)
		for _, f := range w.facts(shut.ID) {
			if slices.Contains(f.Recipients, bob) {
				t.Errorf("Bob is told: %+v", f)
			}
		}
		// Afterwards Bob sees it as a missed call, as Ann's screen says.
		if missed, err := w.Missed(ctx, bob); err != nil || len(missed) != 1 || missed[0].By != ann {
			t.Errorf("missed %+v, %v", missed, err)
		}
		// If Bob is in another call, Ann still sees a call that nobody answers.
		_, err = w.propose(bob, w.person())
		must(t, err)
		again, err := w.Ring(ctx, ann, bob)
		if err != nil || again.State != call.Proposed {
			t.Errorf("Ann learns that Bob is busy: %+v, %v", again, err)
		}
		must(t, fail(w.Leave(ctx, bob, w.inCall(bob).ID)))
		// Bob, who may ring Ann, can do so although her ring, which he does not see, is open.
		back, err := w.Ring(ctx, bob, ann)
		if err != nil || back.State != call.Proposed || !back.Caller || back.ID == again.ID {
			t.Fatalf("Bob calls Ann: %+v, %v", back, err)
		}
		if v, err := w.Accept(ctx, ann, back.ID); err != nil || v.State != call.Connecting {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

func TestAnUnknownAccountCannotBeRung(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person()
		_, err := w.Ring(ctx, ann, account.ID(id.New()))
		refused(t, err, "person.unknown")
		_, err = w.Ring(ctx, ann, w.person())
		refused(t, err, "person.unknown")
	})
}

// inCall returns the open call of somebody.
func (w *world) inCall(who account.ID) call.Call {
	w.t.Helper()
	v, ok, err := w.Current(ctx, who)
	must(w.t, err)
	if !ok {
		w.t.Fatal("in no call")
	}
	return v
}

func fail(_ call.Call, err error) error { return err }

func TestAnExpiredRingBlocksNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.matchedPair()
		one, err := w.Ring(ctx, ann, bob)
		must(t, err)
		w.wait(30 * time.Second) // and no sweep has run yet
		two, err := w.Ring(ctx, bob, ann)
		if err != nil || two.ID == one.ID || two.State != call.Proposed {
			t.Fatalf("%+v, %v", two, err)
		}
		if v := w.sees(ann, one.ID); v.State != call.Ended || v.EndReason != call.Unanswered {
			t.Fatalf("the first one: %+v", v)
		}
	})
}

func TestIcebreakers(t *testing.T) {
	seen := map[string]bool{}
	kinds := map[call.CardKind]int{}
	for _, c := range call.Deck {
		if seen[c.Key] || c.Key != strings.ToLower(c.Key) || strings.ContainsAny(c.Key, " .-") {
			t.Errorf("key %q", c.Key)
		}
		seen[c.Key] = true
		kinds[c.Kind]++
		for _, i := range c.Fits {
			if !slices.Contains(profile.Interests, i) {
				t.Errorf("%s fits %s, which nobody can like", c.Key, i)
			}
		}
	}
	if len(seen) < 60 || kinds[call.Game] < 10 || kinds[call.WouldYouRather] < 15 {
		t.Errorf("%d cards, %v", len(seen), kinds)
	}
	of := map[string]call.Card{}
	for _, c := range call.Deck {
		of[c.Key] = c
	}
	for _, shared := range [][]string{nil, {"jazz"}, {"cats", "night_trains"}, profile.Interests} {
		drawn := map[string]bool{}
		for seed := range uint64(200) {
			hand := call.Cards(shared, seed)
			if len(hand) != 12 || !slices.Equal(hand, call.Cards(shared, seed)) {
				t.Fatalf("a hand of %d", len(hand))
			}
			fits := 0
			for i, key := range hand {
				if slices.Contains(hand[:i], key) {
					t.Fatalf("%s twice", key)
				}
				drawn[key] = true
				for _, f := range of[key].Fits {
					if slices.Contains(shared, f) {
						fits++
						break
					}
				}
				if len(of[key].Fits) > 0 && fits == 0 {
					t.Fatalf("%s for %v", key, shared)
				}
			}
			if len(shared) > 0 && fits < 2 {
				t.Fatalf("%d cards fit %v", fits, shared)
			}
		}
		if shared == nil && len(drawn) < 50 {
			t.Errorf("only %d cards ever come", len(drawn))
		}
	}
}

func TestAHappyHourIsAnnouncedOnceWhenItBegins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		start := w.now().Add(time.Hour)
		h, err := w.Schedule(ctx, "Thursday at nine", start, start.Add(time.Hour))
		must(t, err)
		announced := func() (n int) {
			must(t, w.AnnounceHappyHours(ctx, w.now()))
			must(t, w.db.QueryRow(`SELECT COUNT(*) FROM outbox WHERE kind = $1 AND scope = $2`, call.KindHappyHourBegan, "hour:"+h.ID).Scan(&n))
			return n
		}
		if n := announced(); n != 0 {
			t.Errorf("announced %d times an hour before", n)
		}
		w.wait(time.Hour)
		announced()
		if n := announced(); n != 1 {
			t.Errorf("announced %d times when it began", n)
		}
		// One that was planned while no server ran, and is over, is no news.
		h, err = w.Schedule(ctx, "Missed", w.now(), w.now().Add(time.Minute))
		must(t, err)
		w.wait(2 * time.Minute)
		if n := announced(); n != 0 {
			t.Errorf("announced %d times when it was over", n)
		}
	})
}

func TestHappyHours(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person(), w.person()
		start := w.now().Add(time.Hour)
		h, err := w.Schedule(ctx, "  Thursday at nine ", start, start.Add(2*time.Hour))
		must(t, err)
		for _, who := range []account.ID{ann, ann, bob} {
			must(t, w.RSVP(ctx, who, h.ID, true))
		}
		must(t, w.RSVP(ctx, bob, h.ID, false))
		list, err := w.HappyHours(ctx, ann)
		if err != nil || len(list) != 1 || list[0].Title != "Thursday at nine" || list[0].Attendees != 1 || !list[0].Attending || !list[0].StartsAt.Equal(start) {
			t.Fatalf("%+v, %v", list, err)
		}
		if list, _ := w.HappyHours(ctx, bob); list[0].Attending {
			t.Fatal("Bob does not come")
		}
		for _, wrong := range [][2]time.Time{{start, start}, {start, start.Add(13 * time.Hour)}, {start.Add(-3 * time.Hour), start.Add(-2 * time.Hour)}} {
			_, err := w.Schedule(ctx, "No", wrong[0], wrong[1])
			refused(t, err, "happy.times")
		}
		refused(t, w.RSVP(ctx, ann, "none", true), "happy.not_found")
		w.wait(3 * time.Hour)
		refused(t, w.RSVP(ctx, ann, h.ID, true), "happy.not_found")
		if list, err := w.HappyHours(ctx, ann); err != nil || len(list) != 0 {
			t.Fatalf("it is over: %+v, %v", list, err)
		}
		must(t, w.Unschedule(ctx, h.ID))
		refused(t, w.Unschedule(ctx, h.ID), "happy.not_found")
	})
}
