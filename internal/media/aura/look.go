package aura

import (
	"math"
	"unicode/utf16"

	"heyy/internal/media/audio"
)

// Wave is one cosine term of an outline: Count periods around, amplitude Reach as a share
// of the radius, Phase in radians.
type Wave struct {
	Count float64 `json:"count"`
	Reach float64 `json:"reach"`
	Phase float64 `json:"phase"`
}

// Layer is one closed outline. Radius is a share of the aura's half width, Hue is in
// degrees of OKLCH.
type Layer struct {
	Radius float64 `json:"radius"`
	Hue    float64 `json:"hue"`
	Waves  []Wave  `json:"waves"`
}

// Look is the appearance of an aura as numbers. It is a function of the person's id and
// voice; different ids give different looks.
type Look struct {
	// Plain: without a voice, one layer, a ring. Otherwise three layers, back to front:
	// veil, body, heart.
	Plain  bool       `json:"plain"`
	Layers []Layer    `json:"layers"`
	Edge   float64    `json:"edge"`  // 0 a soft cloud, 1 a clear rim
	Reach  float64    `json:"reach"` // 0..1, how far it glows while they speak
	Light  [2]float64 `json:"light"` // x, y from the centre, as shares of the half width
}

// LookOf returns the look of the person with this id; v is nil for a person without a
// recorded voice.
func LookOf(id string, v *audio.Features) Look { return LookOfSeed(Seed(id), v) }

// LookOfSeed is LookOf for a person of whom only the seed is known.
func LookOfSeed(seed uint32, v *audio.Features) Look {
	roll := mulberry32(seed)
	side := roll() * turn
	if v == nil {
		return Look{Plain: true, Layers: []Layer{{Radius: 0.58, Hue: 70, Waves: []Wave{}}}, Edge: 1, Reach: 0.5}
	}
	tempo, energy := unit(v.Tempo), unit(v.Energy)
	hue := hueOf(v.PitchHz) + (roll()-0.5)*26
	lobes := 2 + math.Floor(tempo*3+roll()*0.9+0.5)
	// Fast voices have more lobes; more lobes must be shallower to look soft.
	depth := (0.06+0.045*energy)/math.Sqrt(lobes/3) + (roll()-0.5)*0.015
	way := 1.0
	if roll() < 0.5 {
		way = -1
	}
	spread := way * (34 + roll()*22)

	l := Look{
		Edge:  unit(v.Brightness),
		Reach: 0.35 + 0.65*energy,
		Light: [2]float64{0.3 * math.Cos(side), 0.3 * math.Sin(side)},
	}
	for i, of := range []struct{ radius, calm float64 }{{0.66, 1.7}, {0.56, 1}, {0.32, 0.6}} {
		waves := make([]Wave, 3)
		// The order of random numbers must be that of the client.
		waves[0] = Wave{lobes, depth * of.calm, roll() * turn}
		waves[1].Count = lobes + 1
		waves[1].Reach = depth * of.calm * (0.35 + 0.3*roll())
		waves[1].Phase = roll() * turn
		waves[2].Count = 2
		waves[2].Reach = of.calm * (0.025 + 0.035*roll())
		waves[2].Phase = roll() * turn
		l.Layers = append(l.Layers, Layer{of.radius, clampHue(hue + spread*float64(1-i)), waves})
	}
	return l
}

// At returns the outline's radius at an angle in radians, clockwise from the right.
func (l Layer) At(angle float64) float64 {
	ripple := 0.0
	for _, w := range l.Waves {
		ripple += w.Reach * math.Cos(w.Count*angle+w.Phase)
	}
	return l.Radius * (1 + ripple)
}

const (
	turn      = 2 * math.Pi
	lowestHz  = 80  // Hz
	highestHz = 300 // Hz
)

// hueOf maps pitch to hue, logarithmically because pitch is heard in octaves: low voices
// blue and violet, high ones rose and amber. Results may exceed 360 degrees.
func hueOf(pitch float64) float64 {
	octaves := math.Log2(float64(highestHz) / lowestHz)
	return 258 + 160*unit(math.Log2(max(1, pitch)/lowestHz)/octaves)
}

// clampHue keeps hues between blue and amber, clear of olive and green.
func clampHue(hue float64) float64 {
	return math.Mod(min(434, max(232, hue)), 360)
}

func unit(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return min(1, max(0, x))
}

// Seed is the part of an id that determines an aura: FNV-1a, 32 bits, over UTF-16 units as
// in the client. It draws the aura without revealing the id.
func Seed(text string) uint32 {
	h := uint32(0x811c9dc5)
	for _, unit := range utf16.Encode([]rune(text)) {
		h = (h ^ uint32(unit)) * 0x01000193
	}
	return h
}

// mulberry32 is a deterministic random number generator (T. Ettinger): numbers in [0, 1).
func mulberry32(a uint32) func() float64 {
	return func() float64 {
		a += 0x6d2b79f5
		t := (a ^ a>>15) * (1 | a)
		t = (t + (t^t>>7)*(61|t)) ^ t
		return float64(t^t>>14) / (1 << 32)
	}
}
