package sfu

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heyy/internal/media/reconcile"
)

// ErrTapLost means that a tap was disconnected: the room has ended, or the server is gone.
var ErrTapLost = errors.New("media: the tap is disconnected")

// QuietClient switches off the log of the client library, once for the process: what matters
// is returned as errors. Whoever uses the library calls it first.
var QuietClient = sync.OnceFunc(func() { lksdk.SetLogger(logger.GetDiscardLogger()) })

// Tap receives the audio of a room until ctx ends, and then returns nil. It connects as a
// hidden participant that only subscribes: nobody in the room is told of it. One process has
// one tap of a room; a second one displaces the first. It returns ErrTapLost when the
// connection is lost, and does not reconnect.
//
// frame gets each RTP packet as it arrives: packets can be lost, repeated or out of order.
// payload is one Opus packet, valid only during the call; timestamp is at 48 kHz. gone reports
// that a voice was muted or has left; a later frame of it means that it is back. Packets of
// two voices arrive on two goroutines at once, frame and gone of one voice never do. Both must
// not block, nor wait for Tap to return. Neither is called after Tap has returned.
func (s *SFU) Tap(ctx context.Context, room string,
	frame func(voice uint32, sequence uint16, timestamp uint32, payload []byte), gone func(voice uint32)) error {
	return s.subscribe(ctx, room, "tap:"+s.node, frame, gone)
}

// Record is Tap for the replay of a room. It goes on beside a Tap, whether or not somebody listens.
func (s *SFU) Record(ctx context.Context, room string,
	frame func(voice uint32, sequence uint16, timestamp uint32, payload []byte), gone func(voice uint32)) error {
	return s.subscribe(ctx, room, "record:"+s.node, frame, gone)
}

// subscribe is Tap under the name of a service.
func (s *SFU) subscribe(ctx context.Context, room, service string,
	frame func(voice uint32, sequence uint16, timestamp uint32, payload []byte), gone func(voice uint32)) error {
	token, err := s.tapToken(room, service)
	if err != nil {
		return err
	}
	t := &tap{frame: frame, gone: gone, voices: map[uint32]*tapVoice{}}
	lost := make(chan error, 1)
	lose := func(why string) {
		select {
		case lost <- fmt.Errorf("%w: room %s: %s", ErrTapLost, room, why):
		default:
		}
	}
	QuietClient()
	conn := lksdk.NewRoom(&lksdk.RoomCallback{
		OnReconnecting:           func() { lose("reconnecting") },
		OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) { lose(string(reason)) },
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackSubscribed: func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, who *lksdk.RemoteParticipant) {
				if voice, ok := reconcile.ParseVoice(who.Identity()); ok && track.Kind() == webrtc.RTPCodecTypeAudio {
					go t.listen(track, voice)
				}
			},
			OnTrackUnsubscribed: func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, who *lksdk.RemoteParticipant) {
				if voice, ok := reconcile.ParseVoice(who.Identity()); ok {
					t.drop(voice, track, true)
				}
			},
			OnTrackMuted: func(pub lksdk.TrackPublication, who lksdk.Participant) {
				track, _ := pub.Track().(*webrtc.TrackRemote)
				if voice, ok := reconcile.ParseVoice(who.Identity()); ok && track != nil {
					t.drop(voice, track, false)
				}
			},
		},
	})
	life, kill := context.WithCancel(ctx)
	defer kill()
	defer conn.Disconnect()
	defer t.end()
	// Two peer connections: without video the library cannot renegotiate a single one.
	err = conn.JoinWithContextAndToken(life, s.url, token,
		lksdk.WithAutoSubscribe(true),
		lksdk.WithCodecs([]livekit.Codec{{Mime: webrtc.MimeTypeOpus}}),
		lksdk.WithDisableRegionDiscovery(),
		lksdk.WithLogger(logger.GetDiscardLogger()),
	)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return fmt.Errorf("media: tap of %s: %w", room, err)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-lost:
		return err
	}
}

// tapToken returns the token of a tap. Its name has that of the process, so that the taps of
// two nodes do not displace each other.
func (s *SFU) tapToken(room, service string) (string, error) {
	grant := &auth.VideoGrant{Room: room, RoomJoin: true, Hidden: true}
	grant.SetCanSubscribe(true)
	grant.SetCanPublish(false)
	grant.SetCanPublishData(false)
	grant.SetCanUpdateOwnMetadata(false)
	token, err := auth.NewAccessToken(s.key, s.secret).
		SetIdentity(reconcile.ServiceIdentity(service)).
		SetVideoGrant(grant).SetValidFor(tokenTTL).ToJWT()
	if err != nil {
		return "", fmt.Errorf("media: token: %w", err)
	}
	return token, nil
}

// tap is the state of one Tap call.
type tap struct {
	frame func(voice uint32, sequence uint16, timestamp uint32, payload []byte)
	gone  func(voice uint32)

	mu     sync.Mutex
	ended  bool
	voices map[uint32]*tapVoice
}

// tapVoice is a voice that was heard. Its lock puts its calls of frame and gone in an order.
type tapVoice struct {
	mu    sync.Mutex
	track *webrtc.TrackRemote // the newest, nil after its end; others no longer count
}

// listen reads the packets of a track until it ends or another one replaces it.
func (t *tap) listen(track *webrtc.TrackRemote, voice uint32) {
	v := t.take(voice, track)
	if v == nil {
		return
	}
	defer t.drop(voice, track, true)
	buf := make([]byte, 1500)
	var header rtp.Header
	for {
		n, _, err := track.Read(buf)
		if err != nil {
			return
		}
		start, err := header.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		payload := unpad(&header, buf[start:n])
		if len(payload) == 0 {
			continue // a probe of the server
		}
		v.mu.Lock()
		if v.track != track {
			v.mu.Unlock()
			return
		}
		t.frame(voice, header.SequenceNumber, header.Timestamp, payload)
		v.mu.Unlock()
	}
}

// take makes track the one of its voice; nil: the tap has ended.
func (t *tap) take(voice uint32, track *webrtc.TrackRemote) *tapVoice {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return nil
	}
	v := t.voices[voice]
	if v == nil {
		v = &tapVoice{}
		t.voices[voice] = v
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.track = track
	return v
}

// drop reports that nothing more is heard of a track for now; over: never again.
func (t *tap) drop(voice uint32, track *webrtc.TrackRemote, over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.voices[voice]
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.track != track || t.ended {
		return
	}
	if over {
		v.track = nil
		delete(t.voices, voice)
	}
	t.gone(voice)
}

// end waits for the calls that are under way. There are none after it.
func (t *tap) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	for _, v := range t.voices {
		v.mu.Lock()
		v.track = nil
		v.mu.Unlock()
	}
}

// unpad returns a payload without its RTP padding.
func unpad(h *rtp.Header, payload []byte) []byte {
	if !h.Padding || len(payload) == 0 {
		return payload
	}
	if pad := int(payload[len(payload)-1]); pad <= len(payload) {
		return payload[:len(payload)-pad]
	}
	return nil
}
