package aura

import "math"

// ink is a colour in sRGB, 0..1 each, not multiplied by its opacity.
type ink [3]float64

// part is one of the three tones of an aura: lightness and chroma in OKLCH,
// from the middle outwards. They are those of the dark theme, which the client
// also has; an image cannot know what it will lie on.
type part struct{ l, c float64 }

var (
	core = part{0.92, 0.075}
	body = part{0.73, 0.155}
	rim  = part{0.55, 0.175}
	// quiet is legible on night and on paper: a ring has no voice to light it.
	quiet = part{0.64, 0.03}
)

func (p part) in(hue float64) ink {
	rgb := linear(p.l, p.c, hue)
	for i, x := range rgb {
		if x <= 0.0031308 {
			rgb[i] = 12.92 * x
		} else {
			rgb[i] = 1.055*math.Pow(x, 1/2.4) - 0.055
		}
	}
	return rgb
}

// linear is OKLCH to linear sRGB, clipped (Ottosson 2020).
func linear(l, c, hue float64) [3]float64 {
	h := hue * math.Pi / 180
	a, b := c*math.Cos(h), c*math.Sin(h)
	long := cube(l + 0.3963377774*a + 0.2158037573*b)
	medium := cube(l - 0.1055613458*a - 0.0638541728*b)
	short := cube(l - 0.0894841775*a - 1.291485548*b)
	return [3]float64{
		clip(4.0767416621*long - 3.3077115913*medium + 0.2309699292*short),
		clip(-1.2684380046*long + 2.6097574011*medium - 0.3413193965*short),
		clip(-0.0041960863*long - 0.7034186147*medium + 1.707614701*short),
	}
}

func cube(x float64) float64 { return x * x * x }

func clip(x float64) float64 { return min(1, max(0, x)) }
