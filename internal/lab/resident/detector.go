package resident

import (
	"math"
	"sync"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

// voiceDetector measures when the partner speaks. It stores no audio.
type voiceDetector struct {
	mu      sync.Mutex
	decoder *audio.Decoder
	first   time.Time // any sound

	loud    time.Time     // the last frame above the noise
	stretch time.Duration // how much of them came without a pause of longer than breathers
	last    time.Time     // the last word
	spoke   time.Duration // how much there was since forget

	// The noise floor: level of the quietest frame of this and the last bassTime. Noise
	// without pauses, such as a fan, is no voice.
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

func (e *voiceDetector) packet(h bot.AudioPacket) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.first.IsZero() {
		e.first = h.At
	}
	if e.decoder == nil {
		var err error
		if e.decoder, err = audio.NewDecoder(); err != nil {
			return
		}
	}
	samples, err := e.decoder.Decode(h.Payload)
	if err != nil || len(samples) == 0 {
		return // a broken packet is silence
	}
	e.level(h.At, rms(samples))
}

// rms returns the level of a frame, as a fraction of full scale.
func rms(samples []float32) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(max(1, len(samples))))
}

func (e *voiceDetector) level(at time.Time, rms float64) {
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

// heard returns when the first audio arrived, or zero.
func (e *voiceDetector) heard() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.first
}

// words returns when the partner spoke last, or zero, and for how long since forget.
func (e *voiceDetector) words() (last time.Time, spoke time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last, e.spoke
}

func (e *voiceDetector) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spoke = 0
}

// insists reports whether the partner has been speaking for a while.
func (e *voiceDetector) insists() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stretch >= insisting && time.Since(e.loud) < breathers
}
