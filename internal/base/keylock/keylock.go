package keylock

import "sync"

// Mutex is a set of mutexes, one per key. The zero value is ready to use; it must not be
// copied after first use.
type Mutex[K comparable] struct {
	mu   sync.Mutex
	held map[K]*lock
}

type lock struct {
	sync.Mutex
	users int // goroutines that hold or wait for it
}

// Lock blocks until key is free. The caller calls unlock exactly once.
func (m *Mutex[K]) Lock(key K) (unlock func()) {
	m.mu.Lock()
	if m.held == nil {
		m.held = map[K]*lock{}
	}
	l := m.held[key]
	if l == nil {
		l = &lock{}
		m.held[key] = l
	}
	l.users++
	m.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		m.mu.Lock()
		if l.users--; l.users == 0 {
			delete(m.held, key)
		}
		m.mu.Unlock()
	}
}
