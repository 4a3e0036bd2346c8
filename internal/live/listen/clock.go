package listen

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

const (
	tickEvery   = 20 * time.Millisecond
	tickJoining = 5 * time.Millisecond // while somebody connects, which takes several round trips
	sweepEvery  = 200 * time.Millisecond
)

// clock reads what came in, and looks after the sessions, until ctx ends. It stands still
// while there are none.
func (e *Engine) clock(ctx context.Context) {
	in := e.newReader()
	handlers := make([]func(netip.AddrPort, []byte), len(e.ports))
	for i, u := range e.ports {
		handlers[i] = func(from netip.AddrPort, data []byte) { in.handle(endpoint{udp: u, addr: from}, data) }
	}
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	every := tickEvery
	var due []*session
	for {
		if e.empty() {
			ticker.Stop()
			every = 0
			select {
			case <-ctx.Done():
				return
			case <-e.wake:
				continue
			}
		}
		next := tickEvery
		if e.joining.Load() > 0 {
			next = tickJoining
		}
		if next != every {
			every = next
			ticker.Reset(every)
		}
		select {
		case <-ctx.Done():
			return
		case <-e.wake: // somebody wants to connect
			continue
		case <-ticker.C:
		}
		for i, u := range e.ports {
			u.sock.drain(handlers[i])
		}
		due = e.sweep(time.Now(), every, due)
	}
}

func (e *Engine) empty() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.list) == 0
}

// sweep looks after some of the sessions, so that each has its turn every sweepEvery, and
// after all large rooms. due is a buffer.
func (e *Engine) sweep(now time.Time, every time.Duration, due []*session) []*session {
	due = due[:0]
	e.mu.Lock()
	n := len(e.list)
	for range min(n, 1+n*int(every)/int(sweepEvery)) {
		e.swept++
		if e.swept >= n {
			e.swept = 0
		}
		due = append(due, e.list[e.swept])
	}
	var large []*room
	for _, r := range e.rooms {
		if r.large.Load() {
			large = append(large, r)
		}
	}
	e.mu.Unlock()
	for _, r := range large {
		r.flush(now)
	}
	for i, s := range due {
		due[i] = nil
		switch s.fateAt(now) {
		case expires:
			e.end(s, false)
		case away:
			e.end(s, true)
		case stays:
			if now.Sub(s.asked) < askEvery {
				continue
			}
			s.mu.Lock()
			l, sh := s.lane, s.shard
			s.mu.Unlock()
			if l != nil {
				s.asked = now
				sh.put(job{kind: sendReport, lane: l, report: s.room.reportAt(now), now: now.UnixNano()})
			}
		}
	}
	return due
}

// notices calls functions one after another, in order, outside of all locks.
type notices struct {
	wake    chan struct{} // capacity 1
	mu      sync.Mutex
	waiting []func()
}

func (n *notices) add(f func()) {
	n.mu.Lock()
	n.waiting = append(n.waiting, f)
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notices) run(stop <-chan struct{}) {
	for {
		select {
		case <-n.wake:
		case <-stop:
			return
		}
		n.mu.Lock()
		calls := n.waiting
		n.waiting = nil
		n.mu.Unlock()
		for _, f := range calls {
			f()
		}
	}
}
