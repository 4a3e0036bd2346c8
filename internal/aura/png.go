package aura

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// Sizes of an image, pixels a side.
const (
	Smallest = 64
	Largest  = 512
)

// box is half the image's width as a share of the aura's: a still aura never
// grows, so it needs less air around it, and its veil ends here.
const box = 0.8

// step is how fine colours are, of 255: finer is hardly seen, and doubles the bytes.
const step = 5

// PNG draws a look, size pixels wide and high, on nothing: outside the aura the
// image is transparent. The same look gives the same bytes. It fails only for a
// size outside Smallest..Largest.
func PNG(look Look, size int) ([]byte, error) {
	if size < Smallest || size > Largest {
		return nil, fmt.Errorf("aura: %d pixels; %d to %d can be drawn", size, Smallest, Largest)
	}
	paint := ring()
	if !look.Plain {
		paint = glow(look, size)
	}
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	scale := 2 * box / float64(size)
	for py := range size {
		for px := range size {
			x := (float64(px)+0.5)*scale - box
			y := (float64(py)+0.5)*scale - box
			img.SetNRGBA(px, py, paint(x, y, scale).shown())
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// dab is what stands at one point: multiplied by its opacity, as it is laid
// one over another.
type dab struct{ r, g, b, a float64 }

func (d dab) under(c ink, a float64) dab {
	return dab{c[0]*a + d.r*(1-a), c[1]*a + d.g*(1-a), c[2]*a + d.b*(1-a), a + d.a*(1-a)}
}

func (d dab) shown() color.NRGBA {
	if d.a < 0.5/255 {
		return color.NRGBA{}
	}
	of := func(x float64) uint8 { return uint8(clip(x)*(255/step)+0.5) * step }
	return color.NRGBA{of(d.r / d.a), of(d.g / d.a), of(d.b / d.a), of(d.a)}
}

// painter says what stands at x, y, in shares of the aura's half width; pixel is
// how wide one is.
type painter func(x, y, pixel float64) dab

// ring is the sign of somebody without a voice.
func ring() painter {
	c := quiet.in(70)
	return func(x, y, pixel float64) dab {
		r := math.Hypot(x, y)
		line := clip(0.5 + (0.03-math.Abs(r-0.58))/pixel)
		fill := clip(0.5 + (0.58-r)/pixel)
		return dab{}.under(c, 0.1*fill).under(c, 0.85*line)
	}
}

// glow is an aura: the veil, the body lit from one side, the heart. The same
// gradients as the client's still aura (AuraStill).
func glow(look Look, size int) painter {
	veil, middle, heart := look.Layers[0], look.Layers[1], look.Layers[2]
	veilBody, veilRim := body.in(veil.Hue), rim.in(veil.Hue)
	lit, light := body.in(middle.Hue), body.in(heart.Hue)
	spark := core.in(heart.Hue)
	around, inside := trace(veil, size), trace(middle, size)
	lx, ly := look.Light[0], look.Light[1]
	far := 4 * (lx*lx + ly*ly)

	return func(x, y, pixel float64) dab {
		r := math.Sqrt(x*x + y*y)
		var d dab
		if r > box {
			return d
		}
		angle := math.Atan2(y, x)
		if a := around.covers(r, angle, pixel); a > 0 {
			t := clip((r/box - 0.55) / 0.45)
			d = d.under(mix(veilBody, veilRim, t), 0.75*(1-t)*a)
		}
		a := inside.covers(r, angle, pixel)
		if a == 0 {
			return d
		}
		// Along the light, from the side that looks away to the one that is lit.
		along := clip(0.5 + (x*lx+y*ly)/far)
		ground := mix(veilRim, lit, along/0.45)
		if along > 0.45 {
			ground = mix(lit, light, (along-0.45)/0.55)
		}
		d = d.under(ground, a)
		hx, hy := x-0.75*lx, y-0.75*ly
		q := math.Sqrt(hx*hx+hy*hy) / 0.42
		ember := 0.95 - 0.45*q/0.4
		if q > 0.4 {
			ember = 0.5 * (1 - q) / 0.6
		}
		return d.under(spark, clip(ember)*a)
	}
}

func mix(a, b ink, t float64) (c ink) {
	for i := range c {
		c[i] = a[i] + (b[i]-a[i])*t
	}
	return c
}

// outline is a layer's radius, and its slope, all around.
type outline struct{ radius, slope []float64 }

func trace(l Layer, size int) outline {
	n := 8 * size
	o := outline{make([]float64, n+1), make([]float64, n+1)}
	for i := range o.radius {
		angle := float64(i) / float64(n) * turn
		o.radius[i] = l.At(angle)
		for _, w := range l.Waves {
			o.slope[i] -= l.Radius * w.Reach * w.Count * math.Sin(w.Count*angle+w.Phase)
		}
	}
	return o
}

// covers is how much of a pixel lies within the outline: by its distance, which
// near a smooth line is the radial one, shortened where the line is steep.
func (o outline) covers(r, angle, pixel float64) float64 {
	if angle < 0 {
		angle += turn
	}
	i := int(angle/turn*float64(len(o.radius)-1) + 0.5)
	R, s := o.radius[i], o.slope[i] // no line is steeper than a pixel can hide
	if d := R - r; d > pixel {
		return 1
	} else if d < -pixel {
		return 0
	}
	gap := (R - r) / math.Sqrt(1+s*s/(R*R)) / pixel
	return clip(0.5 + gap)
}
