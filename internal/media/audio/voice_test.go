package audio_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"heyy/internal/media/audio"
)

// buzz is a voice-like sound: harmonics of hz falling by 12 dB an octave, in
// syllables of 200 ms.
func buzz(hz float64, seconds int, gain float64) []float32 {
	out := make([]float32, seconds*audio.Rate)
	for i := range out {
		t := float64(i) / audio.Rate
		v := 0.0
		for k := 1.0; k*hz < 6000; k++ {
			v += math.Sin(2*math.Pi*k*hz*t) / (k * k)
		}
		syllable := 0.05 + math.Pow(math.Sin(math.Pi*t*5), 2)
		out[i] = float32(gain * v * syllable)
	}
	return out
}

func TestPitchIsFoundWithinOnePerCent(t *testing.T) {
	for _, hz := range []float64{85, 120, 175, 240, 330} {
		f, err := audio.Measure(buzz(hz, 2, 0.2))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(f.PitchHz-hz) > hz/100 {
			t.Errorf("a voice of %g Hz is heard at %g Hz", hz, f.PitchHz)
		}
	}
}

func TestALouderMicrophoneIsTheSameVoice(t *testing.T) {
	quiet, err := audio.Measure(buzz(150, 2, 0.02))
	if err != nil {
		t.Fatal(err)
	}
	loud, err := audio.Measure(buzz(150, 2, 0.4))
	if err != nil {
		t.Fatal(err)
	}
	if quiet != loud {
		t.Errorf("quiet %+v, loud %+v", quiet, loud)
	}
}

func TestSilenceAndNoiseAreNoVoice(t *testing.T) {
	if _, err := audio.Measure(make([]float32, audio.Rate)); !errors.Is(err, audio.ErrSilent) {
		t.Errorf("silence: %v", err)
	}
	noise := make([]float32, audio.Rate)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = float32(r.NormFloat64() * 0.1)
	}
	if f, err := audio.Measure(noise); !errors.Is(err, audio.ErrSilent) {
		t.Errorf("noise: %+v, %v", f, err)
	}
	if _, err := audio.Measure(nil); !errors.Is(err, audio.ErrSilent) {
		t.Errorf("nothing: %v", err)
	}
}

func TestLoudnessIsTheLevelOfTheSpokenParts(t *testing.T) {
	s := make([]float32, 2*audio.Rate) // one second of a sine, one of silence
	for i := range audio.Rate {
		s[i] = float32(0.1 * math.Sin(2*math.Pi*440*float64(i)/audio.Rate))
	}
	if got := audio.Loudness(s); math.Abs(got+23.01) > 0.1 {
		t.Errorf("a sine of 0.1 has -23 dB, not %.2f", got)
	}
	if got := audio.Loudness(make([]float32, audio.Rate)); !math.IsInf(got, -1) {
		t.Errorf("silence has %v dB", got)
	}
}

func TestATonesFileHoldsItsToneAndNotTheOther(t *testing.T) {
	for file, hz := range map[string][2]float64{"440": {440, 1000}, "1000": {1000, 440}} {
		data, err := os.ReadFile("../../lab/bot/tones/" + file + ".opus")
		if err != nil {
			t.Fatal(err)
		}
		rec, err := audio.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if d := rec.Duration() - 4*time.Second; d.Abs() > 20*time.Millisecond {
			t.Errorf("%s plays %v", file, rec.Duration())
		}
		s, err := rec.Samples()
		if err != nil {
			t.Fatal(err)
		}
		middle := s[audio.Rate : audio.Rate+960] // 20 ms, as in one packet
		if own, other := audio.ToneShare(middle, hz[0]), audio.ToneShare(middle, hz[1]); own < 0.9 || other > 0.1 {
			t.Errorf("%s: own %.2f, other %.2f", file, own, other)
		}
	}
}
