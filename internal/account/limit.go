package account

import (
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"heyy/internal/fault"
)

// limit lets each address of the network do something so often. It remembers
// the 10,000 addresses seen last, in this process only: it slows a flood down,
// the rows do the counting that must be exact.
type limit struct {
	burst int
	every time.Duration
	seen  *lru.Cache[netip.Prefix, *rate.Limiter]
}

func newLimit(burst int, every time.Duration) *limit {
	seen, err := lru.New[netip.Prefix, *rate.Limiter](10_000)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &limit{burst: burst, every: every, seen: seen}
}

// allow takes one from ip's share. An IPv6 household has a /64, so that is what
// counts. Loopback and private networks are not limited: there sits either the
// operator, or a proxy that hides everyone behind one address and would lock
// them out together.
func (l *limit) allow(ip netip.Addr, now time.Time) error {
	ip = ip.Unmap().WithZone("")
	if ip.IsLoopback() || ip.IsPrivate() {
		return nil
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	who, _ := ip.Prefix(bits) // an unknown address is the zero prefix, one share for all
	r, ok := l.seen.Get(who)
	if !ok {
		r = rate.NewLimiter(rate.Every(l.every), l.burst)
		if before, had, _ := l.seen.PeekOrAdd(who, r); had {
			r = before
		}
	}
	if !r.AllowN(now, 1) {
		return fault.New(fault.TooMany, "rate.limited", "That was a lot at once. Wait a minute and try again.")
	}
	return nil
}
