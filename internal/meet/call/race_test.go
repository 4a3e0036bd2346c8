package call_test

import (
	"database/sql"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
)

// atOnce runs the functions concurrently and waits for them.
func atOnce(all ...func()) {
	start := make(chan struct{})
	var done sync.WaitGroup
	for _, f := range all {
		done.Go(func() {
			<-start
			f()
		})
	}
	close(start)
	done.Wait()
}

// agree checks that both see the same call, and returns it as one of them sees
// it.
func (w *world) agree(c call.ID, ann, bob account.ID) call.Call {
	w.t.Helper()
	a, b := w.sees(ann, c), w.sees(bob, c)
	var out int // whoever withdrew from a proposal saw it end at once, the other at its deadline
	must(w.t, w.db.QueryRow(`SELECT COUNT(*) FROM call_sides WHERE call_id = $1 AND out_at IS NOT NULL`, string(c)).Scan(&out))
	if out == 0 && (a.State != b.State || a.EndReason != b.EndReason || !a.EndedAt.Equal(b.EndedAt)) || !a.EndsAt.Equal(b.EndsAt) || !a.LiveAt.Equal(b.LiveAt) ||
		a.Extensions != b.Extensions || a.ExtendAskedByMe != b.ExtendAskedByOther || a.ExtendAskedByOther != b.ExtendAskedByMe || a.Matched != b.Matched || a.Decided != b.Decided {
		w.t.Fatalf("they disagree:\n%+v\n%+v", a, b)
	}
	notified := map[account.ID]int64{}
	for _, f := range w.facts(c) { // seq counts the facts that each receives
		for _, who := range f.Recipients {
			notified[who]++
		}
	}
	if notified[ann] != a.Seq || notified[bob] != b.Seq {
		w.t.Fatalf("told %d and %d times, seq %d and %d", notified[ann], notified[bob], a.Seq, b.Seq)
	}
	return a
}

func (w *world) quietly(err error, codes ...string) {
	w.t.Helper()
	for _, c := range codes {
		if fault.Is(err, c) {
			return
		}
	}
	if err != nil {
		w.t.Errorf("%v", err)
	}
}

func TestTwoAcceptAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 200 {
			c, ann, bob := w.proposed()
			accept := func(who account.ID) func() {
				return func() {
					_, err := w.Accept(ctx, who, c)
					w.quietly(err)
				}
			}
			atOnce(accept(ann), accept(bob), accept(ann)) // Ann has two devices
			if v := w.agree(c, ann, bob); v.State != call.Connecting {
				t.Fatalf("both said yes: %+v", v)
			}
		}
	})
}

func TestBothReceiveAudioAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 50 {
			c, ann, bob := w.accepted()
			hear := func(who account.ID) func() {
				return func() {
					_, err := w.AudioReceived(ctx, who, c)
					w.quietly(err)
				}
			}
			atOnce(hear(ann), hear(bob), hear(bob))
			if v := w.agree(c, ann, bob); v.State != call.Live || !v.EndsAt.Equal(w.now().Add(7*time.Minute)) {
				t.Fatalf("both hear: %+v", v)
			}
		}
	})
}

func TestAcceptingAtTheDeadlineHasOneOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		outcomes := map[call.State]int{}
		for range 100 {
			c, ann, bob := w.proposed()
			_, err := w.Accept(ctx, ann, c)
			must(t, err)
			atOnce(func() {
				_, err := w.Accept(ctx, bob, c)
				w.quietly(err, "call.ended")
			}, func() {
				w.wait(15 * time.Second)
				w.quietly(w.Sweep(ctx))
			})
			v := w.agree(c, ann, bob)
			outcomes[v.State]++
			switch v.State {
			case call.Ended:
				w.wantEnded(c, call.Unanswered, ann, bob)
			case call.Connecting: // the deadline of the new state has not passed
				if v.DeadlineAt.Before(w.now()) {
					t.Fatalf("past its deadline: %+v", v)
				}
				_, err := w.Leave(ctx, ann, c)
				must(t, err)
			default:
				t.Fatalf("%+v", v)
			}
		}
		t.Log(outcomes)
	})
}

func TestHangingUpWhileExtendingAtTheDeadlineHasOneOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 60 {
			c, ann, bob := w.live()
			_, err := w.Extend(ctx, ann, c)
			must(t, err)
			w.wait(7*time.Minute - time.Second)
			atOnce(func() {
				_, err := w.Extend(ctx, bob, c)
				w.quietly(err, "call.ended")
			}, func() {
				_, err := w.Leave(ctx, ann, c)
				w.quietly(err)
			}, func() {
				w.wait(time.Second)
				w.quietly(w.Sweep(ctx))
			})
			v := w.agree(c, ann, bob)
			if v.EndReason != call.Left && v.EndReason != call.TimeUp {
				t.Fatalf("%+v", v)
			}
			w.wantEnded(c, v.EndReason, ann, bob)
		}
	})
}

func TestTwoHeartsAtOnceAreOneMatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 100 {
			c, ann, bob := w.ended()
			heart := func(who account.ID) func() {
				return func() {
					_, err := w.Choose(ctx, who, c, call.Heart, call.Feedback{})
					w.quietly(err)
				}
			}
			atOnce(heart(ann), heart(bob), heart(ann))
			if v := w.agree(c, ann, bob); !v.Matched || !w.matched(ann, bob) {
				t.Fatalf("two hearts: %+v", v)
			}
		}
	})
}

func TestAHeartAndABlockAtOnceHaveOneOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 60 {
			c, ann, bob := w.ended()
			_, err := w.Choose(ctx, ann, c, call.Heart, call.Feedback{})
			must(t, err)
			atOnce(func() {
				_, err := w.Choose(ctx, bob, c, call.Heart, call.Feedback{})
				w.quietly(err)
			}, func() {
				w.quietly(w.separate(ann, bob))
			})
			w.agree(c, ann, bob)
			if w.matched(ann, bob) {
				t.Fatal("who blocked is matched")
			}
			if _, excluded := w.encounter(ann, bob); !excluded {
				t.Fatal("who blocked may meet again")
			}
		}
	})
}

func TestAProposalOrARingAndABlockAtOnceHaveOneOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range 60 {
			ann, bob := w.matchedPair()
			atOnce(func() {
				if n%2 == 0 {
					_, err := w.propose(ann, bob)
					w.quietly(err, "call.apart")
					return
				}
				_, err := w.Ring(ctx, ann, bob)
				w.quietly(err, "person.unknown")
			}, func() {
				w.quietly(w.separate(bob, ann))
			})
			if busy, err := w.Busy(ctx, bob); err != nil || busy {
				t.Fatalf("who blocks is in a call, %v", err)
			}
			w.later(30 * time.Second) // until then Ann sees the same as if nobody answered
			if busy, err := w.Busy(ctx, ann); err != nil || busy {
				t.Fatalf("who is blocked is in a call, %v", err)
			}
		}
	})
}

func TestAPersonWhoIsBeingBlockedIsNotReached(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, reach := range map[string]func(ann, bob account.ID) error{
			"ring":    func(ann, bob account.ID) error { _, err := w.Ring(ctx, ann, bob); return err },
			"propose": func(ann, bob account.ID) error { _, err := w.propose(ann, bob); return err },
		} {
			ann, bob := w.matchedPair()
			notified := make(chan error, 1)
			must(t, w.db.Tx(ctx, func(tx *sql.Tx) error {
				if err := unmatch(tx, ann, bob); err != nil {
					return err
				}
				if err := w.Separate(ctx, tx, bob, ann); err != nil {
					return err
				}
				go func() { notified <- reach(ann, bob) }()
				time.Sleep(50 * time.Millisecond) // time for Ann to reach the lock
				return nil
			}))
			if err := <-notified; fault.KindOf(err) != fault.Conflict && !fault.Is(err, "person.unknown") {
				t.Errorf("%s: %v", name, err)
			}
			if busy, err := w.Busy(ctx, bob); err != nil || busy {
				t.Errorf("%s reaches who has just blocked, %v", name, err)
			}
		}
	})
}

func TestTwoRingEachOtherAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 100 {
			ann, bob := w.matchedPair()
			ring := func(by, other account.ID) func() {
				return func() {
					_, err := w.Ring(ctx, by, other)
					w.quietly(err)
				}
			}
			atOnce(ring(ann, bob), ring(bob, ann))
			n, ok, err := w.Current(ctx, ann)
			if err != nil || !ok || n.State != call.Connecting || n.Other.Account != bob {
				t.Fatalf("%+v, %v, %v", n, ok, err)
			}
			w.agree(n.ID, ann, bob)
		}
	})
}

func TestManyWantTheSamePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 20 {
			ann := w.person()
			var all []func()
			var mu sync.Mutex
			made := 0
			for range 6 {
				other := w.person()
				all = append(all, func() {
					_, err := w.propose(ann, other)
					w.quietly(err, "call.busy")
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						made++
					}
				})
			}
			atOnce(all...)
			var open int
			must(t, w.db.QueryRow(`SELECT COUNT(*) FROM call_sides WHERE account_id = $1 AND open`, string(ann)).Scan(&open))
			if made != 1 || open != 1 {
				t.Fatalf("%d proposals, %d calls", made, open)
			}
		}
	})
}

func TestAProposalThatIsRolledBackLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person(), w.person()
		err := w.db.Tx(ctx, func(tx *sql.Tx) error {
			if _, err := w.Propose(ctx, tx, call.Proposal{A: ann, B: bob}); err != nil {
				return err
			}
			return errDown
		})
		if err != errDown {
			t.Fatal(err)
		}
		if _, ok, err := w.Current(ctx, ann); err != nil || ok {
			t.Fatal("a call that was never proposed", err)
		}
	})
}
