package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Proxies are the networks whose word we take for who stands behind them.
type Proxies []netip.Prefix

func (p Proxies) trust(ip netip.Addr) bool {
	ip = ip.WithZone("")
	for _, network := range p {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// forwardedFor is the one header that is read. Each proxy appends who spoke to
// it, so only what trusted ones appended is worth something: it is read from
// the right, up to the first address that is not a trusted proxy.
const forwardedFor = "X-Forwarded-For"

// client is the address a request comes from: the peer's own, or what trusted
// proxies say of it. claimed: the peer, which nobody trusts, passes something on.
func (p Proxies) client(r *http.Request) (ip netip.Addr, claimed bool) {
	ip = ClientAddress(r)
	said := strings.Join(r.Header.Values(forwardedFor), ",")
	if !p.trust(ip) {
		return ip, said != ""
	}
	for said != "" && p.trust(ip) {
		at := strings.LastIndexByte(said, ',')
		next, ok := addressIn(said[at+1:])
		if !ok {
			return ip, false // a trusted proxy wrote no address: it stands for all behind it
		}
		ip, said = next, said[:max(at, 0)]
	}
	return ip, false
}

// addressIn reads an entry of the list; some proxies add the port.
func addressIn(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if ip, err := netip.ParseAddr(s); err == nil {
		return ip.Unmap(), true
	}
	if both, err := netip.ParseAddrPort(s); err == nil {
		return both.Addr().Unmap(), true
	}
	return netip.Addr{}, false
}

// withClient finds out once where a request comes from. From here on
// RemoteAddr is that address, so that limits and logs, here and in what stands
// beside the API, all speak of the same.
func (a *API) withClient(next http.Handler) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ip, claimed := a.conf.Proxies.client(r)
		if claimed && (ip.IsLoopback() || ip.IsPrivate()) {
			once.Do(func() {
				a.conf.Log.Warn("a proxy that is not in trusted_proxies passes requests on; everybody behind it counts as one address and is limited together",
					"proxy", ip.String())
			})
		}
		if ip != ClientAddress(r) {
			r = r.WithContext(r.Context()) // a copy: the server still needs its own
			r.RemoteAddr = netip.AddrPortFrom(ip, 0).String()
		}
		next.ServeHTTP(w, r)
	})
}

// ClientAddress is the address of a request: that of its client inside withClient,
// that of the other end of the connection before.
func ClientAddress(r *http.Request) netip.Addr {
	both, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return both.Addr().Unmap()
}

// IsLocal reports whether the request comes from this machine itself: not
// through a proxy that stands on it, and not by a name that somebody else's
// name server leads here, as pages of other sites do (DNS rebinding).
func IsLocal(r *http.Request) bool {
	return ClientAddress(r).IsLoopback() && !passedOn(r.Header) && loopbackHost(r.Host)
}

// passedOn reports whether anything says that a proxy stands in between.
func passedOn(h http.Header) bool {
	for name := range h {
		switch name {
		case "Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Fastly-Client-Ip":
			return true
		}
		if strings.HasPrefix(name, "X-Forwarded") || strings.HasPrefix(name, "X-Original-") {
			return true
		}
	}
	return false
}

// ByLoopbackName serves next on a port of its own. At a loopback address only
// this machine comes in, and what names it otherwise is a page of another site.
func ByLoopbackName(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ClientAddress(r).IsLoopback() && !loopbackHost(r.Host) {
			refusal(r.Context(), http.StatusNotFound, "there is nothing at this address").write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopbackHost reports whether a Host header names this machine itself.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// Caller is an input of operations that count by the client's address.
type Caller struct{ address netip.Addr }

// Address is the client's.
func (c *Caller) Address() netip.Addr { return c.address }

// Resolve implements huma.Resolver.
func (c *Caller) Resolve(ctx huma.Context) []error {
	r, _ := humago.Unwrap(ctx)
	c.address = ClientAddress(r)
	return nil
}
