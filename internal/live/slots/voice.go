package slots

import "time"

const (
	hold = 500 * time.Millisecond // a voice talks for so long after a packet of speech
	stay = 500 * time.Millisecond // a voice that talks has its slot for so long at least

	pauseBytes = 2 // a packet of no more bytes announces a pause (DTX)
	// pause without packets, after which a packet may be comfort noise.
	pause = 200 * time.Millisecond

	// Levels in dBov.
	silence      = -65.0
	comfortNoise = -45.0
	depth        = 20.0 // of a pause below the speech before it
	margin       = 3.0  // how much louder another voice has to be
	enough       = 6.0  // sum of what it is louder than that, over its packets
	// A level rises to a louder packet by fastAttack of the difference during the onset, then by
	// slowAttack; it falls by release in a second.
	onset      = 300 * time.Millisecond
	fastAttack = 0.5
	slowAttack = 0.1
	release    = 15.0

	// A packet is late or repeated if it is behind by no more than these.
	maxLatePackets = 100
	maxLateSamples = 5 * rate
	// A packet continues the stream of its source if it is ahead by no more than these.
	maxAheadPackets = 3000
	maxAheadSamples = 60 * rate

	// maxBurst is the most sound that a voice may send ahead of time.
	maxBurst = time.Second
)

// voice is the state of one source.
type voice struct {
	id   uint32
	slot *slot // nil: none

	// The source's counters at its last packet.
	known     bool
	sequence  uint16
	timestamp uint32
	duration  int64

	heard  time.Time // the last packet
	spurt  time.Time // the first packet after the last pause
	played time.Time // when all sound received so far will have been played
	talked time.Time // the last packet of speech

	measured bool
	level    float64 // dBov at heard; 0 if not measured
	surplus  float64 // dB, of a voice that asks for the slot of another (see choose)
}

// follows says how a packet follows the one before.
type follows struct {
	start bool // of a stream of other counters, or of a voice in a slot
	pause bool // the source was silent in between
}

// accept updates the counters. It returns false for packets that are late, repeated, or more
// than can be played.
func (v *voice) accept(now time.Time, f Frame, duration int64) (k follows, ok bool) {
	packets, samples := int(int16(f.Sequence-v.sequence)), int64(int32(f.Timestamp-v.timestamp))
	switch {
	case !v.known:
		k.start = true
	case packets <= 0 && packets > -maxLatePackets && samples <= 0 && samples > -maxLateSamples:
		return k, false
	case packets > 0 && packets < maxAheadPackets && samples > 0 && samples < maxAheadSamples:
		k.pause = samples > int64(packets)*v.duration // more time than packets is missing
	default:
		k.start = true
	}
	if v.played.Before(now) {
		v.played = now
	}
	if v.played.Sub(now) > maxBurst {
		return k, false
	}
	v.played = v.played.Add(time.Duration(duration) * time.Second / rate)
	v.known, v.sequence, v.timestamp, v.duration = true, f.Sequence, f.Timestamp, duration
	return k, true
}

// listen updates what is known of the voice's level, and reports whether the packet is
// speech. level is nil if it is not measured.
func (v *voice) listen(now time.Time, payload []byte, level func(voice uint32, payload []byte) int) (speech bool) {
	lone := now.Sub(v.heard) > pause
	fallen := v.loudness(now)
	v.heard = now
	if len(payload) <= pauseBytes {
		v.level = fallen
		return false
	}
	if lone {
		v.spurt, v.surplus = now, 0
	}
	if level == nil {
		v.measured, v.level = false, 0
		if !lone { // perhaps comfort noise: it may have a free slot
			v.talked = now
		}
		return true
	}
	x := float64(min(0, max(-127, level(v.id, payload))))
	switch {
	case !v.measured:
		v.level = x
	case lone:
		v.level = max(fallen, x)
	case x > v.level && now.Sub(v.spurt) < onset:
		v.level += (x - v.level) * fastAttack
	case x > v.level:
		v.level += (x - v.level) * slowAttack
	default:
		v.level = max(fallen, x)
	}
	v.measured = true
	if x <= silence || x <= comfortNoise && (lone || x <= fallen-depth) {
		return false
	}
	v.talked = now
	return true
}

// loudness is the level at now.
func (v *voice) loudness(now time.Time) float64 {
	if !v.measured {
		return 0
	}
	return v.level - release*now.Sub(v.heard).Seconds()
}

// talks reports whether the voice talks.
func (v *voice) talks(now time.Time) bool { return now.Sub(v.talked) <= hold }
