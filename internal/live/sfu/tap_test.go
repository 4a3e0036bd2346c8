package sfu

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heyy/internal/media/reconcile"
)

const wait = 20 * time.Second // until a test gives up

// embedded is the one server of this process.
var embedded = sync.OnceValues(func() (*SFU, error) {
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(socket.LocalAddr().String())
	_ = socket.Close()
	key, secret := "tests", strings.Repeat("s", 32)
	e, err := Embed(context.Background(), Config{UDPPorts: port, IP: "127.0.0.1", Key: key, Secret: secret, HookURL: "http://127.0.0.1:9"},
		slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return NewSFU(e.URL(), key, secret), nil
})

func mediaServer(t *testing.T) *SFU {
	t.Helper()
	QuietClient()
	s, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// heard records the frames that a tap delivers.
type heard struct {
	mu     sync.Mutex
	frames map[uint32][]rtp.Packet
	gone   map[uint32]int
	ended  chan error
	stop   context.CancelFunc
}

func listenIn(t *testing.T, s *SFU, room string) *heard {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	h := &heard{frames: map[uint32][]rtp.Packet{}, gone: map[uint32]int{}, ended: make(chan error, 1), stop: stop}
	go func() {
		h.ended <- s.Tap(ctx, room, func(voice uint32, sequence uint16, timestamp uint32, payload []byte) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.frames[voice] = append(h.frames[voice], rtp.Packet{
				Header: rtp.Header{SequenceNumber: sequence, Timestamp: timestamp}, Payload: bytes.Clone(payload),
			})
		}, func(voice uint32) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.gone[voice]++
		})
	}()
	t.Cleanup(stop)
	return h
}

func (h *heard) count(voice uint32) (frames, gone int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.frames[voice]), h.gone[voice]
}

func (h *heard) end(t *testing.T) error {
	t.Helper()
	h.stop()
	return h.why(t)
}

func (h *heard) why(t *testing.T) error {
	t.Helper()
	select {
	case err := <-h.ended:
		return err
	case <-time.After(wait):
		t.Fatal("the tap does not end")
		return nil
	}
}

// publisher is somebody who talks: a numbered payload every 20 ms.
type publisher struct {
	room *lksdk.Room
	pub  *lksdk.LocalTrackPublication
}

func talk(t *testing.T, s *SFU, room, identity string) *publisher {
	t.Helper()
	token, err := s.Token(JoinGrant{Room: room, Person: identity, JoinID: "join", CanPublish: true})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := lksdk.ConnectToRoomWithToken(s.url, token, lksdk.NewRoomCallback(), lksdk.WithDisableRegionDiscovery())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Disconnect)
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	pub, err := conn.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Source: livekit.TrackSource_MICROPHONE})
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := uint32(0); ; n++ {
			select {
			case <-end:
				return
			case <-tick.C:
			}
			p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: n * 960}, Payload: binary.BigEndian.AppendUint32([]byte{0xf8}, n)}
			_ = track.WriteRTP(p, nil)
		}
	}()
	return &publisher{conn, pub}
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for late := time.Now().Add(wait); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("never: %s", what)
		}
	}
}

// The first test, for the goroutines of others take their time to end.
func TestTapsLeaveNoGoroutines(t *testing.T) {
	s := mediaServer(t)
	const room, taps = "leaks", 8
	talk(t, s, room, "1")
	once := func() {
		h := listenIn(t, s, room)
		eventually(t, "the tap hears the voice", func() bool { n, _ := h.count(1); return n > 0 })
		if err := h.end(t); err != nil {
			t.Fatal(err)
		}
	}
	alone := func() bool {
		present, err := s.Present(t.Context(), room)
		return err == nil && len(present) == 1
	}
	once()
	eventually(t, "the tap has left", alone)
	before := runtime.NumGoroutine()
	for range taps {
		once()
	}
	eventually(t, "the goroutines of the taps end", func() bool { return alone() && runtime.NumGoroutine() <= before+taps/4 })
	t.Logf("%d goroutines before, %d after %d taps", before, runtime.NumGoroutine(), taps)
}

func TestATapHearsVoicesInOrderAndNobodyIsToldOfIt(t *testing.T) {
	s := mediaServer(t)
	const room, voice = "tapped", uint32(3_405_691_582)
	talker := talk(t, s, room, "3405691582")
	talk(t, s, room, "an-account") // no voice

	token, err := s.Token(JoinGrant{Room: room, Person: "7", JoinID: "join"})
	if err != nil {
		t.Fatal(err)
	}
	// Raw, without the gate: the server itself tells nobody.
	signals, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+"/rtc?protocol=16&auto_subscribe=1&access_token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		for {
			_, data, err := signals.ReadMessage()
			if err != nil {
				return
			}
			told.Write(data)
		}
	}()

	h := listenIn(t, s, room)
	eventually(t, "the tap hears the voice", func() bool { n, _ := h.count(voice); return n >= 100 })
	present, err := s.Present(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	services := 0
	for identity := range present {
		if reconcile.IsService(identity) {
			services++
		}
	}
	if services != 1 || len(present) != 4 {
		t.Errorf("in the room: %v", present)
	}

	talker.pub.SetMuted(true)
	eventually(t, "a muted voice is gone", func() bool { _, gone := h.count(voice); return gone >= 1 })
	talker.pub.SetMuted(false)
	before, _ := h.count(voice)
	eventually(t, "it is back", func() bool { n, _ := h.count(voice); return n > before+10 })
	talker.room.Disconnect()
	defer func() {
		if frames, gone := h.count(voice); t.Failed() {
			t.Logf("%d frames, %d times gone", frames, gone)
		}
	}()
	eventually(t, "one who left is gone", func() bool { _, gone := h.count(voice); return gone >= 2 })
	if err := h.end(t); err != nil {
		t.Errorf("at the end: %v", err)
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.frames) != 1 {
		t.Errorf("the tap heard %d voices", len(h.frames))
	}
	all := h.frames[voice]
	for i, p := range all[:100] {
		if len(p.Payload) != 5 || p.Payload[0] != 0xf8 {
			t.Fatalf("payload %x", p.Payload)
		}
		if i == 0 {
			continue
		}
		n := binary.BigEndian.Uint32(p.Payload[1:]) - binary.BigEndian.Uint32(all[i-1].Payload[1:])
		if n != 1 || p.SequenceNumber-all[i-1].SequenceNumber != 1 || p.Timestamp-all[i-1].Timestamp != 960 {
			t.Fatalf("packet %d: %d frames later, sequence %d after %d, timestamp %d after %d", i, n, p.SequenceNumber, all[i-1].SequenceNumber, p.Timestamp, all[i-1].Timestamp)
		}
	}

	_ = signals.Close()
	<-read
	if !bytes.Contains(told.Bytes(), []byte("3405691582")) {
		t.Error("the listener is told of nobody: this proves nothing")
	}
	if bytes.Contains(told.Bytes(), []byte(reconcile.ServiceIdentity(""))) || bytes.Contains(told.Bytes(), []byte(s.node)) {
		t.Error("a listener is told of the tap")
	}
}

func TestATapEndsWithItsRoom(t *testing.T) {
	s := mediaServer(t)
	talk(t, s, "closed", "1")
	h := listenIn(t, s, "closed")
	eventually(t, "the tap is connected", func() bool { n, _ := h.count(1); return n > 0 })
	if err := s.Close(t.Context(), "closed"); err != nil {
		t.Fatal(err)
	}
	if err := h.why(t); !errors.Is(err, ErrTapLost) {
		t.Errorf("after the end of the room: %v", err)
	}
	wrong := NewSFU(s.url, s.key, strings.Repeat("w", 32))
	if err := wrong.Tap(t.Context(), "closed", nil, nil); err == nil {
		t.Error("a wrong key is no error")
	}
	over, end := context.WithCancel(t.Context())
	end()
	if err := s.Tap(over, "closed", nil, nil); err != nil {
		t.Errorf("with a context that is over: %v", err)
	}
}

// Both nodes hear the room: neither displaces the other. A second tap of one node does.
func TestTwoNodesTapOneRoom(t *testing.T) {
	s := mediaServer(t)
	const room = "nodes"
	talk(t, s, room, "1")
	one, two := listenIn(t, s, room), listenIn(t, NewSFU(s.url, s.key, s.secret), room)
	for _, h := range []*heard{one, two} {
		eventually(t, "a node hears the voice", func() bool { n, _ := h.count(1); return n > 10 })
	}
	again := listenIn(t, s, room)
	if err := one.why(t); !errors.Is(err, ErrTapLost) {
		t.Errorf("the displaced tap: %v", err)
	}
	for _, h := range []*heard{again, two} {
		if err := h.end(t); err != nil {
			t.Error(err)
		}
	}
}
