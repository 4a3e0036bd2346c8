package audio

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// All errors of Parse and NewClip.
var (
	// ErrFormat: the bytes are not exactly one mono Ogg/Opus stream.
	ErrFormat = errors.New("not a mono Ogg/Opus recording")
	// ErrStereo: more than one channel.
	ErrStereo = errors.New("the recording has more than one channel")
	// ErrDamaged: a checksum is wrong, a page or the end is missing, or a packet cannot be
	// decoded.
	ErrDamaged = errors.New("the recording is damaged")
	// ErrShort: shorter than Limits.Least.
	ErrShort = errors.New("the recording is too short")
	// ErrLong: longer than Limits.Most.
	ErrLong = errors.New("the recording is too long")
	// ErrSilent: no voice was detected.
	ErrSilent = errors.New("no voice in the recording")
)

// Limits is the allowed playing time, both ends included.
type Limits struct {
	Least, Most time.Duration
}

// Clip is a validated and rewritten recording.
type Clip struct {
	Ogg        []byte        // mono Ogg/Opus without tags, with normalised gain
	Duration   time.Duration // playing time
	Peaks      []byte        // waveform: the peak of each of Bars parts, 255 is full scale
	LoudnessDB float64       // of the upload as played, its gain included; see Loudness
	GainDB     float64       // the change: the clip plays at LoudnessDB + GainDB
	Features   Features
}

// Bars is the number of peaks of a clip.
const Bars = 64

const (
	targetLoudnessDB = -20.0 // dBFS, the same for all clips
	ceilingDB        = -1.0  // dBFS; headroom, because resampling in players overshoots
	maxGainDB        = 24.0  // limit in both directions; what needs more is mostly noise
	// maxSample is far above what a decoder makes of real sound (1.0).
	maxSample = 8
)

// NewClip validates an uploaded recording byte by byte and rewrites it with normalised
// loudness. It is deterministic and idempotent: the same bytes make the same clip, and a
// clip's Ogg makes itself. Errors are ErrFormat, ErrStereo, ErrDamaged, ErrShort, ErrLong
// and ErrSilent. It decodes little more than l.Most; callers limit len(data).
func NewClip(data []byte, l Limits) (Clip, error) {
	rec, err := parse(data, int64(l.Most.Seconds()*Rate)+1)
	if err != nil {
		return Clip{}, err
	}
	c := Clip{Duration: rec.Duration()}
	if c.Duration < l.Least {
		return Clip{}, fmt.Errorf("%w: %v", ErrShort, c.Duration)
	}
	if c.Duration > l.Most {
		return Clip{}, fmt.Errorf("%w: %v", ErrLong, c.Duration)
	}
	samples, err := rec.Samples()
	if err != nil {
		return Clip{}, err
	}
	peaks, peak, err := peaksOf(samples)
	if err != nil {
		return Clip{}, err
	}
	if c.Features, err = Measure(samples); err != nil {
		return Clip{}, err
	}
	loudness := Loudness(samples)
	if math.IsInf(loudness, -1) {
		return Clip{}, ErrSilent
	}
	// The new gain depends on the samples alone, so that repeated uploads of a
	// clip do not add up; the old gain only enters the reported figures.
	had := min(max(float64(rec.gain)/256, -maxGainDB), maxGainDB)
	gain := min(max(targetLoudnessDB-loudness, -maxGainDB), maxGainDB, ceilingDB-20*math.Log10(peak))
	rec.gain = int(math.Floor(gain * 256)) // rounded down, to stay under the ceiling
	gain = float64(rec.gain) / 256
	c.LoudnessDB = loudness + had
	c.GainDB = gain - had
	c.Peaks = make([]byte, Bars)
	for i, p := range peaks {
		c.Peaks[i] = byte(math.Round(255 * min(1, p*math.Pow(10, gain/20))))
	}
	c.Ogg = rec.build()
	return c, nil
}

// peaksOf returns the largest absolute sample of each of Bars equal parts, and of all.
func peaksOf(samples []float32) (peaks [Bars]float64, peak float64, err error) {
	for i := range peaks {
		for _, s := range samples[i*len(samples)/Bars : (i+1)*len(samples)/Bars] {
			a := math.Abs(float64(s))
			if !(a <= maxSample) { // also true for NaN
				return peaks, 0, fmt.Errorf("%w: it decodes to noise", ErrDamaged)
			}
			peaks[i] = max(peaks[i], a)
		}
		peak = max(peak, peaks[i])
	}
	return peaks, peak, nil
}
