package account_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

func TestAnAccountBeginsOnceHoweverManyTry(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		a, _ := h.signIn(t, "anna@example.org")
		var begun atomic.Int64
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, err := h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: "1990-05-17", Name: "Anna", Language: "it"})
				if err == nil {
					begun.Add(1)
				} else if !fault.Is(err, "account.begun") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if begun.Load() != 1 || h.count(t, `SELECT COUNT(*) FROM profiles`) != 1 {
			t.Errorf("it began %d times", begun.Load())
		}
	})
}

func TestAnAccountIsInOrOutNeverBoth(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		for _, email := range []string{"a@example.org", "b@example.org", "c@example.org", "d@example.org"} {
			a, token := h.signIn(t, email)
			var all sync.WaitGroup
			for _, born := range []string{"1990-05-17", "2015-05-17", "1990-05-17", "2015-05-17", "1990-05-17", "2015-05-17"} {
				all.Go(func() {
					_, err := h.CompleteSignUp(ctx, a.ID, account.SignUp{BirthDate: born, Name: "Anna", Language: "it"})
					if err != nil && !fault.Is(err, "account.begun") && !fault.Is(err, "account.too_young") {
						t.Error(err)
					}
				})
			}
			all.Wait()
			got, err := h.Get(ctx, a.ID)
			if err != nil || got.Complete() == got.TooYoung {
				t.Errorf("%+v, %v", got, err)
			}
			if _, err := h.Authenticate(ctx, token); (err == nil) != got.Complete() {
				t.Errorf("%+v, yet the session says %v", got, err)
			}
			if n := h.count(t, `SELECT COUNT(*) FROM profiles WHERE account_id = $1`, string(a.ID)); (n == 1) != got.Complete() {
				t.Errorf("%+v, with %d profiles", got, n)
			}
		}
	})
}
