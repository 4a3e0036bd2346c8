package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"heyy/internal/base/fault"
)

// special are the ranges of IPv4 that are not for hosts on the internet, and those of
// 2000::/3 in IPv6, of the IANA Special-Purpose Address Registries. Nothing outside
// 2000::/3 is a host on the internet either, see isPublic.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

var globalUnicast = netip.MustParsePrefix("2000::/3")

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, p := range all {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// isPublic reports whether an address is that of a host on the internet. IPv4-mapped and
// translated (NAT64) addresses, and those with a zone, are not.
func isPublic(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" || ip.Is6() && !globalUnicast.Contains(ip) {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// maxEndpoint is far above what browsers' vendors use.
const (
	maxEndpoint   = 1000 // bytes
	lookupTimeout = 2 * time.Second
)

var errEndpoint = fault.At("body.endpoint", "push.endpoint", "This browser's push service can't be used. Notifications stay inside Heyy.")

// checkEndpoint returns the host of an endpoint, or push.endpoint. It looks the name up, so
// that a bad one is refused here and not silently later; what holds is the check of each
// connection, because a name may resolve otherwise then.
func (s *Service) checkEndpoint(ctx context.Context, endpoint string) (host string, err error) {
	u, err := url.Parse(endpoint)
	if err != nil || len(endpoint) > maxEndpoint || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Opaque != "" || u.Hostname() == "" {
		return "", errEndpoint
	}
	if strings.ContainsFunc(endpoint, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errEndpoint
	}
	host = strings.ToLower(u.Hostname())
	if s.cfg.AllowLoopback && (host == "localhost" || host == "127.0.0.1" || host == "::1") {
		return strings.ToLower(u.Host), nil
	}
	// Vendors have names and the port of HTTPS. What has a port of its own is somebody's
	// idea of a port scan.
	if p := u.Port(); p != "" && p != "443" {
		return "", errEndpoint
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if !isPublic(ip) {
			return "", errEndpoint
		}
		return host, nil
	}
	within, stop := context.WithTimeout(ctx, lookupTimeout)
	defer stop()
	all, err := s.cfg.Resolver.LookupNetIP(within, "ip", host)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return "", errEndpoint
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	for _, ip := range all { // none, if no resolver answers: the connection is checked all the same
		if !isPublic(ip.Unmap()) {
			return "", errEndpoint
		}
	}
	return host, nil
}

// errAddress refuses a connection. It is permanent only for this resolution of the name.
var errAddress = errors.New("notify: this address is not on the internet")

// guard refuses connections by the address that was resolved, so that no name, no redirect
// and no second answer of a resolver leads inside.
func (s *Service) guard(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", errAddress, address)
	}
	if s.cfg.AllowLoopback && at.Addr().IsLoopback() {
		return nil
	}
	if !strings.HasPrefix(network, "tcp") || !isPublic(at.Addr()) || at.Port() != 443 {
		return fmt.Errorf("%w: %s", errAddress, address)
	}
	return nil
}

const (
	dialTimeout   = 5 * time.Second
	headerBytes   = 16 << 10 // of an answer
	bodyBytes     = 4 << 10  // of an answer; the rest is not read
	idleConnTime  = 90 * time.Second
	idleConnsHost = 8
)

// client is an HTTP client that reaches only hosts on the internet. It takes no proxy from
// the environment: a proxy would be dialed instead of the host, unchecked.
func (s *Service) client() *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, Resolver: s.cfg.Resolver, Control: s.guard}
	transport := &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: sendTimeout,
		MaxResponseHeaderBytes: headerBytes, DisableCompression: true,
		MaxIdleConnsPerHost: idleConnsHost, MaxIdleConns: maxSending, MaxConnsPerHost: sureSlots, IdleConnTimeout: idleConnTime,
	}
	if s.cfg.RootCAs != nil {
		transport.TLSClientConfig = tlsConfig(s.cfg.RootCAs)
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
