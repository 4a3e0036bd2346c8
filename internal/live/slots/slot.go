package slots

import "time"

const (
	ringSize = 64 // packets, more than a second

	// maxDrift is how far a stream may be away from wall time, and maxPauseDrift how far it
	// may be after a pause, where a correction is not heard. Clocks of devices differ by up to
	// 0.3 seconds an hour; networks delay packets in bursts.
	maxDrift      = rate
	maxPauseDrift = rate / 10

	// maxWait limits how long the first frame of a packet waits for the others.
	maxWait = 60 * time.Millisecond
)

// restFrame is a frame of silence: full band, mono, 20 ms.
var restFrame = [...]byte{0xf8, 0xff, 0xfe}

const (
	restFrames  = 3
	restSamples = rate * 20 / 1000
)

// slot is one continuous stream.
type slot struct {
	number int
	voice  *voice // nil: free
	since  time.Time
	fresh  bool // nothing of the voice was sent yet

	base  uint32    // RTP timestamp at epoch
	epoch time.Time // of the first packet; zero: none yet
	// Times of the stream in samples since epoch, and the source's timestamp of the last frame.
	last, end int64
	source    uint32

	next uint64
	ring [ringSize]*Packet

	parts parts
	first Packet    // that they will be, without payload
	waits time.Time // since when the first of them waits
}

// used is when the voice last talked or got the slot, perhaps with comfort noise.
func (c *slot) used() time.Time {
	if c.voice.talked.Before(c.since) {
		return c.since
	}
	return c.voice.talked
}

// samplesAt is wall time in samples since epoch.
func (c *slot) samplesAt(now time.Time) int64 { return int64(now.Sub(c.epoch)) * 6 / 125_000 }

// place returns the time of a frame in the stream: by the difference of the source's
// timestamps, or by wall time at a start and where the source is not to be believed; never
// before the end of the last frame. It returns false if that is too far ahead of wall time.
func (c *slot) place(now time.Time, source uint32, k follows) (int64, bool) {
	if c.epoch.IsZero() {
		c.epoch = now
	}
	wall := c.samplesAt(now)
	at := c.last + int64(int32(source-c.source))
	limit := int64(maxDrift)
	if k.pause {
		limit = maxPauseDrift
	}
	if k.start || at < c.end || at > wall+limit || at < wall-limit {
		at = max(wall, c.end)
	}
	return at, at <= wall+maxDrift
}

// put appends a frame to the stream, and the packets that leave to out.
func (c *slot) put(out []*Packet, now time.Time, f Frame, duration int64, k follows, frames int) []*Packet {
	k.start = k.start || c.fresh
	at, ok := c.place(now, f.Timestamp, k)
	if !ok {
		return out
	}
	c.fresh = false
	head := Packet{Slot: c.number, Timestamp: c.base + uint32(at), Marker: k.start || k.pause, Voice: f.Voice}
	part := frames > 1 && isPart(f.Payload)
	if head.Marker || at != c.end || !part || !c.parts.fits(f.Payload) {
		out = c.flush(out)
	}
	c.last, c.end, c.source = at, at+duration, f.Timestamp
	if !part {
		head.Payload = append([]byte(nil), f.Payload...)
		return c.send(out, head)
	}
	if c.parts.n == 0 {
		c.first, c.waits = head, now
	}
	c.parts.add(f.Payload)
	if c.parts.n >= frames || len(f.Payload) <= pauseBytes { // after which nothing comes for a while
		out = c.flush(out)
	}
	return out
}

// rest ends what a voice says with silence, unless it has paused already. Decoders take a
// stream that breaks off for loss, and make up more of the voice, for half a second and longer.
func (c *slot) rest(out []*Packet, now time.Time) []*Packet {
	if c.fresh || c.samplesAt(now)-c.end > int64(pause*rate/time.Second) {
		return out
	}
	out = c.flush(out)
	for range restFrames {
		c.last, c.end = c.end, c.end+restSamples
		out = c.send(out, Packet{Slot: c.number, Timestamp: c.base + uint32(c.last), Voice: c.voice.id, Payload: restFrame[:]})
	}
	return out
}

// flush sends the frames that wait.
func (c *slot) flush(out []*Packet) []*Packet {
	if c.parts.n == 0 {
		return out
	}
	p := c.first
	p.Payload = c.parts.packet()
	return c.send(out, p)
}

func (c *slot) send(out []*Packet, p Packet) []*Packet {
	p.Index = c.next
	c.next++
	c.ring[p.Index%ringSize] = &p
	return append(out, &p)
}
