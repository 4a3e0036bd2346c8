package notify

import (
	"slices"
	"sync"
	"time"
)

// hosts shares the slots of the sender among the hosts of endpoints, which anybody can
// choose: a host that is slow, or many that are, must not take the slots of others. The
// state is in memory, per process.
//
//   - A host has provenPerHost slots, because most people have a browser of the same
//     vendor, and perHost until it has taken a push.
//   - Hosts that have not taken a push yet, or failed twice since, share maxUnproven slots.
//   - A host that fails pauseAfter times in a row gets one request after a pause, which
//     doubles each time.
type hosts struct {
	mu       sync.Mutex
	of       map[string]*host
	sending  int
	unproven int // of sending
}

type host struct {
	sending     int
	proven      bool // has taken a push
	failures    int  // in a row
	pausedUntil time.Time
}

const (
	pauseAfter = 4
	firstPause = 10 * time.Second
	longPause  = 5 * time.Minute
	maxNamed   = 200  // hosts in a query
	maxHosts   = 5000 // remembered
)

func (h *hosts) init() { h.of = map[string]*host{} }

// get returns the state of a host. mu must be held.
func (h *hosts) get(name string) *host {
	x := h.of[name]
	if x == nil {
		if len(h.of) >= maxHosts {
			for other, y := range h.of { // what is idle is forgotten
				if y.sending == 0 {
					delete(h.of, other)
				}
			}
		}
		x = &host{}
		h.of[name] = x
	}
	return x
}

// slots returns how many requests a host may get at once. mu must be held.
func (x *host) slots() int {
	switch {
	case x.failures >= pauseAfter:
		return 1
	case x.proven:
		return provenPerHost
	}
	return perHost
}

// eligible returns how many slots are free, and for whom: for hosts in only, if it is not
// nil, or else for all but those in without.
func (h *hosts) eligible(now time.Time) (free int, only, without []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	free = maxSending - h.sending
	crowded := h.unproven >= maxUnproven
	if crowded {
		only = []string{}
	}
	for name, x := range h.of {
		open := x.sending < x.slots() && !now.Before(x.pausedUntil)
		switch {
		case crowded && x.proven && open:
			only = append(only, name)
		case !crowded && !open:
			without = append(without, name)
		}
	}
	// The order of a map is chance: with more hosts than a query takes, each gets its turn.
	return free, cut(only), cut(without)
}

// paused returns until when which hosts are paused, at most maxNamed of them.
func (h *hosts) paused(now time.Time) map[string]time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]time.Time{}
	for name, x := range h.of {
		if now.Before(x.pausedUntil) && len(all) < maxNamed {
			all[name] = x.pausedUntil
		}
	}
	return all
}

func cut(names []string) []string {
	if len(names) > maxNamed {
		names = names[:maxNamed]
	}
	slices.Sort(names)
	return names
}

// reserve takes a slot for a host, or returns false.
func (h *hosts) reserve(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.get(name)
	if h.sending >= maxSending || x.sending >= x.slots() || !x.proven && h.unproven >= maxUnproven {
		return false
	}
	h.sending++
	x.sending++
	if !x.proven {
		h.unproven++
	}
	return true
}

// release gives a slot back.
func (h *hosts) release(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.get(name)
	h.sending--
	x.sending--
	if !x.proven {
		h.unproven--
	}
}

// learn notes what came of a request. It is called before release.
func (h *hosts) learn(name string, r result, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.get(name)
	switch r {
	case sent, gone:
		if !x.proven && r == sent {
			x.proven = true
			h.unproven -= x.sending // its requests count as proven from now on
		}
		x.failures, x.pausedUntil = 0, time.Time{}
	case failed:
		if x.failures++; x.failures > 1 && x.proven {
			x.proven = false
			h.unproven += x.sending
		}
		if x.failures >= pauseAfter {
			x.pausedUntil = now.Add(min(firstPause<<min(x.failures-pauseAfter, 10), longPause))
		}
	}
}
