package keylock

import "sync"

// Count is a semaphore per key: it limits concurrent holders. The zero value is ready to
// use; it must not be copied after first use.
type Count[K comparable] struct {
	mu sync.Mutex
	in map[K]int
}

// Enter acquires one of limit slots of key without waiting; ok is false if none is free.
// The caller calls leave exactly once.
func (c *Count[K]) Enter(key K, limit int) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in[key] >= limit {
		return nil, false
	}
	if c.in == nil {
		c.in = map[K]int{}
	}
	c.in[key]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.in[key]--; c.in[key] == 0 {
			delete(c.in, key)
		}
	}, true
}
