package mail

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Budget is the rate limit of outgoing mail, most of which strangers can cause, because a mail server
// that sends too much is soon blocked everywhere. It is a token bucket whose capacity is a
// quarter of the hourly limit, divided so that a flood leaves capacity for others:
//
//   - while it is more than half full, everybody may spend;
//   - below that, only networks that have tokens in a small bucket of their own;
//   - the last quarter is for browsers that have signed in to the address before.
//
// A flooding network therefore stops at the upper half, where others still have capacity.
// The state is in memory, per process.
type Budget struct {
	mu       sync.Mutex
	bucket   *rate.Limiter
	networks *lru.Cache[netip.Prefix, *rate.Limiter]
	share    rate.Limit
	burst    int
}

// NewBudget returns a full Budget with a limit of mails per hour.
func NewBudget(hourly int) *Budget {
	networks, err := lru.New[netip.Prefix, *rate.Limiter](10_000)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &Budget{
		bucket:   rate.NewLimiter(rate.Limit(hourly)/3600, max(8, hourly/4)),
		networks: networks,
		share:    rate.Limit(max(4, hourly/200)) / 3600,
		burst:    max(4, hourly/200),
	}
}

// Network returns the network of an address for rate limits: its /24 for IPv4 (neighbours
// usually share a provider's block), its /48 for IPv6 (one site).
func Network(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	p, _ := ip.Prefix(bits) // all unknown addresses share the zero prefix
	return p
}

// Allows reports whether a mail may be sent for a client at ip. known: this browser has
// signed in to the mail address before. Allows spends nothing, so that its answer is the
// same for existing and unknown mail addresses.
func (b *Budget) Allows(ip netip.Addr, known bool, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	left, full := b.bucket.TokensAt(now), float64(b.bucket.Burst())
	switch {
	case left < 1:
		return false
	case known || left > full/2:
		return true
	}
	return left > full/4 && b.network(ip).TokensAt(now) >= 1
}

// Spend takes the tokens for one sent mail.
func (b *Budget) Spend(ip netip.Addr, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bucket.AllowN(now, 1)
	b.network(ip).AllowN(now, 1)
}

// TakeOther takes a token for a mail that is no sign-in code, and reports whether there was
// one. A digest, which can wait, gets what is over three quarters of the capacity: not even a
// wave of them narrows sign-ins. A warning goes on below a half, where a flood of codes stops,
// and leaves networks without one their part: whoever signs in to accounts of their own again
// and again locks nobody out.
func (b *Budget) TakeOther(warning bool, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	reserved := float64(b.bucket.Burst()) * 3 / 4
	if warning {
		reserved = float64(b.bucket.Burst()) * 3 / 8
	}
	return b.bucket.TokensAt(now) > reserved && b.bucket.AllowN(now, 1)
}

// network returns the bucket of ip's network. mu must be held.
func (b *Budget) network(ip netip.Addr) *rate.Limiter {
	p := Network(ip)
	l, ok := b.networks.Get(p)
	if !ok {
		l = rate.NewLimiter(b.share, b.burst)
		b.networks.Add(p, l)
	}
	return l
}
