package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"golang.org/x/sync/errgroup"

	"heyy/internal/base/db"
)

// Job is work that is repeated.
type Job struct {
	Name  string
	Every time.Duration // from the start of one run to the start of the next
	Do    func(context.Context) error
}

// Runner runs jobs while it holds a lease.
type Runner struct {
	DB    *db.DB
	Lease string // the name of the lease
	Node  string // names this process among those that share the database
	TTL   time.Duration
	Jobs  []Job
	Log   *slog.Logger
}

var failures = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "heyy_job_failures_total", Help: "Runs of background jobs that ended with an error.",
}, []string{"job"})

// Run works until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	var all errgroup.Group
	var terms terms
	all.Go(func() error {
		r.lead(ctx, &terms)
		return nil
	})
	for _, j := range r.Jobs {
		failures.WithLabelValues(j.Name) // shows as 0 from the start
		all.Go(func() error {
			r.repeat(ctx, &terms, j)
			return nil
		})
	}
	err := all.Wait()
	bye, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer stop()
	if err := r.DB.Release(bye, r.Lease, r.Node); err != nil {
		r.Log.Warn("jobs: lease not released; the next node waits until it expires", "err", err)
	}
	return err
}

// lead takes and renews the lease, and begins and ends terms accordingly.
func (r *Runner) lead(ctx context.Context, all *terms) {
	var current *term
	failing := false
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			current.end()
			return
		case <-timer.C:
		}
		asked := time.Now()
		within, stop := context.WithTimeout(ctx, r.TTL/3)
		fence, held, err := r.DB.Lease(within, r.Lease, r.Node, asked, r.TTL)
		stop()
		switch {
		case err != nil: // the term ends by itself when the lease has expired
			if !failing && ctx.Err() == nil {
				r.Log.Warn("jobs: lease not renewed; trying again", "lease", r.Lease, "err", err)
			}
		case !held:
			current.end()
		default:
			f, left := db.Fence{Lease: r.Lease, Token: fence}, time.Until(asked.Add(r.TTL))
			if current.extend(f, left) {
				break
			}
			current.end()
			current = newTerm(ctx, f, left)
			all.begin(current)
			r.Log.Info("jobs: this node runs them", "lease", r.Lease, "fence", fence)
		}
		failing = err != nil
		if current.ended() && ctx.Err() == nil {
			r.Log.Warn("jobs: this node has lost the lease and stops them", "lease", r.Lease, "fence", current.fence.Token)
			current = nil
		}
		timer.Reset(r.TTL / 3)
	}
}

// repeat runs one job in each term, once per period.
func (r *Runner) repeat(ctx context.Context, all *terms, j Job) {
	for {
		t := all.wait(ctx)
		if t == nil {
			return
		}
		start := time.Now()
		r.once(t, j)
		pause := time.NewTimer(time.Until(start.Add(j.Every)))
		select {
		case <-t.ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

func (r *Runner) once(t *term, j Job) {
	err := guarded(t.ctx, j.Do)
	var p *panicked
	switch {
	case err == nil:
		return
	case errors.As(err, &p):
		r.Log.Error("job panicked; it will run again", "job", j.Name, "err", err, "stack", p.stack)
	case errors.Is(err, db.ErrFenced):
		t.end() // sooner than the next renewal would have told
		return
	case t.ctx.Err() != nil: // that is why
		return
	default:
		r.Log.Warn("job failed; it will run again", "job", j.Name, "err", err)
	}
	failures.WithLabelValues(j.Name).Inc()
}

// panicked is the error of a function that panicked.
type panicked struct {
	value any
	stack string
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func isPanic(err error) bool {
	var p *panicked
	return errors.As(err, &p)
}

// guarded runs f and returns a panic in it as an error.
func guarded(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, string(debug.Stack())}
		}
	}()
	return f(ctx)
}
