package slots

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

// feed pushes payloads of 20 ms, one each 20 ms.
type feed struct {
	s   *Switch
	now time.Time
	n   uint32
	out []*Packet
}

func newFeed(frames int) *feed {
	f := &feed{s: New(Config{}), now: start}
	f.s.SetFrames(frames)
	return f
}

func (f *feed) push(voice uint32, payload []byte) (left []*Packet) {
	left = slices.Clone(f.s.Push(f.now, Frame{voice, uint16(f.n), f.n * 960, payload}))
	f.out = append(f.out, left...)
	f.n++
	f.now = f.now.Add(tick)
	return left
}

// payload is a packet of one frame.
func payload(toc byte, size int, fill byte) []byte {
	return append([]byte{toc}, bytes.Repeat([]byte{fill}, size)...)
}

func TestPacketsOf60MillisecondsHaveTheFramesUnchanged(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, sizes := range [][]int{
		{80, 80, 80}, {0, 0, 0}, {3, 4, 5}, {251, 252, 253}, {252, 252, 252}, {255, 256, 1}, {300, 301, 302}, {400, 503, 17},
		{1, 1, 600}, {600, 1, 1}, {461, 461, 461},
	} {
		f := newFeed(3)
		var in [][]byte
		for i, size := range sizes {
			p := payload(toc20, size+2, 0)
			for j := range p[1:] {
				p[1+j] = byte(r.Uint32())
			}
			in = append(in, bytes.Clone(p[1:]))
			left := f.push(1, p)
			clear(p) // it is not ours
			if i < 2 && len(left) > 0 {
				t.Fatalf("sizes %v: %d packets leave with frame %d", sizes, len(left), i)
			}
		}
		if len(f.out) != 1 {
			t.Fatalf("sizes %v: %d packets", sizes, len(f.out))
		}
		p := f.out[0]
		got, err := frames(p.Payload)
		if err != nil || !slices.EqualFunc(got, in, bytes.Equal) {
			t.Fatalf("sizes %v: %v, frames differ", sizes, err)
		}
		if p.Payload[0] != toc20|3 {
			t.Fatalf("sizes %v: TOC %#x", sizes, p.Payload[0])
		}
		equal := sizes[0] == sizes[1] && sizes[1] == sizes[2]
		if overhead := len(p.Payload) - len(in[0]) - len(in[1]) - len(in[2]); equal && overhead != 2 || overhead > 6 {
			t.Errorf("sizes %v: %d bytes beside the frames", sizes, overhead)
		}
	}
}

func TestPacketsOf60MillisecondsDecodeToTheSameSound(t *testing.T) {
	for _, hz := range []int{440, 1000} {
		tone, err := bot.Tone(hz)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []float32
		one, three := newDecoder(t), newDecoder(t)
		f := newFeed(3)
		n := len(tone.Packets) / 3 * 3
		for _, p := range tone.Packets[:n] {
			if audio.PacketDuration(p) != tick || p[0]&3 != 0 {
				t.Fatalf("the tone has packets of %v", audio.PacketDuration(p))
			}
			want = append(want, decode(t, one, p)...)
			f.push(1, p)
		}
		rest, _ := f.s.Flush(f.now.Add(time.Second))
		f.out = append(f.out, rest...)
		for _, p := range f.out {
			got = append(got, decode(t, three, p.Payload)...)
		}
		if len(f.out) > n/3+n/10 {
			t.Errorf("%d packets of %d frames", len(f.out), n)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d Hz: the sound differs", hz)
		}
	}
}

func newDecoder(t *testing.T) *audio.Decoder {
	t.Helper()
	d, err := audio.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func decode(t *testing.T, d *audio.Decoder, p []byte) []float32 {
	t.Helper()
	s, err := d.Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(s)
}

// counts returns how many frames each packet has.
func counts(t *testing.T, packets []*Packet) (n []int) {
	t.Helper()
	for i, p := range packets {
		parts, err := frames(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if p.Index != uint64(i) {
			t.Fatalf("packet %d has number %d", i, p.Index)
		}
		n = append(n, len(parts))
	}
	return n
}

func TestWhatDoesNotFitSendsTheFramesBefore(t *testing.T) {
	talk := payload(toc20, 50, 1)
	for _, c := range []struct {
		name string
		do   func(f *feed)
		want []int
	}{
		{"another TOC", func(f *feed) {
			f.push(1, talk)
			f.push(1, talk)
			for range 3 {
				f.push(1, payload(0x48, 50, 1))
			}
		}, []int{2, 3}},
		{"a lost packet", func(f *feed) {
			f.push(1, talk)
			f.n++
			for range 3 {
				f.push(1, talk)
			}
		}, []int{1, 3}},
		{"a source that reconnects", func(f *feed) {
			f.push(1, talk)
			f.n += 20_000
			for range 3 {
				f.push(1, talk)
			}
		}, []int{1, 3}},
		{"two equal frames in a packet", func(f *feed) {
			f.push(1, talk)
			f.push(1, payload(toc20|1, 50, 1))
		}, []int{1, 2}},
		{"two different frames in a packet", func(f *feed) {
			f.push(1, talk)
			f.push(1, append([]byte{toc20 | 2, 1}, 7, 8, 9))
		}, []int{1, 2}},
		{"three frames in a packet", func(f *feed) {
			f.push(1, talk)
			f.push(1, append([]byte{toc20 | 3, 3}, 7, 8, 9))
		}, []int{1, 3}},
		{"a frame of 60 ms", func(f *feed) {
			f.push(1, talk)
			f.push(1, payload(0x18, 50, 1)) // SILK, narrowband, 60 ms
		}, []int{1, 1}},
		{"frames too long for one datagram", func(f *feed) {
			f.push(1, payload(toc20, 700, 1))
			f.push(1, payload(toc20, 600, 1))
			f.push(1, payload(toc20, 600, 1))
			f.push(1, payload(toc20, 100, 1))
			f.push(1, payload(toc20, 100, 1))
		}, []int{2, 3}},
		{"a pause that is announced", func(f *feed) {
			f.push(1, talk)
			f.push(1, []byte{toc20})
		}, []int{2}},
		{"the voice leaves", func(f *feed) {
			f.push(1, talk)
			f.out = append(f.out, f.s.Drop(f.now, 1)...) // and three of silence
		}, []int{1, 1, 1, 1}},
		{"packets become short again", func(f *feed) {
			f.push(1, talk)
			f.push(1, talk)
			f.s.SetFrames(1)
			f.push(1, talk)
		}, []int{2, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFeed(3)
			c.do(f)
			if got := counts(t, f.out); !slices.Equal(got, c.want) {
				t.Errorf("packets of %v frames, not %v", got, c.want)
			}
		})
	}
}

func TestAnotherVoiceInTheSlotSendsTheFramesBefore(t *testing.T) {
	s := New(Config{Slots: 1, Level: func(voice uint32, _ []byte) int { return -60 + 20*int(voice) }})
	s.SetFrames(3)
	now := start
	talk := payload(toc20, 50, 1)
	s.Push(now, Frame{2, 0, 0, []byte{toc20}}) // so that levels are measured
	for n := range 31 {
		s.Push(now, Frame{1, uint16(n), uint32(n) * 960, talk})
		now = now.Add(tick)
	}
	out := s.Push(now, Frame{2, 1, 1, talk})
	if len(out) != 1 || out[0].Voice != 1 || out[0].Marker {
		t.Fatalf("%v left", out)
	}
	out, due := s.Flush(now)
	if len(out) > 0 || due != now.Add(maxWait) {
		t.Fatalf("%v left, again at %v", out, due)
	}
	if out, due = s.Flush(due); len(out) != 1 || out[0].Voice != 2 || !out[0].Marker || !due.IsZero() {
		t.Fatalf("%v left, again at %v", out, due)
	}
}

func TestFramesDoNotWaitWhenPacketsBecomeShort(t *testing.T) {
	f := newFeed(3)
	f.push(1, payload(toc20, 50, 1))
	f.s.SetFrames(1)
	if out, due := f.s.Flush(f.now); len(out) != 1 || !due.IsZero() {
		t.Fatalf("%d packets left, again at %v", len(out), due)
	}
}

func TestFramesOfAVoiceThatPausesLeaveWithFlush(t *testing.T) {
	f := newFeed(3)
	began := f.now
	f.push(1, payload(toc20, 50, 1))
	f.push(1, payload(toc20, 60, 1))
	if out, due := f.s.Flush(began.Add(maxWait - 1)); len(out) > 0 || due != began.Add(maxWait) {
		t.Fatalf("%d packets left, again at %v", len(out), due)
	}
	out, due := f.s.Flush(began.Add(maxWait))
	if got := counts(t, out); !slices.Equal(got, []int{2}) || !due.IsZero() {
		t.Fatalf("packets of %v frames, again at %v", got, due)
	}
}

func TestFramesOfAVoiceThatMakesRoomForAnotherLeave(t *testing.T) {
	s := New(Config{Slots: 1})
	s.SetFrames(3)
	s.Push(start, Frame{1, 1, 1, payload(toc20, 50, 1)})
	for voice := uint32(2); voice <= maxVoices; voice++ {
		if out := s.Push(start.Add(1), Frame{voice, 1, 1, []byte{toc20}}); len(out) > 0 {
			t.Fatalf("%v left", out[0])
		}
	}
	if out := s.Push(start.Add(1), Frame{maxVoices + 1, 1, 1, []byte{toc20}}); len(out) != 1+restFrames || out[0].Voice != 1 {
		t.Fatalf("%v left", out)
	}
}
