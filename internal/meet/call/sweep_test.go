package call_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
)

// eventually waits for requests to the media server that run beside the sweep.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func TestACallWithoutAnAnswerFromTheMediaServerDelaysNoOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type talk struct {
			call call.ID
			ann  account.ID
		}
		var all []talk
		for range 20 {
			c, ann, _ := w.live()
			all = append(all, talk{c, ann})
		}
		there := func(k talk) bool {
			_, there := w.sfu.canSpeak(k.call, k.ann)
			return there
		}
		first, others := all[0], all[1:]
		answer := w.sfu.hang(first.call)
		defer answer()

		w.later(call.LiveTime)
		for _, k := range all {
			if v := w.sees(k.ann, k.call); v.State != call.Ended || v.EndReason != call.TimeUp {
				t.Fatalf("the rows wait for the media server: %+v", v)
			}
		}
		eventually(t, "the audio of the others ends", func() bool {
			for _, k := range others {
				if there(k) {
					return false
				}
			}
			return true
		})
		if n := w.sfu.Unanswered(); n != 1 {
			t.Fatalf("%d requests wait for the call that gets no answer", n)
		}

		// Later runs do not wait for it either, and do not send the request again.
		c, cem, _ := w.live()
		last := talk{c, cem}
		w.later(call.LiveTime)
		eventually(t, "the audio of the last ends", func() bool { return !there(last) })
		must(t, w.Sweep(ctx))
		if n := w.sfu.Unanswered(); n != 1 {
			t.Fatalf("%d requests wait for the call that gets no answer", n)
		}
		if !there(first) {
			t.Fatal("the media server has answered after all")
		}
		answer()
		eventually(t, "the audio of the first ends", func() bool { return !there(first) })
		eventually(t, "a round has nothing left to do", func() bool { return w.Sweep(ctx) == nil })
	})
}

func TestASweepThatHasLostTheLeaseWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		must(t, w.sfu.Remove(ctx, c.Room(), w.identity(c, ann))) // and the webhook is lost
		token, held, err := w.db.Lease(ctx, "worker", "slow", time.Now(), time.Hour)
		must(t, err)
		if !held {
			t.Fatal("no lease")
		}
		slow := db.WithFence(ctx, db.Fence{Lease: "worker", Token: token})

		// During the run, another node takes the lease.
		w.sfu.BeforePresent = func() {
			must(t, w.db.Release(ctx, "worker", "slow"))
			if _, held, err := w.db.Lease(ctx, "worker", "quick", time.Now(), time.Hour); err != nil || !held {
				t.Errorf("not taken: held %t, %v", held, err)
			}
		}
		if err := w.Reconcile(slow); !errors.Is(err, db.ErrFenced) {
			t.Errorf("want it fenced off, got %v", err)
		}
		w.sfu.BeforePresent = nil
		if w.sees(bob, c).Other.Away {
			t.Error("a stale reconciler has noted who is away")
		}
		must(t, w.Reconcile(ctx))
		if !w.sees(bob, c).Other.Away {
			t.Error("nobody has noted who is away")
		}

		w.wait(call.LiveTime)
		before := w.state(c)
		if err := w.Sweep(slow); !errors.Is(err, db.ErrFenced) {
			t.Errorf("want it fenced off, got %v", err)
		}
		if after := w.state(c); after != before {
			t.Errorf("a stale sweep has made %s of %s", after, before)
		}
		must(t, w.Sweep(ctx))
		w.wantEnded(c, call.TimeUp, ann, bob)
	})
}

// state reads the state of a call from the rows.
func (w *world) state(c call.ID) (state string) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(`SELECT state FROM calls WHERE id = $1`, string(c)).Scan(&state))
	return state
}

func TestANodeThatWasOvertakenDoesItsGrantOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, ann, bob := w.live()
		slow := w.Service
		w.restart() // another node
		var overtaken atomic.Bool
		w.sfu.BeforeGrant = func() {
			if overtaken.CompareAndSwap(false, true) {
				_, err := w.Microphone(ctx, ann, c, true, false)
				must(t, err)
			}
		}
		must(t, slow.SyncMedia(ctx, c))
		if !w.sfu.muted(c, ann) || w.sfu.muted(c, bob) {
			t.Errorf("muted at the other node: Ann %t, Bob %t", w.sfu.muted(c, ann), w.sfu.muted(c, bob))
		}
	})
}
