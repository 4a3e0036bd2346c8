package sfu

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"heyy/internal/base/keylock"
	"heyy/internal/media/reconcile"
)

// Admit returns what a person may do who connects to a room with a join now. An error means
// that they may not connect.
type Admit func(ctx context.Context, room, person, joinID string) (reconcile.Grant, error)

// Limits of concurrent signalling connections. A person has one current join, and
// one more connection while resuming; one address may serve many people (NAT).
const (
	maxConnsPerPerson  = 4
	maxConnsPerAddress = 256
)

// gate is the proxy for the server's signalling, for /rtc and everything below.
type gate struct {
	sfu     *SFU
	admit   Admit
	log     *slog.Logger
	relay   *LoopbackRelay
	client  func(*http.Request) netip.Addr
	dialer  websocket.Dialer
	upgrade websocket.Upgrader
	persons keylock.Count[string]
	hosts   keylock.Count[netip.Addr]
	views   views
}

// Gate returns the proxy for the server's signalling, for /rtc and everything below. Each
// connect and each resume is checked by admit, and continues with a new token made from its
// answer: what the old token granted does not matter. Afterwards it forwards messages by an
// allowlist: see request and view.
func (s *SFU) Gate(admit Admit, near *LoopbackRelay, log *slog.Logger) http.Handler {
	return &gate{
		sfu: s, admit: admit, relay: near, log: log, client: address,
		// No compression in either direction: a few bytes must not expand to many here.
		dialer: websocket.Dialer{HandshakeTimeout: 10 * time.Second},
		upgrade: websocket.Upgrader{
			HandshakeTimeout: 10 * time.Second,
			WriteBufferPool:  &sync.Pool{},
			CheckOrigin:      func(*http.Request) bool { return true }, // checked for all paths in one place
		},
	}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	grant, err := g.sfu.parseToken(tokenOf(r))
	if err == nil {
		var now reconcile.Grant
		now, err = g.admit(r.Context(), grant.Room, grant.Person, grant.JoinID)
		grant.CanPublish, grant.Deaf, grant.Version = now.CanPublish, now.Deaf, now.Version
	}
	if err != nil {
		g.log.Debug("media: refused at the gate", "room", grant.Room, "person", grant.Person, "err", err)
		http.Error(w, "this token opens nothing", http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/rtc", "/rtc/v1":
		if websocket.IsWebSocketUpgrade(r) {
			g.connect(w, r, grant)
			return
		}
	case "/rtc/validate", "/rtc/v1/validate": // requested by clients that failed to connect
		_, _ = w.Write([]byte("success"))
		return
	}
	http.NotFound(w, r)
}

// connect proxies a client's messages until either side closes.
func (g *gate) connect(w http.ResponseWriter, r *http.Request, grant JoinGrant) {
	leave, ok := g.enter(g.client(r), grant.Room+" "+grant.Person)
	if !ok {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many connections", http.StatusTooManyRequests)
		return
	}
	defer leave()
	may := func() (bool, error) {
		ctx, stop := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
		defer stop()
		now, err := g.admit(ctx, grant.Room, grant.Person, grant.JoinID)
		return now.CanPublish && !now.Muted, err
	}
	q, err := connecting(r.URL.Query(), may)
	if err != nil {
		g.log.Debug("media: refused at the gate", "room", grant.Room, "person", grant.Person, "err", err)
		http.Error(w, "this is not for a client to say", http.StatusUnauthorized)
		return
	}
	fresh, err := g.sfu.Token(grant)
	if err != nil {
		g.log.Error("media: gate", "err", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	target := "ws" + strings.TrimPrefix(g.sfu.url, "http") + r.URL.Path + "?" + q.Encode()
	server, answer, err := g.dialer.DialContext(r.Context(), target, http.Header{
		"Authorization": {"Bearer " + fresh},
		"User-Agent":    {r.UserAgent()}, // the server has workarounds for some browsers
	})
	if err != nil {
		status := http.StatusBadGateway
		if answer != nil && answer.StatusCode >= 400 {
			status = answer.StatusCode
		}
		if r.Context().Err() == nil {
			g.log.Warn("media: signalling", "err", err, "status", status)
		}
		w.WriteHeader(status)
		return
	}
	client, err := g.upgrade.Upgrade(w, r, nil)
	if err != nil {
		_ = server.Close()
		return // Upgrade has answered
	}
	known, done := g.views.take(grant.JoinID, grant.Person)
	defer done()
	l := signalConn{client: client, server: server, may: may, response: func(m []byte) [][]byte {
		if m = known.response(m); m == nil {
			return nil
		}
		return g.relay.announce(m)
	}}
	err = l.run(context.WithoutCancel(r.Context()))
	g.log.Debug("media: signalling ended", "room", grant.Room, "person", grant.Person, "err", err)
}

// enter counts one more connection, within the limits.
func (g *gate) enter(from netip.Addr, person string) (leave func(), ok bool) {
	one, ok := g.persons.Enter(person, maxConnsPerPerson)
	if !ok {
		return nil, false
	}
	if from.IsLoopback() { // this machine, or a proxy on it that trusted_proxies does not name
		return one, true
	}
	two, ok := g.hosts.Enter(from, maxConnsPerAddress)
	if !ok {
		one()
		return nil, false
	}
	return func() { one(); two() }, true
}

// address is the remote address of a request.
func address(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip, _ := netip.ParseAddr(host)
	return ip.Unmap()
}

// tokenOf returns the token from where LiveKit's clients put it.
func tokenOf(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	return r.URL.Query().Get("access_token")
}
