package account

import (
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"heyy/internal/base/fault"
)

// addressLimit is a rate limit per network address, for the 10,000 addresses seen last, in
// memory. It only slows floods; limits that must be exact are counted in rows.
type addressLimit struct {
	off   bool // only this machine can connect
	burst int
	every time.Duration
	seen  *lru.Cache[netip.Prefix, *rate.Limiter]
}

func newAddressLimit(burst int, every time.Duration) *addressLimit {
	seen, err := lru.New[netip.Prefix, *rate.Limiter](10_000)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &addressLimit{burst: burst, every: every, seen: seen}
}

// allow takes a token of ip's bucket; IPv6 counts per /64, one household. No network is
// exempt: proxies named in trusted_proxies pass on the client's address, and others would
// exempt everybody behind them.
func (l *addressLimit) allow(ip netip.Addr, now time.Time) error {
	if l.off {
		return nil
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	who, _ := ip.Prefix(bits) // all unknown addresses share the zero prefix
	r, ok := l.seen.Get(who)
	if !ok {
		r = rate.NewLimiter(rate.Every(l.every), l.burst)
		if before, had, _ := l.seen.PeekOrAdd(who, r); had {
			r = before
		}
	}
	if !r.AllowN(now, 1) {
		return rateLimited()
	}
	return nil
}

func rateLimited() error {
	return fault.New(fault.TooMany, "rate.limited", "That was a lot at once. Wait a minute and try again.")
}
