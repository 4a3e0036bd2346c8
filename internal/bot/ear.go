package bot

import (
	"context"
	"embed"
	"fmt"
	"sync"
	"time"

	"heyy/internal/voice"
)

//go:embed tones
var tones embed.FS

// Tone is a recording of one frequency: 440 or 1000 Hz. Whoever hears it knows
// whose voice it is.
func Tone(hz int) (voice.Recording, error) {
	data, err := tones.ReadFile(fmt.Sprintf("tones/%d.opus", hz))
	if err != nil {
		return voice.Recording{}, fmt.Errorf("bot: no tone of %d Hz: %w", hz, err)
	}
	return voice.Parse(data)
}

// Ear decodes what a stay hears and remembers when each tone was last in it.
type Ear struct {
	stop func()

	mu       sync.Mutex
	decoders map[string]*voice.Decoder
	heard    map[int]time.Time
	changed  chan struct{}
}

// share is how much of 20 ms has to be one tone; speech stays far below.
const share = 0.7

// Listen decodes everything from now on. It costs about 50 us of CPU for each
// packet: for tests, not for crowds.
func (s *Stay) Listen() *Ear {
	e := &Ear{decoders: map[string]*voice.Decoder{}, heard: map[int]time.Time{}, changed: make(chan struct{})}
	e.stop = s.OnAudio(e.hear)
	return e
}

// Close stops listening.
func (e *Ear) Close() { e.stop() }

func (e *Ear) hear(h Heard) {
	e.mu.Lock()
	defer e.mu.Unlock()
	d := e.decoders[h.Person]
	if d == nil {
		var err error
		if d, err = voice.NewDecoder(); err != nil {
			return
		}
		e.decoders[h.Person] = d
	}
	samples, err := d.Decode(h.Payload)
	if err != nil {
		return // a broken packet is silence
	}
	for _, hz := range []int{440, 1000} {
		if voice.ToneShare(samples, float64(hz)) > share {
			e.heard[hz] = h.At
			close(e.changed)
			e.changed = make(chan struct{})
		}
	}
}

// LastHeard is when the tone was last heard, or zero.
func (e *Ear) LastHeard(hz int) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[hz]
}

// Hears waits until the tone is heard, from now on and within the time given.
func (e *Ear) Hears(ctx context.Context, hz int, within time.Duration) error {
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

// Loses waits until the tone has gone, which must be within the time given, and
// is sure of it when nothing came for a further 300 ms.
func (e *Ear) Loses(ctx context.Context, hz int, within time.Duration) error {
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
