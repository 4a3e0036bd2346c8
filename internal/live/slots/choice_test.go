package slots

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// tick is the length of a frame.
const tick = 20 * time.Millisecond

// choir pushes frames of 20 ms of voices whose levels it is told. Voice i sends i
// milliseconds after the tick.
type choir struct {
	s       *Switch
	now     time.Time
	n       uint32
	levels  []int          // by voice, from 1; 0: silent
	heard   map[uint32]int // packets of each voice that left in the last tick
	changes int
	in      [16]uint32 // the voice of each slot
}

func newChoir(slots int, levels ...int) *choir {
	c := &choir{now: start, levels: levels, heard: map[uint32]int{}}
	c.s = New(Config{Slots: slots, Level: func(_ uint32, p []byte) int { return -int(p[1]) }})
	return c
}

// sing lets everybody send one frame; level changes what each is told.
func (c *choir) sing(level func(voice, told int) int) {
	clear(c.heard)
	for i, told := range c.levels {
		if told == 0 {
			continue
		}
		p := []byte{toc20, byte(-level(i+1, told)), 0, 0, 0, 0}
		binary.BigEndian.PutUint32(p[2:], c.n)
		for _, out := range c.s.Push(c.now.Add(time.Duration(i)*time.Millisecond), Frame{uint32(i + 1), uint16(c.n), c.n * 960, p}) {
			c.heard[out.Voice]++
			if c.in[out.Slot] != out.Voice {
				c.in[out.Slot] = out.Voice
				c.changes++
			}
		}
	}
	c.n++
	c.now = c.now.Add(tick)
}

func steady(_, told int) int { return told }

func (c *choir) voices() (in []uint32) {
	for v := range c.heard {
		in = append(in, v)
	}
	slices.Sort(in)
	return in
}

func TestTheLoudestHaveTheSlotsWithinTwoSeconds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		// Steps of 4 dB, in any order.
		c := newChoir(6)
		order := r.Perm(10)
		for _, i := range order {
			c.levels = append(c.levels, -12-4*i)
		}
		for range int(2 * time.Second / tick) {
			c.sing(steady)
		}
		var want []uint32
		for i, o := range order {
			if o < 6 {
				want = append(want, uint32(i+1))
			}
		}
		if got := c.voices(); !slices.Equal(got, want) {
			t.Fatalf("of levels %v %v are heard, not %v", c.levels, got, want)
		}
		// And there they stay.
		c.changes = 0
		for range int(10 * time.Second / tick) {
			c.sing(steady)
		}
		if c.changes > 0 {
			t.Fatalf("levels %v: %d changes with steady levels", c.levels, c.changes)
		}
	}
}

func TestNoiseDoesNotMakeSlotsFlicker(t *testing.T) {
	for noise, most := range map[float64]int{3: 10, 6: 45} { // changes a minute
		const minutes = 2
		r := rand.New(rand.NewPCG(4, 4))
		c := newChoir(6, -30, -30, -30, -30, -30, -30, -30, -30)
		for range int(minutes * time.Minute / tick) {
			c.sing(func(_, told int) int { return min(-1, told+int(r.NormFloat64()*noise)) })
			if len(c.heard) < 6 {
				t.Fatalf("%d voices are heard", len(c.heard))
			}
		}
		t.Logf("noise of %.0f dB: %.1f changes a minute", noise, float64(c.changes)/minutes)
		if c.changes > most*minutes {
			t.Errorf("noise of %.0f dB: %d changes in %d minutes of equally loud voices", noise, c.changes, minutes)
		}
	}
}

// words returns levels like those of speech: syllables of 100 to 300 ms, gaps between them.
func words(r *rand.Rand, voices int) func(voice, told int) int {
	left, loud := make([]int, voices+1), make([]int, voices+1)
	return func(v, told int) int {
		if left[v]--; left[v] <= 0 {
			left[v] = 5 + r.IntN(10)
			loud[v] = r.IntN(8) - 4
			if r.IntN(4) == 0 {
				left[v], loud[v] = 2+r.IntN(8), -25
			}
		}
		return max(-126, told+loud[v]+int(r.NormFloat64()*2))
	}
}

func TestEightWhoTalkAtOnceDoNotFlicker(t *testing.T) {
	const minutes = 2
	c := newChoir(6, -26, -26, -28, -28, -30, -30, -32, -34)
	level := words(rand.New(rand.NewPCG(5, 5)), 8)
	for range int(minutes * time.Minute / tick) {
		c.sing(level)
	}
	t.Logf("%.1f changes a minute", float64(c.changes)/minutes)
	if c.changes > 40*minutes {
		t.Errorf("%d changes in %d minutes", c.changes, minutes)
	}
}

func TestNoFirstSyllableIsCut(t *testing.T) {
	for _, c := range []struct {
		name    string
		louder  int // dB than the quietest
		packets int // of the seventh that are not heard
	}{
		{"9 dB louder, with the first packet", 9, 0},
		{"6 dB louder, with the second", 6, 1},
		{"5 dB louder, with the third", 5, 2},
		{"4 dB louder, with the sixth", 4, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newChoir(6, -20, -22, -24, -26, -28, -36, 0)
			// The seventh is known, but silent, so that levels are measured.
			h.s.Push(h.now, Frame{Voice: 7, Sequence: 1, Timestamp: 1, Payload: []byte{toc20}})
			for range 100 {
				h.sing(steady)
			}
			h.levels[6] = -36 + c.louder
			for n := range c.packets {
				if h.sing(steady); h.heard[7] > 0 {
					t.Fatalf("heard with packet %d", n)
				}
			}
			if h.sing(steady); h.heard[7] != 1 {
				t.Fatalf("not heard with packet %d", c.packets)
			}
			h.sing(steady)
			if got := h.voices(); !slices.Equal(got, []uint32{1, 2, 3, 4, 5, 7}) {
				t.Errorf("then %v are heard", got)
			}
		})
	}
}

func TestWhoSpokeQuietlyBeforeIsHeardFromTheFirstLoudPacket(t *testing.T) {
	h := newChoir(6, -20, -22, -24, -26, -28, -36, -44)
	for range 50 {
		h.sing(steady)
	}
	h.levels[6] = 0
	for range 50 {
		h.sing(steady)
	}
	h.levels[6] = -27
	if h.sing(steady); h.heard[7] != 1 {
		t.Fatal("not heard")
	}
}

func TestASlotIsKeptForHalfASecondByWhoeverTalks(t *testing.T) {
	h := newChoir(2, -40, -40, 0)
	h.s.Push(h.now, Frame{Voice: 3, Sequence: 1, Timestamp: 1, Payload: []byte{toc20}})
	for range 2 {
		h.sing(steady)
	}
	h.levels[2] = -10
	for range int(stay/tick) - 2 {
		if h.sing(steady); h.heard[3] > 0 {
			t.Fatalf("replaced after %v", h.now.Sub(start))
		}
	}
	if h.sing(steady); h.heard[3] != 1 {
		t.Fatal("not heard after half a second")
	}
}

func TestWhoBeginsToTalkTakesTheSlotOfWhoeverHasBeenSilentForLongest(t *testing.T) {
	h := newChoir(6, -20, -20, -20, -20, -20, -20, 0, 0)
	for range 10 {
		h.sing(steady)
	}
	h.levels[2] = 0
	for range 5 {
		h.sing(steady)
	}
	h.levels[4] = 0
	for range 30 {
		h.sing(steady)
	}
	// Quieter than everybody, and heard all the same.
	h.levels[6] = -44
	h.sing(steady)
	if h.heard[7] != 1 || h.in[2] != 7 {
		t.Fatalf("the slots are %v: not that of 3", h.in)
	}
	h.levels[7] = -44
	h.sing(steady)
	if h.heard[8] != 1 || h.in[4] != 8 {
		t.Fatalf("the slots are %v: not that of 5", h.in)
	}
}

func TestComfortNoiseTakesNoSlot(t *testing.T) {
	h := newChoir(2, -30, -30, 0, 0)
	for range 10 {
		h.sing(steady)
	}
	h.levels = []int{0, 0, 0, 0}
	h.n += 100
	h.now = h.now.Add(2 * time.Second) // both have gone silent
	payloads := [][]byte{{toc20, 60, 0, 0, 0, 0}, {toc20}, {toc20, 0}}
	for n := range 40 {
		h.n += 20
		h.now = h.now.Add(400 * time.Millisecond)
		for _, voice := range []uint32{3, 4} {
			if out := h.s.Push(h.now, Frame{voice, uint16(n), h.n * 960, payloads[n%3]}); len(out) > 0 {
				t.Fatalf("the comfort noise of %d takes a slot", voice)
			}
		}
	}
	// Of a voice that has a slot it is forwarded.
	if out := h.s.Push(h.now, Frame{1, uint16(h.n), h.n * 960, payloads[0]}); len(out) != 1 || out[0].Voice != 1 {
		t.Fatalf("the comfort noise of 1 is not forwarded: %v", out)
	}
	h.n++
	h.now = h.now.Add(tick)
	h.levels[3] = -40
	if h.sing(steady); h.heard[4] != 1 {
		t.Fatal("4 talks and is not heard")
	}
}

func TestWhoGoesSilentWithoutDTXLosesTheSlotAfterTheHoldTime(t *testing.T) {
	h := newChoir(2, -20, -20, 0)
	h.s.Push(h.now, Frame{Voice: 3, Sequence: 1, Timestamp: 1, Payload: []byte{toc20}})
	for range 100 {
		h.sing(steady)
	}
	h.levels[1] = -55 // the noise of their room
	for range int(hold/tick) + 1 {
		h.sing(steady)
	}
	h.levels[2] = -40
	if h.sing(steady); h.heard[3] != 1 || h.heard[1] != 1 {
		t.Fatalf("%v are heard", h.voices())
	}
}

func TestLevelsAreMeasuredOnlyWhileThereAreMoreVoicesThanSlots(t *testing.T) {
	measured := 0
	s := New(Config{Slots: 2, Level: func(uint32, []byte) int { measured++; return -20 }})
	push := func(voice uint32, n int) {
		s.Push(start.Add(time.Duration(n)*tick), Frame{voice, uint16(n), uint32(n) * 960, []byte{toc20, 1, 2, 3}})
	}
	for n := range 10 {
		push(1, n)
		push(2, n)
	}
	if measured != 0 {
		t.Fatalf("%d packets of two voices are measured", measured)
	}
	push(3, 10)
	push(1, 10)
	if measured != 2 {
		t.Fatalf("%d packets of three voices are measured", measured)
	}
	s.Drop(start, 2)
	push(1, 11)
	push(3, 11)
	if measured != 2 {
		t.Fatal("measured with two voices left")
	}
}

func TestWithoutLevelsASlotIsKeptUntilItsVoiceIsSilent(t *testing.T) {
	h := newChoir(2, -20, -20, -20)
	h.s.level = nil
	for range 100 {
		h.sing(steady)
	}
	if got := h.voices(); !slices.Equal(got, []uint32{1, 2}) {
		t.Fatalf("%v are heard", got)
	}
	h.levels[0] = 0
	for range int(hold/tick) + 2 {
		h.sing(steady)
	}
	if got := h.voices(); !slices.Equal(got, []uint32{2, 3}) {
		t.Fatalf("%v are heard", got)
	}
}
