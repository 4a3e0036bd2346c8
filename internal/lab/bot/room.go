package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Options are the options of an audio connection.
type Options struct {
	Deaf bool // subscribe to nobody

	// OnAudio receives every packet from the first on. One goroutine for each speaker
	// calls it; it must not block.
	OnAudio func(AudioPacket)
}

// AudioPacket is one packet of somebody's voice.
type AudioPacket struct {
	Person    string // the speaker's account
	Sequence  uint16
	Timestamp uint32 // at 48 kHz
	Payload   []byte // one Opus packet, only valid during the call
	At        time.Time
}

// RoomConn is the audio connection of a bot to one room, from joining to leaving.
type RoomConn struct {
	Client *Client
	RoomID string

	audio *lksdk.Room
	mu    sync.Mutex
	mic   *Mic
	ears  atomic.Pointer[[]*listener]
	done  chan struct{}
	why   error
	end   sync.Once
}

type listener struct{ hear func(AudioPacket) }

// ErrDisconnected means that the audio connection is lost.
var ErrDisconnected = errors.New("the audio connection is lost")

// quiet disables the SDK's log, once for the process: what matters is returned as errors.
var quiet sync.Once

// Join joins a room and connects to its audio. ctx bounds the joining only.
func (c *Client) Join(ctx context.Context, room string, o Options) (*RoomConn, error) {
	_, grant, err := c.RequestJoin(ctx, room)
	if err != nil {
		return nil, err
	}
	return c.Connect(ctx, room, grant, o)
}

// Connect connects to a room's audio with a grant of RequestJoin.
func (c *Client) Connect(ctx context.Context, room string, grant JoinGrant, o Options) (*RoomConn, error) {
	s := &RoomConn{Client: c, RoomID: room, done: make(chan struct{})}
	s.ears.Store(&[]*listener{})
	if o.OnAudio != nil {
		s.OnAudio(o.OnAudio)
	}
	quiet.Do(func() { lksdk.SetLogger(logger.GetDiscardLogger()) })
	s.audio = lksdk.NewRoom(&lksdk.RoomCallback{
		// On reconnecting, the SDK would publish the track again, and the gate refuses
		// a second one. So a lost connection ends here; callers join again.
		OnReconnecting: func() { s.finish(fmt.Errorf("%w: the line dropped", ErrDisconnected)) },
		OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) {
			s.finish(fmt.Errorf("%w: %s", ErrDisconnected, reason))
		},
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackSubscribed: func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, who *lksdk.RemoteParticipant) {
				go s.listen(track, who.Identity())
			},
			OnLocalTrackUnpublished: func(*lksdk.LocalTrackPublication, *lksdk.LocalParticipant) { s.dropMic() },
		},
	})
	// One peer connection each way: with a server without video the SDK cannot
	// renegotiate a single one, which was not faster either.
	options := []lksdk.ConnectOption{
		lksdk.WithAutoSubscribe(!o.Deaf),
		lksdk.WithCodecs([]livekit.Codec{{Mime: webrtc.MimeTypeOpus}}),
		lksdk.WithDisableRegionDiscovery(),
		lksdk.WithLogger(logger.GetDiscardLogger()),
	}
	// The SDK keeps its context for reconnecting: ctx ends the joining, life the
	// connection.
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, kill)
	err := s.audio.JoinWithContextAndToken(life, grant.URL, grant.Token, options...)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		kill()
		s.audio.Disconnect()
		return nil, fmt.Errorf("bot: connect to room %s: %w", room, err)
	}
	go func() { <-s.done; kill() }()
	return s, nil
}

// listen reads one speaker's packets until the track ends.
func (s *RoomConn) listen(track *webrtc.TrackRemote, person string) {
	buf := make([]byte, 1500)
	var header rtp.Header
	for {
		n, _, err := track.Read(buf)
		at := time.Now()
		if err != nil {
			return
		}
		start, err := header.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		h := AudioPacket{Person: person, Sequence: header.SequenceNumber, Timestamp: header.Timestamp, Payload: buf[start:n], At: at}
		for _, l := range *s.ears.Load() {
			l.hear(h)
		}
	}
}

// OnAudio calls hear for every packet from now on, until stop is called. One goroutine for
// each speaker calls it; it must not block.
func (s *RoomConn) OnAudio(hear func(AudioPacket)) (stop func()) {
	mine := &listener{hear}
	s.setEars(func(all []*listener) []*listener { return append(all, mine) })
	return func() {
		s.setEars(func(all []*listener) []*listener {
			kept := all[:0]
			for _, l := range all {
				if l != mine {
					kept = append(kept, l)
				}
			}
			return kept
		})
	}
}

func (s *RoomConn) setEars(change func([]*listener) []*listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := *s.ears.Load()
	all := change(append([]*listener(nil), old...))
	s.ears.Store(&all)
}

// Get returns the room.
func (s *RoomConn) Get(ctx context.Context) (Room, error) { return s.Client.Get(ctx, s.RoomID) }

// Sit takes a seat, or the first free one for 0.
func (s *RoomConn) Sit(ctx context.Context, seat int) (Change, error) {
	return s.Client.Sit(ctx, s.RoomID, seat)
}

// Unmute unmutes the microphone, first at the server, then the track.
func (s *RoomConn) Unmute(ctx context.Context) error { return s.mute(ctx, false) }

// Mute mutes the microphone, first the track, then at the server.
func (s *RoomConn) Mute(ctx context.Context) error { return s.mute(ctx, true) }

func (s *RoomConn) mute(ctx context.Context, muted bool) error {
	s.mu.Lock()
	mic := s.mic
	s.mu.Unlock()
	if muted && mic != nil {
		mic.setMuted(true)
	}
	if _, err := s.Client.Mute(ctx, s.RoomID, muted); err != nil {
		return err
	}
	if !muted && mic != nil {
		mic.setMuted(false)
	}
	return nil
}

// Done is closed when the connection has ended; Err returns why.
func (s *RoomConn) Done() <-chan struct{} { return s.done }

// Err returns why the connection ended. It is nil before that, and after Leave.
func (s *RoomConn) Err() error {
	select {
	case <-s.done:
		return s.why
	default:
		return nil
	}
}

func (s *RoomConn) finish(why error) {
	s.end.Do(func() {
		s.why = why
		close(s.done)
	})
}

// Leave leaves the room and closes the connection, also if the request fails.
func (s *RoomConn) Leave(ctx context.Context) error {
	err := s.Client.Leave(ctx, s.RoomID)
	s.HangUp()
	return err
}

// HangUp closes the audio connection without leaving the room.
func (s *RoomConn) HangUp() {
	s.finish(nil)
	s.dropMic()
	s.audio.Disconnect()
}

func (s *RoomConn) dropMic() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mic != nil {
		s.mic.gone.Store(true)
		s.mic = nil
	}
}
