package voice

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// What can be wrong with a recording. Nothing else is ever the matter.
var (
	// ErrFormat says that the bytes are not one mono Ogg/Opus stream and
	// nothing but that.
	ErrFormat = errors.New("not a mono Ogg/Opus recording")
	// ErrStereo says that it has more than one channel.
	ErrStereo = errors.New("the recording has more than one channel")
	// ErrDamaged says that it once may have been whole: a checksum is wrong, a
	// page or the end is missing, or a packet cannot be decoded.
	ErrDamaged = errors.New("the recording is damaged")
	// ErrShort says that it plays for less than it must.
	ErrShort = errors.New("the recording is too short")
	// ErrLong says that it plays for longer than it may.
	ErrLong = errors.New("the recording is too long")
	// ErrSilent says that no voice was found in it.
	ErrSilent = errors.New("no voice in the recording")
)

// Limits are how long a recording has to play, both ends included.
type Limits struct {
	Least, Most time.Duration
}

// Clip is a recording that was checked and made anew.
type Clip struct {
	Ogg        []byte        // mono Ogg/Opus, with no tags, its gain set
	Duration   time.Duration // as it plays
	Peaks      []byte        // Bars of them: the loudest sample in each part, 255 is full scale
	LoudnessDB float64       // of what was given, as a player would have played it: see Loudness
	GainDB     float64       // what was added to that: it now plays at LoudnessDB + GainDB
	Features   Features
}

// Bars is how many peaks a clip has.
const Bars = 64

const (
	targetDB  = -20.0 // of all clips, so that nobody reaches for the volume
	ceilingDB = -1.0  // no sample is above: resampling in players overshoots
	maxGainDB = 24.0  // either way; what is quieter than that is mostly noise
	// maxPeak is what a decoder can make of a sound, with much to spare.
	maxPeak = 8
)

// Take checks a recording that somebody uploaded, byte for byte, and makes a
// clip of it. The same bytes always make the same clip, and a clip's Ogg makes
// itself. What is wrong is one of ErrFormat, ErrStereo, ErrDamaged, ErrShort,
// ErrLong and ErrSilent. It decodes no more than l.Most and a little; callers
// bound how much data there is.
func Take(data []byte, l Limits) (Clip, error) {
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
	peaks, peak, err := bars(samples)
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
	// The new gain goes by the sound alone, so that it does not grow when a
	// clip comes back; the old one is only told in the figures.
	had := min(max(float64(rec.gain)/256, -maxGainDB), maxGainDB)
	gain := min(max(targetDB-loudness, -maxGainDB), maxGainDB, ceilingDB-20*math.Log10(peak))
	rec.gain = int(math.Floor(gain * 256)) // never over the ceiling
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

// bars are the loudest samples of each of Bars equal parts, and of all.
func bars(samples []float32) (peaks [Bars]float64, peak float64, err error) {
	for i := range peaks {
		for _, s := range samples[i*len(samples)/Bars : (i+1)*len(samples)/Bars] {
			a := math.Abs(float64(s))
			if !(a <= maxPeak) { // also what is no number
				return peaks, 0, fmt.Errorf("%w: it decodes to noise", ErrDamaged)
			}
			peaks[i] = max(peaks[i], a)
		}
		peak = max(peak, peaks[i])
	}
	return peaks, peak, nil
}
