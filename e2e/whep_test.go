package e2e

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/pion/webrtc/v4"
)

const (
	sdpType = "application/sdp"
	slots   = 6 // of the listening tier
)

// whep is a client of the listening tier: an offer, and what comes after its answer.
type whep struct {
	pc    *webrtc.PeerConnection
	offer string
	url   string // of the session
	up    chan struct{}

	mu      sync.Mutex
	packets int
	last    time.Time // of a packet, with sound in it or not
}

// newWHEP prepares an offer to receive six voices. hear takes each packet, with the voice that
// it carries, "" without one.
func newWHEP(hear func(voice string, opus []byte)) (*whep, error) {
	var codecs webrtc.MediaEngine
	if err := codecs.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2},
		PayloadType:        111,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetICETimeouts(2*time.Second, 20*time.Second, 500*time.Millisecond)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&codecs), webrtc.WithSettingEngine(set)).NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, err
	}
	w := &whep{pc: pc, up: make(chan struct{})}
	for range slots {
		if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			return nil, errors.Join(err, pc.Close())
		}
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.packets++
			w.last = time.Now()
			w.mu.Unlock()
			voice := ""
			if len(p.CSRC) > 0 {
				voice = strconv.FormatUint(uint64(p.CSRC[0]), 10)
			}
			if hear != nil {
				hear(voice, p.Payload)
			}
		}
	})
	var once sync.Once
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(w.up) })
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err == nil {
		err = pc.SetLocalDescription(offer)
	}
	if err != nil {
		return nil, errors.Join(err, pc.Close())
	}
	w.offer = offer.SDP
	return w, nil
}

// accept connects with the server's answer.
func (w *whep) accept(answer string) error {
	if err := w.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	select {
	case <-w.up:
		return nil
	case <-time.After(heardIn):
		return errors.New("not connected")
	}
}

// received returns how many packets have come, and when the last one did.
func (w *whep) received() (packets int, last time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.packets, w.last
}

// hangUp closes the connection without any request.
func (w *whep) hangUp() { _ = w.pc.Close() }

// exchange sends one request of WHEP, and returns the Location of its answer.
func (p *person) exchange(method, path, kind, body string) (r reply, location string) {
	q, err := http.NewRequest(method, p.at.url()+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	if p.token != "" {
		q.Header.Set("Authorization", "Bearer "+p.token)
	}
	if kind != "" {
		q.Header.Set("Content-Type", kind)
	}
	a, err := web.Do(q)
	if err != nil {
		p.t.Fatalf("%s: %s %s: %v", p.name, method, path, err)
	}
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		p.t.Fatalf("%s: %s %s: %v", p.name, method, path, err)
	}
	return reply{status: a.StatusCode, kind: a.Header.Get("Content-Type"), text: text}, a.Header.Get("Location")
}

// The queries of a request to listen.
const (
	asMember  = ""
	asPreview = "?preview=true"
)

// post posts an offer to listen to a room.
func (p *person) post(room, query, offer string) (reply, string) {
	return p.exchange("POST", "/api/rooms/"+room+"/listen"+query, sdpType, offer)
}

// listens opens a session by WHEP. The connection is nil where the server refuses.
func (p *person) listens(room, query string) (*connection, reply) {
	l := &connection{t: p.t, who: p, in: room, ears: map[string]*ear{}, closed: make(chan struct{})}
	w, err := newWHEP(l.take)
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	r, url := p.post(room, query, w.offer)
	if r.status != http.StatusCreated {
		w.hangUp()
		return nil, r
	}
	w.url = url
	if err := w.accept(string(r.text)); err != nil {
		p.t.Fatalf("%s: listen: %v", p.name, err)
	}
	l.whep = w
	return l, r
}

// mustListen is listens for who may.
func (p *person) mustListen(room, query string) *connection {
	l, r := p.listens(room, query)
	if l == nil {
		p.t.Fatalf("%s listens: %d %s", p.name, r.status, r.text)
	}
	return l
}

// nobody is somebody who is not signed in.
func (s *server) nobody(t tb) *person {
	return &person{t: t, at: s, name: "a stranger", id: uuid.NewString()}
}
