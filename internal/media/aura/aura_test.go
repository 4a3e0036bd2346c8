package aura

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image/png"
	"math"
	"os"
	"testing"

	"heyy/internal/media/audio"
)

var update = flag.Bool("update", false, "write testdata/looks.json anew")

const looks = "testdata/looks.json"

// known is one person and what everybody must draw for them. Radii are each
// layer's outline at eight angles; Colours its core, body and rim in linear sRGB.
type known struct {
	ID      string          `json:"id"`
	Voice   *audio.Features `json:"voice"`
	Look    Look            `json:"look"`
	Radii   [][8]float64    `json:"radii"`
	Colours [][3][3]float64 `json:"colours"`
}

func know(id string, v *audio.Features) known {
	k := known{ID: id, Voice: v, Look: LookOf(id, v)}
	for _, l := range k.Look.Layers {
		var radii [8]float64
		for i := range radii {
			radii[i] = l.At(float64(i) / 8 * turn)
		}
		k.Radii = append(k.Radii, radii)
		var inks [3][3]float64
		for i, p := range []tone{core, body, rim} {
			inks[i] = linear(p.l, p.c, l.Hue)
		}
		k.Colours = append(k.Colours, inks)
	}
	return k
}

// people are the persons of the fixture: the corners of what can be measured,
// what lies beyond them, and ids in many scripts.
func people() (all []known) {
	say := func(id string, pitch, brightness, tempo, energy float64) {
		all = append(all, know(id, &audio.Features{PitchHz: pitch, Brightness: brightness, Tempo: tempo, Energy: energy}))
	}
	for i := range 16 {
		bit := func(n int) float64 { return float64(i >> n & 1) }
		say(fmt.Sprintf("01K8ZQ3V6E%02d", i), 80+220*bit(0), bit(1), bit(2), bit(3))
	}
	for i, id := range []string{"陈思远", "林秀", "أميرة", "Жанна", "はるか", "민준", "🎙️👩🏽‍🎤", "", "a", "A very long id, longer than any that is given out"} {
		x := float64(i) / 9
		say(id, 95+21*float64(i), x, 1-x, math.Abs(2*x-1))
	}
	say("too-low", -5, -1, -1, -1)
	say("too-high", 1e9, 7, 7, 7)
	say("zero", 0, 0, 0, 0)
	all = append(all, know("no-voice", nil), know("无声", nil))
	return all
}

func TestEveryoneLooksAsTheClientDrawsThem(t *testing.T) {
	made := people()
	if *update {
		var text bytes.Buffer // a person a line: changes are read in diffs
		for i, k := range made {
			line, err := json.Marshal(k)
			if err != nil {
				t.Fatal(err)
			}
			text.WriteString([]string{"[", ","}[min(i, 1)])
			text.Write(line)
			text.WriteByte('\n')
		}
		text.WriteString("]\n")
		if err := os.WriteFile(looks, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(looks)
	if err != nil {
		t.Fatal(err)
	}
	var want []known
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(made) {
		t.Fatalf("the fixture has %d people, the test %d", len(want), len(made))
	}
	for i, k := range made {
		if !near(k, want[i]) {
			t.Errorf("%q no longer looks as they did:\n got %+v\nwant %+v", k.ID, k, want[i])
		}
	}
}

// near compares all numbers of two people: another machine may round the last
// bit of a cosine elsewhere.
func near(a, b known) bool {
	var x, y any
	for v, to := range map[*known]*any{&a: &x, &b: &y} {
		text, _ := json.Marshal(v)
		_ = json.Unmarshal(text, to)
	}
	return same(x, y)
}

func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key := range a {
			if !same(a[key], b[key]) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) < 1e-9
	}
	return a == b
}

func TestNoTwoPeopleWithOneVoiceLookAlike(t *testing.T) {
	v := audio.Features{PitchHz: 180, Brightness: 0.5, Tempo: 0.5, Energy: 0.5}
	seen := map[string]bool{}
	for i := range 500 {
		seen[fmt.Sprint(LookOf(fmt.Sprint("person-", i), &v))] = true
	}
	if len(seen) != 500 {
		t.Errorf("500 people have %d looks", len(seen))
	}
}

func TestOddMeasuresStillDraw(t *testing.T) {
	for _, odd := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -5} {
		look := LookOf("ada", &audio.Features{PitchHz: odd, Brightness: odd, Tempo: odd, Energy: odd})
		if _, err := json.Marshal(look); err != nil {
			t.Errorf("a measure of %v: %v", odd, err)
		}
	}
}

func TestAnImageHasTheSizeAskedForAndNothingAround(t *testing.T) {
	for _, p := range people() {
		for _, size := range []int{64, 100, 256, 512} {
			if size > 100 && p.ID != "陈思远" {
				continue
			}
			raw, err := PNG(p.Look, size)
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if b := img.Bounds(); b.Dx() != size || b.Dy() != size {
				t.Errorf("%q: %v instead of %d", p.ID, b, size)
			}
			for _, corner := range [][2]int{{0, 0}, {size - 1, 0}, {0, size - 1}, {size - 1, size - 1}} {
				if _, _, _, a := img.At(corner[0], corner[1]).RGBA(); a != 0 {
					t.Errorf("%q at %d: the corner %v is not clear", p.ID, size, corner)
				}
			}
			_, _, _, a := img.At(size/2, size/2).RGBA()
			if clear := a < 0xf000; clear != p.Look.Plain {
				t.Errorf("%q at %d: opacity %x in the middle", p.ID, size, a)
			}
			again, err := PNG(p.Look, size)
			if err != nil || !bytes.Equal(raw, again) {
				t.Errorf("%q at %d: drawn twice, two different images (%v)", p.ID, size, err)
			}
		}
	}
}

func TestTheLitSideIsWhereTheLightIs(t *testing.T) {
	for _, p := range people() {
		if p.Look.Plain {
			continue
		}
		raw, err := PNG(p.Look, 128)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		bright := func(way float64) uint32 {
			at := func(i int) int { return int(64 + way*p.Look.Light[i]/halfWidth*64) }
			r, g, b, _ := img.At(at(0), at(1)).RGBA()
			return r + g + b
		}
		if bright(1) <= bright(-1) {
			t.Errorf("%q is darker where the light sits", p.ID)
		}
	}
}

func TestOtherSizesAreRefused(t *testing.T) {
	for _, size := range []int{-1, 0, 63, 513, 1 << 30} {
		if _, err := PNG(LookOf("ada", nil), size); err == nil {
			t.Errorf("%d pixels were drawn", size)
		}
	}
}

func BenchmarkPNG256(b *testing.B) {
	look := LookOf("ada", &audio.Features{PitchHz: 180, Brightness: 0.5, Tempo: 0.5, Energy: 0.5})
	n := 0
	for b.Loop() {
		raw, err := PNG(look, 256)
		if err != nil {
			b.Fatal(err)
		}
		n = len(raw)
	}
	b.ReportMetric(float64(n), "bytes/image")
}

// The client draws somebody whose id it is not told by the same number.
func TestTheSeedIsWhatTheClientMakesOfAnID(t *testing.T) {
	if seed := Seed("018f3c1e-7a2b-4c3d-8e9f-000000000001"); seed != 2590189445 {
		t.Errorf("%d", seed)
	}
}
