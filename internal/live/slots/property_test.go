package slots

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const (
	people = 12
	toc20  = 0x78 // hybrid, fullband, 20 ms, mono, code 0

	talk  = iota // kinds of frames
	gap          // between words
	noise        // comfort noise
	dtx          // announces a pause
)

// sent is a frame on its way. Its payload has what the checks need.
type sent struct {
	who     *person
	at      time.Time
	stream  int   // of the person: reconnects begin a new one
	n       int64 // number of the packet in its stream
	capture int64 // when it was recorded, in frames of 20 ms since the stream's beginning
	kind    int
	serial  uint32 // unique
	frame   Frame
}

// person sends as a browser does, with DTX or without, over a network.
type person struct {
	id       uint32
	dtx      bool
	loud     int // dBov
	skew     float64
	muted    bool
	stream   int
	sequence uint16 // of the stream's first packet
	time     uint32
	began    time.Time
	n        int64
	capture  int64
	state    int // talk, gap or dtx
	left     int // frames until the state changes
	silent   int // frames since the pause began
	lossy    int // frames that will be lost

	// What the oracle knows.
	accepted   *sent
	talkedLast time.Time
	heardLast  time.Time
}

// world is the simulation with which the switch is tested, and the oracle.
type world struct {
	t      *testing.T
	r      *rand.Rand
	s      *Switch
	now    time.Time
	people []*person
	flying []*sent
	serial uint32
	frames int
	pauses int            // the longest, in frames
	levels map[uint32]int // by serial

	streams  []stream
	due      time.Time            // for Flush
	owed     map[uint32]time.Time // serials that must be heard, and since when they wait
	heard    map[uint32]uint32    // the last serial of each voice
	most     time.Duration        // the largest distance from wall time
	switches int
	full     int // steps with more talkers than slots
}

// stream is the record of the packets of a slot.
type stream struct {
	last  *Packet
	free  bool // its voice was dropped
	end   uint32
	began time.Time
	first uint32 // what the clock said then
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("at %v: %s", w.now.Sub(start), fmt.Sprintf(format, args...))
}

func newWorld(t *testing.T, seed uint64, slots int) *world {
	w := &world{
		t: t, r: rand.New(rand.NewPCG(seed, 11)), now: start, frames: 1, pauses: 600 / (1 + int(seed)*3),
		levels: map[uint32]int{}, owed: map[uint32]time.Time{}, heard: map[uint32]uint32{}, streams: make([]stream, slots),
	}
	w.s = New(Config{Slots: slots, Level: func(_ uint32, p []byte) int { return w.levels[binary.BigEndian.Uint32(p[1:])] }})
	for i := range w.s.slots {
		w.s.slots[i].base = -uint32(w.r.IntN(100 * rate)) // soon wraps around
	}
	for i := range people {
		p := &person{id: uint32(100 + i), dtx: i%4 != 0, loud: -15 - 2*i, skew: 1 + (w.r.Float64()-0.5)*4e-4}
		w.connect(p)
		w.people = append(w.people, p)
	}
	return w
}

func (w *world) connect(p *person) {
	p.stream++
	p.sequence, p.time = uint16(w.r.Uint32()), w.r.Uint32()
	p.began, p.n, p.capture = w.now, 0, 0
	p.state, p.left, p.silent = dtx, 1+w.r.IntN(500), 2
	w.flying = slices.DeleteFunc(w.flying, func(f *sent) bool { return f.who == p })
}

// speak lets a person record what is due.
func (w *world) speak(p *person) {
	for !p.began.Add(time.Duration(float64(p.capture) * 20e6 * p.skew)).After(w.now) {
		if p.left--; p.left <= 0 {
			switch {
			case p.state == talk && w.r.IntN(3) > 0:
				p.state, p.left = gap, 1+w.r.IntN(12)
			case p.state == talk || p.state == gap && w.r.IntN(8) == 0:
				p.state, p.left, p.silent = dtx, 1+w.r.IntN(w.pauses), 0
			default:
				p.state, p.left = talk, 1+w.r.IntN(60)
			}
		}
		kind := p.state
		if p.state == dtx {
			p.silent++
			switch {
			case !p.dtx:
				kind = gap
			case p.silent == 1 || p.silent%21 == 2:
			case p.silent%21 == 1:
				kind = noise
			default:
				kind = -1 // nothing is sent
			}
		}
		if kind >= 0 && !p.muted {
			w.send(p, kind)
		}
		p.capture++
	}
}

func (w *world) send(p *person, kind int) {
	w.serial++
	f := &sent{
		who: p, at: w.now, stream: p.stream, n: p.n, capture: p.capture, kind: kind, serial: w.serial,
		frame: Frame{Voice: p.id, Sequence: p.sequence + uint16(p.n), Timestamp: p.time + uint32(960*p.capture)},
	}
	p.n++
	if kind == dtx {
		f.frame.Payload = []byte{toc20}
	} else {
		size := 5
		if kind == talk {
			size += w.r.IntN(300)
		}
		f.frame.Payload = make([]byte, size)
		f.frame.Payload[0] = toc20
		binary.BigEndian.PutUint32(f.frame.Payload[1:], f.serial)
	}
	switch kind {
	case talk:
		w.levels[f.serial] = max(-44, min(0, p.loud+w.r.IntN(13)-6))
	case gap:
		w.levels[f.serial] = -50 - w.r.IntN(40)
	case noise:
		w.levels[f.serial] = -55 - w.r.IntN(20)
	}
	switch w.r.IntN(200) {
	case 0:
		p.lossy = 1 + w.r.IntN(8)
	case 1:
		f.at = f.at.Add(time.Duration(w.r.IntN(60)) * time.Millisecond) // behind those that follow
	case 2:
		twice := *f
		twice.at = f.at.Add(time.Duration(w.r.IntN(100)) * time.Millisecond)
		w.flying = append(w.flying, &twice)
	}
	f.at = f.at.Add(time.Duration(w.r.IntN(8)) * time.Millisecond)
	if p.lossy > 0 {
		p.lossy--
		return
	}
	w.flying = append(w.flying, f)
}

// step passes some milliseconds.
func (w *world) step() (pushed int) {
	w.now = w.now.Add(time.Duration(1+w.r.IntN(8)) * time.Millisecond)
	p := w.people[w.r.IntN(len(w.people))]
	switch w.r.IntN(1000) {
	case 0, 1: // mutes, or leaves
		if !p.muted {
			p.muted = true
			w.drop(p)
		}
	case 2, 3, 4:
		if p.muted {
			p.muted = false
			w.connect(p)
		}
	case 5: // reconnects before anybody notices that they were lost
		if !p.muted {
			w.connect(p)
		}
	case 6:
		w.frames = 4 - w.frames
		w.s.SetFrames(w.frames)
		w.due = w.now
	}
	for _, p := range w.people {
		w.speak(p)
	}
	slices.SortStableFunc(w.flying, func(a, b *sent) int { return a.at.Compare(b.at) })
	for len(w.flying) > 0 && !w.flying[0].at.After(w.now) {
		f := w.flying[0]
		w.flying = w.flying[1:]
		w.push(f)
		pushed++
	}
	if !w.due.IsZero() && !w.now.Before(w.due) {
		out, due := w.s.Flush(w.now)
		w.due = due
		w.check(out, nil)
	}
	for serial, since := range w.owed {
		if late := w.now.Sub(since); late > maxWait+10*time.Millisecond {
			w.fail("packet %d is not heard after %v", serial, late)
		}
	}
	return pushed
}

func (w *world) drop(p *person) {
	w.check(w.s.Drop(w.now, p.id), nil)
	w.flying = slices.DeleteFunc(w.flying, func(f *sent) bool { return f.who == p })
	p.accepted, p.talkedLast, p.heardLast = nil, time.Time{}, time.Time{}
	for i := range w.s.slots {
		if v := w.s.slots[i].voice; v != nil && v.id == p.id {
			w.fail("%d was dropped and has slot %d", p.id, i)
		}
	}
	delete(w.heard, p.id)
	for i := range w.streams {
		if c := &w.streams[i]; c.last != nil && c.last.Voice == p.id {
			c.free = true
		}
	}
}

func (w *world) push(f *sent) {
	p := f.who
	before := p.accepted
	late := before != nil && before.stream == f.stream && f.n <= before.n
	if late {
		if out := w.s.Push(w.now, f.frame); len(out) > 0 {
			w.fail("a late packet of %d left", p.id)
		}
		return
	}
	p.accepted = f
	lone := w.now.Sub(p.heardLast) > pause
	p.heardLast = w.now
	if f.kind == talk || f.kind == gap && !lone {
		p.talkedLast = w.now
	}
	talkers := 0
	for _, o := range w.people {
		if w.now.Sub(o.talkedLast) <= hold {
			talkers++
		}
	}
	if f.kind == talk && talkers <= len(w.streams) {
		w.owed[f.serial] = w.now
	}
	if talkers > len(w.streams) {
		w.full++
	}
	// A copy, as the switch must not keep the payload.
	frame := f.frame
	frame.Payload = slices.Clone(f.frame.Payload)
	out := w.s.Push(w.now, frame)
	clear(frame.Payload)
	if len(out) > 2 {
		w.fail("%d packets at once", len(out))
	}
	w.check(out, &began{who: p.id, is: before == nil || before.stream != f.stream || f.capture-before.capture > f.n-before.n})
	out, w.due = w.s.Flush(w.now)
	w.check(out, nil)
}

// began says whether the source of the packet just pushed begins to speak with it.
type began struct {
	who uint32
	is  bool
}

// check holds what left against the rules.
func (w *world) check(out []*Packet, b *began) {
	seen := map[uint32]bool{}
	for i := range w.s.slots {
		v := w.s.slots[i].voice
		if v == nil {
			continue
		}
		if seen[v.id] || v.slot != &w.s.slots[i] || w.s.voices[v.id] != v {
			w.fail("voice %d is in two slots, or unknown", v.id)
		}
		seen[v.id] = true
	}
	for _, p := range out {
		c := &w.streams[p.Slot]
		parts, err := frames(p.Payload)
		if err != nil {
			w.fail("%v: % x", err, p.Payload)
		}
		if c.last == nil {
			c.began, c.end = w.now, p.Timestamp
			c.first, _ = w.s.Clock(p.Slot, w.now)
			if p.Index != 0 || !p.Marker {
				w.fail("slot %d begins with %+v", p.Slot, p)
			}
		} else {
			if p.Index != c.last.Index+1 {
				w.fail("slot %d: %d follows %d", p.Slot, p.Index, c.last.Index)
			}
			if int32(p.Timestamp-c.end) < 0 {
				w.fail("slot %d: a packet begins %d samples before the last ends", p.Slot, c.end-p.Timestamp)
			}
			if p.Voice != c.last.Voice || c.free {
				w.switches++
				if !p.Marker {
					w.fail("slot %d: another voice without a marker", p.Slot)
				}
			} else if p.Marker && b != nil && w.frames == 1 && len(out) == 1 && !(b.is && b.who == p.Voice) {
				w.fail("slot %d: a marker within the speech of %d", p.Slot, p.Voice)
			}
		}
		if b != nil && b.is && b.who == p.Voice && w.frames == 1 && len(out) == 1 && !p.Marker {
			w.fail("slot %d: no marker where %d begins", p.Slot, p.Voice)
		}
		away := time.Duration(int32(p.Timestamp-c.first))*time.Second/rate - w.now.Sub(c.began)
		w.most = max(w.most, away.Abs())
		if clock, ok := w.s.Clock(p.Slot, w.now); !ok || clock != c.first+uint32(w.now.Sub(c.began)*6/125_000) {
			w.fail("slot %d: the clock is not wall time", p.Slot)
		}
		for _, data := range parts {
			if len(data) == 0 || bytes.Equal(p.Payload, restFrame[:]) {
				continue // announces a pause, or ends what a voice said that was dropped
			}
			serial := binary.BigEndian.Uint32(data)
			if last := w.heard[p.Voice]; serial <= last {
				w.fail("voice %d: packet %d after %d", p.Voice, serial, last)
			}
			w.heard[p.Voice] = serial
			delete(w.owed, serial)
		}
		c.last, c.free, c.end = p, false, p.Timestamp+uint32(960*len(parts))
		if w.s.Resend(p.Slot, p.Index) != p {
			w.fail("slot %d: packet %d cannot be sent again", p.Slot, p.Index)
		}
	}
	for i, c := range w.streams {
		if next := w.s.Next(i); c.last == nil && next != 0 || c.last != nil && next != c.last.Index+1 {
			w.fail("slot %d: %d will be next", i, next)
		}
	}
}

func TestEverybodyIsHeardFromTheFirstPacketAndStreamsHaveNoGap(t *testing.T) {
	for seed := range uint64(3) {
		w := newWorld(t, seed, 6)
		for n := 0; n < 100_000; n += w.step() {
		}
		t.Logf("%v, %d changes of voice, %d packets with more talkers than slots, %v from wall time",
			w.now.Sub(start), w.switches, w.full, w.most)
		if w.most > 300*time.Millisecond {
			t.Errorf("a stream was %v away from wall time", w.most)
		}
		if w.switches < 100 || w.full < 100 {
			t.Error("the story is too quiet")
		}
	}
}
