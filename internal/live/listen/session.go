package listen

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/stun/v3"
)

const (
	// quiet is how long nothing authentic came from a session's address before a check
	// from another proven address moves it there, even without a nomination. Chromium checks its
	// path every 2.5 s, and others that it does not use in between; Firefox and pion do not
	// nominate again after their address has changed.
	quiet = 3 * time.Second
	// Transaction ids of checks that a session remembers, so that a recorded check which
	// somebody sends again from elsewhere moves nothing: about five minutes.
	rememberedChecks = 128
)

// endpoint is an address of a client, and the socket of ours at which it is reached.
type endpoint struct {
	udp  *udpPort // the socket of ours; nil: TCP
	tcp  *tcpConn
	addr netip.AddrPort
}

// udpPort is one of the sockets.
type udpPort struct {
	Addr
	index int
	sock  datagrams
}

func (t endpoint) send(data []byte, stats *counters) {
	if t.tcp != nil {
		t.tcp.queue(data, stats)
	} else if t.udp != nil && !t.udp.sock.send(data, t.addr) {
		stats.dropped.Add(1)
	}
}

// session is one listener: what a POST made.
type session struct {
	engine     *Engine
	id         string
	owner      Owner
	until      time.Time
	created    time.Time
	room       *room
	offer      *offer
	ufrag, pwd string
	integrity  stun.MessageIntegrity

	// Engine.mu guards these.
	at        int // index in Engine.list
	addrs     []endpoint
	connected bool

	asked time.Time // when the sweep last asked for a report; of the clock alone

	// mu guards these. The shard's and the room's mutex may be taken while it is held.
	mu        sync.Mutex
	closed    bool
	left      bool      // closed because its client or the network went away
	to        endpoint  // proven
	paths     []path    // at most maxAddresses
	lastCheck time.Time // from a proven address
	lastHeard time.Time // anything authentic from the address to
	checking  budget    // of checks: a client sends up to 20 a second
	checks    [rememberedChecks]uint64
	nextCheck int
	handshake *handshake // while it lasts
	shaken    bool       // a handshake has begun, or is over
	tries     int        // handshakes so far
	open      protector
	seen      replayWindow
	resends   budget
	lane      *lane // nil: not connected yet
	shard     *shard
}

// fresh reports whether a transaction id is new, and remembers it.
func (s *session) fresh(id transactionID) bool {
	// Ids are the client's random numbers, and integrity is checked before.
	short := uint64(0)
	for i, b := range id {
		short ^= uint64(b) << (8 * (i % 8))
	}
	short |= 1 // 0 is an empty place
	if slices.Contains(s.checks[:], short) {
		return false
	}
	s.checks[s.nextCheck] = short
	s.nextCheck = (s.nextCheck + 1) % len(s.checks)
	return true
}

// reply sends an answer to a check. After the end of the session it sends nothing.
func (s *session) reply(to endpoint, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		to.send(data, s.engine.stats)
	}
}

// connect begins to send, after the handshake. It reports false if the session has ended.
func (s *session) connect(seal, open protector) bool {
	l := &lane{seal: seal}
	if !s.until.IsZero() {
		l.until = s.until.UnixNano()
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false
	}
	s.open, l.to = open, s.to
	s.lane = l
	s.shard = s.room.join(l, s.offer.media)
	s.mu.Unlock()
	s.engine.sessionConnected(s)
	return true
}

// shut ends all sending. When it returns no packet leaves for the session any more. It may be
// called several times; the first says whether its client went away.
func (s *session) shut(away bool) {
	s.mu.Lock()
	if !s.closed {
		s.closed, s.left = true, away
	}
	l, h := s.lane, s.handshake
	s.mu.Unlock()
	if l != nil {
		s.shard.remove(l)
	}
	if h != nil {
		h.end()
	}
}

// fate is the action of the sweep on a session.
type fate int

const (
	stays fate = iota
	expires
	away // consent to send is lost (RFC 7675)
)

// fateAt returns what becomes of the session now.
func (s *session) fateAt(now time.Time) fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.until.IsZero() && !now.Before(s.until):
		return expires
	case s.lane == nil && now.Sub(s.created) > s.engine.c.HalfOpen:
		return expires
	case s.lane != nil && (now.Sub(s.lastCheck) > s.engine.c.Consent || s.unproven(now)):
		return away
	}
	return stays
}
