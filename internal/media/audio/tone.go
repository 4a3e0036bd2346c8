package audio

import "math"

// ToneShare is the share of power at hz: 1 for a pure tone, 0 for silence or other sounds.
// Samples are at Rate; 20 ms suffice to tell 440 from 1000 Hz.
//
// G. Goertzel: An algorithm for the evaluation of finite trigonometric series, American
// Mathematical Monthly 65, 1958.
func ToneShare(samples []float32, hz float64) float64 {
	power := meanSquare(samples)
	if len(samples) == 0 || power < 1e-7 {
		return 0
	}
	w := 2 * math.Pi * hz / Rate
	c := 2 * math.Cos(w)
	s1, s2 := 0.0, 0.0
	for _, v := range samples {
		s1, s2 = float64(v)+c*s1-s2, s1
	}
	n := float64(len(samples))
	at := (s1*s1 + s2*s2 - c*s1*s2) / (n * n) // a sine of amplitude a gives a²/4, its power is a²/2
	return min(1, 2*at/power)
}
