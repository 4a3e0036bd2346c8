package listen

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/stun/v3"
	"github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// diary notes what an engine tells of owners.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(what string) func(Owner) {
	return func(o Owner) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.lines = append(d.lines, what+" "+o.Identity)
	}
}

func (d *diary) read() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, ", ")
}

func TestCloseIsSilenceAtOnce(t *testing.T) {
	for name, options := range map[string][]playerOption{"UDP": nil, "TCP": {networks(webrtc.NetworkTypeTCP4)}} {
		t.Run(name, func(t *testing.T) {
			s, d := newStudio(), &diary{}
			e := start(t, Config{Taps: s, TCP: true, Connected: d.note("came"), Gone: d.note("went")})
			p, id := listen(t, e, Owner{Room: "r", Identity: "ada"}, 1, options...)
			stop, done := make(chan struct{}), make(chan struct{})
			go func() { // as fast as it goes
				defer close(done)
				for v := (&voice{id: 7}); ; time.Sleep(100 * time.Microsecond) {
					select {
					case <-stop:
						return
					default:
						v.say(s.handler("r"))
					}
				}
			}()
			defer func() { close(stop); <-done }()
			p.next(t)
			e.Close(id)
			sent := e.stats.packets.Load()
			time.Sleep(200 * time.Millisecond)
			if more := e.stats.packets.Load() - sent; more > 0 {
				t.Errorf("%d packets left after the return of Close", more)
			}
			if _, found := e.Find(id); found || e.Listeners("r") > 0 {
				t.Error("the session is still known")
			}
			e.Close(id)
			if got := d.read(); got != "came ada" {
				t.Errorf("told: %q", got)
			}
		})
	}
}

func TestASessionEndsAtItsTime(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s})
	s.talk(t, "r", 1)
	p, offer := offerOf(t, 1)
	until := time.Now().Add(1500 * time.Millisecond)
	_, answer, err := e.Listen(t.Context(), Owner{Room: "r"}, until, offer)
	if err != nil {
		t.Fatal(err)
	}
	p.answer(t, answer)
	p.wait(t)
	p.next(t)
	eventually(t, "the session has ended", func() bool { return len(e.Rooms()) == 0 })
	if time.Now().Before(until) {
		t.Error("it ended too early")
	}
}

func TestWhoGoesAwayIsGone(t *testing.T) {
	for name, c := range map[string]Config{
		"by closing the connection":               {Consent: time.Minute, keepDTLS: time.Minute},
		"without a word":                          {Consent: time.Second, keepDTLS: 10 * time.Millisecond},
		"without a word, package net":             {Consent: time.Second, keepDTLS: 10 * time.Millisecond, portable: true},
		"without a word, in the time of its DTLS": {Consent: time.Second, keepDTLS: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &diary{}
			c.Connected, c.Gone = d.note("came"), d.note("went")
			e := start(t, c)
			o := Owner{Room: "r", Identity: "ada", JoinID: "j1"}
			p, _ := listen(t, e, o, 1)
			eventually(t, "told of", func() bool { return d.read() == "came ada" })
			if got := e.Present("r"); !maps.Equal(got, map[string]string{"ada": "j1"}) {
				t.Errorf("present: %v", got)
			}
			if strings.Contains(name, "in the time") {
				// Only its address is lost: what it says goes nowhere.
				blind(e)
			}
			time.Sleep(100 * time.Millisecond) // DTLS is over by now, where it is short
			_ = p.pc.Close()
			eventually(t, "told of", func() bool { return d.read() == "came ada, went ada" })
			if len(e.Present("r")) != 0 || e.Listeners("r") != 0 {
				t.Error("it is still present")
			}
		})
	}
}

// blind makes an engine deaf to everything, as a firewall would.
func blind(e *Engine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.byAddr)
	clear(e.byUfrag)
}

func TestASecondSessionReplacesTheFirstWithoutABreak(t *testing.T) {
	s, d := newStudio(), &diary{}
	e := start(t, Config{Taps: s, PerRoom: 1, PerAddress: 1, Connected: d.note("came"), Gone: d.note("went"), keepDTLS: time.Minute})
	s.talk(t, "r", 1)
	o := Owner{Room: "r", Identity: "ada", JoinID: "j", Address: loopback4}
	first, firstID := listen(t, e, o, 1)
	first.next(t)
	second, secondID := listen(t, e, o, 1) // the room is full, but this is no one more
	second.next(t)
	third, _ := listen(t, e, o, 1)
	third.next(t)
	if _, found := e.Find(firstID); found {
		t.Error("a third session leaves the first open")
	}
	if _, found := e.Find(secondID); !found {
		t.Error("a third session closed the second, too")
	}
	_ = second.pc.Close()
	eventually(t, "the second is gone", func() bool { return e.Listeners("r") == 1 })
	third.next(t)
	if got := d.read(); got != "came ada" {
		t.Errorf("told: %q", got)
	}
	_ = third.pc.Close()
	eventually(t, "told of", func() bool { return d.read() == "came ada, went ada" })
	if open, began := s.taps(); open > 1 || began != 1 {
		t.Errorf("%d taps began, %d are open", began, open)
	}
}

func TestAnOldJoinIsClosedAndTheNewOneStays(t *testing.T) {
	e := start(t, Config{})
	_, old := listen(t, e, Owner{Room: "r", Identity: "ada", JoinID: "j1"}, 1)
	_, kept := listen(t, e, Owner{Room: "r", Identity: "ada", JoinID: "j2"}, 1)
	_, other := listen(t, e, Owner{Room: "r", Identity: "bob", JoinID: "j1"}, 1)
	_, elsewhere := listen(t, e, Owner{Room: "q", Identity: "ada", JoinID: "j1"}, 1)
	eventually(t, "all are present", func() bool { return e.Listeners("r") == 3 })
	if got := e.Present("r"); !maps.Equal(got, map[string]string{"ada": "j2", "bob": "j1"}) {
		t.Errorf("present: %v", got)
	}
	e.CloseOwner("r", "ada", "j2")
	for id, want := range map[string]bool{old: false, kept: true, other: true, elsewhere: true} {
		if _, found := e.Find(id); found != want {
			t.Errorf("%s: found %v", id, found)
		}
	}
	e.CloseOwner("r", "ada", "")
	if _, found := e.Find(kept); found {
		t.Error("a session is left of who was closed")
	}
	e.CloseRoom("r")
	if got := e.Rooms(); !slices.Equal(got, []string{"q"}) {
		t.Errorf("rooms: %v", got)
	}
}

func TestLimitsAreAnsweredHonestly(t *testing.T) {
	e := start(t, Config{PerRoom: 2, PerAddress: 3})
	_, offer := offerOf(t, 1)
	try := func(room, identity, address string) error {
		_, _, err := e.Listen(t.Context(), Owner{Room: room, Identity: identity, Account: "account", Address: netip.MustParseAddr(address)}, time.Time{}, offer)
		return err
	}
	for _, c := range []struct {
		room, identity, address string
		want                    error
	}{
		{"r", "a", "192.0.2.1", nil},
		{"r", "b", "192.0.2.1", nil},
		{"r", "c", "192.0.2.2", ErrRoomFull},
		{"r", "a", "192.0.2.2", nil}, // a replacement
		{"q", "d", "::ffff:192.0.2.1", nil},
		{"p", "e", "192.0.2.1", ErrAddressFull},
		{"p", "f", "2001:db8::1", nil},
		{"p", "g", "2001:db8::2", nil},
		{"o", "h", "2001:db8::3", nil},
		{"o", "i", "2001:db8:0:0:1::4", ErrAddressFull},
		{"o", "i", "2001:db8:0:1::4", nil},
	} {
		if err := try(c.room, c.identity, c.address); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// A shared room has places for its members, however many guests come.
func TestGuestsLeaveHalfOfARoomToMembers(t *testing.T) {
	e := start(t, Config{PerRoom: 4})
	_, offer := offerOf(t, 1)
	n := 0
	enter := func(account string) error {
		n++
		_, _, err := e.Listen(t.Context(), Owner{Room: "r", Identity: fmt.Sprint(n), Account: account}, time.Time{}, offer)
		return err
	}
	for i, c := range []struct {
		account string
		want    error
	}{{"", nil}, {"", nil}, {"", ErrRoomFull}, {"ada", nil}, {"", ErrRoomFull}, {"bob", nil}, {"cleo", ErrRoomFull}} {
		if err := enter(c.account); !errors.Is(err, c.want) {
			t.Errorf("%d, account %q: %v", i, c.account, err)
		}
	}
	e.CloseOwner("r", "1", "")
	if err := enter(""); err != nil {
		t.Errorf("after a guest has left: %v", err)
	}
}

// rawCheck sends connectivity checks from a socket of its own, and answers those of the server
// if it knows the password of its offer.
type rawCheck struct {
	conn  *net.UDPConn
	pwd   string
	asked []byte // the last check of the server
	asks  int
}

func newRawCheck(t testing.TB, e *Engine) *rawCheck {
	t.Helper()
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback4, uint16(e.Port()))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &rawCheck{conn: conn}
}

func checkOf(t testing.TB, ours, theirs, pwd string, more ...stun.Setter) []byte {
	t.Helper()
	setters := append([]stun.Setter{stun.TransactionID, stun.BindingRequest, stun.NewUsername(ours + ":" + theirs)}, more...)
	m, err := stun.Build(append(setters, stun.NewShortTermIntegrity(pwd), stun.Fingerprint)...)
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

// answered reports whether a check is answered.
func (c *rawCheck) answered(t testing.TB, data []byte) bool {
	t.Helper()
	if _, err := c.conn.Write(data); err != nil {
		t.Fatal(err)
	}
	got := false
	for c.read(t, 300*time.Millisecond, func(m *stun.Message) {
		got = got || m.Type == stun.BindingSuccess && bytes.Equal(m.TransactionID[:], data[8:20])
	}) && !got {
	}
	return got
}

// read takes one packet, answers it if it is a check, and reports whether there was one.
func (c *rawCheck) read(t testing.TB, wait time.Duration, see func(*stun.Message)) bool {
	t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(wait))
	buf := make([]byte, bufSize)
	n, err := c.conn.Read(buf)
	if err != nil {
		return false
	}
	m := &stun.Message{Raw: buf[:n]}
	if m.Decode() != nil {
		t.Fatalf("not STUN: %x", buf[:n])
	}
	if m.Type == stun.BindingRequest {
		c.asks++
		c.asked = buf[:n]
		if c.pwd != "" {
			_, _ = c.conn.Write(successOf(t, m, c.pwd))
		}
	}
	see(m)
	return true
}

func successOf(t testing.TB, request *stun.Message, pwd string) []byte {
	t.Helper()
	m, err := stun.Build(stun.NewTransactionIDSetter(request.TransactionID), stun.BindingSuccess,
		&stun.XORMappedAddress{IP: net.IPv4(192, 0, 2, 1), Port: 1}, stun.NewShortTermIntegrity(pwd), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

type useCandidate struct{}

func (useCandidate) AddTo(m *stun.Message) error {
	m.Add(stun.AttrUseCandidate, nil)
	return nil
}

// credentials are those of the newest session.
func credentials(e *Engine) (s *session, ours, theirs, pwd string) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	s = e.list[len(e.list)-1]
	return s, s.ufrag, s.offer.ufrag, s.pwd
}

func where(s *session) netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.addr
}

func TestOnlyAuthenticChecksAreAnswered(t *testing.T) {
	e := start(t, Config{})
	_, offer := offerOf(t, 1)
	id, _, err := e.Listen(t.Context(), Owner{Room: "r"}, time.Time{}, offer)
	if err != nil {
		t.Fatal(err)
	}
	_, ours, theirs, pwd := credentials(e)
	c := newRawCheck(t, e)
	good, names := checkOf(t, ours, theirs, pwd), map[string]string{}
	for name, data := range map[string][]byte{
		"another password":    checkOf(t, ours, theirs, pwd+"x"),
		"another user name":   checkOf(t, "x"+ours, theirs, pwd),
		"another client":      checkOf(t, ours, theirs+"x", pwd),
		"no client":           checkOf(t, ours, "", pwd),
		"a flipped bit":       func() []byte { b := slices.Clone(good); b[25] ^= 1; return b }(),
		"half":                good[:len(good)/2],
		"no fingerprint":      good[:len(good)-8],
		"an empty packet":     {0},
		"DTLS of nobody":      {22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1},
		"RTCP of nobody":      {0x80, 201, 0, 1, 0, 0, 0, 1},
		"an indication":       stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodBinding, stun.ClassIndication), stun.Fingerprint).Raw,
		"a check of nobody":   stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.Fingerprint).Raw,
		"a success of nobody": stun.MustBuild(stun.TransactionID, stun.BindingSuccess, stun.Fingerprint).Raw,
	} {
		names[string(data[min(8, len(data)-1):min(20, len(data))])] = name
		if _, err := c.conn.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	// They are read in order: the first answer must be that to the last of all.
	good = checkOf(t, ours, theirs, pwd)
	if _, err := c.conn.Write(good); err != nil {
		t.Fatal(err)
	}
	var answer *stun.Message
	for answer == nil && c.read(t, 20*time.Second, func(m *stun.Message) {
		if m.Type == stun.BindingSuccess {
			answer = m
		}
	}) {
	}
	if answer == nil {
		t.Error("an authentic check is not answered")
	} else if !bytes.Equal(answer.TransactionID[:], good[8:20]) {
		t.Errorf("%q is answered: %x", names[string(answer.TransactionID[:])], answer.Raw)
	}
	if !c.answered(t, good) {
		t.Error("a repeated check is not answered where it came from before")
	}
	e.Close(id)
	if c.answered(t, checkOf(t, ours, theirs, pwd)) {
		t.Error("a check is answered after the end of the session")
	}
}

// 200 of everything that is not a listener: nothing of it is left.
func TestNothingIsLeftOfWhoNeverConnects(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s, TCP: true, HalfOpen: time.Second, Linger: 100 * time.Millisecond, PerAddress: 1000, keepDTLS: 10 * time.Millisecond})
	client, good := offerOf(t, 1)
	_ = client.pc.GracefulClose()
	before := runtime.NumGoroutine()
	bad := strings.Replace(good, "a=setup:actpass", "a=setup:passive", 1)
	c := newRawCheck(t, e)
	for i := range 200 {
		if _, _, err := e.Listen(t.Context(), Owner{Room: "r", Identity: fmt.Sprint(i)}, time.Time{}, bad); !errors.Is(err, ErrOffer) {
			t.Fatal(err)
		}
		if _, _, err := e.Listen(t.Context(), Owner{Room: "r", Identity: fmt.Sprint(i), Address: loopback4}, time.Time{}, good); err != nil {
			t.Fatal(err)
		}
		_, ours, theirs, pwd := credentials(e)
		_, _ = c.conn.Write(checkOf(t, ours, theirs, "no"+pwd))
		if i%2 == 0 { // whose DTLS then says nothing sensible
			_, _ = c.conn.Write(checkOf(t, ours, theirs, pwd))
			_, _ = c.conn.Write(append([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}, randomBytes(40)...))
		}
		_, _ = c.conn.Write(randomBytes(i + 1))
	}
	for range 20 { // a port scan
		conn, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", e.Port()))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
		defer conn.Close()
	}
	eventually(t, "all is forgotten", func() bool {
		e.mu.RLock()
		defer e.mu.RUnlock()
		return len(e.list)+len(e.byID)+len(e.byUfrag)+len(e.byAddr)+len(e.asks)+len(e.owners)+len(e.perAddr)+len(e.rooms)+len(e.tcps)+len(e.tcpsFrom)+len(e.tapping) == 0 &&
			e.joining.Load() == 0 && e.halfOpen.len()+e.handshakes.len() == 0
	})
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
	if open, _ := s.taps(); open != 0 {
		t.Errorf("%d taps are open", open)
	}
	p, _ := listen(t, e, Owner{Room: "r"}, 1) // and it works
	s.talk(t, "r", 1)
	p.next(t)
}

func TestARoomIsTappedOnceWhileSomebodyListens(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s, Linger: 300 * time.Millisecond})
	_, a := listen(t, e, Owner{Room: "r", Identity: "a"}, 1)
	_, b := listen(t, e, Owner{Room: "r", Identity: "b"}, 1)
	e.Close(a)
	e.Close(b)
	_, c := listen(t, e, Owner{Room: "r", Identity: "c"}, 1) // within the pause
	if open, began := s.taps(); open != 1 || began != 1 {
		t.Errorf("%d taps began, %d are open", began, open)
	}
	e.Close(c)
	eventually(t, "the tap has stopped", func() bool { open, _ := s.taps(); return open == 0 })
	listen(t, e, Owner{Room: "r", Identity: "d"}, 1)
	eventually(t, "there is a new one", func() bool { open, began := s.taps(); return open == 1 && began == 2 })
	e.CloseRoom("r")
	eventually(t, "the tap of a closed room stops", func() bool { open, _ := s.taps(); return open == 0 })
}

func TestALargeRoomIsSharedByTheShards(t *testing.T) {
	e, r, _ := connectedLanes(t, 3*sharePart*runtime.GOMAXPROCS(0), 1, Config{})
	for i, n := range r.count {
		if n != 3*sharePart || len(r.parts[i].lanes) != n {
			t.Errorf("shard %d has %d listeners of %d", i, n, r.total)
		}
	}
	small := newRoom(e, "small")
	for range sharePart {
		small.join(&lane{}, nil)
	}
	if used := slices.DeleteFunc(slices.Clone(small.count), func(n int) bool { return n == 0 }); len(used) != 1 {
		t.Errorf("a small room is spread: %v", small.count)
	}
}

func TestALostTapIsMadeAnew(t *testing.T) {
	s := newStudio()
	s.fail = true
	e := start(t, Config{Taps: s})
	p, _ := listen(t, e, Owner{Room: "r"}, 1)
	eventually(t, "it was tried several times", func() bool { _, began := s.taps(); return began >= 3 })
	s.mu.Lock()
	s.fail = false
	s.mu.Unlock()
	s.talk(t, "r", 1)
	p.next(t)
}

func TestALostPacketIsSentAgain(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s})
	s.talk(t, "r", 1)
	p, _ := listen(t, e, Owner{Room: "r"}, 1)
	var first heard
	for range 5 {
		first = p.next(t)
	}
	// The client has it, and its SRTP drops the repetition: so look at what is sent.
	if err := p.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: first.SSRC, Nacks: []rtcp.NackPair{{PacketID: first.SequenceNumber, LostPackets: 0}, {PacketID: first.SequenceNumber + 20_000}}}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it was sent again", func() bool { return e.stats.retransmitted.Load() == 1 })
	if n := e.stats.nacks.Load(); n != 2 {
		t.Errorf("%d packets were missed", n)
	}
}

func TestSenderReportsTellTheTimeOfASlot(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s})
	s.talk(t, "r", 1)
	p, _ := listen(t, e, Owner{Room: "r"}, 1)
	first := p.next(t)
	var report *rtcp.SenderReport
	select {
	case report = <-p.reports:
	case <-time.After(10 * time.Second):
		t.Fatal("no report after 10 s")
	}
	if late := time.Since(first.at); late > 3*time.Second {
		t.Errorf("the first report came after %v", late)
	}
	for n := 0; n < 10; n++ {
		first = p.next(t)
	}
	if report.SSRC != first.SSRC || report.PacketCount == 0 || report.OctetCount != report.PacketCount*60 {
		t.Errorf("a report of %d, %d packets of %d bytes", report.SSRC, report.PacketCount, report.OctetCount)
	}
	// By the report, when was this packet's timestamp now? About when it came.
	at := time.Unix(int64(report.NTPTime>>32)-2_208_988_800, int64(report.NTPTime&0xffffffff)*1e9>>32)
	at = at.Add(time.Duration(int32(first.Timestamp-report.RTPTime)) * time.Second / 48000)
	if off := first.at.Sub(at); off < -100*time.Millisecond || off > time.Second {
		t.Errorf("the report is off by %v", off)
	}
}

func TestALargeRoomHearsThreeFramesInAPacket(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s, Large: 2})
	s.talk(t, "r", 1)
	p, _ := listen(t, e, Owner{Room: "r", Identity: "a"}, 1)
	if h := p.next(t); h.Payload[0]&3 != 0 {
		t.Errorf("a packet with the TOC %x in a small room", h.Payload[0])
	}
	_, id := listen(t, e, Owner{Room: "r", Identity: "b"}, 1)
	frames := func(n byte) func() bool {
		return func() bool {
			h := p.next(t)
			return n == 1 && h.Payload[0]&3 == 0 || h.Payload[0]&3 == 3 && h.Payload[1]&0x3f == n
		}
	}
	eventually(t, "three frames in a packet", frames(3))
	before := p.next(t)
	after := p.next(t)
	if step := after.Timestamp - before.Timestamp; step != 2880 || after.SequenceNumber != before.SequenceNumber+1 {
		t.Errorf("timestamps %d apart, sequence numbers %d and %d", step, before.SequenceNumber, after.SequenceNumber)
	}
	e.Close(id)
	eventually(t, "one frame in a packet", frames(1))
}

func TestAStoppedEngineRefuses(t *testing.T) {
	var e *Engine
	t.Run("runs", func(t *testing.T) { e = start(t, Config{}) })
	_, offer := offerOf(t, 1)
	if _, _, err := e.Listen(t.Context(), Owner{Room: "r"}, time.Time{}, offer); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestMetricsAreThoseOfTheField(t *testing.T) {
	s := newStudio()
	e := start(t, Config{Taps: s})
	s.talk(t, "r", 1)
	p, _ := listen(t, e, Owner{Room: "r"}, 1)
	p.next(t)
	eventually(t, "it is counted", func() bool { return e.stats.packets.Load() > 0 })
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(e)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		got[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue() + f.GetMetric()[0].GetCounter().GetValue()
	}
	if len(got) != 7 || got["heyy_listen_sessions"] != 1 || got["heyy_listen_taps"] != 1 || got["heyy_listen_packets_total"] < 1 || got["heyy_listen_bytes_total"] < 60 {
		t.Errorf("%v", got)
	}
}

func TestAllAddressesHaveOnePort(t *testing.T) {
	if !hasIPv6() {
		t.Skip("no ::1 on this machine")
	}
	s := newStudio()
	e := start(t, Config{Addrs: []Addr{{IP: loopback4}, {IP: loopback6, Announce: netip.MustParseAddr("2001:db8::7")}}, TCP: true, Taps: s})
	want := []candidate{
		{at: netip.AddrPortFrom(loopback4, uint16(e.Port()))}, {at: netip.MustParseAddrPort(fmt.Sprintf("[2001:db8::7]:%d", e.Port()))},
		{at: netip.AddrPortFrom(loopback4, uint16(e.Port())), tcp: true}, {at: netip.MustParseAddrPort(fmt.Sprintf("[2001:db8::7]:%d", e.Port())), tcp: true},
	}
	if !slices.Equal(e.candidates, want) {
		t.Errorf("%v", e.candidates)
	}
	s.talk(t, "r", 1)
	p, _ := listen(t, e, Owner{Room: "r"}, 1)
	p.next(t)
}

func TestAnAddressForItselfTakesNothingFromOthers(t *testing.T) {
	e := start(t, Config{Addrs: []Addr{{IP: netip.MustParseAddr("127.0.0.2"), OnlySelf: true}}, TCP: true})
	_, offer := offerOf(t, 1)
	if _, _, err := e.Listen(t.Context(), Owner{Room: "r"}, time.Time{}, offer); err != nil {
		t.Fatal(err)
	}
	_, ours, theirs, pwd := credentials(e)
	for from, want := range map[string]bool{"127.0.0.2": true, "127.0.0.1": false} {
		conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.ParseIP(from)}, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: e.Port()})
		if err != nil {
			t.Fatal(err)
		}
		c := &rawCheck{conn: conn}
		if got := c.answered(t, checkOf(t, ours, theirs, pwd)); got != want {
			t.Errorf("a check from %s is answered: %v", from, got)
		}
		_ = conn.Close()
	}
}

// Whatever comes in, reading goes on.
func FuzzPacket(f *testing.F) {
	e, err := New(Config{Addrs: []Addr{{IP: loopback4}}, Taps: newStudio()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(e.unbind)
	_, offer := offerOf(f, 1)
	if _, _, err := e.Listen(f.Context(), Owner{Room: "r"}, time.Time{}, offer); err != nil {
		f.Fatal(err)
	}
	s, ours, theirs, pwd := credentials(e)
	s.ufrag, s.pwd = "ours", "password-of-twenty-two"
	s.integrity, s.offer.ufrag = stun.NewShortTermIntegrity(s.pwd), "theirs"
	delete(e.byUfrag, ours)
	e.byUfrag[s.ufrag] = s
	_, _ = theirs, pwd
	from := endpoint{udp: e.ports[0], addr: netip.MustParseAddrPort("127.0.0.1:9")}
	e.known(s, from, time.Now())
	send, receive, err := protectors(profiles[0], make([]byte, keyingLength(profiles[0])))
	if err != nil {
		f.Fatal(err)
	}
	s.connect(send, receive)
	f.Add(checkOf(f, "ours", "theirs", s.pwd))
	f.Add(checkOf(f, "ours", "theirs", "x"))
	f.Add([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1})
	f.Add([]byte{0x80, 201, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0})
	nack, err := (&rtcp.TransportLayerNack{MediaSSRC: e.ssrcs[0], Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}}}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(nack)
	in := e.newReader()
	log := &panics{}
	e.c.Log = log.logger()
	f.Fuzz(func(t *testing.T, data []byte) {
		in.handle(from, bytes.Clone(data)) // it decrypts in place
		// What a client says once it is known: the same, sealed with its keys.
		if len(data) >= rtcpHeaderSize && data[0]>>6 == 2 && len(data) < bufSize-sealOverhead {
			s.seen = replayWindow{}
			buf := make([]byte, bufSize)
			in.handle(from, buf[:receive.sealRTCP(buf, data, 1)])
		}
		for _, sh := range e.shards {
			sh.work()
		}
		if log.any() {
			t.Fatal("a packet was not survived")
		}
	})
}
