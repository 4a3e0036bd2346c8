package slots

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestAVoiceIsOneContinuousStream(t *testing.T) {
	s := New(Config{Slots: 2})
	now := start
	var last *Packet
	for i := range 200 {
		out := s.Push(now, Frame{Voice: 7, Sequence: uint16(65500 + i), Timestamp: uint32(1<<32 - 9600 + 960*i), Payload: []byte{0x78, 1, 2, 3}})
		if len(out) != 1 {
			t.Fatalf("packet %d: %d leave", i, len(out))
		}
		p := out[0]
		if p.Index != uint64(i) || p.Voice != 7 || p.Marker != (i == 0) || last != nil && p.Timestamp-last.Timestamp != 960 {
			t.Fatalf("packet %d: %+v after %+v", i, p, last)
		}
		last = p
		now = now.Add(20 * time.Millisecond)
	}
	if s.Resend(0, 199) != last || s.Resend(0, 100) != nil || s.Next(0) != 200 {
		t.Fatal("the ring has other packets")
	}
}

// Without it a decoder makes up more of the voice: in Chromium it was heard for half a second
// after it had left.
func TestAVoiceThatLeavesEndsInSilence(t *testing.T) {
	for _, c := range []struct {
		name   string
		paused time.Duration
		rests  int
	}{{"while it talks", 20 * time.Millisecond, 3}, {"after a pause", 400 * time.Millisecond, 0}} {
		t.Run(c.name, func(t *testing.T) {
			s := New(Config{Slots: 1})
			last := *s.Push(start, Frame{7, 1, 1, payload(toc20, 9, 1)})[0]
			now := start.Add(c.paused)
			out := s.Drop(now, 7)
			if len(out) != c.rests {
				t.Fatalf("%d packets", len(out))
			}
			for _, p := range out {
				if p.Index != last.Index+1 || p.Timestamp-last.Timestamp != 960 || p.Marker || p.Voice != 7 || !bytes.Equal(p.Payload, restFrame[:]) {
					t.Errorf("%+v after %+v", p, last)
				}
				last = *p
			}
			next := s.Push(now, Frame{8, 1, 1, payload(toc20, 9, 1)})[0]
			if next.Index != last.Index+1 || int32(next.Timestamp-last.Timestamp) < 960 || !next.Marker {
				t.Errorf("another voice: %+v after %+v", next, last)
			}
			s.Drop(now, 8)
			if out := s.Drop(now, 8); len(out) > 0 {
				t.Errorf("%d packets of a voice that has left", len(out))
			}
		})
	}
}

func TestAPacketCostsTwoAllocations(t *testing.T) {
	for _, frames := range []int{1, 3} {
		if n := testing.AllocsPerRun(1000, pushes(frames)); n > 2 {
			t.Errorf("%d frames in a packet: %.0f allocations for each", frames, n)
		}
	}
}

func BenchmarkPush(b *testing.B) {
	for _, frames := range []int{1, 3} {
		b.Run(fmt.Sprintf("%d frames", frames), func(b *testing.B) {
			push := pushes(frames)
			b.ReportAllocs()
			for b.Loop() {
				push()
			}
		})
	}
}

// pushes returns a function that pushes the next packet of six voices in turn.
func pushes(frames int) func() {
	s := New(Config{})
	s.SetFrames(frames)
	now, n := start, uint32(0)
	packet := payload(toc20, 80, 1)
	return func() {
		s.Push(now, Frame{1 + n%6, uint16(n / 6), n / 6 * 960, packet})
		n++
		now = now.Add(tick / 6)
	}
}
