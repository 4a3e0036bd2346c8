package notify

import (
	"slices"
	"sync"
	"time"

	"heyy/internal/people/account"
)

// hosts shares the slots of the sender among the hosts of endpoints, which anybody can
// choose: a host that is slow, or many that are, must not take the slots of others, and
// whoever names endpoints at a host that fail must not silence it for the others. The state
// is in memory, per process.
//
//   - A host has sureSlots, because most people have a browser of the same vendor. Until it
//     has taken a push it has unsureSlots, of those that all such hosts share.
//   - Subscriptions that fail have unsureSlots at a host, and share them with hosts that have
//     taken pushes and fail now. Who only names a host gets none of these.
//   - Of a host that has taken a push, a failure counts if it is the first of its subscription
//     and of its account since the last push that was taken: it takes several people to say
//     that a host fails. Of others all count.
//   - A host with pauseAfter failures gets one request after a pause, which doubles each time.
//     Subscriptions that have worked have a pause of their own: what else fails does not make
//     it longer, and they are the first that are tried.
type hosts struct {
	mu sync.Mutex
	of map[string]*host
	in [pools]int
}

type host struct {
	in       [pools]int
	proven   bool // has taken a push
	failures int  // that count, in a row
	by       []account.ID
	trusted  pause // of subscriptions that work
	others   pause
}

// A pool is what a request takes a slot of.
type pool int

const (
	sure     pool = iota // a host that works
	doubtful             // one that has worked, or a subscription that fails there
	unproven             // one that has taken no push from this process yet
	pools
)

// pause is how long a host that fails is left alone.
type pause struct {
	length time.Duration
	until  time.Time
}

func (p *pause) longer(now time.Time) {
	if now.Before(p.until) { // it was under way already
		return
	}
	p.length = min(max(2*p.length, firstPause), longPause)
	p.until = now.Add(p.length)
}

const (
	doubtAfter = 2
	pauseAfter = 4
	firstPause = 10 * time.Second
	longPause  = 5 * time.Minute
	maxNamed   = 200  // hosts in a query
	maxHosts   = 5000 // remembered
)

func (h *hosts) init() { h.of = map[string]*host{} }

func sum(in [pools]int) (n int) {
	for _, of := range in {
		n += of
	}
	return n
}

// get returns the state of a host. mu must be held.
func (h *hosts) get(name string) *host {
	x := h.of[name]
	if x == nil {
		if len(h.of) >= maxHosts {
			h.forget(func(x *host) bool { return !x.proven })
		}
		if len(h.of) >= maxHosts {
			h.forget(func(*host) bool { return true })
		}
		x = &host{}
		h.of[name] = x
	}
	return x
}

// forget removes those of the idle hosts that are meant. mu must be held.
func (h *hosts) forget(meant func(*host) bool) {
	for name, x := range h.of {
		if sum(x.in) == 0 && meant(x) {
			delete(h.of, name)
		}
	}
}

// pool returns what a request to a host takes a slot of; failing: its subscription fails.
func (x *host) pool(failing bool) pool {
	switch {
	case !x.proven:
		return unproven
	case failing || x.failures >= doubtAfter:
		return doubtful
	}
	return sure
}

// paused reports whether a host gets one request at a time only, after a pause.
func (x *host) paused() bool { return x.failures >= pauseAfter }

// takes reports whether a host has a free slot in a pool. mu must be held.
func (h *hosts) takes(x *host, p pool) bool {
	if sum(h.in) >= maxSending || x.paused() && sum(x.in) > 0 {
		return false
	}
	if p == sure {
		return x.in[sure] < sureSlots
	}
	return h.in[p] < maxUnsure && x.in[p] < unsureSlots
}

// A choice says of which hosts rows may be claimed.
type choice struct {
	free    int
	crowded bool     // only those of named, or else all but those
	named   []string //
	paused  []string // get subscriptions that work, or else what is left
}

// eligible returns of which hosts rows may be claimed: of subscriptions that work, or of those
// that fail and of what paused hosts get if there is nothing else.
func (h *hosts) eligible(now time.Time, failing bool) choice {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := choice{free: maxSending - sum(h.in), crowded: h.in[unproven] >= maxUnsure}
	for name, x := range h.of {
		wait := x.trusted
		if failing {
			wait = x.others
		}
		if open := !now.Before(wait.until) && h.takes(x, x.pool(failing)); open == c.crowded {
			c.named = append(c.named, name)
		}
		if x.paused() {
			c.paused = append(c.paused, name)
		}
	}
	// The order of a map is chance: with more hosts than a query takes, each gets its turn. It
	// is those that people use that must not be left out of paused.
	slices.SortStableFunc(c.paused, func(a, b string) int {
		switch x, y := h.of[a].proven, h.of[b].proven; {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	c.named, c.paused = cut(c.named), cut(c.paused)
	return c
}

// rest is until when what is due for a host waits.
type rest struct {
	host    string
	trusted bool // of subscriptions that work, or of the others
	until   time.Time
}

// resting returns which hosts are paused, at most maxNamed of them.
func (h *hosts) resting(now time.Time) (all []rest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, x := range h.of {
		if len(all) >= maxNamed {
			break
		}
		if now.Before(x.trusted.until) {
			all = append(all, rest{name, true, x.trusted.until})
		}
		if now.Before(x.others.until) {
			all = append(all, rest{name, false, x.others.until})
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

// reserve takes a slot for a request, or returns false.
func (h *hosts) reserve(name string, failing bool) (p pool, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.get(name)
	if p = x.pool(failing); !h.takes(x, p) {
		return p, false
	}
	h.in[p]++
	x.in[p]++
	return p, true
}

// release gives a slot back.
func (h *hosts) release(name string, p pool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.in[p]--
	h.get(name).in[p]--
}

// prove notes that a host takes pushes.
func (h *hosts) prove(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.get(name).proven = true
}

// learn notes what came of a request. It is called before release.
func (h *hosts) learn(j job, r result, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.get(j.host)
	switch r {
	case sent, gone:
		x.proven = x.proven || r == sent
		x.failures, x.by, x.trusted, x.others = 0, nil, pause{}, pause{}
	case failed, busy:
		switch {
		case x.proven && r == busy:
			return // it says so of the subscription
		case x.paused():
		case !x.proven:
			x.failures++
		case !j.failing && !slices.Contains(x.by, j.account):
			x.failures++
			x.by = append(x.by, j.account)
		}
		if !x.paused() {
			return
		}
		x.others.longer(now)
		if j.worked && !j.failing || x.trusted.length == 0 {
			x.trusted.longer(now)
		}
	}
}
