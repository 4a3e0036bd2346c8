package listening

import (
	"heyy/internal/lab/bench/audience"
)

// ears counts what an audience receives, into a tally. Packets are numbered in the clear; only
// some are decrypted, for the time that they took and to know which frame a timestamp is.
type ears struct {
	*tally
	every int // one packet of so many is decrypted
	slots [][]ear
}

// ear is one slot of one listener.
type ear struct {
	ssrc      uint32
	next      uint16
	timestamp uint32 // of frame number
	number    int64
	speaker   int // -1: not known
	packets   int
}

func newEars(t *tally, listeners, every int) *ears {
	return &ears{tally: t, every: max(every, 1), slots: make([][]ear, listeners)}
}

// packet counts one packet.
func (e *ears) packet(l *audience.Listener, p *audience.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l.Number >= len(e.slots) {
		return
	}
	s := e.slot(l.Number, p)
	if step := int16(p.Sequence - s.next); step > 0 {
		e.gaps += int64(step)
	} else if step < 0 {
		e.repeats++
		return
	}
	s.next = p.Sequence + 1
	s.packets++
	if s.speaker < 0 || p.Marker || (s.packets+l.Number)%e.every == 0 {
		e.open(l, p, s)
		return
	}
	counted := false
	for i := range framesOf(p.Size) {
		number := s.number + int64(int32(p.Timestamp-s.timestamp)/960) + int64(i)
		counted = e.frame(l.Number, s.speaker, number) || counted
	}
	if counted {
		e.packets++
	}
}

// open decrypts a packet. mu is held.
func (e *ears) open(l *audience.Listener, p *audience.Packet, s *ear) {
	s.speaker = -1
	payload, err := p.Open()
	if err != nil {
		return
	}
	var room [4]stamp
	counted := false
	for i, one := range stampsOf(payload, room[:0]) {
		if i == 0 {
			s.speaker, s.number, s.timestamp = one.speaker, one.number, p.Timestamp
		}
		if e.frame(l.Number, one.speaker, one.number) {
			counted = true
			e.delays = append(e.delays, p.At-one.sent)
		}
	}
	if counted {
		e.packets++
	}
}

// slot returns the ear of a packet. mu is held.
func (e *ears) slot(listener int, p *audience.Packet) *ear {
	all := e.slots[listener]
	for i := range all {
		if all[i].ssrc == p.SSRC {
			return &all[i]
		}
	}
	e.slots[listener] = append(all, ear{ssrc: p.SSRC, next: p.Sequence, speaker: -1})
	return &e.slots[listener][len(all)]
}

// framesOf returns how many stamped frames a packet of a size has.
func framesOf(size int) int {
	if size == frameSize {
		return 1
	}
	return max(0, (size-2)/(frameSize-1))
}
