package listen

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v3"
)

func (c *rawCheck) at() netip.AddrPort { return c.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// settle gives the engine the time to read what was sent.
func settle() { time.Sleep(100 * time.Millisecond) }

// halfOpenSession makes a session whose client is no player, and raw clients of it; they answer the
// checks of the server.
func halfOpenSession(t testing.TB, e *Engine, clients int) (s *session, check func(more ...stun.Setter) []byte, all []*rawCheck) {
	t.Helper()
	_, offer := offerOf(t, 1)
	id, _, err := e.Listen(t.Context(), Owner{Room: "r", Identity: randomText(4)}, time.Time{}, offer)
	if err != nil {
		t.Fatal(err)
	}
	e.mu.RLock()
	s = e.byID[id]
	e.mu.RUnlock()
	for range clients {
		c := newRawCheck(t, e)
		c.pwd = s.offer.pwd
		all = append(all, c)
	}
	return s, func(more ...stun.Setter) []byte { return checkOf(t, s.ufrag, s.offer.ufrag, s.pwd, more...) }, all
}

func TestASessionFollowsItsClientAndNoRecordedCheck(t *testing.T) {
	e := start(t, Config{})
	s, check, clients := halfOpenSession(t, e, 3)
	a, b, thief := clients[0], clients[1], clients[2]
	thief.pwd = "" // it has only what it has heard
	first := check(useCandidate{})
	if !a.answered(t, first) {
		t.Fatal("the first check is not answered")
	}
	eventually(t, "the session is where its client is", func() bool { return where(s) == a.at() })
	b.answered(t, check())
	if settle(); where(s) != a.at() {
		t.Error("a check without nomination moves the session while the old address is alive")
	}
	if thief.answered(t, first) || where(s) != a.at() {
		t.Error("a recorded check is answered elsewhere, or moves the session")
	}
	if !b.answered(t, check(useCandidate{})) {
		t.Error("a nomination is not answered")
	}
	eventually(t, "a nomination moves the session", func() bool { return where(s) == b.at() })
	for range rememberedChecks {
		s.mu.Lock()
		s.fresh(stun.NewTransactionID())
		s.mu.Unlock()
	}
	time.Sleep(quiet + 100*time.Millisecond)
	thief.answered(t, first)
	if settle(); where(s) != b.at() {
		t.Error("a recorded check moves the session once it was forgotten")
	}
	a.answered(t, check())
	eventually(t, "the session follows its client after some quiet seconds", func() bool { return where(s) == a.at() })
}

// Whoever has a session can send checks from the address of somebody else.
func TestAnAddressThatNeverAnsweredGetsNothingButSTUN(t *testing.T) {
	e := start(t, Config{})
	s, check, clients := halfOpenSession(t, e, 2)
	victim, a := clients[0], clients[1]
	victim.pwd = ""
	if !victim.answered(t, check(useCandidate{})) {
		t.Fatal("a check is not answered")
	}
	_, _ = victim.conn.Write(silentHello)
	settle()
	if where(s).IsValid() || e.handshakes.len() > 0 || e.sessionAt(endpoint{udp: e.ports[0], addr: victim.at()}) != nil {
		t.Error("a check alone makes an address the session's")
	}
	a.answered(t, check())
	eventually(t, "the session is where somebody answers", func() bool { return where(s) == a.at() })
	before := func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.lastCheck }
	consent := before()
	for range 50 {
		_, _ = victim.conn.Write(check(useCandidate{}))
	}
	settle()
	if where(s) != a.at() || before() != consent {
		t.Error("a check from an address that never answered moves the session, or renews its consent")
	}
	for victim.read(t, 100*time.Millisecond, func(*stun.Message) {}) {
	}
	if victim.asks < 1 || victim.asks > 3 {
		t.Errorf("%d checks were sent to an address that does not answer", victim.asks)
	}
	// An answer counts only with the password of the offer, and from where it was asked of.
	m := &stun.Message{Raw: victim.asked}
	if err := m.Decode(); err != nil {
		t.Fatal(err)
	}
	if name, _ := m.Get(stun.AttrUsername); string(name) != s.offer.ufrag+":"+s.ufrag || stun.NewShortTermIntegrity(s.offer.pwd).Check(m) != nil || stun.Fingerprint.Check(m) != nil || !m.Contains(stun.AttrICEControlled) || !m.Contains(stun.AttrPriority) {
		t.Errorf("no check of ICE: %v", m)
	}
	_, _ = victim.conn.Write(successOf(t, m, s.pwd))
	_, _ = a.conn.Write(successOf(t, m, s.offer.pwd))
	if settle(); where(s) != a.at() {
		t.Error("a forged answer proves an address")
	}
	_, _ = victim.conn.Write(successOf(t, m, s.offer.pwd))
	eventually(t, "the answer proves the address, which was nominated", func() bool { return where(s) == victim.at() })
}

func TestAnOldProofDoesNotMoveASession(t *testing.T) {
	e := start(t, Config{})
	s, check, clients := halfOpenSession(t, e, 2)
	a, b := clients[0], clients[1]
	a.answered(t, check())
	b.answered(t, check())
	eventually(t, "both are proven", func() bool { return len(s.pending()) == 0 && where(s) == a.at() })
	s.mu.Lock()
	s.path(endpoint{udp: e.ports[0], addr: b.at()}).proven = time.Now().Add(-2 * provenFor)
	s.mu.Unlock()
	b.pwd = ""
	b.answered(t, check(useCandidate{}))
	if settle(); where(s) != a.at() {
		t.Error("a session moves to where its client was long ago")
	}
	b.pwd = s.offer.pwd
	eventually(t, "the client answers again", func() bool { b.answered(t, check(useCandidate{})); return where(s) == b.at() })
}

// Whoever was at an address once, as behind the router of a café, and is there no more, can go
// on to send checks from it: a stream of hours to whoever has it now.
func TestChecksAloneDoNotKeepAStream(t *testing.T) {
	e := start(t, Config{Consent: 400 * time.Millisecond, HalfOpen: time.Minute})
	connected := func() (s *session, check func(...stun.Setter) []byte, c *rawCheck) {
		s, check, clients := halfOpenSession(t, e, 1)
		clients[0].answered(t, check())
		eventually(t, "the address is proven", func() bool { return where(s) == clients[0].at() })
		send, receive, _, _ := peers(t, profiles[0])
		if !s.connect(send, receive) {
			t.Fatal("the session has ended")
		}
		return s, check, clients[0]
	}
	stays, checkStays, there := connected()
	left, checkLeft, gone := connected()
	gone.pwd = "" // from now on it only sends
	deadline := time.Now().Add(5 * time.Second)
	for alive := true; alive; _, alive = e.Find(left.id) {
		if time.Now().After(deadline) {
			t.Fatal("checks alone keep a session")
		}
		there.answered(t, checkStays())
		_, _ = gone.conn.Write(checkLeft())
		time.Sleep(50 * time.Millisecond)
	}
	if _, found := e.Find(stays.id); !found {
		t.Error("a client that answers is gone, too")
	}
}

func TestRequestsOfASessionAreBounded(t *testing.T) {
	e := start(t, Config{})
	s, check, _ := halfOpenSession(t, e, 0)
	for range 5 * maxAddresses {
		newRawCheck(t, e).answered(t, check())
	}
	e.mu.RLock()
	n := len(e.asks)
	e.mu.RUnlock()
	if n != maxAddresses || len(s.pending()) != n {
		t.Errorf("%d requests are not answered", n)
	}
	e.Close(s.id)
	e.mu.RLock()
	defer e.mu.RUnlock()
	if len(e.asks) != 0 {
		t.Error("requests of a closed session are left")
	}
}

func TestAnAddressInUseIsNotTakenOver(t *testing.T) {
	e := start(t, Config{})
	_, id := listen(t, e, Owner{Room: "r", Identity: "ada"}, 1)
	e.mu.RLock()
	ada := e.byID[id]
	e.mu.RUnlock()
	thief, _, _ := halfOpenSession(t, e, 0)
	ada.mu.Lock()
	at := ada.to
	ada.mu.Unlock()
	now := time.Now()
	if e.known(thief, at, now) || e.sessionAt(at) != ada {
		t.Error("a session takes the address of a connected one")
	}
	if !e.known(thief, at, now.Add(time.Minute)) || e.sessionAt(at) != thief {
		t.Error("an address that was not heard of for a minute is not given up")
	}
}

func TestARoomIsTappedFromTheFirstCheckOn(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s, Linger: 50 * time.Millisecond})
	for range 3 { // rooms of requests alone, of which nothing may be left that a later tap waits for
		never, _, _ := halfOpenSession(t, e, 0)
		settle()
		e.Close(never.id)
		eventually(t, "the room is forgotten", func() bool { e.mu.RLock(); defer e.mu.RUnlock(); return len(e.rooms)+len(e.tapping) == 0 })
	}
	if _, began := s.taps(); began != 0 {
		t.Errorf("%d taps began without a check", began)
	}
	_, check, clients := halfOpenSession(t, e, 1)
	forged := check()
	forged[len(forged)-9] ^= 1
	clients[0].answered(t, forged)
	if _, began := s.taps(); began != 0 {
		t.Error("a forged check begins a tap")
	}
	clients[0].answered(t, check())
	clients[0].answered(t, check())
	eventually(t, "a check begins the tap", func() bool { open, _ := s.taps(); return open == 1 })
	if _, began := s.taps(); began != 1 {
		t.Errorf("%d taps began", began)
	}
}
