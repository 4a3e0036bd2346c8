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

// Options say how a bot takes part in a room's audio.
type Options struct {
	Deaf bool // subscribe to nobody

	// OnAudio is told of every packet from the first on. It is called by one
	// goroutine for each speaker and must not block.
	OnAudio func(Heard)
}

// Heard is one packet of somebody's voice.
type Heard struct {
	Person    string // their account
	Sequence  uint16
	Timestamp uint32 // at 48 kHz
	Payload   []byte // one Opus packet, only valid during the call
	At        time.Time
}

// Stay is a bot's time in one room, from joining to leaving.
type Stay struct {
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

type listener struct{ hear func(Heard) }

// ErrDisconnected says that the audio connection is lost, and the SDK has given
// up getting it back.
var ErrDisconnected = errors.New("the audio connection is lost")

// quiet silences the SDK once for the process: what matters of its doings comes
// back as errors.
var quiet sync.Once

// Join comes into a room and connects to its audio. ctx bounds the joining only.
func (c *Client) Join(ctx context.Context, room string, o Options) (*Stay, error) {
	_, pass, err := c.Admit(ctx, room)
	if err != nil {
		return nil, err
	}
	return c.Connect(ctx, room, pass, o)
}

// Connect connects to a room's audio with a pass that Admit gave.
func (c *Client) Connect(ctx context.Context, room string, pass Pass, o Options) (*Stay, error) {
	s := &Stay{Client: c, RoomID: room, done: make(chan struct{})}
	s.ears.Store(&[]*listener{})
	if o.OnAudio != nil {
		s.OnAudio(o.OnAudio)
	}
	quiet.Do(func() { lksdk.SetLogger(logger.GetDiscardLogger()) })
	s.audio = lksdk.NewRoom(&lksdk.RoomCallback{
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
	// A peer connection each way: against a server without video the SDK cannot
	// negotiate a single one a second time, and it was not faster either.
	options := []lksdk.ConnectOption{
		lksdk.WithAutoSubscribe(!o.Deaf),
		lksdk.WithCodecs([]livekit.Codec{{Mime: webrtc.MimeTypeOpus}}),
		lksdk.WithDisableRegionDiscovery(),
		lksdk.WithLogger(logger.GetDiscardLogger()),
	}
	// The SDK keeps its context for reconnecting; joining ends with ours, the
	// connection with the stay.
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, kill)
	err := s.audio.JoinWithContextAndToken(life, pass.URL, pass.Token, options...)
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

// listen reads one speaker's packets until they stop for good.
func (s *Stay) listen(track *webrtc.TrackRemote, person string) {
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
		h := Heard{Person: person, Sequence: header.SequenceNumber, Timestamp: header.Timestamp, Payload: buf[start:n], At: at}
		for _, l := range *s.ears.Load() {
			l.hear(h)
		}
	}
}

// OnAudio tells hear of every packet from now on, until stop is called. It is
// called by one goroutine for each speaker and must not block.
func (s *Stay) OnAudio(hear func(Heard)) (stop func()) {
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

func (s *Stay) setEars(change func([]*listener) []*listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := *s.ears.Load()
	all := change(append([]*listener(nil), old...))
	s.ears.Store(&all)
}

// Look reads the room as it stands.
func (s *Stay) Look(ctx context.Context) (Room, error) { return s.Client.Look(ctx, s.RoomID) }

// Sit takes a seat, or the first free one for 0.
func (s *Stay) Sit(ctx context.Context, seat int) (Room, error) {
	return s.Client.Sit(ctx, s.RoomID, seat)
}

// Unmute switches the microphone on, in the room's eyes and in fact.
func (s *Stay) Unmute(ctx context.Context) error { return s.mute(ctx, false) }

// Mute switches it off, in fact first.
func (s *Stay) Mute(ctx context.Context) error { return s.mute(ctx, true) }

func (s *Stay) mute(ctx context.Context, muted bool) error {
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

// Done closes when the stay is over, for whatever reason; Err says which.
func (s *Stay) Done() <-chan struct{} { return s.done }

// Err is nil while the stay lasts, and after Leave.
func (s *Stay) Err() error {
	select {
	case <-s.done:
		return s.why
	default:
		return nil
	}
}

func (s *Stay) finish(why error) {
	s.end.Do(func() {
		s.why = why
		close(s.done)
	})
}

// Leave says goodbye and hangs up. It hangs up even if nobody hears the goodbye.
func (s *Stay) Leave(ctx context.Context) error {
	err := s.Client.Leave(ctx, s.RoomID)
	s.HangUp()
	return err
}

// HangUp ends the audio connection without leaving the room.
func (s *Stay) HangUp() {
	s.finish(nil)
	s.dropMic()
	s.audio.Disconnect()
}

func (s *Stay) dropMic() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mic != nil {
		s.mic.gone.Store(true)
		s.mic = nil
	}
}
