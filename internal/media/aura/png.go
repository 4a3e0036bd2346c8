package aura

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// Sizes of an image, in pixels a side.
const (
	MinSize = 64
	MaxSize = 512
)

// halfWidth of the image as a share of the aura's: a still aura never grows, so it needs
// less margin, and its veil ends here.
const halfWidth = 0.8

// quantum is the step of colour values, of 255. Finer steps are hardly visible and double
// the bytes.
const quantum = 5

// PNG renders a look, size pixels wide and high, on a transparent background. It is
// deterministic, and fails only for sizes outside MinSize..MaxSize.
func PNG(look Look, size int) ([]byte, error) {
	if size < MinSize || size > MaxSize {
		return nil, fmt.Errorf("aura: %d pixels; %d to %d can be drawn", size, MinSize, MaxSize)
	}
	paint := ring()
	if !look.Plain {
		paint = glow(look, size)
	}
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	scale := 2 * halfWidth / float64(size)
	for py := range size {
		for px := range size {
			x := (float64(px)+0.5)*scale - halfWidth
			y := (float64(py)+0.5)*scale - halfWidth
			img.SetNRGBA(px, py, paint(x, y, scale).nrgba())
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// rgba is a colour with premultiplied alpha.
type rgba struct{ r, g, b, a float64 }

func (d rgba) over(c rgb, a float64) rgba {
	return rgba{c[0]*a + d.r*(1-a), c[1]*a + d.g*(1-a), c[2]*a + d.b*(1-a), a + d.a*(1-a)}
}

func (d rgba) nrgba() color.NRGBA {
	if d.a < 0.5/255 {
		return color.NRGBA{}
	}
	of := func(x float64) uint8 { return uint8(clip(x)*(255/quantum)+0.5) * quantum }
	return color.NRGBA{of(d.r / d.a), of(d.g / d.a), of(d.b / d.a), of(d.a)}
}

// pixelFunc returns the colour at x, y, in shares of the aura's half width; pixel is the
// width of a pixel in the same unit.
type pixelFunc func(x, y, pixel float64) rgba

// ring draws the placeholder of somebody without a voice.
func ring() pixelFunc {
	c := quiet.in(70)
	return func(x, y, pixel float64) rgba {
		r := math.Hypot(x, y)
		line := clip(0.5 + (0.03-math.Abs(r-0.58))/pixel)
		fill := clip(0.5 + (0.58-r)/pixel)
		return rgba{}.over(c, 0.1*fill).over(c, 0.85*line)
	}
}

// glow draws an aura: the veil, the body lit from one side, the heart. The gradients are
// those of the client's AuraStill.
func glow(look Look, size int) pixelFunc {
	veil, middle, heart := look.Layers[0], look.Layers[1], look.Layers[2]
	veilBody, veilRim := body.in(veil.Hue), rim.in(veil.Hue)
	lit, light := body.in(middle.Hue), body.in(heart.Hue)
	spark := core.in(heart.Hue)
	around, inside := trace(veil, size), trace(middle, size)
	lx, ly := look.Light[0], look.Light[1]
	far := 4 * (lx*lx + ly*ly)

	return func(x, y, pixel float64) rgba {
		r := math.Sqrt(x*x + y*y)
		var d rgba
		if r > halfWidth {
			return d
		}
		angle := math.Atan2(y, x)
		if a := around.coverage(r, angle, pixel); a > 0 {
			t := clip((r/halfWidth - 0.55) / 0.45)
			d = d.over(mix(veilBody, veilRim, t), 0.75*(1-t)*a)
		}
		a := inside.coverage(r, angle, pixel)
		if a == 0 {
			return d
		}
		// The gradient runs from the shaded to the lit side.
		along := clip(0.5 + (x*lx+y*ly)/far)
		ground := mix(veilRim, lit, along/0.45)
		if along > 0.45 {
			ground = mix(lit, light, (along-0.45)/0.55)
		}
		d = d.over(ground, a)
		hx, hy := x-0.75*lx, y-0.75*ly
		q := math.Sqrt(hx*hx+hy*hy) / 0.42
		ember := 0.95 - 0.45*q/0.4
		if q > 0.4 {
			ember = 0.5 * (1 - q) / 0.6
		}
		return d.over(spark, clip(ember)*a)
	}
}

func mix(a, b rgb, t float64) (c rgb) {
	for i := range c {
		c[i] = a[i] + (b[i]-a[i])*t
	}
	return c
}

// outline is a layer's radius and its derivative, sampled all around.
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

// coverage is the share of a pixel inside the outline, by its distance from the line: the
// radial distance, corrected for the slope.
func (o outline) coverage(r, angle, pixel float64) float64 {
	if angle < 0 {
		angle += turn
	}
	i := int(angle/turn*float64(len(o.radius)-1) + 0.5)
	R, s := o.radius[i], o.slope[i] // slopes are gentle at the scale of a pixel
	if d := R - r; d > pixel {
		return 1
	} else if d < -pixel {
		return 0
	}
	gap := (R - r) / math.Sqrt(1+s*s/(R*R)) / pixel
	return clip(0.5 + gap)
}
