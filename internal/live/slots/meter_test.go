package slots

import (
	"math"
	"math/rand/v2"
	"testing"

	"heyy/internal/lab/bot"
)

func TestTheLevelOfAPacketIsItsPower(t *testing.T) {
	tone, err := bot.Tone(440)
	if err != nil {
		t.Fatal(err)
	}
	samples, err := tone.Samples()
	if err != nil {
		t.Fatal(err)
	}
	power := 0.0
	for _, x := range samples {
		power += float64(x) * float64(x)
	}
	want := 10 * math.Log10(power/float64(len(samples)))
	m := NewMeter()
	for i, p := range tone.Packets[:len(tone.Packets)-1] {
		if got := m.Level(1, p); i > 0 && math.Abs(float64(got)-want) > 1 {
			t.Fatalf("packet %d has %d dBov, the tone %.1f", i, got, want)
		}
	}
	// A new decoder in the middle of a stream soon says the same.
	for i, p := range tone.Packets[50:60] {
		if got := m.Level(2, p); i > 0 && math.Abs(float64(got)-want) > 2 {
			t.Fatalf("packet %d has %d dBov, the tone %.1f", 50+i, got, want)
		}
	}
}

func TestAFrameWithoutDataIsSilence(t *testing.T) {
	if got := NewMeter().Level(1, []byte{toc20}); float64(got) > silence {
		t.Errorf("%d dBov", got)
	}
}

func TestAVoiceIsMeasuredAgainAfterABrokenPacket(t *testing.T) {
	tone, err := bot.Tone(440)
	if err != nil {
		t.Fatal(err)
	}
	m := NewMeter()
	if got := m.Level(1, []byte{toc20 | 3, 0}); got != unknown {
		t.Fatalf("a broken packet has %d dBov", got)
	}
	for i, p := range tone.Packets[10:30] {
		if got := m.Level(1, p); (got > unknown) != (i >= penalty) {
			t.Fatalf("packet %d after a broken one has %d dBov", i, got)
		}
	}
}

func TestArbitraryPacketsDoNoHarm(t *testing.T) {
	tone, err := bot.Tone(440)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(9, 9))
	m := NewMeter()
	for n := range 3000 {
		p := append([]byte{byte(r.Uint32())}, make([]byte, r.IntN(300))...)
		for i := range p[1:] {
			p[1+i] = byte(r.Uint32())
		}
		if n%3 == 0 {
			p = p[:r.IntN(len(p))]
		}
		if level := m.Level(uint32(n%5), p); level < -127 || level > 0 {
			t.Fatalf("a level of %d", level)
		}
	}
	// Another voice is measured as before.
	level := 0
	for _, p := range tone.Packets[:10] {
		level = m.Level(9, p)
	}
	if level < -40 {
		t.Fatalf("the tone has %d dBov", level)
	}
}

func TestAMeterHasABoundedNumberOfDecoders(t *testing.T) {
	m := NewMeter()
	for voice := range uint32(1000) {
		m.Level(voice, []byte{toc20, 1, 2, 3})
		if len(m.voices) > maxVoices {
			t.Fatalf("%d decoders", len(m.voices))
		}
	}
	m.Forget(999)
	if m.voices[999] != nil || m.voices[998] == nil {
		t.Error("the wrong voice was forgotten")
	}
}

func BenchmarkLevel(b *testing.B) {
	tone, err := bot.Tone(440)
	if err != nil {
		b.Fatal(err)
	}
	m := NewMeter()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Level(1, tone.Packets[i%len(tone.Packets)])
	}
}
