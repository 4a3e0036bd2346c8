package resident

import (
	"math"
	"sync"
	"time"

	"heyy/internal/bot"
	"heyy/internal/voice"
)

// ear measures when the other speaks, and keeps nothing of what.
type ear struct {
	mu      sync.Mutex
	decoder *voice.Decoder
	first   time.Time // any sound

	loud    time.Time     // the last frame above the noise
	stretch time.Duration // how much of them came without a pause of longer than breathers
	last    time.Time     // the last word
	spoke   time.Duration // how much there was since forget

	// The quietest frame of the current and of the last while: a noise that never
	// pauses, a fan or a street, is no voice, for whoever speaks must breathe.
	since     time.Time
	low, bass float64
}

const (
	speech    = 0.02 // RMS of full scale
	aboveBass = 3.0  // times the noise
	bassTime  = 5 * time.Second
	breathers = 250 * time.Millisecond // within a word or between two
	word      = 60 * time.Millisecond  // a shorter sound is a click
	insisting = 140 * time.Millisecond // who is heard for so long does not only clear their throat
	frame     = 20 * time.Millisecond
)

func (e *ear) packet(h bot.Heard) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.first.IsZero() {
		e.first = h.At
	}
	if e.decoder == nil {
		var err error
		if e.decoder, err = voice.NewDecoder(); err != nil {
			return
		}
	}
	samples, err := e.decoder.Decode(h.Payload)
	if err != nil || len(samples) == 0 {
		return // a broken packet is silence
	}
	e.level(h.At, rms(samples))
}

// rms is the level of a frame, of full scale.
func rms(samples []float32) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(max(1, len(samples))))
}

func (e *ear) level(at time.Time, rms float64) {
	if e.since.IsZero() {
		e.since, e.low = at, 1
	}
	if at.Sub(e.since) > bassTime {
		e.since, e.bass, e.low = at, e.low, 1
	}
	e.low = min(e.low, rms)
	if rms < max(speech, aboveBass*min(e.bass, e.low)) {
		return
	}
	if at.Sub(e.loud) > breathers {
		e.stretch = 0
	}
	e.loud = at
	e.stretch += frame
	if e.stretch < word {
		return
	}
	e.last = at
	e.spoke += frame
}

// heard is when the first sound came, or zero.
func (e *ear) heard() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.first
}

// words is when the other spoke last, or zero, and how much since forget.
func (e *ear) words() (last time.Time, spoke time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last, e.spoke
}

func (e *ear) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spoke = 0
}

// insists reports whether the other is speaking, and goes on doing so.
func (e *ear) insists() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stretch >= insisting && time.Since(e.loud) < breathers
}
