package notify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/people/account"
	"heyy/internal/people/verification"
	"heyy/internal/talk/notify"
)

// failsAt has the gateway fail for what is pushed below /fail, and take the rest.
func (w *world) failsAt(fail func(http.ResponseWriter, *http.Request)) {
	w.gate.answer = func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/fail") {
			fail(rw, r)
			return
		}
		w.gate.take(rw, r)
	}
}

// bad makes the browser of a session take its pushes where they fail.
func (w *world) bad(who account.ID, s account.SessionID, path string) {
	w.t.Helper()
	sub := w.gate.subscribe().Subscription
	sub.Endpoint = w.gate.URL + "/fail/" + path
	must(w.t, w.Subscribe(ctx, who, s, sub))
}

// signIn is the fact that is first in the queue, and that everybody can cause.
func (w *world) signIn(who account.ID) { w.hear(account.NewDevice{Account: who, Device: "Chrome"}) }

func TestOneAccountDoesNotSilenceItsPushService(t *testing.T) {
	for name, fail := range map[string]http.HandlerFunc{
		"too many": status(http.StatusTooManyRequests),
		"too many, for hours": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "9000")
			rw.WriteHeader(429)
		},
		"not available": status(http.StatusServiceUnavailable),
		"timed out":     status(http.StatusRequestTimeout),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				ann, mal := w.person("Ann"), w.person("Mal")
				w.device(ann)
				w.hear(verification.Decided{Account: ann, Approved: true})
				w.one()
				w.failsAt(fail)
				for i := range 9 {
					w.bad(mal, w.session(mal), fmt.Sprint(i))
				}
				for range 15 {
					w.signIn(mal)
					w.none("they fail")
					w.hear(verification.Decided{Account: ann, Approved: true})
					if p := w.one(); p.Kind != notify.Verification {
						t.Fatalf("what came is %+v", p.Payload)
					}
					w.Advance(20 * time.Second)
				}
			})
		})
	}
}

// Several accounts can make a host pause. What has worked there waits for the first pause at
// most, and is tried before what is theirs.
func TestSeveralAccountsDoNotSilenceTheirPushServiceForLong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		var gang []account.ID
		for i := range 6 {
			mal := w.person("Mal")
			gang = append(gang, mal)
			_, s := w.device(mal)
			w.hear(verification.Decided{Account: mal, Approved: true})
			w.one() // it has worked, but not where it is moved to
			w.bad(mal, s, fmt.Sprint("moved", i))
			w.bad(mal, w.session(mal), fmt.Sprint("new", i))
		}
		w.hear(verification.Decided{Account: ann, Approved: true})
		w.one()
		w.failsAt(status(http.StatusBadGateway))
		for minute := range 30 {
			for _, mal := range gang {
				w.signIn(mal)
				w.send()
			}
			w.hear(verification.Decided{Account: ann, Approved: true})
			came := len(w.send())
			for _, mal := range gang { // what is theirs is due, too
				w.signIn(mal)
			}
			w.Advance(10 * time.Second)
			if came += len(w.send()); came != 1 {
				t.Fatalf("in minute %d came %d pushes", minute, came)
			}
			must(t, w.MarkSeen(ctx, ann, w.list(ann)[0].ID))
			w.set(ann, func(s *notify.Settings) { s.DailyCap = 100 })
			w.Advance(50 * time.Second)
		}
	})
}

func TestAServiceThatFailsEverybodyIsGivenUpThoughItWorked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var people []account.ID
		for range 30 {
			who := w.person("Ann")
			w.device(who)
			people = append(people, who)
			w.hear(verification.Decided{Account: who, Approved: true})
		}
		w.send()
		w.gate.answer = status(http.StatusBadGateway)
		before := w.gate.requests()
		for _, who := range people {
			w.hear(verification.Decided{Account: who, Approved: true})
		}
		w.send()
		if n := w.gate.requests() - before; n > 45 {
			t.Errorf("it was asked %d times at once", n)
		}
		before = w.gate.requests()
		for range 3600 / 5 {
			w.Advance(5 * time.Second)
			w.send()
		}
		if n := w.gate.requests() - before; n > 40 {
			t.Errorf("it was asked %d times in the hour after", n)
		}
		w.gate.answer = nil
		w.Advance(15 * time.Minute)
		if n := len(w.send()); n != 30 {
			t.Errorf("when it is back it gets %d pushes", n)
		}
	})
}

// Subscriptions that hang take few of the slots of a host that works, and those that fail
// come behind the others.
func TestSubscriptionsThatHangDelayNoOtherOfTheirService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		hang := make(chan struct{})
		t.Cleanup(func() { close(hang) })
		ann, mal := w.person("Ann"), w.person("Mal")
		w.device(ann)
		w.hear(verification.Decided{Account: ann, Approved: true})
		w.one()
		w.failsAt(status(http.StatusServiceUnavailable))
		for i := range 9 {
			w.bad(mal, w.session(mal), fmt.Sprint(i))
		}
		w.set(mal, func(s *notify.Settings) { s.DailyCap = 100 })
		for range 10 {
			w.hear(verification.Decided{Account: mal, Approved: true})
		}
		w.send()
		w.failsAt(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		})
		w.Advance(10 * time.Second)
		x := w.twin(d)
		x.Advance(w.Now().Sub(x.Now()))
		x.running()
		eventually(t, "some hang", func() bool { return w.count(`SELECT COUNT(*) FROM push_queue WHERE claimed_until > 0`) >= 4 })
		start, before := time.Now(), len(w.gate.pushes())
		for i := range 20 {
			bob := w.person("Bob")
			w.device(bob)
			x.hear(verification.Decided{Account: bob, Approved: i%2 == 0})
		}
		eventually(t, "all have arrived", func() bool { return len(w.gate.pushes()) >= before+20 })
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("20 pushes took %s", took)
		}
		if n := w.count(`SELECT COUNT(*) FROM push_queue q JOIN push_subscriptions s ON s.session_id = q.session_id WHERE q.claimed_until > 0 AND s.account_id = $1`, string(mal)); n > 4 {
			t.Errorf("%d of theirs are on their way", n)
		}
	})
}

// A host that has worked and fails waits for no slot of hosts that anybody names.
func TestAServiceInTroubleSharesNothingWithHostsThatAnybodyNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		slow := make([]*gateway, 6)
		for i := range slow {
			slow[i] = newGateway(t)
			slow[i].answer = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		}
		ann := w.person("Ann")
		w.device(ann)
		w.hear(verification.Decided{Account: ann, Approved: true})
		w.one()
		w.running()
		w.failsAt(status(http.StatusBadGateway))
		for i := range 3 {
			who := w.person("Eve")
			w.bad(who, w.session(who), fmt.Sprint(i))
			w.signIn(who)
		}
		eventually(t, "they fail", func() bool { return w.count(`SELECT COUNT(*) FROM push_subscriptions WHERE failures > 0`) == 3 })
		for _, g := range slow {
			for range 4 {
				mal := w.person("Mal")
				must(t, w.Subscribe(ctx, mal, w.session(mal), g.subscribe().Subscription))
				w.signIn(mal)
			}
		}
		eventually(t, "they hang", func() bool { return w.count(`SELECT COUNT(*) FROM push_queue WHERE claimed_until > 0`) >= 8 })
		start, before := time.Now(), len(w.gate.pushes())
		w.hear(verification.Decided{Account: ann, Approved: true})
		eventually(t, "hers has arrived", func() bool { return len(w.gate.pushes()) > before })
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
