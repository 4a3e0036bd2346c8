package audio

import (
	"errors"
	"fmt"
	"math"
	"slices"
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
	// ErrSilent: no voice was detected, or with Limits.AnySound no sound at all.
	ErrSilent = errors.New("no voice in the recording")
)

// Limits says which recordings are allowed: the playing time, both ends included, and
// whether any sound will do or it must be a voice, which is then measured.
type Limits struct {
	Least, Most time.Duration
	AnySound    bool
}

// Clip is a validated and rewritten recording.
type Clip struct {
	Ogg        []byte        // mono Ogg/Opus without tags, with normalised gain
	Duration   time.Duration // playing time
	Peaks      []byte        // waveform: the peak of each of Bars parts, 255 is full scale
	LoudnessDB float64       // of the upload as played, its gain included; see Loudness
	GainDB     float64       // the change: the clip plays at LoudnessDB + GainDB
	Features   Features      // zero with Limits.AnySound
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
	// The samples of long recordings are not kept: there are 23 MB in two minutes.
	meter := levels{total: int(rec.samples)}
	var samples []float32
	if !l.AnySound {
		samples = make([]float32, 0, rec.samples)
	}
	if err := rec.decode(func(some []float32) error {
		if !l.AnySound {
			samples = append(samples, some...)
		}
		return meter.add(some)
	}); err != nil {
		return Clip{}, err
	}
	if !l.AnySound {
		if c.Features, err = Measure(samples); err != nil {
			return Clip{}, err
		}
	}
	loudness := loudnessOf(meter.powers)
	if math.IsInf(loudness, -1) {
		return Clip{}, ErrSilent
	}
	// The new gain depends on the samples alone, so that repeated uploads of a
	// clip do not add up; the old gain only enters the reported figures.
	had := min(max(float64(rec.gain)/256, -maxGainDB), maxGainDB)
	gain := min(max(targetLoudnessDB-loudness, -maxGainDB), maxGainDB, ceilingDB-20*math.Log10(slices.Max(meter.peaks[:])))
	rec.gain = int(math.Floor(gain * 256)) // rounded down, to stay under the ceiling
	gain = float64(rec.gain) / 256
	c.LoudnessDB = loudness + had
	c.GainDB = gain - had
	c.Peaks = make([]byte, Bars)
	for i, p := range meter.peaks {
		c.Peaks[i] = byte(math.Round(255 * min(1, p*math.Pow(10, gain/20))))
	}
	c.Ogg = rec.build()
	return c, nil
}

// levels collects the levels of a recording of total samples, piece by piece.
type levels struct {
	total  int
	at     int           // samples so far
	peaks  [Bars]float64 // the largest absolute sample of each part
	powers []float64     // mean square of each whole hop
	hop    []float32     // what has come of the next one
}

func (l *levels) add(samples []float32) error {
	for _, s := range samples {
		a := math.Abs(float64(s))
		if !(a <= maxSample) { // also true for NaN
			return fmt.Errorf("%w: it decodes to noise", ErrDamaged)
		}
		// Part i begins at i*total/Bars, rounded down.
		part := ((l.at+1)*Bars - 1) / l.total
		l.peaks[part] = max(l.peaks[part], a)
		l.at++
		if l.hop = append(l.hop, s); len(l.hop) == hop {
			l.powers = append(l.powers, meanSquare(l.hop))
			l.hop = l.hop[:0]
		}
	}
	return nil
}
