package notify_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/people/account"
	"heyy/internal/talk/notify"
)

func TestABurstOfSignInsIsTwoPushes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		for range notify.MaxSubscriptions {
			w.device(ann)
		}
		w.signIn(ann)
		first := w.send()
		if len(first) != notify.MaxSubscriptions || first[0].Kind != notify.NewDevice || first[0].Count != 0 {
			t.Fatalf("at once came %+v", first)
		}
		for range 29 {
			w.Advance(10 * time.Second)
			w.signIn(ann)
			w.none("one was told a moment ago")
		}
		w.Advance(10 * time.Minute)
		all := w.send()
		if len(all) != notify.MaxSubscriptions {
			t.Fatalf("after the gap came %d", len(all))
		}
		if p := all[0]; p.Kind != notify.NewDevice || p.Count != 30 || !strings.Contains(p.Body, "30 new sign-ins") || p.headers.Get("Topic") == "" {
			t.Errorf("it is %+v", p.Payload)
		}
		w.Advance(time.Hour)
		w.none("nothing has happened since")
		if l := w.list(ann); len(l) < 20 || l[0].Detail != "Chrome" || w.count(`SELECT COUNT(*) FROM notifications WHERE listed`) != 30 {
			t.Errorf("the centre has %+v", l)
		}
		w.signIn(ann)
		if n := len(w.send()); n != notify.MaxSubscriptions {
			t.Errorf("an hour later came %d at once", n)
		}
	})
}

// Whoever names the address of somebody else as their push service, and signs in again and
// again, makes us knock there no more often, whatever the answer is.
func TestSignInsKnockAtNoThirdPartyAgainAndAgain(t *testing.T) {
	for _, x := range []struct{ status, most int }{
		{http.StatusBadRequest, 2}, {http.StatusMethodNotAllowed, 2}, {http.StatusFound, 2}, {http.StatusTooManyRequests, 9}, {http.StatusBadGateway, 9},
	} {
		t.Run(fmt.Sprint(x.status), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				mal := w.person("Mal")
				w.device(mal)
				w.gate.answer = status(x.status)
				for range 60 {
					w.signIn(mal)
					w.send()
					w.Advance(10 * time.Second)
				}
				if n := w.gate.requests(); n > x.most {
					t.Errorf("it was asked %d times", n)
				}
			})
		})
	}
}

// What happens while a push is on its way is told after the gap, too: a push service that
// takes its time gets no push for each sign-in.
func TestSignInsDuringAPushWaitForTheGap(t *testing.T) {
	for name, code := range map[string]int{"taken": 0, "refused": http.StatusForbidden, "failed": http.StatusBadGateway} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				mal := w.person("Mal")
				w.device(mal)
				var during atomic.Int64
				w.gate.answer = func(rw http.ResponseWriter, r *http.Request) {
					if during.Add(1) <= 30 {
						must(t, w.Listener().Take(ctx, record(t, account.NewDevice{Account: mal, Device: "Chrome"}, w.Now())))
					}
					if code != 0 {
						rw.WriteHeader(code)
						return
					}
					w.gate.take(rw, r)
				}
				w.signIn(mal)
				w.send()
				if n := w.gate.requests(); n != 1 {
					t.Fatalf("it got %d requests", n)
				}
				w.Advance(10 * time.Minute)
				w.send()
				if n := w.gate.requests(); n != 2 {
					t.Errorf("after the gap it got %d", n)
				}
			})
		})
	}
}

func TestASignInIsToldAfterDaysInWhichThePushServiceWasDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.gate.answer = status(http.StatusBadGateway)
		w.signIn(ann)
		for range 48 {
			w.none("it is down")
			w.Advance(time.Hour)
		}
		w.gate.answer = nil
		w.Advance(time.Hour)
		if p := w.one(); p.Kind != notify.NewDevice {
			t.Errorf("then came %+v", p.Payload)
		}
	})
}

// Who has signed in sees the centre, and can mark in it what is to warn of them.
func TestAStrangerDoesNotSilenceTheWarningByHavingSeenIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.signIn(ann)
		w.one()
		w.Advance(time.Minute)
		w.signIn(ann)
		must(t, w.MarkSeen(ctx, ann, w.list(ann)[0].ID))
		w.Advance(10 * time.Minute)
		if p := w.one(); p.Kind != notify.NewDevice {
			t.Errorf("what came is %+v", p.Payload)
		}
		w.Advance(time.Hour)
		w.none("it was told")
	})
}
