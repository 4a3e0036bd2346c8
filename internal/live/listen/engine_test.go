package listen

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

var (
	loopback4 = netip.MustParseAddr("127.0.0.1")
	loopback6 = netip.MustParseAddr("::1")
)

// studio is a Tapper whose voices a test speaks.
type studio struct {
	mu    sync.Mutex
	rooms map[string]TapHandler
	began int
	fail  bool
	on    chan string // rooms whose tap began
}

func newStudio() *studio { return &studio{rooms: map[string]TapHandler{}, on: make(chan string, 64)} }

func (s *studio) Tap(ctx context.Context, room string, t TapHandler) error {
	s.mu.Lock()
	s.began++
	if s.fail {
		s.mu.Unlock()
		return errors.New("no connection")
	}
	s.rooms[room] = t
	s.mu.Unlock()
	s.on <- room
	<-ctx.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rooms, room)
	return ctx.Err()
}

func (s *studio) taps() (open, began int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rooms), s.began
}

func (s *studio) handler(room string) TapHandler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms[room]
}

// voice is somebody who talks: one packet of 20 ms after another.
type voice struct {
	id        uint32
	sequence  uint16
	timestamp uint32
}

// opusPacket is a packet of 20 ms of Opus that carries its voice and number.
func opusPacket(voice uint32, n uint16) []byte {
	p := make([]byte, 60)
	p[0] = 31 << 3 // CELT, full band, 20 ms, mono, one frame
	binary.BigEndian.PutUint32(p[1:], voice)
	binary.BigEndian.PutUint16(p[5:], n)
	return p
}

func (v *voice) say(t TapHandler) {
	t.Frame(v.id, v.sequence, v.timestamp, opusPacket(v.id, v.sequence))
	v.sequence++
	v.timestamp += 960
}

// talk lets voices talk until the test ends.
func (s *studio) talk(t *testing.T, room string, ids ...uint32) {
	t.Helper()
	stop := make(chan struct{})
	done := make(chan struct{})
	t.Cleanup(func() { close(stop); <-done })
	go func() {
		defer close(done)
		var voices []*voice
		for _, id := range ids {
			voices = append(voices, &voice{id: id})
		}
		for tick := time.Tick(20 * time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-tick:
			}
			if h := s.handler(room); h != nil {
				for _, v := range voices {
					v.say(h)
				}
			}
		}
	}()
}

// start runs an engine until the test ends.
func start(t testing.TB, c Config) *Engine {
	t.Helper()
	if c.Addrs == nil {
		c.Addrs = []Addr{{IP: loopback4}}
	}
	if c.Taps == nil {
		c.Taps = newStudio()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return e
}

// player is a WHEP player of pion/webrtc.
type player struct {
	pc        *webrtc.PeerConnection
	connected chan struct{}
	heard     chan heard
	reports   chan *rtcp.SenderReport
}

// heard is a packet, with the slot it came in.
type heard struct {
	rtp.Packet
	slot int
	at   time.Time
}

type playerOption func(*webrtc.SettingEngine)

// offerOf makes a player of some slots and its offer.
func offerOf(t testing.TB, slots int, options ...playerOption) (*player, string) {
	t.Helper()
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	for _, o := range options {
		o(&settings)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	p := &player{pc: pc, connected: make(chan struct{}), heard: make(chan heard, 100_000), reports: make(chan *rtcp.SenderReport, 1000)}
	for range slots {
		if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(p.connected)
		}
	})
	pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		slot := int(track.ID()[len("slot")] - '0')
		go func() {
			for {
				packets, _, err := receiver.ReadRTCP()
				if err != nil {
					return
				}
				for _, k := range packets {
					if sr, ok := k.(*rtcp.SenderReport); ok {
						p.reports <- sr
					}
				}
			}
		}()
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			p.heard <- heard{*packet, slot, time.Now()}
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	return p, offer.SDP
}

func (p *player) answer(t testing.TB, answer string) {
	t.Helper()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatalf("%v in\n%s", err, answer)
	}
}

// listen makes a session of a player and waits until it is connected.
func listen(t testing.TB, e *Engine, o Owner, slots int, options ...playerOption) (*player, string) {
	t.Helper()
	p, offer := offerOf(t, slots, options...)
	id, answer, err := e.Listen(t.Context(), o, time.Time{}, offer)
	if err != nil {
		t.Fatal(err)
	}
	p.answer(t, answer)
	p.wait(t)
	return p, id
}

func (p *player) wait(t testing.TB) {
	t.Helper()
	select {
	case <-p.connected:
	case <-time.After(20 * time.Second):
		t.Fatal("the player is not connected after 20 s")
	}
}

// next returns the next packet.
func (p *player) next(t testing.TB) heard {
	t.Helper()
	select {
	case h := <-p.heard:
		return h
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is heard for 20 s")
		return heard{}
	}
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 20 s not so: %s", what)
		}
	}
}

// expectVoices reads packets until each voice was heard so often, and checks what all packets
// promise: one voice for each slot, sequence numbers without gaps, payloads unchanged.
func (p *player) expectVoices(t testing.TB, times int, ids ...uint32) {
	t.Helper()
	last := map[int]*heard{}
	count := map[uint32]int{}
	slotOf := map[uint32]int{}
	for {
		done := true
		for _, id := range ids {
			done = done && count[id] >= times
		}
		if done {
			return
		}
		h := p.next(t)
		if len(h.CSRC) != 1 {
			t.Fatalf("%d CSRCs", len(h.CSRC))
		}
		id := h.CSRC[0]
		if slot, known := slotOf[id]; known && slot != h.slot {
			t.Fatalf("voice %d is in slot %d and %d", id, slot, h.slot)
		}
		slotOf[id] = h.slot
		if got := binary.BigEndian.Uint32(h.Payload[1:]); got != id {
			t.Fatalf("the payload of voice %d says CSRC %d", got, id)
		}
		if before := last[h.slot]; before != nil {
			if h.SequenceNumber != before.SequenceNumber+1 {
				t.Fatalf("slot %d: sequence number %d after %d", h.slot, h.SequenceNumber, before.SequenceNumber)
			}
			if before.CSRC[0] == id && h.Timestamp-before.Timestamp != 960 {
				t.Fatalf("slot %d: timestamp %d after %d", h.slot, h.Timestamp, before.Timestamp)
			}
		}
		last[h.slot] = &h
		count[id]++
	}
}

func TestAListenerHearsEachVoiceInASlotOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		at       netip.Addr
		options  []playerOption
		tcp      bool
		portable bool
	}{
		"UDP over IPv4":              {at: loopback4},
		"UDP over IPv4, package net": {at: loopback4, portable: true},
		"UDP over IPv6":              {at: loopback6, options: []playerOption{networks(webrtc.NetworkTypeUDP6)}},
		"UDP over IPv6, package net": {at: loopback6, options: []playerOption{networks(webrtc.NetworkTypeUDP6)}, portable: true},
		"TCP over IPv4":              {at: loopback4, options: []playerOption{networks(webrtc.NetworkTypeTCP4)}, tcp: true},
		"without AES-GCM": {at: loopback4, options: []playerOption{func(s *webrtc.SettingEngine) {
			s.SetSRTPProtectionProfiles(profiles[1])
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio()
			if c.at.Is6() && !hasIPv6() {
				t.Skip("no ::1 on this machine")
			}
			e := start(t, Config{Addrs: []Addr{{IP: c.at}}, TCP: c.tcp, Taps: s, portable: c.portable})
			s.talk(t, "r", 1000, 2000, 3000)
			p, _ := listen(t, e, Owner{Room: "r", Identity: "ada", JoinID: "j"}, 6, c.options...)
			p.expectVoices(t, 20, 1000, 2000, 3000)
		})
	}
}

func networks(n ...webrtc.NetworkType) playerOption {
	return func(s *webrtc.SettingEngine) { s.SetNetworkTypes(n) }
}

func hasIPv6() bool {
	s, err := openNet(netip.AddrPortFrom(loopback6, 0))
	if err != nil {
		return false
	}
	s.close()
	return true
}

func TestAWrongFingerprintIsRefused(t *testing.T) {
	e := start(t, Config{HalfOpen: 2 * time.Second})
	p, offer := offerOf(t, 1)
	at := strings.Index(offer, "a=fingerprint:sha-256 ") + len("a=fingerprint:sha-256 ")
	wrong := "00"
	if strings.HasPrefix(offer[at:], wrong) {
		wrong = "11"
	}
	_, answer, err := e.Listen(t.Context(), Owner{Room: "r"}, time.Time{}, offer[:at]+wrong+offer[at+2:])
	if err != nil {
		t.Fatal(err)
	}
	p.answer(t, answer)
	eventually(t, "the session has ended", func() bool { return len(e.Rooms()) == 0 })
	select {
	case <-p.connected:
		t.Error("the player is connected with a certificate that is not that of its offer")
	default:
	}
}
