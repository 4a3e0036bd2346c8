package listen

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of Listen, beside ErrOffer.
var (
	ErrRoomFull    = errors.New("listen: the room has as many listeners as it may")
	ErrAddressFull = errors.New("listen: too many sessions of one address")
	ErrBusy        = errors.New("listen: too many sessions are about to begin")
	ErrClosed      = errors.New("listen: the engine has stopped")
)

const (
	defaultSlots      = 6
	defaultLarge      = 100
	defaultPerRoom    = 5000
	defaultPerAddress = 64
	defaultConsent    = 15 * time.Second
	defaultHalfOpen   = 10 * time.Second
	defaultLinger     = 5 * time.Second
	defaultKeepDTLS   = 5 * time.Second

	perOwner = 2 // sessions: the old and the new one of a network change
)

// Addr is one address to listen on.
type Addr struct {
	IP       netip.Addr // bound to
	Announce netip.Addr // told to clients; the zero value: IP
	OnlySelf bool       // take packets from this very IP only
}

// Tapper connects to the sound of rooms.
type Tapper interface {
	// Tap passes the voices of a room to t until ctx ends or the connection is lost. It
	// passes packets one after another, and calls nothing of t after its return.
	Tap(ctx context.Context, room string, t TapHandler) error
}

// TapHandler takes the voices of a room.
type TapHandler interface {
	// Frame takes a packet of Opus; payload is only used during the call.
	Frame(voice uint32, sequence uint16, timestamp uint32, payload []byte)
	// Gone says that a voice was muted or has left.
	Gone(voice uint32)
}

// Owner identifies the owner of a session: one join of a member, or one guest.
type Owner struct {
	Room, Identity, JoinID string
	Account                string     // may end the session; nothing else is known of it
	Address                netip.Addr // of the client, as HTTP saw it
}

// ownerKey is an Owner wherever they are.
type ownerKey struct{ room, identity, join string }

// guest reports whether the owner has no account: guests together never take all places.
func (o Owner) guest() bool { return o.Account == "" }

func (o Owner) key() ownerKey { return ownerKey{o.Room, o.Identity, o.JoinID} }

// Config configures an Engine. Addrs and Taps are required.
type Config struct {
	Addrs []Addr
	Port  int  // of UDP, and of TCP; 0: any free one
	TCP   bool // ICE-TCP where UDP does not pass

	Slots      int // how many voices are heard at once, 1 to 8; default 6
	Large      int // from so many listeners in a room, or up to a quarter more, packets of 60 ms instead of 20; default 100
	PerRoom    int // sessions, half of them guests' at most; default 5000
	PerAddress int // sessions of a client's address, or of its /64; default 64

	Consent  time.Duration // a session without an authentic check for so long is gone; default 15 s
	HalfOpen time.Duration // a session has so long to connect; default 10 s
	Linger   time.Duration // a room without listeners stays tapped for so long; default 5 s

	// More returns further addresses of UDP at which port is reached, for one answer. nil: none.
	More func(port int) []netip.AddrPort

	Taps Tapper
	// Connected tells of an owner's first session that is connected, Gone of the last one's
	// end by the client or the network; not of one that Close and the like ended. Both are
	// called outside of all locks, in order, one at a time. They may be nil.
	Connected, Gone func(Owner)
	Log             *slog.Logger

	keepDTLS time.Duration
	portable bool // sockets of package net, for tests
}

func (c *Config) setDefaults() error {
	set := func(to *int, value int) {
		if *to == 0 {
			*to = value
		}
	}
	last := func(to *time.Duration, value time.Duration) {
		if *to == 0 {
			*to = value
		}
	}
	set(&c.Slots, defaultSlots)
	set(&c.Large, defaultLarge)
	set(&c.PerRoom, defaultPerRoom)
	set(&c.PerAddress, defaultPerAddress)
	last(&c.Consent, defaultConsent)
	last(&c.HalfOpen, defaultHalfOpen)
	last(&c.Linger, defaultLinger)
	last(&c.keepDTLS, defaultKeepDTLS)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	switch {
	case len(c.Addrs) == 0 || c.Taps == nil:
		return errors.New("listen: no address or no taps")
	case c.Slots < 1 || c.Slots > maxSlots:
		return fmt.Errorf("listen: %d slots, not 1 to %d", c.Slots, maxSlots)
	}
	c.Addrs = slices.Clone(c.Addrs)
	for i := range c.Addrs {
		a := &c.Addrs[i]
		a.IP = a.IP.Unmap()
		if !a.Announce.IsValid() {
			a.Announce = a.IP
		}
		a.Announce = a.Announce.Unmap()
		if !a.IP.IsValid() || a.Announce.IsUnspecified() {
			return fmt.Errorf("listen: the address %v cannot be told to clients", a.Announce)
		}
	}
	return nil
}

// Engine is the listening tier of one node. It is a prometheus.Collector of its own metrics.
type Engine struct {
	c           Config
	port        int
	ports       []*udpPort
	listeners   []net.Listener // of TCP, like ports; nil: none
	candidates  []candidate
	certificate tls.Certificate
	fingerprint string
	ssrcs       []uint32 // by slot; the same for all rooms and sessions
	shards      []*shard
	stats       *counters
	tieBreaker  uint64            // of ICE; says nothing, as we are always controlled
	halfOpen    crowd[*session]   // sessions that are not connected yet
	handshakes  crowd[*handshake] // until they are done
	strangers   crowd[*tcpConn]   // connections of TCP without a session

	ctx     context.Context // ends with the engine
	cancel  context.CancelFunc
	running sync.WaitGroup // taps, handshakes and connections
	wake    chan struct{}  // starts the clock; capacity 1
	joining atomic.Int32   // sessions that are not connected yet
	notices notices

	mu       sync.RWMutex
	closed   bool
	list     []*session
	swept    int // index in list where the next sweep goes on
	byID     map[string]*session
	byUfrag  map[string]*session
	byAddr   map[endpoint]*session      // proven addresses
	asks     map[transactionID]*session // requests of ours that are not answered
	owners   map[ownerKey][]*session    // the oldest first
	perAddr  map[netip.Addr]int         // sessions by addressOf
	rooms    map[string]*room
	tapping  map[string]chan struct{} // closed when a tap that was cancelled has ended
	tcps     map[*tcpConn]bool
	tcpsFrom map[netip.Addr]int
}

// New binds the sockets and makes an Engine, which works while Run runs.
func New(c Config) (_ *Engine, err error) {
	if err := c.setDefaults(); err != nil {
		return nil, err
	}
	e := &Engine{
		c: c, stats: &counters{}, wake: make(chan struct{}, 1),
		halfOpen:   crowd[*session]{limit: maxHalfOpen, perAddress: halfOpenPerAddress, perNetwork: halfOpenPerNetwork},
		handshakes: crowd[*handshake]{limit: maxHandshakes, perAddress: handshakesPerAddress, perNetwork: handshakesPerNetwork},
		strangers:  crowd[*tcpConn]{limit: maxStrangers, perAddress: strangersPerAddress, perNetwork: strangersPerNetwork},
		byID:       map[string]*session{}, byUfrag: map[string]*session{}, byAddr: map[endpoint]*session{}, asks: map[transactionID]*session{},
		owners: map[ownerKey][]*session{}, perAddr: map[netip.Addr]int{}, rooms: map[string]*room{}, tapping: map[string]chan struct{}{},
		tcps: map[*tcpConn]bool{}, tcpsFrom: map[netip.Addr]int{},
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.notices.wake = make(chan struct{}, 1)
	if e.certificate, err = newCertificate(); err != nil {
		return nil, err
	}
	e.tieBreaker = binary.BigEndian.Uint64(randomBytes(8))
	e.fingerprint = fingerprintLine(e.certificate.Certificate[0])
	for len(e.ssrcs) < c.Slots {
		if n := binary.BigEndian.Uint32(randomBytes(4)); n != 0 && !slices.Contains(e.ssrcs, n) {
			e.ssrcs = append(e.ssrcs, n)
		}
	}
	if err := e.bind(); err != nil {
		return nil, err
	}
	for range runtime.GOMAXPROCS(0) {
		e.shards = append(e.shards, newShard(len(e.ports), e.stats))
	}
	return e, nil
}

// bind opens all sockets with one port number. If any will do, a taken one is tried again.
func (e *Engine) bind() (err error) {
	tries := 1
	if e.c.Port == 0 {
		tries = 10
	}
	for range tries {
		if err = e.bindOnce(); err == nil {
			break
		}
		e.unbind()
	}
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for _, tcp := range []bool{false, true} {
		for _, u := range e.ports {
			if !tcp || e.c.TCP {
				e.candidates = append(e.candidates, candidate{at: netip.AddrPortFrom(u.Announce, uint16(e.port)), tcp: tcp})
			}
		}
	}
	return nil
}

func (e *Engine) bindOnce() error {
	open := openSocket
	if e.c.portable {
		open = openNet
	}
	e.port = e.c.Port
	for i, a := range e.c.Addrs {
		s, err := open(netip.AddrPortFrom(a.IP, uint16(e.port)))
		if err != nil {
			return err
		}
		e.ports = append(e.ports, &udpPort{Addr: a, index: i, sock: s})
		e.port = int(s.port())
		if !e.c.TCP {
			continue
		}
		network := "tcp4"
		if a.IP.Is6() {
			network = "tcp6"
		}
		l, err := net.Listen(network, netip.AddrPortFrom(a.IP, uint16(e.port)).String())
		if err != nil {
			return err
		}
		e.listeners = append(e.listeners, l)
	}
	return nil
}

func (e *Engine) unbind() {
	for _, u := range e.ports {
		u.sock.close()
	}
	for _, l := range e.listeners {
		_ = l.Close()
	}
	e.ports, e.listeners = nil, nil
}

// Port returns the number of the port of UDP and TCP.
func (e *Engine) Port() int { return e.port }

// Run works until ctx ends. Then all sessions end, and the Engine cannot be used any more.
func (e *Engine) Run(ctx context.Context) error {
	stop := make(chan struct{})
	var parts sync.WaitGroup
	for _, sh := range e.shards {
		parts.Go(func() { sh.run(stop) })
	}
	parts.Go(func() { e.notices.run(stop) })
	for _, u := range e.ports {
		parts.Go(func() {
			in := e.newReader()
			u.sock.receive(func(from netip.AddrPort, data []byte) { in.handle(endpoint{udp: u, addr: from}, data) })
		})
	}
	for i, l := range e.listeners {
		parts.Go(func() { e.serveTCP(l, e.c.Addrs[i]) })
	}
	e.clock(ctx)

	e.mu.Lock()
	e.closed = true
	for _, r := range e.rooms {
		r.cancel()
	}
	all := slices.Clone(e.list)
	var conns []*tcpConn
	for c := range e.tcps {
		conns = append(conns, c)
	}
	e.mu.Unlock()
	for _, s := range all {
		e.end(s, false)
	}
	e.cancel()
	for _, c := range conns {
		c.close()
	}
	e.unbindForGood()
	close(stop)
	parts.Wait()
	e.running.Wait()
	return nil
}

// unbindForGood closes the sockets but keeps them known: sessions may still refer to them.
func (e *Engine) unbindForGood() {
	for _, u := range e.ports {
		u.sock.close()
	}
	for _, l := range e.listeners {
		_ = l.Close()
	}
}

// randomBytes returns n random bytes.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// randomText returns n random bytes in the letters of base64url.
func randomText(n int) string { return base64.RawURLEncoding.EncodeToString(randomBytes(n)) }

// iceText returns n random bytes in the letters of ICE (RFC 8839, 5.4): without - and _.
func iceText(n int) string { return base64.RawStdEncoding.EncodeToString(randomBytes(n)) }

// addressOf returns the key by which an address is limited: IPv6 clients have a /64 of them.
func addressOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
