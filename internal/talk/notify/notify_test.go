package notify_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/talk/notify"
)

func record(t testing.TB, f outbox.Fact, at time.Time) outbox.Record {
	t.Helper()
	data, err := json.Marshal(f)
	must(t, err)
	return outbox.Record{ID: id.New(), Kind: f.Kind(), Scope: f.Scope(), Seq: f.Order(), Data: data, At: at}
}

func TestAMatchIsPushedToEachDeviceOfBothAndSaysNoName(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.device(ann)
		w.device(bob)
		w.hear(w.matched(ann, bob))
		all := w.send()
		if len(all) != 3 {
			t.Fatalf("three devices got %+v", all)
		}
		for _, p := range all {
			if p.Kind != notify.Match || p.Title == "" || p.Body != "You have a new match." || p.Tag != "match" || !strings.HasPrefix(p.URL, "/chats/") {
				t.Errorf("the push is %+v", p.Payload)
			}
			if p.headers.Get("Urgency") != "normal" || p.headers.Get("TTL") != "86400" || len(p.headers.Get("Topic")) != 32 {
				t.Errorf("the headers are %v", p.headers)
			}
		}
		w.none("it was sent once")
		for who, other := range map[account.ID]account.ID{ann: bob, bob: ann} {
			if l := w.list(who); len(l) != 1 || l[0].About != other || l[0].Kind != notify.Match || l[0].Seen {
				t.Errorf("the centre has %+v", l)
			}
		}
	})
}

func TestNamesAreSaidOnlyToWhoAllowedIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.PrivateContent = true })
		w.hear(w.matched(ann, bob))
		if p := w.one(); p.Body != "You and Bob like each other." {
			t.Errorf("the push says %q", p.Body)
		}
	})
}

func TestSeveralUnseenOnesAreOnePush(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		for range 3 {
			w.hear(w.matched(ann, w.person("Somebody")))
		}
		if p := w.one(); p.Body != "You have 3 new matches." || p.Count != 3 || p.URL != "/chats" {
			t.Errorf("the push is %+v", p.Payload)
		}
		must(t, w.MarkSeen(ctx, ann, w.list(ann)[0].ID))
		w.hear(w.matched(ann, w.person("Cleo")))
		if p := w.one(); p.Count != 0 || p.Body != "You have a new match." {
			t.Errorf("after the others were seen the push is %+v", p.Payload)
		}
	})
}

func TestWhatWasSeenOnOneDeviceIsNotPushedToTheOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.hear(w.matched(ann, w.person("Bob")), verification.Decided{Account: ann, Approved: true})
		must(t, w.MarkSeen(ctx, ann, w.list(ann)[0].ID))
		w.none("they were seen before they were sent")
		if n := w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
			t.Errorf("%d rows wait for ever", n)
		}
	})
}

func TestARepeatedFactTellsNothingTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		r := w.records(w.matched(ann, bob))[0]
		for range 3 {
			must(t, w.Listener().Take(ctx, r))
			w.send()
		}
		if got := w.gate.pushes(); len(got) != 1 || len(w.list(ann)) != 1 {
			t.Errorf("%d pushes, and the centre has %+v", len(got), w.list(ann))
		}
	})
}

func TestFactsAboutDeletedPeopleAndToResidentsAreNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		resident := account.ID(id.New())
		_, err := w.db.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'resident', 0)`, string(resident))
		must(t, err)
		gone := account.ID(id.New())
		w.hear(w.matched(ann, gone), discovery.SomebodyFits{Account: gone, At: w.Now()}, discovery.SomebodyFits{Account: resident, At: w.Now()},
			call.Changed{Call: "none", Recipients: []account.ID{ann, gone}}, account.SignedOut{Account: ann})
		w.none("nothing is to be told")
		if n := w.count(`SELECT COUNT(*) FROM notifications`); n != 0 {
			t.Errorf("%d notifications", n)
		}
		w.hear(w.matched(ann, resident))
		if p := w.one(); p.Kind != notify.Match {
			t.Errorf("a match with a resident is one: %+v", p)
		}
	})
}

func TestNothingIsToldAboutWhoIsBlocked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.hear(w.matched(ann, bob))
		w.block(bob, ann) // after the fact, before the push
		w.none("they are apart by now")
		if l, n := w.list(ann), must1(w.Unseen(ctx, ann))(t); len(l) != 0 || n != 0 {
			t.Errorf("the centre still has %+v, %d unseen", l, n)
		}
	})
}

func TestAMatchThatIsOverIsNotToldAnyMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, cleo := w.person("Ann"), w.person("Bob"), w.person("Cleo")
		w.device(ann)
		c := w.ring(bob)
		c.State, c.EndReason = call.Ended, call.Busy
		m := w.matched(ann, bob)
		w.hear(m, w.sees(ann, c), w.matched(ann, cleo), discovery.Ended{A: m.A, B: m.B, At: w.Now(), Seq: 2})
		if p := w.one(); p.Kind != notify.Match || !strings.HasSuffix(p.URL, string(cleo)) {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 1 || l[0].About != cleo || len(w.list(bob)) != 0 {
			t.Errorf("the centre has %+v", l)
		}
	})
}

// The whole way: a transaction, the relay of the outbox, the listener, the sender, a push
// service, and the device. A ring is worth nothing if it comes late.
func TestARingArrivesWithinASecondOfItsCommit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		relay := outbox.NewRelay(w.db, slog.New(slog.DiscardHandler), outbox.Config{Node: "here", Listeners: []outbox.Listener{w.Listener()}})
		within, stop := context.WithCancel(ctx)
		done := make(chan error)
		go func() { done <- relay.Run(within) }()
		t.Cleanup(func() { stop(); must(t, <-done) })
		w.running()
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		told := func(f outbox.Fact) {
			must(t, w.db.Tx(ctx, func(tx *sql.Tx) error { return outbox.Append(ctx, tx, w.Now(), f) }))
			relay.Wake()
		}
		told(w.matched(ann, bob)) // the relay has taken its lease once this has arrived
		eventually(t, "the match", func() bool { return len(w.gate.pushes()) == 1 })
		c := w.ring(bob)
		start := time.Now()
		told(w.sees(ann, c))
		eventually(t, "the ring", func() bool { return len(w.gate.pushes()) == 2 })
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %s", took)
		}
		if n := w.count(`SELECT COUNT(*) FROM outbox WHERE kind = $1`, notify.KindChanged); n != 3 { // a match of two, and a ring
			t.Errorf("%d facts for the clients", n)
		}
	})
}

func must1[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T { t.Helper(); must(t, err); return v }
}

func TestARingIsReplacedByItsOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, x := range map[string]struct {
			end     func(*call.Call)
			outcome notify.Outcome
			title   string
			ttl     string
		}{
			"answered": {func(c *call.Call) { c.State, c.Me.Accepted = call.Connecting, true }, notify.Answered, "Call answered", "60"},
			"declined": {func(c *call.Call) { c.State, c.EndedByMe = call.Ended, true }, notify.Declined, "Call declined", "60"},
			"missed":   {func(c *call.Call) { c.State, c.EndReason = call.Ended, call.Unanswered }, notify.Missed, "Missed call", "86400"},
		} {
			ann, bob := w.person("Ann"), w.person("Bob")
			w.device(ann)
			c := w.ring(bob)
			w.hear(w.sees(ann, c))
			ring := w.one()
			if ring.Kind != notify.CallRing || ring.Title != "Incoming call" || ring.CallID != string(c.ID) || ring.headers.Get("Urgency") != "high" || ring.headers.Get("TTL") != "30" {
				t.Fatalf("%s: the ring is %+v", name, ring)
			}
			w.Advance(10 * time.Second)
			x.end(&c)
			w.hear(w.sees(ann, c))
			over := w.one()
			if over.Tag != ring.Tag || over.Outcome != x.outcome || over.Title != x.title || over.headers.Get("TTL") != x.ttl || over.headers.Get("Topic") != ring.headers.Get("Topic") {
				t.Errorf("%s: its end is %+v", name, over)
			}
			w.hear(w.sees(ann, c))
			w.none(name + ": the end is told once")
			if l := w.list(ann); len(l) != 1 || l[0].Outcome != x.outcome || l[0].About != bob {
				t.Errorf("%s: the centre has %+v", name, l)
			}
			if n := w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
				t.Errorf("%s: %d rows are left", name, n)
			}
		}
	})
}

func TestTheCallerIsNotRungAndAnAnswerBeforeThePushIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.device(bob)
		c := w.ring(bob)
		w.hear(w.sees(ann, c))
		mine := c
		mine.Caller, mine.Other.Account = true, ann
		w.hear(w.sees(bob, mine))
		c.State, c.Me.Accepted = call.Connecting, true
		w.hear(w.sees(ann, c))
		w.none("no device rang")
	})
}

func TestALateRingIsAMissedCall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		c := w.ring(bob)
		fact := w.records(w.sees(ann, c))[0] // lies in the outbox while the listener is down
		w.Advance(time.Hour)
		c.State, c.EndReason = call.Ended, call.Unanswered
		w.sees(ann, c)
		must(t, w.Listener().Take(ctx, fact))
		if p := w.one(); p.Outcome != notify.Missed || p.headers.Get("Urgency") != "high" && p.headers.Get("Urgency") != "normal" {
			t.Errorf("the push is %+v", p.Payload)
		}
	})
}

func TestAProposalIsPushedButNotKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		c := call.Call{ID: call.ID(id.New()), Kind: call.Match, State: call.Proposed, Other: call.Side{Account: w.person("Bob")}, DeadlineAt: w.Now().Add(call.AnswerTime)}
		w.set(ann, func(s *notify.Settings) { s.PrivateContent = true })
		w.hear(w.sees(ann, c))
		if p := w.one(); p.Kind != notify.CallProposal || p.headers.Get("TTL") != "15" || strings.Contains(p.Body, "Bob") {
			t.Errorf("who is proposed has no name yet: %+v", p.Payload)
		}
		c.State, c.EndReason = call.Ended, call.Unanswered
		w.hear(w.sees(ann, c))
		if p := w.one(); p.Outcome != notify.Missed || p.Title != "Too late for this one" {
			t.Errorf("its end is %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 0 {
			t.Errorf("the centre has %+v", l)
		}
	})
}

func TestEveryOtherKindHasItsFact(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		_, from := w.device(ann) // the new device itself is not told
		for _, x := range []struct {
			fact outbox.Fact
			kind notify.Kind
			body string
			n    int
		}{
			{discovery.SomebodyFits{Account: ann, At: w.Now()}, notify.Fits, "There’s someone new for you in Discover.", 2},
			{matchmaking.Alerted{Account: ann, At: w.Now()}, notify.CallProposal, "Someone who fits is looking for a call right now.", 2},
			{verification.Decided{Account: ann, Approved: true}, notify.Verification, "Others can see it next to your name now.", 2},
			{verification.Decided{Account: ann, Why: "pose"}, notify.Verification, "See why, and try again any time.", 2},
			{safety.Decided{Account: ann, Report: "r"}, notify.Safety, "A moderator has an answer for you.", 2},
			{account.NewDevice{Account: ann, Session: from, Device: "Chrome on Android"}, notify.NewDevice, "There’s a new sign-in to your account. If it wasn’t you, sign that browser out under Me.", 1},
		} {
			w.hear(x.fact)
			all := w.send()
			if len(all) != x.n {
				t.Fatalf("%T: %+v", x.fact, all)
			}
			if p := all[0]; p.Kind != x.kind || p.Body != x.body {
				t.Errorf("%T: %+v", x.fact, p.Payload)
			}
		}
	})
}

func TestWhoSaidThatTheyComeIsToldThatTheHourBegins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.device(bob)
		_, err := w.db.Exec(`INSERT INTO happy_hours (id, title, starts_at, ends_at) VALUES ('h', 'Jazz night', 0, $1)`, w.Now().Add(time.Hour).UnixMilli())
		must(t, err)
		_, err = w.db.Exec(`INSERT INTO happy_rsvps (hour_id, account_id) VALUES ('h', $1)`, string(ann))
		must(t, err)
		w.hear(call.HappyHourBegan{Hour: "h", Title: "Jazz night", EndsAt: w.Now().Add(time.Hour)})
		if p := w.one(); p.Body != "Jazz night has begun. Come and talk." || p.Kind != notify.HappyHour {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(bob); len(l) != 0 {
			t.Errorf("who does not come has %+v", l)
		}
	})
}

func TestTheCentreHasPagesAndForgetsAfterNinetyDays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		for range 7 {
			w.Advance(time.Second)
			w.hear(w.matched(ann, w.person("Bob")))
		}
		var got []notify.Notification
		r := page.Request{Limit: 3}
		for pages := 0; ; pages++ {
			some, next, err := w.List(ctx, ann, r)
			must(t, err)
			got = append(got, some...)
			if r.Before = next; next == (page.Cursor{}) || pages > 5 {
				break
			}
		}
		if len(got) != 7 || !got[0].At.After(got[6].At) {
			t.Fatalf("read %+v", got)
		}
		must(t, w.MarkSeen(ctx, ann, got[3].ID))
		if n := must1(w.Unseen(ctx, ann))(t); n != 3 {
			t.Errorf("%d unseen", n)
		}
		testkit.WantCode(t, w.MarkSeen(ctx, w.person("Bob"), got[0].ID), "notification.unknown")
		must(t, w.Sweep(ctx, w.Now().Add(notify.Retention+time.Hour)))
		if l := w.list(ann); len(l) != 0 {
			t.Errorf("still there: %+v", l)
		}
	})
}
