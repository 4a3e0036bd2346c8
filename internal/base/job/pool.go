package job

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"heyy/internal/base/db"
)

// Pool runs a function for each of some keys, such as rooms, which may have to wait
// for something that does not answer. At most size of them run at once, and at
// most one for each key.
type Pool[K comparable] struct {
	slots    chan struct{}
	patience time.Duration

	mu      sync.Mutex
	running map[K]struct{} // started and not ended
	late    []error        // of those that ended after their Each had returned
}

// NewPool makes a pool. patience is how long Each waits for the slowest.
func NewPool[K comparable](size int, patience time.Duration) *Pool[K] {
	return &Pool[K]{slots: make(chan struct{}, size), patience: patience, running: map[K]struct{}{}}
}

// Each runs f for each key and returns the errors. It does not wait for the slowest
// longer than the pool's patience: they go on, the next Each leaves their keys
// alone while they do, and returns their errors. So one that hangs delays the
// others of its round by no more than that, and those of later rounds not at all.
// The functions end with ctx; what they return after its end is not an error.
func (p *Pool[K]) Each(ctx context.Context, keys []K, f func(context.Context, K) error) error {
	round := &round{ended: make(chan struct{})}
	p.mu.Lock()
	failed := p.late
	p.late = nil
	for _, k := range keys {
		if _, before := p.running[k]; before {
			continue
		}
		p.running[k] = struct{}{}
		round.running++
		go p.run(ctx, k, f, round)
	}
	none := round.running == 0
	p.mu.Unlock()
	if none {
		return summary(failed)
	}
	patience := time.NewTimer(p.patience)
	defer patience.Stop()
	select {
	case <-round.ended:
	case <-patience.C:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	round.over = true
	return summary(append(failed, round.failed...))
}

// told is how many errors of a round are told one by one: when the media server is
// down, every room says so.
const told = 3

func summary(failed []error) error {
	for _, err := range failed {
		if errors.Is(err, db.ErrFenced) { // that is why the others failed, or it does not matter
			return err
		}
	}
	if more := len(failed) - told; more > 0 {
		failed = append(failed[:told:told], fmt.Errorf("and %d more", more))
	}
	return errors.Join(failed...)
}

// round is one call of Each, guarded by the pool's mutex.
type round struct {
	running int
	failed  []error
	over    bool // Each has returned
	ended   chan struct{}
}

func (p *Pool[K]) run(ctx context.Context, k K, f func(context.Context, K) error, r *round) {
	var err error
	select {
	case p.slots <- struct{}{}:
		err = guarded(ctx, func(ctx context.Context) error { return f(ctx, k) })
		<-p.slots
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.running, k)
	if err != nil && (ctx.Err() == nil || isPanic(err)) {
		if r.over {
			p.late = append(p.late, err)
		} else {
			r.failed = append(r.failed, err)
		}
	}
	if r.running--; r.running == 0 {
		close(r.ended)
	}
}
