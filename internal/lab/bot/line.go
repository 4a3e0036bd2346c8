package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heyy/internal/live/sfu"
	"heyy/internal/media/audio"
)

// line is a connection to LiveKit: it hears everybody and can publish a microphone.
type line struct {
	audio *lksdk.Room
	done  chan struct{}
	end   sync.Once
	ended func(l *line, why error) // called once, unless close was first

	mu  sync.Mutex
	mic *Mic
}

// hearing receives a packet of the participant with an identity.
type hearing func(identity string, p AudioPacket)

// dialLine connects to LiveKit. ctx bounds the connecting only.
func dialLine(ctx context.Context, grant JoinGrant, deaf bool, hear func(*line) hearing, ended func(l *line, why error)) (*line, error) {
	l := &line{done: make(chan struct{}), ended: ended}
	sink := hear(l)
	sfu.QuietClient()
	l.audio = lksdk.NewRoom(&lksdk.RoomCallback{
		// On reconnecting, the SDK would publish the track again, and the gate refuses
		// a second one. So a lost connection ends here; callers connect again.
		OnReconnecting: func() { l.finish(errors.New("the line dropped")) },
		OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) {
			l.finish(errors.New(string(reason)))
		},
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackSubscribed: func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, who *lksdk.RemoteParticipant) {
				go readTrack(track, func(_ rtp.Header, p AudioPacket) { sink(who.Identity(), p) })
			},
			OnLocalTrackUnpublished: func(*lksdk.LocalTrackPublication, *lksdk.LocalParticipant) { l.dropMic() },
		},
	})
	// One peer connection each way: with a server without video the SDK cannot
	// renegotiate a single one, which was not faster either.
	options := []lksdk.ConnectOption{
		lksdk.WithAutoSubscribe(!deaf),
		lksdk.WithCodecs([]livekit.Codec{{Mime: webrtc.MimeTypeOpus}}),
		lksdk.WithDisableRegionDiscovery(),
		lksdk.WithLogger(logger.GetDiscardLogger()),
	}
	// The SDK keeps its context for reconnecting: ctx ends the joining, life the
	// connection.
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, kill)
	err := l.audio.JoinWithContextAndToken(life, grant.URL, grant.Token, options...)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		kill()
		l.audio.Disconnect()
		return nil, err
	}
	go func() { <-l.done; kill() }()
	return l, nil
}

// readTrack hands over a track's packets until it ends.
func readTrack(track *webrtc.TrackRemote, hear func(rtp.Header, AudioPacket)) {
	buf := make([]byte, 1500)
	var header rtp.Header
	for {
		n, _, err := track.Read(buf)
		at := time.Now()
		if err != nil {
			return
		}
		start, err := header.Unmarshal(buf[:n])
		if err != nil || start == n {
			continue
		}
		hear(header, AudioPacket{Sequence: header.SequenceNumber, Timestamp: header.Timestamp, Payload: buf[start:n], At: at})
	}
}

func (l *line) finish(why error) {
	l.end.Do(func() {
		close(l.done)
		l.dropMic()
		l.ended(l, why)
	})
}

func (l *line) isOver() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// close disconnects.
func (l *line) close() {
	l.end.Do(func() { close(l.done) })
	l.dropMic()
	l.audio.Disconnect()
}

func (l *line) dropMic() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mic != nil {
		l.mic.gone.Store(true)
		l.mic = nil
	}
}

func (l *line) published() *Mic {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mic
}

// microphone publishes a microphone, muted, or returns the published one.
func (l *line) microphone(ctx context.Context) (*Mic, error) {
	if have := l.published(); have != nil {
		return have, nil
	}
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audio.Rate, Channels: 2})
	if err != nil {
		return nil, fmt.Errorf("bot: make a track: %w", err)
	}
	bound := make(chan struct{})
	var once sync.Once
	track.OnBind(func() { once.Do(func() { close(bound) }) })
	// The SDK waits for the server without a context, so this goroutine may outlive the
	// connection.
	type published struct {
		pub *lksdk.LocalTrackPublication
		err error
	}
	answer := make(chan published, 1)
	go func() {
		pub, err := l.audio.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
			Name: "voice", Source: livekit.TrackSource_MICROPHONE,
		})
		if err == nil {
			select {
			case <-bound: // packets before this are dropped
			case <-l.done:
				err = ErrNoMic
			}
		}
		answer <- published{pub, err}
	}()
	var pub *lksdk.LocalTrackPublication
	select {
	case a := <-answer:
		if a.err != nil {
			return nil, fmt.Errorf("bot: publish: %w", a.err)
		}
		pub = a.pub
	case <-l.done:
		return nil, ErrNoMic
	case <-ctx.Done():
		return nil, fmt.Errorf("bot: publish: %w", ctx.Err())
	}
	m := &Mic{track: track, pub: pub, sequence: uint16(rand.Uint32()), timestamp: rand.Uint32(), last: time.Now()}
	m.setMuted(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mic = m
	return m, nil
}
