package audio

import (
	"math"
	"math/cmplx"
	"slices"
)

// Features are the measures of a voice that shape its aura. They do not depend on the
// microphone's level.
type Features struct {
	PitchHz    float64 `json:"pitch_hz"`   // median of voiced frames
	Brightness float64 `json:"brightness"` // 0 dark .. 1 bright: spectral centroid
	Tempo      float64 `json:"tempo"`      // 0 slow .. 1 fast: syllables per second of speech
	Energy     float64 `json:"energy"`     // 0 even .. 1 lively: variation of level and pitch
}

const (
	hop       = Rate / 100 // samples per frame: 10 ms
	pitchRate = 8000       // Hz; enough for the pitch of speech, and cheap
	pitchHop  = pitchRate / 100
	pitchLow  = 60  // Hz
	pitchHigh = 420 // Hz
)

// Measure computes the features of mono samples at Rate. Under 200 ms of voiced frames are
// ErrSilent.
func Measure(samples []float32) (Features, error) {
	levels := levelsDB(samples)
	active := activeFrames(levels)
	pitches := yin(decimate(samples, Rate/pitchRate))
	voiced := make([]float64, 0, len(pitches))
	for i, p := range pitches {
		if p > 0 && i < len(active) && active[i] {
			voiced = append(voiced, p)
		}
	}
	if len(voiced) < 20 {
		return Features{}, ErrSilent
	}
	slices.Sort(voiced)
	median := voiced[len(voiced)/2]
	// The 10th and 90th percentiles exclude octave errors.
	rangeSemitones := 12 * math.Log2(voiced[len(voiced)*9/10]/voiced[len(voiced)/10])
	f := Features{
		PitchHz: math.Round(median*10) / 10,
		// The ranges lie a little outside those of the 24 residents: centroid 580
		// to 1740 Hz, 3.4 to 6.9 syllables/s, level deviation 6 to 8 dB, pitch
		// range 2.5 to 8.5 semitones.
		Brightness: scale(math.Log(centroid(samples, active)), math.Log(500), math.Log(2000)),
		Tempo:      scale(syllableRate(levels, active, pitches), 3, 7.5),
		Energy:     (scale(spread(levels, active), 4, 9) + scale(rangeSemitones, 1, 10)) / 2,
	}
	f.Brightness, f.Tempo, f.Energy = round3(f.Brightness), round3(f.Tempo), round3(f.Energy)
	return f, nil
}

// Loudness is the RMS level of speech in dBFS, gated as in EBU R 128: first at -60 dB, then
// 10 dB below the mean of what is left. Silence is -Inf.
func Loudness(samples []float32) float64 {
	powers := make([]float64, 0, len(samples)/hop)
	for at := 0; at+hop <= len(samples); at += hop {
		powers = append(powers, meanSquare(samples[at:at+hop]))
	}
	return loudnessOf(powers)
}

// loudnessOf is Loudness of the mean squares of all hops.
func loudnessOf(powers []float64) float64 {
	power, n := 0.0, 0
	gate := math.Pow(10, -6)
	for range 2 {
		power, n = 0, 0
		for _, p := range powers {
			if p > gate {
				power += p
				n++
			}
		}
		if n == 0 {
			return math.Inf(-1)
		}
		gate = max(gate, power/float64(n)/10)
	}
	return 10 * math.Log10(power/float64(n))
}

func levelsDB(samples []float32) []float64 {
	levels := make([]float64, 0, len(samples)/hop)
	for at := 0; at+hop <= len(samples); at += hop {
		levels = append(levels, 10*math.Log10(meanSquare(samples[at:at+hop])+1e-12))
	}
	return levels
}

// activeFrames marks frames within 25 dB of the 95th percentile and above -65 dB, the noise
// of a quiet room.
func activeFrames(levels []float64) []bool {
	if len(levels) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(levels))
	gate := max(sorted[len(sorted)*95/100]-25, -65)
	active := make([]bool, len(levels))
	for i, l := range levels {
		active[i] = l > gate
	}
	return active
}

// decimate keeps every n-th sample after two first-order low-passes at 900 Hz. Pitch lies
// below that; the rest of a voice is not periodic enough.
func decimate(samples []float32, n int) []float64 {
	keep := math.Exp(-2 * math.Pi * 900 / Rate)
	out := make([]float64, 0, len(samples)/n)
	a, b := 0.0, 0.0
	for i, s := range samples {
		a += (1 - keep) * (float64(s) - a)
		b += (1 - keep) * (a - b)
		if i%n == n-1 {
			out = append(out, b)
		}
	}
	return out
}

// yin estimates the pitch of every 10 ms frame in Hz, 0 for unvoiced ones.
//
// A. de Cheveigné, H. Kawahara: YIN, a fundamental frequency estimator for speech and
// music, JASA 111(4), 2002: steps 1 to 5, with a window of 32 ms.
func yin(x []float64) []float64 {
	const (
		window    = pitchRate * 32 / 1000
		maxLag    = pitchRate / pitchLow
		minLag    = pitchRate / pitchHigh
		threshold = 0.2
	)
	var diff [maxLag + 2]float64
	pitches := make([]float64, 0, len(x)/pitchHop)
	for at := 0; at+window+maxLag+1 < len(x); at += pitchHop {
		running := 0.0
		for lag := 1; lag <= maxLag+1; lag++ {
			d := 0.0
			for i := at; i < at+window; i++ {
				e := x[i] - x[i+lag]
				d += e * e
			}
			running += d
			diff[lag] = 1
			if running > 0 {
				diff[lag] = d * float64(lag) / running
			}
		}
		pitch := 0.0
		for lag := minLag; lag <= maxLag; lag++ {
			if diff[lag] > threshold || diff[lag+1] < diff[lag] {
				continue
			}
			a, b, c := diff[lag-1], diff[lag], diff[lag+1]
			shift := 0.0
			if bend := a - 2*b + c; bend > 0 {
				shift = (a - c) / (2 * bend)
			}
			pitch = pitchRate / (float64(lag) + shift)
			break
		}
		pitches = append(pitches, pitch)
	}
	return pitches
}

// centroid is the amplitude-weighted mean frequency of active frames in Hz, between 80 Hz
// (rooms rumble below) and 8 kHz (codecs differ above).
func centroid(samples []float32, active []bool) float64 {
	const size = 1024
	buf := make([]complex128, size)
	weight, total := 0.0, 0.0
	for i := 0; i < len(active); i += 2 {
		at := i * hop
		if !active[i] || at+size > len(samples) {
			continue
		}
		for j := range buf {
			hann := 0.5 - 0.5*math.Cos(2*math.Pi*float64(j)/size)
			buf[j] = complex(float64(samples[at+j])*hann, 0)
		}
		fft(buf)
		for k := 80 * size / Rate; k <= 8000*size/Rate; k++ {
			m := cmplx.Abs(buf[k])
			weight += m * float64(k) * Rate / size
			total += m
		}
	}
	if total == 0 {
		return 1
	}
	return weight / total
}

// fft is an in-place radix-2 transform; len(x) must be a power of two.
func fft(x []complex128) {
	n := len(x)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		j ^= bit
		if i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= n; size *= 2 {
		step := cmplx.Rect(1, -2*math.Pi/float64(size))
		for start := 0; start < n; start += size {
			w := complex(1, 0)
			for k := start; k < start+size/2; k++ {
				a, b := x[k], x[k+size/2]*w
				x[k], x[k+size/2] = a+b, a-b
				w *= step
			}
		}
	}
}

// syllableRate counts voiced peaks of the level that rise 2 dB above the preceding dip, per
// second of speech.
//
// N. de Jong, T. Wempe: Praat script to detect syllable nuclei and measure speech rate
// automatically, Behavior Research Methods 41(2), 2009.
func syllableRate(levels []float64, active []bool, pitches []float64) float64 {
	smooth := make([]float64, len(levels))
	for i := range levels {
		lo, hi := max(0, i-2), min(len(levels), i+3)
		for _, l := range levels[lo:hi] {
			smooth[i] += l / float64(hi-lo)
		}
	}
	peaks, speaking := 0, 0
	dip := math.Inf(1)
	for i := 1; i+1 < len(smooth); i++ {
		if active[i] {
			speaking++
		}
		dip = min(dip, smooth[i])
		voiced := i < len(pitches) && pitches[i] > 0
		if smooth[i] >= smooth[i-1] && smooth[i] > smooth[i+1] && active[i] && voiced && smooth[i]-dip >= 2 {
			peaks++
			dip = smooth[i]
		}
	}
	if speaking == 0 {
		return 0
	}
	return float64(peaks) * 100 / float64(speaking)
}

// spread is the standard deviation of the active levels, in dB.
func spread(levels []float64, active []bool) float64 {
	sum, squares, n := 0.0, 0.0, 0.0
	for i, l := range levels {
		if active[i] {
			sum += l
			squares += l * l
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return math.Sqrt(max(0, squares/n-sum*sum/n/n))
}

func meanSquare(s []float32) float64 {
	sum := 0.0
	for _, v := range s {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(s))
}

func scale(v, low, high float64) float64 {
	return min(1, max(0, (v-low)/(high-low)))
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }
