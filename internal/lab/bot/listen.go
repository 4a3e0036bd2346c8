package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// receiveSlots is the number of voices that a listening connection can hear at once. A server with
// fewer slots answers the rest as inactive.
const receiveSlots = 6

const (
	connectTime = 10 * time.Second
	closeTime   = 2 * time.Second

	// How soon a listening connection notices that nobody answers its checks: the server
	// says no goodbye when it ends a session.
	checkEvery  = 500 * time.Millisecond
	silentAfter = 2 * time.Second
	deadAfter   = 4 * time.Second
)

// Listening is a connection that only listens, by WHEP, to one room.
type Listening struct {
	client *Client
	pc     *webrtc.PeerConnection
	offer  string
	url    string // of the session, for DELETE
	up     chan struct{}
	done   chan struct{}
	end    sync.Once
	ended  func(l *Listening, why error) // called once, unless close was first
}

// Listen listens to a room: as a member who has joined it, or where the room is shared. ctx
// bounds the connecting only.
func (c *Client) Listen(ctx context.Context, room string, o Options) (*Listening, error) {
	names := newVoices(func(ctx context.Context) (Room, error) { return c.Get(ctx, room) })
	l, err := newListening(c, func(*Listening) func(AudioPacket) { return o.hear }, names, func(*Listening, error) {})
	if err != nil {
		return nil, err
	}
	if err := l.post(ctx, room); err != nil {
		return nil, err
	}
	return l, nil
}

// whepAnswer is the answer to a posted offer.
type whepAnswer struct {
	SDP string `json:"answer"`
	URL string `json:"url"`
}

// newListening prepares an offer. It must be closed, accepted or posted.
func newListening(c *Client, hear func(*Listening) func(AudioPacket), names *voices, ended func(*Listening, error)) (*Listening, error) {
	var codecs webrtc.MediaEngine
	if err := codecs.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"},
		PayloadType:        111,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("bot: listen: %w", err)
	}
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetICETimeouts(silentAfter, deadAfter, checkEvery)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&codecs), webrtc.WithSettingEngine(set)).NewPeerConnection(webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle})
	if err != nil {
		return nil, fmt.Errorf("bot: listen: %w", err)
	}
	l := &Listening{client: c, pc: pc, up: make(chan struct{}), done: make(chan struct{}), ended: ended}
	sink := hear(l)
	slots := map[*webrtc.RTPReceiver]int{}
	for slot := range receiveSlots {
		t, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		if err != nil {
			_ = pc.Close()
			return nil, fmt.Errorf("bot: listen: %w", err)
		}
		slots[t.Receiver()] = slot
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		readTrack(track, func(h rtp.Header, p AudioPacket) {
			p.Slot = slots[r]
			if len(h.CSRC) > 0 {
				p.Voice = h.CSRC[0]
				p.Person = names.person(p.Voice)
			}
			sink(p)
		})
	})
	var connected sync.Once
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			connected.Do(func() { close(l.up) })
		case webrtc.PeerConnectionStateDisconnected, webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			l.finish(errors.New("nobody answers"))
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err == nil {
		err = pc.SetLocalDescription(offer)
	}
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("bot: listen: %w", err)
	}
	// Without candidates: the server learns the address from the checks.
	l.offer = offer.SDP
	return l, nil
}

// post sends the offer to a room and connects. After an error the connection is closed.
func (l *Listening) post(ctx context.Context, room string) error {
	path := "/api/rooms/" + room + "/listen"
	var a whepAnswer
	err := l.client.send(ctx, http.MethodPost, path, "application/sdp", []byte(l.offer), &a)
	if Code(err) == "command.applied" { // the reply was lost; the session it made ends by itself
		err = l.client.send(ctx, http.MethodPost, path, "application/sdp", []byte(l.offer), &a)
	}
	if err != nil {
		l.close()
		return fmt.Errorf("bot: listen to room %s: %w", room, err)
	}
	return l.accept(ctx, a)
}

// accept connects with the server's answer. After an error the connection is closed.
func (l *Listening) accept(ctx context.Context, a whepAnswer) error {
	l.url = a.URL
	err := l.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: a.SDP})
	if err == nil {
		late := time.NewTimer(connectTime)
		defer late.Stop()
		select {
		case <-l.up:
			return nil
		case <-l.done:
			err = errors.New("refused")
		case <-late.C:
			err = fmt.Errorf("not connected within %v", connectTime)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	l.close()
	return fmt.Errorf("bot: listen: %w", err)
}

func (l *Listening) finish(why error) {
	l.end.Do(func() {
		close(l.done)
		go func() {
			_ = l.pc.Close()
			l.ended(l, why)
		}()
	})
}

// Done is closed when the connection has ended, for whatever reason.
func (l *Listening) Done() <-chan struct{} { return l.done }

// Close ends the session at the server and closes the connection.
func (l *Listening) Close() { l.close() }

func (l *Listening) close() {
	l.end.Do(func() { close(l.done) })
	if l.url != "" {
		ctx, stop := context.WithTimeout(context.Background(), closeTime)
		defer stop()
		// An error means that the session has ended, or does so when its consent expires.
		_ = l.client.do(ctx, http.MethodDelete, l.url, nil, nil)
	}
	_ = l.pc.Close()
}
