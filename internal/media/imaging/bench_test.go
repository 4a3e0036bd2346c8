package imaging_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"heyy/internal/media/imaging"
)

// scene is no flat colour, so that its size and its cost are like a photo's.
func scene(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	seed := uint32(1)
	for i := 0; i < len(m.Pix); i += 4 {
		seed = seed*1664525 + 1013904223
		x, y, n := i/4%w, i/4/w, int(seed>>28)
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = uint8(x*200/w+n), uint8(y*200/h+n), uint8((x+y)%200+n), 255
	}
	return m
}

func BenchmarkTake(b *testing.B) {
	twelve := jpegOf(b, scene(4000, 3000))
	var clear bytes.Buffer
	m := scene(4000, 4000)
	m.Set(0, 0, color.NRGBA{})
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&clear, m); err != nil {
		b.Fatal(err)
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 4000, 4000))
	for name, data := range map[string][]byte{"JPEG of 12 megapixels": twelve, "PNG of 16": clear.Bytes(), "PNG of 16, 16 bits deep, empty": pngOf(b, deep)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.ReportMetric(float64(len(data))/1e6, "MB-in")
			for b.Loop() {
				if _, err := imaging.Convert(data, 1280); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
