package job_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/job"
)

func numbers(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestNoMoreRunAtOnceThanAPoolHasSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at, most, all atomic.Int32
		must(t, job.NewPool[int](8, time.Minute).Each(ctx, numbers(100), func(context.Context, int) error {
			most.Store(max(most.Load(), at.Add(1)))
			time.Sleep(time.Second)
			at.Add(-1)
			all.Add(1)
			return nil
		}))
		if most.Load() != 8 || all.Load() != 100 {
			t.Errorf("%d at once, %d in all", most.Load(), all.Load())
		}
	})
}

func TestAKeyThatHangsDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		runs := map[int]int{}
		release := make(chan struct{})
		slow := errors.New("came late")
		pool := job.NewPool[int](4, time.Second)
		round := func() (time.Duration, error) {
			begun := time.Now()
			err := pool.Each(ctx, numbers(50), func(_ context.Context, k int) error {
				mu.Lock()
				runs[k]++
				mu.Unlock()
				if k == 7 {
					<-release
					return slow
				}
				return nil
			})
			return time.Since(begun), err
		}
		if took, err := round(); took != time.Second || err != nil {
			t.Errorf("the first round took %s, %v", took, err)
		}
		if took, err := round(); took != 0 || err != nil {
			t.Errorf("a round beside one that hangs took %s, %v", took, err)
		}
		if runs[7] != 1 || runs[8] != 2 || len(runs) != 50 {
			t.Errorf("runs: %v", runs)
		}
		close(release)
		synctest.Wait()
		if _, err := round(); !errors.Is(err, slow) {
			t.Errorf("the error that came late is lost: %v", err)
		}
	})
}

func TestAPanicInAPoolIsAnErrorOfItsKey(t *testing.T) {
	err := job.NewPool[int](4, time.Minute).Each(ctx, numbers(3), func(_ context.Context, k int) error {
		if k == 1 {
			panic("at the disco")
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "at the disco") {
		t.Errorf("got %v", err)
	}
}

func TestManyErrorsOfOneRoundAreSummedUpAndALostLeaseIsAll(t *testing.T) {
	pool := job.NewPool[int](4, time.Minute)
	err := pool.Each(ctx, numbers(100), func(context.Context, int) error { return errors.New("the server is down") })
	if text := err.Error(); strings.Count(text, "the server is down") != 3 || !strings.Contains(text, "and 97 more") {
		t.Errorf("got %s", text)
	}
	err = pool.Each(ctx, numbers(100), func(_ context.Context, k int) error {
		if k == 50 {
			return db.ErrFenced
		}
		return errors.New("the server is down")
	})
	if !errors.Is(err, db.ErrFenced) {
		t.Errorf("got %v", err)
	}
}

func TestAPoolEndsWithItsContextAndThatIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until, stop := context.WithCancel(ctx)
		time.AfterFunc(time.Second, stop)
		pool := job.NewPool[int](2, time.Minute)
		begun := time.Now()
		must(t, pool.Each(until, numbers(10), func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}))
		if took := time.Since(begun); took != time.Second {
			t.Errorf("took %s", took)
		}
	})
}
