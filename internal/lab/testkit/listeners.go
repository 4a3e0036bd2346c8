package testkit

import (
	"maps"
	"slices"
	"sync"
)

// Listeners is a fake of the listening tier: it keeps who has which sessions. The real one is
// tested in its package and in e2e.
type Listeners struct {
	mu    sync.Mutex
	joins map[string]map[string][]string // by room and identity: the join of each session, the newest last
}

// NewListeners returns Listeners without sessions.
func NewListeners() *Listeners {
	return &Listeners{joins: map[string]map[string][]string{}}
}

// Connect adds a session.
func (l *Listeners) Connect(room, identity, joinID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.joins[room] == nil {
		l.joins[room] = map[string][]string{}
	}
	l.joins[room][identity] = append(l.joins[room][identity], joinID)
}

// CloseOwner implements reconcile.Listeners, as do the following methods.
func (l *Listeners) CloseOwner(room, identity, keep string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.joins[room] == nil {
		return
	}
	kept := slices.DeleteFunc(l.joins[room][identity], func(join string) bool { return keep == "" || join != keep })
	if l.joins[room][identity] = kept; len(kept) == 0 {
		delete(l.joins[room], identity)
	}
}

// CloseRoom ends all sessions of a room.
func (l *Listeners) CloseRoom(room string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.joins, room)
}

// Present returns the newest join of each identity.
func (l *Listeners) Present(room string) map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]string{}
	for identity, joins := range l.joins[room] {
		out[identity] = joins[len(joins)-1]
	}
	return out
}

// Rooms returns the rooms with sessions.
func (l *Listeners) Rooms() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.joins))
}

// RoomsOf returns the rooms in which an identity has sessions.
func (l *Listeners) RoomsOf(identity string) (rooms []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for room, joins := range l.joins {
		if len(joins[identity]) > 0 {
			rooms = append(rooms, room)
		}
	}
	return rooms
}
