package call_test

import (
	"database/sql"
	"sync"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/fault"
)

// atOnce starts all of them in the same moment and waits for them.
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

// agree says that both see the same call, and returns it as one sees it.
func (w *world) agree(c call.ID, ann, bob account.ID) call.Call {
	w.t.Helper()
	a, b := w.sees(ann, c), w.sees(bob, c)
	if a.State != b.State || a.EndedWhy != b.EndedWhy || !a.EndsAt.Equal(b.EndsAt) || !a.LiveAt.Equal(b.LiveAt) || !a.EndedAt.Equal(b.EndedAt) ||
		a.MoreGiven != b.MoreGiven || a.MoreMine != b.TheyWantMore || a.TheyWantMore != b.MoreMine || a.Matched != b.Matched || a.Decided != b.Decided {
		w.t.Fatalf("they disagree:\n%+v\n%+v", a, b)
	}
	told := map[account.ID]int64{}
	for _, f := range w.told(c) { // each sees as many changes as they are told of
		for _, who := range f.Tell {
			told[who]++
		}
	}
	if told[ann] != a.Seq || told[bob] != b.Seq {
		w.t.Fatalf("told %d and %d times, seq %d and %d", told[ann], told[bob], a.Seq, b.Seq)
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
			c, ann, bob := w.asked()
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

func TestBothHearAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 50 {
			c, ann, bob := w.accepted()
			hear := func(who account.ID) func() {
				return func() {
					_, err := w.Hears(ctx, who, c)
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

func TestAYesMeetsTheEndOfTheProposal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		outcomes := map[call.State]int{}
		for range 100 {
			c, ann, bob := w.asked()
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
				w.wantEnded(c, call.Nothing, ann, bob)
			case call.Connecting: // the earlier yes or the later, the deadline is ahead
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

func TestHangingUpMeetsMoreTimeAndTheEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 60 {
			c, ann, bob := w.talking()
			_, err := w.More(ctx, ann, c)
			must(t, err)
			w.wait(7*time.Minute - time.Second)
			atOnce(func() {
				_, err := w.More(ctx, bob, c)
				w.quietly(err, "call.ended")
			}, func() {
				_, err := w.Leave(ctx, ann, c)
				w.quietly(err)
			}, func() {
				w.wait(time.Second)
				w.quietly(w.Sweep(ctx))
			})
			v := w.agree(c, ann, bob)
			if v.EndedWhy != call.Left && v.EndedWhy != call.Time {
				t.Fatalf("%+v", v)
			}
			w.wantEnded(c, v.EndedWhy, ann, bob)
		}
	})
}

func TestTwoHeartsAtOnceAreOneMatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 100 {
			c, ann, bob := w.talked()
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

func TestAHeartMeetsABlock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 60 {
			c, ann, bob := w.talked()
			_, err := w.Choose(ctx, ann, c, call.Heart, call.Feedback{})
			must(t, err)
			atOnce(func() {
				_, err := w.Choose(ctx, bob, c, call.Heart, call.Feedback{})
				w.quietly(err)
			}, func() {
				w.quietly(w.part(ann, bob))
			})
			w.agree(c, ann, bob)
			if w.matched(ann, bob) {
				t.Fatal("who blocked is matched")
			}
			if _, never := w.meeting(ann, bob); !never {
				t.Fatal("who blocked may meet again")
			}
		}
	})
}

func TestAProposalOrARingMeetsABlock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range 60 {
			ann, bob := w.friends()
			atOnce(func() {
				if n%2 == 0 {
					_, err := w.propose(ann, bob)
					w.quietly(err, "call.apart")
					return
				}
				_, err := w.Ring(ctx, ann, bob)
				w.quietly(err, "call.unmatched")
			}, func() {
				w.quietly(w.part(bob, ann))
			})
			for _, who := range []account.ID{ann, bob} {
				if busy, err := w.Busy(ctx, who); err != nil || busy {
					t.Fatalf("who is blocked is in a call, %v", err)
				}
			}
		}
	})
}

func TestWhoIsBeingBlockedIsNotReached(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, reach := range map[string]func(ann, bob account.ID) error{
			"ring":    func(ann, bob account.ID) error { _, err := w.Ring(ctx, ann, bob); return err },
			"propose": func(ann, bob account.ID) error { _, err := w.propose(ann, bob); return err },
		} {
			ann, bob := w.friends()
			told := make(chan error, 1)
			must(t, w.db.Tx(ctx, func(tx *sql.Tx) error {
				if err := unmatch(tx, ann, bob); err != nil {
					return err
				}
				if err := w.Part(ctx, tx, bob, ann); err != nil {
					return err
				}
				go func() { told <- reach(ann, bob) }()
				time.Sleep(50 * time.Millisecond) // in which Ann gets as far as she can
				return nil
			}))
			if err := <-told; fault.KindOf(err) != fault.Conflict && !fault.Is(err, "call.unmatched") {
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
			ann, bob := w.friends()
			ring := func(by, other account.ID) func() {
				return func() {
					_, err := w.Ring(ctx, by, other)
					w.quietly(err)
				}
			}
			atOnce(ring(ann, bob), ring(bob, ann))
			n, ok, err := w.Now(ctx, ann)
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

func TestAProposalThatIsTakenBackLeavesNothing(t *testing.T) {
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
		if _, ok, err := w.Now(ctx, ann); err != nil || ok {
			t.Fatal("a call that was never proposed", err)
		}
	})
}
