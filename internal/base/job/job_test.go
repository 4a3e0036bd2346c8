package job_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/job"
)

var ctx = context.Background()

// ttl is short, so that tests see a lease expire, and long enough for a machine
// that has other work.
const ttl = 1500 * time.Millisecond

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs jobs on a node until the test ends, or until what it returns is called.
func start(t *testing.T, d *db.DB, node string, jobs ...job.Job) (stop func(), log *lines) {
	t.Helper()
	log = &lines{}
	r := &job.Runner{DB: d, Lease: "worker", Node: node, TTL: ttl, Jobs: jobs, Log: slog.New(slog.NewTextHandler(log, nil))}
	until, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- r.Run(until) }()
	stop = sync.OnceFunc(func() {
		cancel()
		must(t, <-done)
	})
	t.Cleanup(stop)
	return stop, log
}

// eventually waits for what does not take long.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// failures is what the metric says of a job.
func failures(t *testing.T, name string) float64 {
	t.Helper()
	all, err := prometheus.DefaultGatherer.Gather()
	must(t, err)
	for _, family := range all {
		if family.GetName() != "heyy_job_failures_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() == name {
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("no metric counts %s", name)
	return 0
}

// take gives the lease to another node at once, whoever has it.
func take(t *testing.T, d *db.DB) {
	t.Helper()
	must(t, d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE leases SET holder = 'another', fence = fence + 1, expires_at = $1 WHERE name = 'worker'`,
			db.Millis(time.Now().Add(time.Hour)))
		return err
	}))
}

func TestJobsThatHangFailOrPanicDelayNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var quick, hangs, panics atomic.Int32
		fails := t.Name() + " fails"
		broken := t.Name() + " panics"
		_, log := start(t, d, "one",
			job.Job{Name: "hangs", Every: time.Millisecond, Do: func(ctx context.Context) error {
				hangs.Add(1)
				<-ctx.Done()
				return ctx.Err()
			}},
			job.Job{Name: fails, Every: time.Hour, Do: func(context.Context) error { return errors.New("no such luck") }},
			job.Job{Name: broken, Every: 10 * time.Millisecond, Do: func(context.Context) error {
				panics.Add(1)
				panic("at the disco")
			}},
			job.Job{Name: "quick", Every: 10 * time.Millisecond, Do: func(context.Context) error {
				quick.Add(1)
				return nil
			}})
		eventually(t, "the quick job runs on", func() bool { return quick.Load() >= 20 })
		eventually(t, "the job that panics runs again", func() bool { return panics.Load() >= 3 })
		eventually(t, "failures are counted", func() bool { return failures(t, fails) == 1 && failures(t, broken) >= 3 })
		if n := hangs.Load(); n != 1 {
			t.Errorf("the job that hangs was started %d times", n)
		}
		if n := failures(t, "quick"); n != 0 {
			t.Errorf("%v failures of a job without any", n)
		}
		text := log.String()
		if n := strings.Count(text, "no such luck"); n != 1 || !strings.Contains(text, fails) {
			t.Errorf("a failure is to be logged once, with the job's name:\n%s", text)
		}
		if !strings.Contains(text, "at the disco") || !strings.Contains(text, "job_test.go") {
			t.Errorf("a panic is to be logged with where it happened:\n%s", text)
		}
	})
}

func TestAJobWhoseLeaseIsTakenInTheMiddleWritesNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		half, taken := make(chan struct{}), make(chan struct{})
		second := make(chan error, 1)
		var runs atomic.Int32
		write := func(ctx context.Context, key string) error {
			return d.Tx(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `INSERT INTO commands (account_id, key, request, created_at) VALUES ('a', $1, '', 0)`, key)
				return err
			})
		}
		name := t.Name()
		start(t, d, "one", job.Job{Name: name, Every: time.Millisecond, Do: func(ctx context.Context) error {
			if runs.Add(1) > 1 {
				return nil
			}
			if err := write(ctx, "first"); err != nil {
				return err
			}
			close(half)
			<-taken
			// Too slow to notice: its context may not have ended yet, or it does not look.
			err := write(context.WithoutCancel(ctx), "second")
			second <- err
			return err
		}})
		<-half
		take(t, d)
		close(taken)
		if err := <-second; !errors.Is(err, db.ErrFenced) {
			t.Errorf("the second half is to be fenced off: %v", err)
		}
		var keys string
		must(t, d.QueryRow(`SELECT MIN(key) || ' ' || MAX(key) FROM commands`).Scan(&keys))
		if keys != "first first" {
			t.Errorf("kept: %s", keys)
		}
		time.Sleep(2 * ttl)
		if n := runs.Load(); n != 1 {
			t.Errorf("ran %d times, though another node has the lease", n)
		}
		if n := failures(t, name); n != 0 {
			t.Errorf("%v failures: losing the lease is none", n)
		}
		must(t, d.Release(ctx, "worker", "another"))
		eventually(t, "it runs again with the lease", func() bool { return runs.Load() > 1 })
	})
}

func TestTheLeaseIsRenewedWhileAJobHangsAndEndsItWhenLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		running, ended := make(chan struct{}), make(chan struct{})
		var once sync.Once
		start(t, d, "one", job.Job{Name: "hangs", Every: time.Hour, Do: func(ctx context.Context) error {
			once.Do(func() {
				close(running)
				<-ctx.Done()
				close(ended)
			})
			return nil
		}})
		<-running
		for until := time.Now().Add(2 * ttl); time.Now().Before(until); time.Sleep(ttl / 20) {
			if _, held, err := d.Lease(ctx, "worker", "another", time.Now(), ttl); err != nil || held {
				t.Fatalf("another node has the lease of one that lives: held %t, %v", held, err)
			}
		}
		select {
		case <-ended:
			t.Fatal("the job was stopped")
		default:
		}
		take(t, d)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("the job goes on without the lease")
		}
	})
}

func TestJobsStopWhenTheLeaseCannotBeRenewed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		running, ended := make(chan struct{}), make(chan struct{})
		stop, log := start(t, d, "one", job.Job{Name: "hangs", Every: time.Hour, Do: func(ctx context.Context) error {
			close(running)
			<-ctx.Done()
			close(ended)
			return ctx.Err()
		}})
		<-running
		must(t, d.Close())
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("the job goes on though its lease has expired")
		}
		stop()
		if n := strings.Count(log.String(), "lease not renewed"); n != 1 {
			t.Errorf("an outage is to be logged once, not %d times:\n%s", n, log)
		}
	})
}

func TestANodeThatStopsHandsTheLeaseOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var one, two atomic.Int32
		counting := func(n *atomic.Int32) job.Job {
			return job.Job{Name: "counts", Every: 5 * time.Millisecond, Do: func(context.Context) error {
				n.Add(1)
				return nil
			}}
		}
		stop, _ := start(t, d, "one", counting(&one))
		eventually(t, "the first node runs it", func() bool { return one.Load() > 0 })
		start(t, d, "two", counting(&two))
		time.Sleep(ttl)
		if n := two.Load(); n != 0 {
			t.Fatalf("the second node ran it %d times beside the first", n)
		}
		stop()
		var left bool
		must(t, d.QueryRow(`SELECT expires_at > 0 AND holder = 'one' FROM leases WHERE name = 'worker'`).Scan(&left))
		if left {
			t.Error("the first node has kept the lease")
		}
		eventually(t, "the second node runs it", func() bool { return two.Load() > 0 })
	})
}
