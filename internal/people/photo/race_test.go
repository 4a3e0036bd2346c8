package photo_test

import (
	"sync"
	"testing"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
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

// told is how many facts are in the outbox, and the highest number of one.
func (a *album) told(t testing.TB) (n, last int) {
	t.Helper()
	if err := a.db.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM outbox`).Scan(&n, &last); err != nil {
		t.Fatal(err)
	}
	return n, last
}

// wantEven says that both see each other, or neither does.
func (a *album) wantEven(t testing.TB, x, y account.ID) (open bool) {
	t.Helper()
	r, s := a.sees(t, x, y), a.sees(t, y, x)
	if !r.OpenedAt.Equal(s.OpenedAt) || r.Mine != s.Theirs || r.Theirs != s.Mine {
		t.Fatalf("one sees %+v, the other %+v", r, s)
	}
	open = !r.OpenedAt.IsZero()
	if open != (len(r.Photos) > 0) || open != (len(s.Photos) > 0) || open && !(r.Mine && r.Theirs) {
		t.Fatalf("one sees %+v, the other %+v", r, s)
	}
	return open
}

func TestTwoOffersAtOnceOpenOnce(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 1), a.member(t, 1)
		for range 200 {
			told, _ := a.told(t)
			var r, s photo.Reveal
			atOnce(func() { r, _ = a.Offer(ctx, anna, bob) }, func() { s, _ = a.Offer(ctx, bob, anna) })
			if !a.wantEven(t, anna, bob) {
				t.Fatal("both offered, and it is closed")
			}
			opened := a.sees(t, anna, bob).OpenedAt
			if !r.OpenedAt.Equal(opened) && !s.OpenedAt.Equal(opened) {
				t.Fatalf("opened at %v and told %v and %v", opened, r.OpenedAt, s.OpenedAt)
			}
			for _, one := range []photo.Reveal{r, s} { // the first may have been answered before the second came
				if !one.OpenedAt.IsZero() && !one.OpenedAt.Equal(opened) {
					t.Fatalf("opened twice: %v and %v", one.OpenedAt, opened)
				}
			}
			if n, last := a.told(t); n != told+2 || last != n {
				t.Fatalf("%d facts more, the last is number %d of %d", n-told, last, n)
			}
			if err := a.Withdraw(ctx, anna, bob); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnOfferMeetsAWithdrawal(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 1), a.member(t, 1)
		for range 60 {
			a.offer(t, anna, bob)
			atOnce(
				func() { a.offer(t, bob, anna) },
				func() {
					if err := a.Withdraw(ctx, anna, bob); err != nil {
						t.Error(err)
					}
				},
			)
			if a.wantEven(t, anna, bob) {
				t.Fatal("Anna has withdrawn, and it is open")
			}
			if err := a.Withdraw(ctx, bob, anna); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnOfferMeetsTheRemovalOfTheLastPhoto(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 0), a.member(t, 1)
		for n := range 40 {
			last := a.add(t, anna)
			remove := func() {
				if err := a.Remove(ctx, anna, last.ID); err != nil {
					t.Error(err)
				}
			}
			if n%2 == 0 { // hers stands, his comes
				a.offer(t, anna, bob)
				atOnce(func() { a.offer(t, bob, anna) }, remove)
			} else { // his stands, hers comes
				a.offer(t, bob, anna)
				atOnce(func() {
					if _, err := a.Offer(ctx, anna, bob); err != nil && !fault.Is(err, "photo.none") {
						t.Error(err)
					}
				}, remove)
			}
			if a.wantEven(t, anna, bob) {
				t.Fatal("Anna has no photo, and it is open")
			}
			if err := a.Withdraw(ctx, bob, anna); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// While everything happens at once, nobody ever sees more than is seen of them.
func TestNobodyEverSeesAndIsNotSeen(t *testing.T) {
	each(t, func(t *testing.T, a *album) {
		anna, bob := a.member(t, 1), a.member(t, 1)
		stop := make(chan struct{})
		var looking sync.WaitGroup
		looking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, p := range [][2]account.ID{{anna, bob}, {bob, anna}} {
					all, err := a.Between(ctx, p[0], p[1])
					if err != nil {
						t.Error(err)
						return
					}
					r := all[p[1]]
					if open := !r.OpenedAt.IsZero(); open != (len(r.Photos) > 0) || open && !(r.Mine && r.Theirs) {
						t.Errorf("in between: %+v", r)
						return
					}
				}
			}
		})
		for range 15 {
			mine, _ := a.List(ctx, anna)
			atOnce(
				func() { _, _ = a.Offer(ctx, anna, bob) },
				func() { _, _ = a.Offer(ctx, bob, anna) },
				func() { _ = a.Withdraw(ctx, bob, anna) },
				func() { _ = a.Remove(ctx, anna, mine[0].ID) },
				func() { _, _ = a.Add(ctx, anna, snapshot(t)) },
			)
			a.wantEven(t, anna, bob)
		}
		close(stop)
		looking.Wait()
	})
}
