package bot

import (
	"context"
	"embed"
	"fmt"
	"sync"
	"time"

	"heyy/internal/media/audio"
)

//go:embed tones
var tones embed.FS

// Tone returns a recording of one frequency, 440 or 1000 Hz, by which tests identify a
// speaker.
func Tone(hz int) (audio.Recording, error) {
	data, err := tones.ReadFile(fmt.Sprintf("tones/%d.opus", hz))
	if err != nil {
		return audio.Recording{}, fmt.Errorf("bot: no tone of %d Hz: %w", hz, err)
	}
	return audio.Parse(data)
}

// ToneDetector decodes received audio and keeps the time at which each tone was last in it.
type ToneDetector struct {
	stop func()

	mu       sync.Mutex
	decoders map[string]*audio.Decoder
	heard    map[int]time.Time
	changed  chan struct{}
}

// share is the part of a frame's energy that has to be one tone; speech is far below.
const share = 0.7

// DetectTones decodes all audio from now on. It costs about 50 us of CPU for each packet.
func (s *RoomConn) DetectTones() *ToneDetector {
	e := &ToneDetector{decoders: map[string]*audio.Decoder{}, heard: map[int]time.Time{}, changed: make(chan struct{})}
	e.stop = s.OnAudio(e.hear)
	return e
}

// Close stops listening.
func (e *ToneDetector) Close() { e.stop() }

func (e *ToneDetector) hear(h AudioPacket) {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := e.decoders[h.Person]
	if d == nil {
		var err error
		if d, err = audio.NewDecoder(); err != nil {
			return
		}
		e.decoders[h.Person] = d
	}
	samples, err := d.Decode(h.Payload)
	if err != nil {
		return // a broken packet is silence
	}
	for _, hz := range []int{440, 1000} {
		if audio.ToneShare(samples, float64(hz)) > share {
			e.heard[hz] = h.At
			close(e.changed)
			e.changed = make(chan struct{})
		}
	}
}

// LastHeard returns when the tone was last heard, or zero.
func (e *ToneDetector) LastHeard(hz int) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[hz]
}

// WaitFor waits until the tone is heard. It fails if that takes longer than within.
func (e *ToneDetector) WaitFor(ctx context.Context, hz int, within time.Duration) error {
	start := time.Now()
	limit := time.NewTimer(within)
	defer limit.Stop()
	for {
		e.mu.Lock()
		at, changed := e.heard[hz], e.changed
		e.mu.Unlock()
		if at.After(start) {
			return nil
		}
		select {
		case <-changed:
		case <-limit.C:
			return fmt.Errorf("bot: %d Hz not heard within %v", hz, within)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WaitUntilGone waits until the tone is no longer heard, for 300 ms after within. It fails
// if the tone is heard later than within.
func (e *ToneDetector) WaitUntilGone(ctx context.Context, hz int, within time.Duration) error {
	const quiet = 300 * time.Millisecond
	start := time.Now()
	t := time.NewTimer(within + quiet)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if after := e.LastHeard(hz).Sub(start); after > within {
		return fmt.Errorf("bot: %d Hz still heard after %v", hz, after.Round(time.Millisecond))
	}
	return nil
}
