package keyed

import "sync"

// Mutex is one mutex a key, kept only while somebody holds or wants it. The
// zero Mutex is ready; it must not be copied after use.
type Mutex[K comparable] struct {
	mu   sync.Mutex
	held map[K]*lock
}

type lock struct {
	sync.Mutex
	wanted int
}

// Lock waits until nobody else holds key. What it returns is to be called once.
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
	l.wanted++
	m.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		m.mu.Lock()
		if l.wanted--; l.wanted == 0 {
			delete(m.held, key)
		}
		m.mu.Unlock()
	}
}
