package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"

	"heyy/internal/media/audio"
)

// ErrNoMic means that the track was unpublished: the seat or the connection is gone.
var ErrNoMic = errors.New("the microphone is gone")

// Mic is a bot's published audio track. It plays one recording at a time.
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

func (m *Mic) setMuted(muted bool) {
	m.muted.Store(muted)
	m.pub.SetMuted(muted)
}

// opusSilence is an Opus frame of 20 ms of silence. A few of them at the end keep a
// listener's decoder from concealing the missing packets with more voice.
var opusSilence = []byte{0xf8, 0xff, 0xfe}

const restFrames = 5

// Play sends rec in real time and returns at its end, when ctx ends, or with ErrNoMic.
// While muted it sends nothing, in the same time.
func (m *Mic) Play(ctx context.Context, rec audio.Recording) error {
	return m.play(ctx, rec, false)
}

// Loop plays rec repeatedly until ctx ends, which is no error.
func (m *Mic) Loop(ctx context.Context, rec audio.Recording) error {
	return m.play(ctx, rec, true)
}

func (m *Mic) play(ctx context.Context, rec audio.Recording, forever bool) error {
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
			if !pace.wait(ctx, audio.PacketDuration(p)) {
				// Interrupted: send silence at once, then return why.
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

// Frames sends a frame of next every 20 ms until ctx ends, which is no error. The server
// does not decode frames, so a benchmark can send any bytes.
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

// catchUp advances the RTP timestamp over a pause, as a browser does.
func (m *Mic) catchUp(now time.Time) {
	if gap := now.Sub(m.last); gap > 0 {
		m.timestamp += uint32(gap * audio.Rate / time.Second)
		m.last = now
	}
}

func (m *Mic) write(packet []byte, first bool) error {
	return m.writeRaw(packet, uint32(audio.PacketDuration(packet)*audio.Rate/time.Second), first)
}

// speakingLevel is the value of the audio level header extension, in -dBov, by which the
// server detects active speakers.
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
	m.last = m.last.Add(time.Duration(samples) * time.Second / audio.Rate)
	return nil
}

// pace is a clock for many short waits, without drift.
type pace struct{ due time.Time }

func newPace() *pace { return &pace{time.Now()} }

// wait waits until d after the last due time; false means that ctx ended before. After a
// delay of more than a second it continues from now, instead of sending a burst.
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
