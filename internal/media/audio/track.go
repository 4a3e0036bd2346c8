package audio

import (
	"slices"
	"time"
)

const (
	// preRoll is how much of what was before a part is put in front of it, unheard, for the
	// decoder to converge (RFC 7845, section 4.6).
	preRoll = Rate * 80 / 1000

	maxTrackBytes = 4 << 20
)

// Track assembles the Opus packets of one speaker, as they arrive by RTP, into recordings. It
// transcodes nothing. Its zero value is ready for use; it has no lock.
type Track struct {
	start   time.Duration // of the first packet after the pre-roll; see earliest
	least   time.Duration // of start
	base    uint32        // RTP timestamp there
	packets []timed       // by time
	bytes   int
	last    int64 // end of the latest packet
	end     int64 // of the last packet of speech; 0: there was none yet
}

// timed is a packet and its time in samples since Track.base.
type timed struct {
	at      int64
	payload []byte
}

// Part is a piece of a Track.
type Part struct {
	Start  time.Duration
	Length time.Duration
	Ogg    []byte
	rec    Recording
}

// silentBelow is -60 dB of full scale.
const silentBelow = 0.001

// Loud returns for how long something is heard in a part; 0 of an open microphone in an empty room,
// or of one that was switched off at its device. Of what cannot be decoded it says: all the time.
func (p *Part) Loud() time.Duration {
	loud := int64(0)
	if err := p.rec.decode(func(samples []float32) error {
		if meanSquare(samples) > silentBelow*silentBelow {
			loud += int64(len(samples))
		}
		return nil
	}); err != nil {
		return p.Length
	}
	return min(p.Length, samplesToTime(loud))
}

// IsSpeech reports whether a packet may have sound; shorter ones announce a pause (DTX). Comfort
// noise of a pause is longer, too, and comes in single packets.
func IsSpeech(packet []byte) bool { return len(packet) > 2 }

// Push adds a packet that arrived at a moment, counted from the beginning of the recording. It
// copies it. What is malformed, late or repeated is left out. It returns a part that is
// complete because the source's clock has jumped, if there is one.
func (t *Track) Push(now time.Duration, timestamp uint32, payload []byte) (done *Part) {
	p, err := plainPacket(payload)
	if err != nil {
		return nil
	}
	at := int64(int32(timestamp - t.base))
	if len(t.packets) > 0 {
		if away := t.start + samplesToTime(at) - now; away > maxAway || away < -maxAway {
			done = t.Close()
		}
	}
	goesOn := at-t.last < single
	if t.end == 0 && !goesOn {
		*t = Track{}
	}
	if len(t.packets) == 0 {
		if !IsSpeech(p) {
			return done
		}
		t.start, t.base, at, goesOn = now, timestamp, 0, false
		t.least = now - earliest
	}
	// Packets come late and never early: the one with the least delay tells best when it began.
	t.start = max(t.least, min(t.start, now-samplesToTime(at)))
	i, known := slices.BinarySearchFunc(t.packets, at, func(o timed, at int64) int { return int(o.at - at) })
	if known || at < 0 {
		return done
	}
	t.packets = slices.Insert(t.packets, i, timed{at, slices.Clone(p)})
	t.bytes += len(p)
	end := at + int64(packetSamples(p))
	if IsSpeech(p) && goesOn {
		t.end = max(t.end, end)
	}
	t.last = max(t.last, end)
	return done
}

// single is how long before a packet there was no other one if it is comfort noise: that comes
// every 400 ms.
const single = Rate / 10

// earliest is how much later than others the first packet of a part may have come.
const earliest = 500 * time.Millisecond

// maxAway is how far the source's clock may be from ours; DTX and networks delay by less.
const maxAway = time.Second

// Pause is how long a speaker is silent at the end of a part, and tail what is kept of it.
const (
	Pause = time.Second
	tail  = Rate / 5
)

// Flush returns the part that is complete by now: its speaker has paused, or it has reached a
// length, in which case another one goes on where it ends.
func (t *Track) Flush(now, length time.Duration) *Part {
	switch {
	case len(t.packets) == 0:
		return nil
	case now-(t.start+samplesToTime(t.end)) >= Pause:
		return t.Close()
	case samplesToTime(t.end) >= length || t.bytes > maxTrackBytes:
		return t.cut()
	}
	return nil
}

// Close returns what there is, if anything, and begins anew.
func (t *Track) Close() *Part {
	p := t.part()
	*t = Track{}
	return p
}

// cut returns what there is and goes on behind it, with a pre-roll.
func (t *Track) cut() *Part {
	next := Track{start: t.start + samplesToTime(t.end), least: t.least + samplesToTime(t.end), base: t.base + uint32(t.end), last: t.last - t.end}
	for _, p := range t.packets {
		if at := p.at - t.end; at >= -preRoll {
			next.packets = append(next.packets, timed{at, p.payload})
			next.bytes += len(p.payload)
		}
	}
	t.packets = slices.DeleteFunc(t.packets, func(p timed) bool { return p.at >= t.end })
	p := t.part()
	*t = next
	return p
}

// part writes what there is from the start to the last speech and a little silence after it.
// Gaps are filled with packets without sound, of which a decoder makes what fits
// (RFC 6716, section 2.1.9).
func (t *Track) part() *Part {
	if t.end <= 0 {
		return nil
	}
	var r Recording
	limit, at := t.end+tail, int64(0)
	for i, p := range t.packets {
		if i == 0 {
			at = p.at
			r.preSkip = int(max(0, -p.at))
		}
		silence := []byte{p.payload[0] &^ 3}
		frame := int64(packetSamples(silence))
		if p.at+frame/2 < at { // overlaps what is there
			continue
		}
		for ; p.at-at > frame/2 && at < limit; at += frame {
			r.Packets = append(r.Packets, silence)
		}
		if at >= limit {
			break
		}
		r.Packets = append(r.Packets, p.payload)
		r.stereo = r.stereo || p.payload[0]&stereoBit != 0
		at += int64(packetSamples(p.payload))
	}
	r.samples = min(at, limit)
	if r.samples <= 0 {
		return nil
	}
	return &Part{Start: t.start, Length: samplesToTime(r.samples), Ogg: r.build(), rec: r}
}

func samplesToTime(n int64) time.Duration { return time.Duration(n) * time.Second / Rate }
