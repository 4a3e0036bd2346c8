package job

import (
	"context"
	"sync"
	"time"

	"heyy/internal/base/db"
)

// term is the time in which this node holds the lease without interruption. A
// nil term is none: it has neither begun nor ended.
type term struct {
	ctx    context.Context // carries the fencing token
	cancel context.CancelFunc
	fence  db.Fence
	expiry *time.Timer // ends the term when the lease was not renewed in time
}

func newTerm(ctx context.Context, f db.Fence, ttl time.Duration) *term {
	ctx, cancel := context.WithCancel(db.WithFence(ctx, f))
	return &term{ctx: ctx, cancel: cancel, fence: f, expiry: time.AfterFunc(ttl, cancel)}
}

// extend continues the term for ttl under the same token; false: it has ended, or
// the token is another one, because somebody else held the lease meanwhile.
func (t *term) extend(f db.Fence, ttl time.Duration) bool {
	if t == nil || t.fence != f || !t.expiry.Stop() {
		return false
	}
	t.expiry.Reset(ttl)
	return t.ctx.Err() == nil
}

func (t *term) end() {
	if t != nil {
		t.expiry.Stop()
		t.cancel()
	}
}

func (t *term) ended() bool { return t != nil && t.ctx.Err() != nil }

// terms hands the current term to the jobs.
type terms struct {
	mu      sync.Mutex
	current *term
	begun   chan struct{} // closed when the next term begins; nil: nobody waits
}

func (a *terms) begin(t *term) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = t
	if a.begun != nil {
		close(a.begun)
		a.begun = nil
	}
}

// wait returns the current term, or the next one; nil when ctx has ended.
func (a *terms) wait(ctx context.Context) *term {
	for {
		a.mu.Lock()
		t := a.current
		if t != nil && !t.ended() {
			a.mu.Unlock()
			return t
		}
		if a.begun == nil {
			a.begun = make(chan struct{})
		}
		next := a.begun
		a.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-next:
		}
	}
}
