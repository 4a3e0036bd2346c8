package testkit

import (
	"context"
	"sync"

	"heyy/internal/media/reconcile"
)

// participant is how somebody stands at the media server.
type participant struct {
	reconcile.Grant
	joinID string
}

// SFU is a fake of the media server: it keeps who is connected to which room, and what
// was granted to them. The real one is tested in e2e.
type SFU struct {
	BeforePresent func() // runs before Present answers
	BeforeGrant   func() // runs before a grant takes effect

	mu      sync.Mutex
	present map[string]map[string]participant // by room and identity
	broken  error
	asked   int                      // calls of Present
	hanging map[string]chan struct{} // rooms whose requests hang until the channel is closed
	waiting int                      // hanging requests
}

// NewSFU returns an SFU without rooms.
func NewSFU() *SFU { return &SFU{present: map[string]map[string]participant{}} }

// Restart forgets everything, as the real one does.
func (e *SFU) Restart() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.present = map[string]map[string]participant{}
}

// Fail makes each request fail with err, until it is called with nil.
func (e *SFU) Fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = err
}

// Hang makes requests about a room hang until end is called.
func (e *SFU) Hang(room string) (end func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	until := make(chan struct{})
	e.hanging, e.waiting = map[string]chan struct{}{room: until}, 0
	return sync.OnceFunc(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.hanging = nil
		close(until)
	})
}

// Unanswered returns the number of requests that hang.
func (e *SFU) Unanswered() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.waiting
}

// Asked returns how often Present was called.
func (e *SFU) Asked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked
}

// answers blocks while requests about room hang.
func (e *SFU) answers(room string) {
	e.mu.Lock()
	until := e.hanging[room]
	if until == nil {
		e.mu.Unlock()
		return
	}
	e.waiting++
	e.mu.Unlock()
	<-until
}

// Connect connects somebody with a join, muted, as their client does after the gate has let
// them in.
func (e *SFU) Connect(room, identity, joinID string, canPublish bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.present[room] == nil {
		e.present[room] = map[string]participant{}
	}
	e.present[room][identity] = participant{reconcile.Grant{CanPublish: canPublish, Muted: true}, joinID}
}

// Connected returns how somebody stands; there is false if they are not connected.
func (e *SFU) Connected(room, identity string) (canPublish, muted, there bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	g, there := e.present[room][identity]
	return g.CanPublish, g.Muted, there
}

// Deaf reports whether somebody is connected and receives nobody's audio.
func (e *SFU) Deaf(room, identity string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.present[room][identity].Deaf
}

// Rooms returns the number of connected people by room, without empty rooms.
func (e *SFU) Rooms() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]int{}
	for room, people := range e.present {
		if len(people) > 0 {
			out[room] = len(people)
		}
	}
	return out
}

// Set changes what somebody may do as if a grant were lost or doubled: the version stays.
func (e *SFU) Set(room, identity string, canPublish, muted bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.present[room][identity]
	p.CanPublish, p.Muted = canPublish, muted
	e.present[room][identity] = p
}

// Grant implements reconcile.SFU, as do the following methods.
func (e *SFU) Grant(_ context.Context, room, identity string, g reconcile.Grant) error {
	e.answers(room)
	if e.BeforeGrant != nil {
		e.BeforeGrant()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	now, there := e.present[room][identity]
	if e.broken != nil || !there {
		return e.broken
	}
	if now.Version > g.Version {
		return reconcile.ErrStale
	}
	now.Grant = g
	e.present[room][identity] = now
	return nil
}

// Remove disconnects somebody.
func (e *SFU) Remove(_ context.Context, room, identity string) error {
	e.answers(room)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		delete(e.present[room], identity)
	}
	return e.broken
}

// Close disconnects everybody.
func (e *SFU) Close(_ context.Context, room string) error {
	e.answers(room)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		delete(e.present, room)
	}
	return e.broken
}

// Present returns who is connected to a room.
func (e *SFU) Present(_ context.Context, room string) (map[string]reconcile.Connection, error) {
	e.answers(room)
	if e.BeforePresent != nil {
		e.BeforePresent()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	out := map[string]reconcile.Connection{}
	for who, now := range e.present[room] {
		out[who] = reconcile.Connection{JoinID: now.joinID, IsAsGranted: func(g reconcile.Grant) bool { return g == now.Grant }}
	}
	return out, e.broken
}
