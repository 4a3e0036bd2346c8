package aura

import "math"

// rgb is a colour in sRGB, components 0..1, alpha not premultiplied.
type rgb [3]float64

// tone is lightness and chroma in OKLCH. An aura has three, from the middle outwards. They
// are those of the client's dark theme, because an image cannot know its background.
type tone struct{ l, c float64 }

var (
	core = tone{0.92, 0.075}
	body = tone{0.73, 0.155}
	rim  = tone{0.55, 0.175}
	// quiet is legible on dark and light backgrounds; it is for the ring of somebody
	// without a voice.
	quiet = tone{0.64, 0.03}
)

func (p tone) in(hue float64) rgb {
	c := linear(p.l, p.c, hue)
	for i, x := range c {
		if x <= 0.0031308 {
			c[i] = 12.92 * x
		} else {
			c[i] = 1.055*math.Pow(x, 1/2.4) - 0.055
		}
	}
	return c
}

// linear converts OKLCH to linear sRGB, clipped (B. Ottosson: A perceptual color space for
// image processing, 2020).
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
