package slots

import (
	"math/rand/v2"
	"time"
)

const (
	defaultSlots = 6
	maxVoices    = 128
)

// Frame is one packet of one voice as it came from the source: usually one Opus frame.
type Frame struct {
	Voice     uint32 // not 0
	Sequence  uint16
	Timestamp uint32 // 48 kHz
	Payload   []byte // Opus; only valid during the call
}

// Packet is one RTP packet of a slot. It is immutable and shared by all listeners.
type Packet struct {
	Slot      int
	Index     uint64 // from 0, without gaps; sequence numbers are made of it
	Timestamp uint32 // 48 kHz, continuous for the slot across voices
	Marker    bool   // the first packet after a pause, or of another voice
	Voice     uint32 // the CSRC
	Payload   []byte // one Opus packet of at most MaxPayload bytes
}

// Config has no required field.
type Config struct {
	Slots int // default 6
	// Level measures a packet in dBov, -127..0. It is called only while there are more voices
	// than slots. Without it all voices are equally loud.
	Level func(voice uint32, payload []byte) int
}

// Switch puts the voices of one room into slots. Its methods must not run at the same time.
// The packets that they return are in order; the slice is valid until the next call.
type Switch struct {
	level  func(voice uint32, payload []byte) int
	frames int
	slots  []slot
	voices map[uint32]*voice
	out    []*Packet
}

// New returns a Switch without voices, for packets of one frame.
func New(c Config) *Switch {
	if c.Slots <= 0 {
		c.Slots = defaultSlots
	}
	s := &Switch{level: c.Level, frames: 1, slots: make([]slot, c.Slots), voices: map[uint32]*voice{}}
	for i := range s.slots {
		s.slots[i].number, s.slots[i].base = i, rand.Uint32()
	}
	return s
}

// Push takes a packet of a voice and returns the packets that leave now. Packets that are
// malformed, late or repeated are ignored, and those of a voice that has no slot.
func (s *Switch) Push(now time.Time, f Frame) []*Packet {
	s.out = s.out[:0]
	duration := samples(f.Payload)
	if duration == 0 || f.Voice == 0 {
		return s.out
	}
	v := s.voice(now, f.Voice)
	k, ok := v.accept(now, f, duration)
	if !ok {
		return s.out
	}
	level := s.level
	if len(s.voices) <= len(s.slots) {
		level = nil
	}
	speech := v.listen(now, f.Payload, level)
	if v.slot == nil {
		if !speech {
			return s.out
		}
		c := s.choose(now, v)
		if c == nil {
			return s.out
		}
		s.release(c)
		c.voice, c.since, c.fresh = v, now, true
		v.slot, v.surplus = c, 0
	}
	s.out = v.slot.put(s.out, now, f, duration, k, s.frames)
	return s.out
}

// voice returns the state of a voice, perhaps a new one.
func (s *Switch) voice(now time.Time, id uint32) *voice {
	v := s.voices[id]
	if v != nil {
		return v
	}
	if len(s.voices) >= maxVoices {
		var old *voice
		for _, o := range s.voices {
			if old == nil || o.heard.Before(old.heard) {
				old = o
			}
		}
		s.forget(now, old)
	}
	v = &voice{id: id}
	s.voices[id] = v
	return v
}

// choose returns the slot that a voice gets which talks and has none; nil: no slot.
func (s *Switch) choose(now time.Time, v *voice) *slot {
	var idle, quietest *slot
	for i := range s.slots {
		c := &s.slots[i]
		switch {
		case c.voice == nil:
			return c
		case !c.voice.talks(now):
			if idle == nil || c.used().Before(idle.used()) {
				idle = c
			}
		case now.Sub(c.since) >= stay:
			if quietest == nil || c.voice.loudness(now) < quietest.voice.loudness(now) {
				quietest = c
			}
		}
	}
	if idle != nil {
		return idle
	}
	if quietest == nil || s.level == nil {
		return nil
	}
	v.surplus = max(0, v.surplus+v.level-quietest.voice.loudness(now)-margin)
	if v.surplus < enough {
		return nil
	}
	return quietest
}

// Drop forgets a voice that was muted or left. It returns what waited to be sent, and silence
// if the voice was just heard.
func (s *Switch) Drop(now time.Time, id uint32) []*Packet {
	s.out = s.out[:0]
	if v := s.voices[id]; v != nil {
		s.forget(now, v)
	}
	return s.out
}

func (s *Switch) forget(now time.Time, v *voice) {
	if v.slot != nil {
		s.out = v.slot.rest(s.out, now)
		s.release(v.slot)
	}
	delete(s.voices, v.id)
}

// release takes a slot from its voice.
func (s *Switch) release(c *slot) {
	s.out = c.flush(s.out)
	if c.voice != nil {
		c.voice.slot, c.voice = nil, nil
	}
}

// SetFrames sets how many Opus frames of 20 ms a packet has: 1, or up to 3.
func (s *Switch) SetFrames(n int) { s.frames = min(maxParts, max(1, n)) }

// Flush returns packets of fewer frames whose first has waited too long, as the voice paused,
// and when to call it again; zero: not before the next Push.
func (s *Switch) Flush(now time.Time) ([]*Packet, time.Time) {
	s.out = s.out[:0]
	var next time.Time
	for i := range s.slots {
		c := &s.slots[i]
		if c.parts.n == 0 {
			continue
		}
		until := c.waits.Add(maxWait)
		if s.frames == 1 || !now.Before(until) {
			s.out = c.flush(s.out)
		} else if next.IsZero() || until.Before(next) {
			next = until
		}
	}
	return s.out, next
}

// Resend returns one of the last 64 packets of a slot, or nil.
func (s *Switch) Resend(slot int, index uint64) *Packet {
	if !s.has(slot) {
		return nil
	}
	if p := s.slots[slot].ring[index%ringSize]; p != nil && p.Index == index {
		return p
	}
	return nil
}

// Clock returns the timestamp of now in a slot, for sender reports; false if the slot never
// sent a packet.
func (s *Switch) Clock(slot int, now time.Time) (timestamp uint32, ok bool) {
	if !s.has(slot) || s.slots[slot].next == 0 {
		return 0, false
	}
	c := &s.slots[slot]
	return c.base + uint32(c.samplesAt(now)), true
}

// Next returns the Index of the next packet of a slot.
func (s *Switch) Next(slot int) uint64 {
	if !s.has(slot) {
		return 0
	}
	return s.slots[slot].next
}

func (s *Switch) has(slot int) bool { return slot >= 0 && slot < len(s.slots) }
