package aura_test

import (
	"bytes"
	"image/png"
	"testing"

	"heyy/internal/media/audio"
	"heyy/internal/media/aura"
)

func TestAClusterShowsEachAuraOnTheNight(t *testing.T) {
	voice := &audio.Features{PitchHz: 200, Brightness: 0.5, Tempo: 0.5, Energy: 0.5}
	for n := range 8 {
		var looks []aura.Look
		for i := range n {
			looks = append(looks, aura.LookOf(string(rune('a'+i)), voice))
		}
		data, err := aura.ClusterPNG(looks)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != 1200 || b.Dy() != 630 {
			t.Fatalf("%d auras: %v", n, b)
		}
		if len(data) > 300<<10 {
			t.Errorf("%d auras: %d bytes", n, len(data))
		}
		// Lights in a row through the middle, between dark.
		lit := 0
		for x := range 1200 {
			r, g, b, a := img.At(x, 315).RGBA()
			if a != 0xffff {
				t.Fatal("a transparent pixel")
			}
			if r+g+b > 3*0x5000 {
				lit++
			}
		}
		if (lit > 0) != (n > 0) {
			t.Errorf("%d auras: %d pixels are lit", n, lit)
		}
		if r, g, b, _ := img.At(0, 0).RGBA(); r>>8 != 0x15 || g>>8 != 0x10 || b>>8 != 0x1a {
			t.Errorf("%d auras: the corner is %x %x %x", n, r>>8, g>>8, b>>8)
		}
		again, err := aura.ClusterPNG(looks)
		if err != nil || !bytes.Equal(data, again) {
			t.Errorf("drawn again it differs, %v", err)
		}
	}
}

func BenchmarkCluster(b *testing.B) {
	voice := &audio.Features{PitchHz: 200, Brightness: 0.5, Tempo: 0.5, Energy: 0.5}
	var looks []aura.Look
	for i := range aura.MaxCluster {
		looks = append(looks, aura.LookOf(string(rune('a'+i)), voice))
	}
	for b.Loop() {
		if _, err := aura.ClusterPNG(looks); err != nil {
			b.Fatal(err)
		}
	}
}
