package realtime

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
	"golang.org/x/time/rate"

	"heyy/internal/base/keylock"
)

// Limits of sockets. A client opens one per tab and sends a command when the
// person changes screens.
const (
	messageLimit         = 16 << 10 // bytes of a client's message
	maxSocketsPerPerson  = 32
	maxSocketsPerAddress = 512
	commandsPerSecond    = 20 // of one socket
	commandBurst         = 200

	readBuffer = 512 // bytes of each socket

	// When thousands come back at once, most of them wait here and not for processors and the
	// database, so that those who are in, and what they read, come first. Somebody who comes
	// back costs some 5 ms, with what their screens read.
	handshakesAtOnce    = 4
	handshakesPerSecond = 100 // for each processor
	handshakeBurst      = 100
	handshakeWait       = 30 * time.Second
	waitingPerAddress   = 64 // so that one address does not keep everybody waiting
)

type rateKey struct{}

func withRateLimit(ctx context.Context) context.Context {
	return context.WithValue(ctx, rateKey{}, rate.NewLimiter(commandsPerSecond, commandBurst))
}

// waitForRate delays reading from a socket that exceeds its rate, so that TCP back-pressure
// slows its client down.
func waitForRate(c *centrifuge.Client, _ centrifuge.CommandReadEvent) error {
	if limiter, ok := c.Context().Value(rateKey{}).(*rate.Limiter); ok && limiter.Wait(c.Context()) != nil {
		return centrifuge.DisconnectConnectionClosed
	}
	return nil
}

// connLimits counts open sockets, and bounds those that are being authenticated.
type connLimits struct {
	persons    keylock.Count[string]
	addresses  keylock.Count[netip.Addr]
	waiting    keylock.Count[netip.Addr]
	handshakes chan struct{} // semaphore
	pace       *rate.Limiter // of those that hold it
}

func newConnLimits() connLimits {
	return connLimits{
		handshakes: make(chan struct{}, handshakesAtOnce),
		pace:       rate.NewLimiter(rate.Limit(handshakesPerSecond*runtime.GOMAXPROCS(0)), handshakeBurst),
	}
}

// admit waits until one more may be authenticated. If it returns true, call admitted after
// that.
func (p *connLimits) admit(ctx context.Context, r *http.Request) bool {
	if from := addressOf(r); !from.IsLoopback() {
		leave, ok := p.waiting.Enter(from, waitingPerAddress)
		if !ok {
			return false
		}
		defer leave()
	}
	within, stop := context.WithTimeout(ctx, handshakeWait)
	defer stop()
	select {
	case p.handshakes <- struct{}{}:
		if p.pace.Wait(within) != nil {
			p.admitted()
			return false
		}
		return true
	case <-within.Done():
		return false
	}
}

func (p *connLimits) admitted() { <-p.handshakes }

// enter counts one more socket of a person and an address until the result is closed, or
// returns false at the limit.
func (p *connLimits) enter(w http.ResponseWriter, r *http.Request, person string) (*conn, bool) {
	one, ok := p.persons.Enter(person, maxSocketsPerPerson)
	if !ok {
		return nil, false
	}
	from := addressOf(r)
	if from.IsLoopback() { // this machine, or a proxy on it that trusted_proxies does not name
		return &conn{ResponseWriter: w, leave: one}, true
	}
	two, ok := p.addresses.Enter(from, maxSocketsPerAddress)
	if !ok {
		one()
		return nil, false
	}
	return &conn{ResponseWriter: w, leave: func() { one(); two() }}, true
}

func addressOf(r *http.Request) netip.Addr {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	from, _ := netip.ParseAddr(host)
	return from.Unmap()
}

// conn counts until its connection closes, which is later than the request that opened it.
type conn struct {
	http.ResponseWriter
	leave func()
	taken bool
}

// Hijack transfers the count to the connection.
func (p *conn) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, b, err := http.NewResponseController(p.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	p.taken = true
	return &held{Conn: c, leave: sync.OnceFunc(p.leave)}, b, nil
}

// served releases the count if no connection took it over.
func (p *conn) served() {
	if !p.taken {
		p.leave()
	}
}

type held struct {
	net.Conn
	leave func()
}

func (h *held) Close() error {
	defer h.leave()
	return h.Conn.Close()
}
