package slots

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// rules checks packets that leave, whatever was pushed.
type rules struct {
	t    *testing.T
	s    *Switch
	last map[int]*Packet
}

func (r *rules) check(now time.Time, out []*Packet) {
	r.t.Helper()
	if len(out) > 2 {
		r.t.Fatalf("%d packets at once", len(out))
	}
	for _, p := range out {
		if len(p.Payload) == 0 || len(p.Payload) > MaxPayload {
			r.t.Fatalf("a payload of %d bytes", len(p.Payload))
		}
		if p.Voice == 0 {
			r.t.Fatal("a packet of nobody")
		}
		duration := samples(p.Payload)
		if duration == 0 {
			r.t.Fatalf("not a packet: % x", p.Payload)
		}
		if last := r.last[p.Slot]; last != nil {
			if p.Index != last.Index+1 {
				r.t.Fatalf("slot %d: %d follows %d", p.Slot, p.Index, last.Index)
			}
			if int32(p.Timestamp-last.Timestamp) < int32(samples(last.Payload)) {
				r.t.Fatalf("slot %d: %+v begins before the end of %+v", p.Slot, p, last)
			}
		} else if p.Index != 0 || !p.Marker {
			r.t.Fatalf("slot %d begins with %+v", p.Slot, p)
		}
		r.last[p.Slot] = p
		clock, ok := r.s.Clock(p.Slot, now)
		if away := int32(p.Timestamp - clock); !ok || away > rate || away < -2*rate {
			r.t.Fatalf("slot %d: %d samples away from wall time", p.Slot, away)
		}
	}
	if len(r.s.voices) > maxVoices {
		r.t.Fatalf("%d voices", len(r.s.voices))
	}
}

func FuzzPush(f *testing.F) {
	step := func(voice, ms byte, sequence uint16, timestamp uint32, payload []byte) []byte {
		b := []byte{voice, ms}
		b = binary.BigEndian.AppendUint16(b, sequence)
		b = binary.BigEndian.AppendUint32(b, timestamp)
		return append(append(b, byte(len(payload))), payload...)
	}
	f.Add(byte(1), slices.Concat(step(1, 20, 1, 0, payload(toc20, 9, 1)), step(1, 20, 2, 960, payload(toc20, 9, 1))))
	f.Add(byte(3), slices.Concat(
		step(1, 20, 65535, 1<<32-960, payload(toc20, 9, 1)), step(2, 1, 7, 7, payload(toc20|1, 8, 1)),
		step(1, 20, 0, 0, []byte{toc20}), step(3, 20, 9, 9, []byte{toc20 | 3, 0x83, 1, 1, 5, 6, 7}), step(0x81, 0, 0, 0, nil),
	))
	f.Fuzz(func(t *testing.T, frames byte, script []byte) {
		m := NewMeter()
		s := New(Config{Slots: 2, Level: m.Level})
		s.SetFrames(int(frames))
		r := &rules{t: t, s: s, last: map[int]*Packet{}}
		now := start
		for len(script) >= 9 {
			size := min(int(script[8]), len(script)-9)
			p := script[9 : 9+size]
			now = now.Add(time.Duration(script[1]) * time.Millisecond)
			if voice := script[0]; voice&0x80 != 0 {
				r.check(now, s.Drop(now, uint32(voice&7)))
				m.Forget(uint32(voice & 7))
			} else {
				r.check(now, s.Push(now, Frame{uint32(voice & 7), binary.BigEndian.Uint16(script[2:]), binary.BigEndian.Uint32(script[4:]), p}))
			}
			out, _ := s.Flush(now)
			r.check(now, out)
			script = script[9+size:]
		}
	})
}

func TestNothingASourceClaimsBreaksTheStream(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for name, forge := range map[string]func(f *Frame){
		"random counters":              func(f *Frame) { f.Sequence, f.Timestamp = uint16(r.Uint32()), r.Uint32() },
		"a clock that runs fast":       func(f *Frame) { f.Timestamp *= 2 },
		"a clock that stands":          func(f *Frame) { f.Timestamp = 5 },
		"a clock that runs back":       func(f *Frame) { f.Timestamp = -f.Timestamp },
		"leaps of 9 seconds":           func(f *Frame) { f.Timestamp *= 450 },
		"packets of 120 ms each 20 ms": func(f *Frame) { f.Payload = append([]byte{toc20 | 3, 6}, f.Payload...) },
		"a new voice each time":        func(f *Frame) { f.Voice = r.Uint32() },
		"rubbish": func(f *Frame) {
			f.Payload = make([]byte, r.IntN(1600))
			for i := range f.Payload {
				f.Payload[i] = byte(r.Uint32())
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, frames := range []int{1, 3} {
				s := New(Config{Slots: 2})
				s.SetFrames(frames)
				rules := &rules{t: t, s: s, last: map[int]*Packet{}}
				now := start
				for n := range uint32(20_000) {
					f := Frame{1, uint16(n), n * 960, payload(toc20, 6+int(n%4), 1)}
					forge(&f)
					rules.check(now, s.Push(now, f))
					if n%3 == 0 {
						out, _ := s.Flush(now)
						rules.check(now, out)
					}
					now = now.Add(tick)
				}
			}
		})
	}
}

func TestAFloodIsCutToThePaceOfTime(t *testing.T) {
	measured, sent := 0, 0
	s := New(Config{Slots: 1, Level: func(voice uint32, _ []byte) int { measured++; return -20 * int(voice) }})
	talk := payload(toc20, 9, 1)
	for n := range uint32(50_000) { // fifty packets each 20 ms, of two voices
		now := start.Add(time.Duration(n) * tick / 50)
		sent += len(s.Push(now, Frame{1, uint16(n), n * 960, talk}))
		sent += len(s.Push(now, Frame{2, uint16(n), n * 960, talk}))
	}
	want := 1000 + int(maxBurst/tick) + 2
	if sent > want {
		t.Errorf("%d packets in 20 seconds, not %d", sent, want)
	}
	if measured > 2*want {
		t.Errorf("%d packets measured in 20 seconds, not %d", measured, 2*want)
	}
}

func TestPacketsThatNoClientSendsAreIgnored(t *testing.T) {
	s := New(Config{})
	for name, p := range map[string][]byte{
		"empty": {}, "5 ms": payload(0xe8, 9, 1), "no frame": {toc20 | 3, 0}, "no count": {toc20 | 3},
		"140 ms": payload(toc20|3, 20, 7), "a frame of 1276 bytes": payload(toc20, 1276, 0), "1401 bytes": payload(toc20|1, 1400, 0),
	} {
		if out := s.Push(start, Frame{1, 1, 1, p}); len(out) > 0 {
			t.Errorf("%s: % x left", name, out[0].Payload)
		}
	}
	if len(s.voices) > 0 {
		t.Error("they made a voice")
	}
	if out := s.Push(start, Frame{0, 1, 1, payload(toc20, 9, 1)}); len(out) > 0 {
		t.Error("voice 0 is heard")
	}
}

func TestASourceThatReconnectsIsHeardWhateverItsCounters(t *testing.T) {
	for _, sequence := range []uint16{0, 990, 1000, 1001, 5000, 33_768} {
		s := New(Config{})
		s.Push(start, Frame{1, 1000, 1 << 20, payload(toc20, 9, 1)})
		for n, timestamp := range []uint32{1 << 30, 1 << 31, 3 << 30} {
			out := s.Push(start.Add(time.Duration(n+1)*time.Second), Frame{1, sequence, timestamp, payload(toc20, 9, 1)})
			if len(out) != 1 || !out[0].Marker {
				t.Errorf("sequence %d, timestamp %d: %v left", sequence, timestamp, out)
			}
		}
	}
}

func TestAPauseIsWhereAStreamComesBackToWallTime(t *testing.T) {
	s := New(Config{})
	now, n, timestamp := start, uint16(0), uint32(0)
	for range 200 {
		for range 50 {
			for _, p := range s.Push(now, Frame{1, n, timestamp, payload(toc20, 9, 1)}) {
				clock, _ := s.Clock(0, now)
				if away := int32(p.Timestamp - clock); away > maxPauseDrift+rate/20 || away < -maxPauseDrift-rate/20 {
					t.Fatalf("after %v: %d samples from wall time", now.Sub(start), away)
				}
			}
			n, timestamp, now = n+1, timestamp+960, now.Add(tick-tick/100) // 1 % fast
		}
		timestamp, now = timestamp+rate, now.Add(time.Second-time.Second/100)
	}
}

func TestADayOfSilenceIsNoWrapAround(t *testing.T) {
	for _, silence := range []time.Duration{13 * time.Hour, 25 * time.Hour, 40 * time.Hour, 1000 * time.Hour} {
		s := New(Config{})
		first := *s.Push(start, Frame{1, 1, 1, payload(toc20, 9, 1)})[0]
		now := start.Add(silence)
		out := s.Push(now, Frame{1, 2, 1 + uint32(silence.Milliseconds()*48), payload(toc20, 9, 1)})
		if len(out) != 1 || out[0].Timestamp-first.Timestamp != uint32(silence.Milliseconds()*48) || !out[0].Marker {
			t.Errorf("after %v: %v", silence, out)
		}
	}
}

func TestASlotThatIsNotThereHasNothing(t *testing.T) {
	s := New(Config{Slots: 2})
	for _, slot := range []int{-1, 0, 1, 2} {
		if _, ok := s.Clock(slot, start); ok || s.Next(slot) != 0 || s.Resend(slot, 0) != nil {
			t.Errorf("slot %d has something", slot)
		}
	}
	if out := s.Drop(start, 5); len(out) > 0 {
		t.Error("dropping a stranger sends something")
	}
}
