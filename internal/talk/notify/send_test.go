package notify_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/people/verification"
	"heyy/internal/talk/notify"
)

// running runs the sender until the test ends.
func (w *world) running() {
	within, stop := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- w.Run(within) }()
	w.t.Cleanup(func() {
		stop()
		must(w.t, <-done)
	})
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never happened: " + what)
		}
	}
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestASubscriptionThatTheServiceForgotIsRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, code := range []int{http.StatusNotFound, http.StatusGone} {
			ann := w.person("Ann")
			w.device(ann)
			_, s := w.device(ann)
			w.gate.answer = status(code)
			w.hear(verification.Decided{Account: ann, Approved: true})
			w.send()
			if on := must1(w.Subscribed(ctx, s))(t); on {
				t.Errorf("after %d it is still there", code)
			}
			if n := w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
				t.Errorf("after %d %d pushes wait", code, n)
			}
			w.gate.answer = nil
		}
	})
}

func TestAServiceThatIsDownIsAskedLessAndLessAndThenGetsOnePush(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.gate.answer = status(http.StatusBadGateway)
		w.hear(w.matched(ann, w.person("Bob")))
		for range 3600 {
			w.send()
			w.Advance(time.Second)
		}
		if n := w.gate.requests(); n < 6 || n > 15 {
			t.Errorf("it was asked %d times in an hour", n)
		}
		w.hear(w.matched(ann, w.person("Cleo")))
		w.gate.answer = nil
		w.Advance(20 * time.Minute)
		if p := w.one(); p.Count != 2 {
			t.Errorf("then it got %+v", p.Payload)
		}
	})
}

func TestWhatIsForAServiceThatIsDownDoesNotStandInTheWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.gate.answer = status(http.StatusBadGateway)
		for range 300 {
			who := w.person("Ann")
			w.device(who)
			w.hear(verification.Decided{Account: who, Approved: true})
		}
		w.send()
		w.send()
		if n := w.gate.requests(); n > 8 {
			t.Errorf("one that is down was asked %d times at once", n)
		}
		if n := w.count(`SELECT COUNT(*) FROM push_queue WHERE due_at <= $1`, w.Now().UnixMilli()); n != 0 {
			t.Errorf("%d pushes are looked at again each time", n)
		}
		w.gate.answer = nil
		w.Advance(10 * time.Minute)
		if n := len(w.send()); n != 300 {
			t.Errorf("when it is back it gets %d pushes", n)
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, header := range []string{"3600", w.Now().Add(time.Hour).Format(http.TimeFormat)} {
			ann := w.person("Ann")
			w.device(ann)
			w.gate.answer = func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Retry-After", header)
				rw.WriteHeader(http.StatusTooManyRequests)
			}
			w.hear(w.matched(ann, w.person("Bob")))
			w.send()
			w.gate.answer = nil
			w.Advance(59 * time.Minute)
			w.none("it asked for an hour")
			w.Advance(2 * time.Minute)
			w.one()
			w.Advance(-61 * time.Minute)
		}
	})
}

func TestWhatIsTooLateIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.gate.answer = status(http.StatusServiceUnavailable)
		w.hear(w.sees(ann, w.ring(w.person("Bob"))))
		w.send()
		w.gate.answer = nil
		w.Advance(31 * time.Second)
		w.none("it does not ring any more")
		must(t, w.Sweep(ctx, w.Now()))
		if n := w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
			t.Errorf("%d pushes wait for ever", n)
		}
	})
}

// Each of these lies in another way. None is followed, retried for ever or read to its end.
func TestServicesThatMisbehave(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer inside.Close()
	each(t, func(t *testing.T, w *world) {
		for name, answer := range map[string]http.HandlerFunc{
			"redirects": func(rw http.ResponseWriter, r *http.Request) {
				http.Redirect(rw, r, inside.URL, http.StatusTemporaryRedirect)
			},
			"is not modified": status(http.StatusNotModified),
			"refuses":         status(http.StatusForbidden),
			"finds it large":  status(http.StatusRequestEntityTooLarge),
			"invents a code":  status(799),
		} {
			ann := w.person("Ann")
			w.device(ann)
			before := w.gate.requests()
			w.gate.answer = answer
			w.hear(w.matched(ann, w.person("Bob")))
			for range 5 {
				w.send()
				w.Advance(time.Hour)
			}
			if n := w.gate.requests() - before; name != "invents a code" && n != 1 || n > 6 {
				t.Errorf("one that %s was asked %d times", name, n)
			}
			w.Advance(24 * time.Hour)
			must(t, w.Sweep(ctx, w.Now()))
			if n := w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
				t.Errorf("of one that %s %d pushes wait", name, n)
			}
		}
	})
}

func TestAHugeAnswerIsNotRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.device(ann)
		var wrote atomic.Int64
		w.gate.answer = func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(http.StatusCreated)
			junk := make([]byte, 64<<10)
			for r.Context().Err() == nil && wrote.Load() < 1<<30 {
				n, err := rw.Write(junk)
				wrote.Add(int64(n))
				if err != nil {
					return
				}
			}
		}
		start := time.Now()
		w.hear(w.matched(ann, w.person("Bob")))
		w.send()
		if took := time.Since(start); took > 5*time.Second || wrote.Load() > 32<<20 {
			t.Errorf("%d bytes were written in %s", wrote.Load(), took)
		}
		if n := w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
			t.Errorf("the status was 201, and %d pushes wait", n)
		}
	})
}

func TestHugeHeadersAreAFailure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.gate.answer = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("X-Junk", strings.Repeat("x", 1<<20))
			rw.WriteHeader(http.StatusCreated)
		}
		w.hear(w.matched(ann, w.person("Bob")))
		w.send()
		if n := w.count(`SELECT COUNT(*) FROM push_queue WHERE tries = 1`); n != 1 {
			t.Errorf("%d pushes are to be tried again", n)
		}
	})
}

// Ten push services that take every connection and never answer, and one that works: what
// is for the one arrives at once, though the others have ten times as much to get.
func TestSlowServicesDelayNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		hang := make(chan struct{})
		t.Cleanup(func() { close(hang) })
		ann := w.person("Ann")
		w.device(ann)
		w.hear(verification.Decided{Account: ann, Approved: true})
		w.one() // the working one is known to work, to the next process, too
		for range 10 {
			slow := newGateway(t)
			slow.answer = func(_ http.ResponseWriter, r *http.Request) {
				select {
				case <-hang:
				case <-r.Context().Done():
				}
			}
			for range 2 {
				victim := w.person("V")
				must(t, w.Subscribe(ctx, victim, w.session(victim), slow.subscribe().Subscription))
				w.hear(verification.Decided{Account: victim, Approved: true}, account.NewDevice{Account: victim}, w.matched(victim, ann))
			}
		}
		w.set(ann, func(s *notify.Settings) { s.DailyCap = 100 })
		x := w.twin(d)
		x.running()
		eventually(t, "the slow ones are busy", func() bool { return w.count(`SELECT COUNT(*) FROM push_queue WHERE claimed_until > 0`) >= 8 })
		start := time.Now()
		before := len(w.gate.pushes())
		for i := range 20 {
			bob := w.person("Bob")
			w.device(bob)
			x.hear(verification.Decided{Account: bob, Approved: i%2 == 0})
		}
		eventually(t, "all have arrived", func() bool { return len(w.gate.pushes()) >= before+20 })
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("20 pushes took %s", took)
		}
	})
}

func TestTwoNodesSendEachPushOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		want := map[string]int{}
		for range 40 {
			who := w.person("Ann")
			dev, _ := w.device(who)
			want[dev.Endpoint]++
			w.hear(verification.Decided{Account: who, Approved: true})
		}
		third := w.twin(d)
		w.running()
		third.running()
		eventually(t, "all have arrived", func() bool { return len(w.gate.pushes()) >= 40 })
		time.Sleep(100 * time.Millisecond)
		for _, p := range w.gate.pushes() {
			want[p.to]--
		}
		for to, n := range want {
			if n != 0 {
				t.Errorf("%s got %d too few", to, n)
			}
		}
	})
}

// twin is another process on the same database and with the same gateway.
func (w *world) twin(d *db.DB) *world {
	x := newWorld(w.t, d, func(c *notify.Config) {
		c.Profiles, c.Calls = w, fakeCalls{w}
	})
	x.gate = w.gate
	return x
}

func TestWhatAProcessHadClaimedWhenItDiedIsSentByTheNext(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.hear(verification.Decided{Account: ann, Approved: true})
		_, err := w.db.Exec(`UPDATE push_queue SET claimed_until = $1, tries = 1`, w.Now().Add(time.Minute).UnixMilli())
		must(t, err)
		w.none("somebody has it")
		w.Advance(61 * time.Second)
		w.one()
	})
}

func TestASubscriptionThatFailsForWeeksIsRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		_, s := w.device(ann)
		w.gate.answer = status(http.StatusForbidden)
		w.set(ann, func(s *notify.Settings) { s.DailyCap = 100 })
		for day := range 15 {
			if on := must1(w.Subscribed(ctx, s))(t); !on {
				t.Fatalf("it is gone on day %d", day)
			}
			w.hear(verification.Decided{Account: ann, Approved: true})
			w.send()
			w.Advance(24 * time.Hour)
		}
		if on := must1(w.Subscribed(ctx, s))(t); on {
			t.Error("it is still there")
		}
	})
}

func TestASignOutEndsTheSubscriptionAndWhatWaitsForIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		_, s := w.device(ann)
		w.hear(w.matched(ann, w.person("Bob")))
		_, err := w.db.Exec(`DELETE FROM sessions WHERE id = $1`, string(s))
		must(t, err)
		w.none("she is signed out there")
		if n := w.count(`SELECT COUNT(*) FROM push_subscriptions`) + w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestAnAccountHasTenSubscriptionsAndABrowserOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		var first account.SessionID
		for i := range 12 {
			w.Advance(time.Second)
			_, s := w.device(ann)
			if i == 0 {
				first = s
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM push_subscriptions`); n != notify.MaxSubscriptions || must1(w.Subscribed(ctx, first))(t) {
			t.Errorf("%d subscriptions, and the first of them is there", n)
		}
		// The same browser, signed in to another account.
		d, s := w.device(bob)
		must(t, w.Subscribe(ctx, bob, s, d.Subscription)) // again changes nothing
		must(t, w.Subscribe(ctx, ann, w.session(ann), d.Subscription))
		if must1(w.Subscribed(ctx, s))(t) {
			t.Error("the pushes of both go to one browser")
		}
		testkit.WantCode(t, w.Subscribe(ctx, ann, "nobody's", w.gate.subscribe().Subscription), "session.ended")
		testkit.WantCode(t, w.Subscribe(ctx, ann, w.session(bob), w.gate.subscribe().Subscription), "session.ended")
		must(t, w.Unsubscribe(ctx, s))
		must(t, w.Unsubscribe(ctx, s))
	})
}

func TestKeysThatNoBrowserMakesAreRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	ann := w.person("Ann")
	s := w.session(ann)
	good := w.gate.subscribe().Subscription
	other := "A"
	if good.P256dh[80] == 'A' {
		other = "B"
	}
	offCurve := good.P256dh[:80] + other + good.P256dh[81:]
	for _, x := range [][2]string{
		{"", good.Auth}, {"!", good.Auth}, {good.P256dh[:40], good.Auth}, {strings.Repeat("A", 87), good.Auth},
		{offCurve, good.Auth}, {good.P256dh, ""}, {good.P256dh, good.Auth[:20]}, {good.P256dh, good.Auth + good.Auth}, {good.P256dh, "*"},
	} {
		bad := good
		bad.P256dh, bad.Auth = x[0], x[1]
		if err := w.Subscribe(ctx, ann, s, bad); err == nil {
			t.Errorf("%v was stored", x)
		} else {
			testkit.WantCode(t, err, "push.keys")
		}
	}
	good.P256dh += "=" // some browsers pad
	must(t, w.Subscribe(ctx, ann, s, good))
}

// A gateway whose certificate nobody signed gets nothing.
func TestTheCertificateOfAServiceIsChecked(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), func(c *notify.Config) { c.RootCAs = nil })
	ann := w.person("Ann")
	w.device(ann)
	w.hear(w.matched(ann, w.person("Bob")))
	w.none("its certificate is nobody's")
	if w.gate.requests() > 0 {
		t.Error("it was asked")
	}
}
