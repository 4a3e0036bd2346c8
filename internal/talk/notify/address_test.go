package notify_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/verification"
	"heyy/internal/talk/notify"
)

// ranges has an address of each special-purpose range of IANA's registries (RFC 6890 and
// its updates), and of those that lead inside by translation.
var ranges = map[string]string{
	"this network": "0.0.0.0", "this network, a host": "0.1.2.3", "private 10": "10.0.0.1", "private 10, the last": "10.255.255.255",
	"shared (CGNAT)": "100.64.0.1", "shared, the last": "100.127.255.255", "loopback": "127.0.0.1", "loopback, another": "127.99.1.2",
	"link-local, of clouds": "169.254.169.254", "private 172.16": "172.16.0.1", "private 172.31": "172.31.255.255",
	"protocol assignments": "192.0.0.1", "DS-Lite": "192.0.0.2", "PCP anycast": "192.0.0.9", "NAT64 discovery": "192.0.0.170", "documentation 1": "192.0.2.1",
	"AS112": "192.31.196.1", "AMT": "192.52.193.1", "6to4 relays": "192.88.99.1", "private 192.168": "192.168.1.1", "direct delegation AS112": "192.175.48.1",
	"benchmarks": "198.18.0.1", "benchmarks, the last": "198.19.255.255", "documentation 2": "198.51.100.1", "documentation 3": "203.0.113.1",
	"multicast": "224.0.0.1", "multicast, the last": "239.255.255.255", "reserved": "240.0.0.1", "broadcast": "255.255.255.255",
	"unspecified 6": "::", "loopback 6": "::1", "IPv4-mapped": "::ffff:127.0.0.1", "IPv4-mapped, public": "::ffff:8.8.8.8", "IPv4-compatible": "::127.0.0.1",
	"IPv4-translated": "::ffff:0:7f00:1", "NAT64": "64:ff9b::7f00:1", "NAT64, local": "64:ff9b:1::1", "discard": "100::1", "dummy": "100:0:0:1::1",
	"IETF assignments": "2001::1", "Teredo": "2001:0:4136:e378::1", "PCP anycast 6": "2001:1::1", "benchmarks 6": "2001:2::1", "AMT 6": "2001:3::1", "AS112 6": "2001:4:112::1",
	"ORCHID": "2001:10::1", "ORCHIDv2": "2001:20::1", "drone ids": "2001:30::1", "documentation 6": "2001:db8::1", "6to4": "2002:7f00:1::1",
	"direct delegation AS112 6": "2620:4f:8000::1", "documentation 6, new": "3fff::1", "segment routing": "5f00::1",
	"unique local": "fc00::1", "unique local, used": "fd12:3456::1", "link-local 6": "fe80::1", "link-local with a zone": "fe80::1%eth0",
	"site-local": "fec0::1", "multicast 6": "ff02::1", "not given out": "4000::1",
}

func TestNoSpecialRangeIsPublic(t *testing.T) {
	if len(ranges) < 40 {
		t.Fatalf("only %d ranges", len(ranges))
	}
	for name, ip := range ranges {
		if notify.IsPublic(netip.MustParseAddr(ip)) {
			t.Errorf("%s (%s) is taken for a host on the internet", ip, name)
		}
	}
	for _, ip := range []string{"8.8.8.8", "142.250.74.202", "34.117.0.1", "17.57.144.1", "100.128.0.1", "172.32.0.1", "172.15.255.255", "198.20.0.1", "223.255.255.255", "2a00:1450:4001::1", "2606:4700::1", "2001:200::1", "2001:4860:4860::8888"} {
		if !notify.IsPublic(netip.MustParseAddr(ip)) {
			t.Errorf("%s is not taken for a host on the internet", ip)
		}
	}
	if notify.IsPublic(netip.Addr{}) {
		t.Error("no address is one")
	}
}

func TestEndpointsInsideTheNetworkAreRefused(t *testing.T) {
	names := &resolver{answers: map[string][]string{
		"inside.example.": {"10.0.0.1"}, "both.example.": {"8.8.8.8", "127.0.0.1"}, "six.example.": {"fd00::1"}, "mapped.example.": {"::ffff:10.0.0.1"}, "good.example.": {"8.8.8.8", "2606:4700::1"},
	}}
	w := newWorld(t, dbtest.SQLite(t), func(c *notify.Config) { c.AllowLoopback, c.Resolver = false, names.start(t) })
	ann := w.person("Ann")
	s := w.session(ann)
	sub := w.gate.subscribe().Subscription
	refused := []string{
		"", "https://", "https:///push", "http://good.example/push", "ftp://good.example/push", "//good.example/push", "good.example", "https:good.example",
		"https://user@good.example/push", "https://user:password@good.example/push", "https://good.example/push#part", "https://good.example:8443/push", "https://good.example:22/push", "https://good.example:x/push",
		"https://good.example/a b", "https://good.example/\x00", "https://good.example/ü", "https://good.example/" + strings.Repeat("x", 1000),
		"https://localhost/push", "https://inside.example/push", "https://both.example/push", "https://six.example/push", "https://mapped.example/push", "https://nobody.example/push",
		w.gate.URL + "/push", "https://2130706433/push", "https://0x7f.1/push", "https://127.1/push", "https://0177.0.0.1/push", "https://[::1%25lo]/push",
	}
	for _, ip := range ranges {
		if a := netip.MustParseAddr(ip); a.Is6() {
			refused = append(refused, "https://["+strings.ReplaceAll(ip, "%", "%25")+"]/push")
		} else {
			refused = append(refused, "https://"+ip+"/push", "https://"+ip+":443/push")
		}
	}
	for _, e := range refused {
		sub.Endpoint = e
		if err := w.Subscribe(ctx, ann, s, sub); err == nil {
			t.Errorf("%q was stored", e)
		} else {
			testkit.WantCode(t, err, "push.endpoint")
		}
	}
	for _, e := range []string{"https://good.example/push/abc?x=1", "https://GOOD.example:443/push"} {
		sub.Endpoint = e
		must(t, w.Subscribe(ctx, ann, s, sub))
	}
}

// The name leads to the internet when it is stored, and inside when it is dialed.
func TestANameThatLeadsInsideLaterIsNotDialed(t *testing.T) {
	reached := false
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	l, err := net.Listen("tcp", "127.0.0.1:443")
	if err != nil {
		t.Logf("port 443 is not ours here, so that only the guard is seen: %v", err)
	} else {
		inside.Listener = l
		inside.StartTLS()
		defer inside.Close()
	}
	for name, later := range map[string][]string{"loopback": {"127.0.0.1"}, "link-local": {"169.254.169.254"}, "IPv6": {"::1"}, "one of two": {"127.0.0.1", "10.0.0.1"}} {
		names := &resolver{answers: map[string][]string{"rebind.example.": {"8.8.8.8"}}}
		w := newWorld(t, dbtest.SQLite(t), func(c *notify.Config) { c.AllowLoopback, c.Resolver = false, names.start(t) })
		ann := w.person("Ann")
		sub := w.gate.subscribe().Subscription
		sub.Endpoint = "https://rebind.example/push"
		must(t, w.Subscribe(ctx, ann, w.session(ann), sub))
		names.set("rebind.example.", later...)
		w.hear(verification.Decided{Account: ann, Approved: true})
		w.none("the name leads inside: " + name)
		if n := w.count(`SELECT COUNT(*) FROM push_queue WHERE tries = 1`); n != 1 || reached {
			t.Errorf("%s: %d pushes were tried, and reached inside is %v", name, n, reached)
		}
	}
}

// What is dialed is checked, whatever was stored.
func TestARowWithAnAddressInsideIsNotDialed(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), func(c *notify.Config) { c.AllowLoopback = false })
	ann := w.person("Ann")
	sub := w.gate.subscribe().Subscription
	_, err := w.db.Exec(`INSERT INTO push_subscriptions (session_id, account_id, endpoint, host, p256dh, auth, created_at, failures) VALUES ($1, $2, $3, 'h', $4, $5, 0, 0)`,
		string(w.session(ann)), string(ann), sub.Endpoint, sub.P256dh, sub.Auth)
	must(t, err)
	w.hear(verification.Decided{Account: ann, Approved: true})
	w.none("it leads to this machine")
	if n := w.gate.requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// resolver is a name server on this machine.
type resolver struct {
	mu      sync.Mutex
	answers map[string][]string
}

func (r *resolver) set(name string, ips ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[name] = ips
}

func (r *resolver) start(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply, err := r.reply(buf[:n]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (r *resolver) reply(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	q := m.Questions[0]
	r.mu.Lock()
	ips, known := r.answers[strings.ToLower(q.Name.String())]
	r.mu.Unlock()
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, s := range ips {
		ip := netip.MustParseAddr(s)
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	return m.Pack()
}
