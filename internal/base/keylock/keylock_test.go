package keylock

import (
	"sync"
	"testing"
	"time"
)

func TestOneAtATimeForEachKeyAndNothingStays(t *testing.T) {
	var m Mutex[string]
	counts := map[string]*int{"a": new(int), "b": new(int)} // guarded by nothing but m
	var all sync.WaitGroup
	for range 50 {
		for key, n := range counts {
			all.Go(func() {
				defer m.Lock(key)()
				*n++
			})
		}
	}
	all.Wait()
	for key, n := range counts {
		if *n != 50 {
			t.Errorf("%s: %d", key, *n)
		}
	}
	if len(m.held) != 0 {
		t.Errorf("%d keys are still held", len(m.held))
	}
}

func TestKeysDoNotWaitForEachOther(t *testing.T) {
	var m Mutex[int]
	defer m.Lock(1)()
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Lock(2)()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the key 2 waits for the key 1")
	}
}
