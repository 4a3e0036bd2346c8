package httpapi

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// How long a connection may take. A request is whole within wholeTime unless
// strictly gives it longer; each chunk of an answer must be taken within
// chunkTime. Sockets leave all of this behind when they take their connection.
const (
	headTime  = 10 * time.Second
	wholeTime = 20 * time.Second
	idleTime  = 2 * time.Minute
	quietTime = 45 * time.Second // without a byte, between requests or within one
	chunkTime = 30 * time.Second
	chunk     = 64 << 10
	headLimit = 32 << 10
)

var (
	connections = promauto.NewGauge(prometheus.GaugeOpts{Name: "heyy_connections", Help: "Connections that are open."})
	turnedAway  = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "heyy_connections_refused_total", Help: "Connections closed at once because too many were open.",
	}, []string{"why"})
)

// Server serves h as strangers must be served: nothing they leave unread,
// unsaid or untaken holds a connection for long.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: bodiesEnd(h), ReadHeaderTimeout: headTime, ReadTimeout: wholeTime, IdleTimeout: idleTime, MaxHeaderBytes: headLimit,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: 100, WriteByteTimeout: chunkTime},
		ConnState: func(c net.Conn, s http.ConnState) {
			if s != http.StateHijacked {
				return
			}
			if t, ok := c.(*tls.Conn); ok {
				c = t.NetConn()
			}
			if b, ok := c.(*bounded); ok {
				b.socket.Store(true)
			}
		},
	}
}

// bodiesEnd takes the read deadline from requests without a body: there is
// nothing left to read, and a slow answer must not be cut off by it.
func bodiesEnd(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not every writer has deadlines
		}
		next.ServeHTTP(w, r)
	})
}

// Bounds are the limits of open connections.
type Bounds struct {
	All    int
	Each   int     // of one address, or of one /64 of IPv6
	Exempt Proxies // stand for many; they bound their own
	Log    *slog.Logger
}

// BoundsFor shares out the files a process may open: a quarter stays for the
// database, recordings and audio. One address gets as much as a household or an
// office needs, and never enough to shut others out.
func BoundsFor(files uint64) Bounds {
	all := int(min(files, 1<<20)) * 3 / 4
	return Bounds{All: all, Each: min(512, max(16, all/8))}
}

// Bound closes connections beyond b at once, before a byte is read.
func Bound(l net.Listener, b Bounds) net.Listener {
	return &boundListener{Listener: l, Bounds: b, of: map[netip.Prefix]int{}}
}

type boundListener struct {
	net.Listener
	Bounds
	mu   sync.Mutex
	open int
	of   map[netip.Prefix]int
	told time.Time
}

func (l *boundListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		var ip netip.Addr
		if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
			ip = a.AddrPort().Addr().Unmap().WithZone("")
		}
		by := Household(ip)
		if why := l.admit(ip, by); why != "" {
			turnedAway.WithLabelValues(why).Inc()
			_ = c.Close()
			continue
		}
		connections.Inc()
		return &bounded{Conn: c, patient: l.Exempt.trust(ip), gone: func() { connections.Dec(); l.release(by) }}, nil
	}
}

// Household is the network that counts as one client: an IPv6 connection has a /64.
func Household(ip netip.Addr) netip.Prefix {
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // an unknown address is the zero prefix, one share for all
	return p
}

func (l *boundListener) admit(ip netip.Addr, by netip.Prefix) (why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.open >= l.All:
		why = "all"
	case l.Each > 0 && l.of[by] >= l.Each && !l.Exempt.trust(ip):
		why = "address"
	default:
		l.open++
		l.of[by]++
		return ""
	}
	if now := time.Now(); l.Log != nil && now.Sub(l.told) > time.Minute {
		l.told = now
		l.Log.LogAttrs(context.Background(), slog.LevelWarn, "too many connections; if this is a proxy of yours, name it in trusted_proxies",
			slog.String("address", ip.String()), slog.Int("of_it", l.of[by]), slog.Int("all", l.open))
	}
	return why
}

func (l *boundListener) release(by netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.of[by]--; l.of[by] == 0 {
		delete(l.of, by)
	}
}

// bounded is one connection that counts until it is closed.
type bounded struct {
	net.Conn
	socket  atomic.Bool // who took it over sets deadlines of their own
	patient bool        // a proxy that keeps idle connections at hand
	once    sync.Once
	gone    func()
}

// SetReadDeadline lets nobody but proxies be quiet for long. They would take a
// connection that we close for a good one, and lose a request with it.
func (b *bounded) SetReadDeadline(t time.Time) error {
	if !b.socket.Load() && !b.patient {
		if most := time.Now().Add(quietTime); t.After(most) {
			t = most
		}
	}
	return b.Conn.SetReadDeadline(t)
}

// Write sends in chunks, and each must be taken in time: who reads slowly but
// reads gets everything, who does not read is let go.
func (b *bounded) Write(p []byte) (n int, err error) {
	if b.socket.Load() {
		return b.Conn.Write(p)
	}
	for {
		if err := b.SetWriteDeadline(time.Now().Add(chunkTime)); err != nil {
			return n, err
		}
		m, err := b.Conn.Write(p[n:min(n+chunk, len(p))])
		n += m
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

func (b *bounded) Close() error {
	err := b.Conn.Close()
	b.once.Do(b.gone)
	return err
}

// CloseWrite lets net/http say goodbye before it closes on somebody who still
// sends: otherwise the answer would be lost with the connection.
func (b *bounded) CloseWrite() error {
	if half, ok := b.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return b.Conn.Close()
}
