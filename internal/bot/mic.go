package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"heyy/internal/voice"
)

// ErrNoMic says that the track was taken off: no seat any more, or no connection.
var ErrNoMic = errors.New("the microphone is gone")

// Mic is a bot's published voice. One thing is played at a time.
type Mic struct {
	track *lksdk.LocalTrack
	pub   *lksdk.LocalTrackPublication
	muted atomic.Bool
	gone  atomic.Bool

	mu        sync.Mutex
	sequence  uint16
	timestamp uint32
	last      time.Time // when timestamp was due
}

// Mic publishes the bot's voice, muted, or gives the one that is published. The
// bot needs a seat.
func (s *Stay) Mic(ctx context.Context) (*Mic, error) {
	s.mu.Lock()
	have := s.mic
	s.mu.Unlock()
	if have != nil {
		return have, nil
	}
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: voice.Rate, Channels: 2})
	if err != nil {
		return nil, fmt.Errorf("bot: make a track: %w", err)
	}
	bound := make(chan struct{})
	var once sync.Once
	track.OnBind(func() { once.Do(func() { close(bound) }) })
	// The SDK waits for the server without a context; a late answer belongs to
	// a stay that is over.
	type published struct {
		pub *lksdk.LocalTrackPublication
		err error
	}
	answer := make(chan published, 1)
	go func() {
		pub, err := s.audio.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
			Name: "voice", Source: livekit.TrackSource_MICROPHONE,
		})
		if err == nil {
			select {
			case <-bound: // packets before this go nowhere
			case <-s.done:
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
	case <-s.done:
		return nil, ErrNoMic
	case <-ctx.Done():
		return nil, fmt.Errorf("bot: publish: %w", ctx.Err())
	}
	m := &Mic{track: track, pub: pub, sequence: uint16(rand.Uint32()), timestamp: rand.Uint32(), last: time.Now()}
	m.setMuted(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mic = m
	return m, nil
}

func (m *Mic) setMuted(muted bool) {
	m.muted.Store(muted)
	m.pub.SetMuted(muted)
}

// opusSilence is 20 ms of nothing. A few of it let a listener's decoder come to
// rest instead of guessing how a voice would have gone on.
var opusSilence = []byte{0xf8, 0xff, 0xfe}

const restFrames = 5

// Play says rec at its own pace and returns when it is said, ctx ends or the
// microphone is gone. While muted it plays to nobody.
func (m *Mic) Play(ctx context.Context, rec voice.Recording) error {
	return m.play(ctx, rec, false)
}

// Loop says rec again and again until ctx ends, which is no error.
func (m *Mic) Loop(ctx context.Context, rec voice.Recording) error {
	return m.play(ctx, rec, true)
}

func (m *Mic) play(ctx context.Context, rec voice.Recording, forever bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	pace := newPace()
	m.catchUp(pace.due)
	first := true
	for {
		for _, p := range rec.Packets {
			if err := m.write(p, first); err != nil {
				return err
			}
			first = false
			if !pace.wait(ctx, voice.PacketDuration(p)) {
				// Cut short: rest at once, the reader is told why.
				err := m.write(opusSilence, false)
				if forever || err != nil {
					return err
				}
				return ctx.Err()
			}
		}
		if !forever {
			break
		}
	}
	for range restFrames {
		if err := m.write(opusSilence, false); err != nil {
			return err
		}
		if !pace.wait(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
	return nil
}

// Frames sends what next makes, a frame every 20 ms, until ctx ends, which is no
// error. Nobody on the way looks into a frame: a bench can carry what it likes.
func (m *Mic) Frames(ctx context.Context, next func() []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	pace := newPace()
	m.catchUp(pace.due)
	for first := true; ; first = false {
		if err := m.writeRaw(next(), 960, first); err != nil {
			return err
		}
		if !pace.wait(ctx, 20*time.Millisecond) {
			return nil
		}
	}
}

// catchUp lets the RTP clock run through a silence, as it does in a browser.
func (m *Mic) catchUp(now time.Time) {
	if gap := now.Sub(m.last); gap > 0 {
		m.timestamp += uint32(gap * voice.Rate / time.Second)
		m.last = now
	}
}

func (m *Mic) write(packet []byte, first bool) error {
	return m.writeRaw(packet, uint32(voice.PacketDuration(packet)*voice.Rate/time.Second), first)
}

// speakingLevel is what the level extension says of a voice, in -dBov. Servers
// tell from it who speaks.
var speakingLevel = uint8(30)

func (m *Mic) writeRaw(packet []byte, samples uint32, first bool) error {
	if m.gone.Load() {
		return ErrNoMic
	}
	if !m.muted.Load() {
		p := &rtp.Packet{
			Header:  rtp.Header{Version: 2, Marker: first, SequenceNumber: m.sequence, Timestamp: m.timestamp},
			Payload: packet,
		}
		m.sequence++
		if err := m.track.WriteRTP(p, &lksdk.SampleWriteOptions{AudioLevel: &speakingLevel}); err != nil {
			return fmt.Errorf("bot: send: %w", err)
		}
	}
	m.timestamp += samples
	m.last = m.last.Add(time.Duration(samples) * time.Second / voice.Rate)
	return nil
}

// pace keeps to a clock over many short waits.
type pace struct{ due time.Time }

func newPace() *pace { return &pace{time.Now()} }

// wait waits until d after the last due time, or says false if ctx ends before.
// Who was held up for long goes on from now rather than sending a burst.
func (p *pace) wait(ctx context.Context, d time.Duration) bool {
	p.due = p.due.Add(d)
	left := time.Until(p.due)
	if left < -time.Second {
		p.due = time.Now()
	}
	if left <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
