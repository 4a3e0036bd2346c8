package listen

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/pion/rtcp"
)

const (
	reportEvery = 5 * time.Second // sender reports of a slot
	askEvery    = time.Second     // how often a session is asked whether a report is due

	// Retransmissions of a session: at most so many at once, and as many per second on
	// average. What is lost beyond that is not worth the sending.
	resendBurst = 100
	// Packets of one feedback that are looked at.
	maxFeedback = 32
)

const (
	rtcpSenderReport = 200
	rtcpDescription  = 202
	reportSize       = 28
	descriptionSize  = 4 + 4 + 2 + len(cname) + 2 // header, SSRC, item, end; a multiple of 4
)

// report is the time of all slots of a room at one moment, for sender reports.
type report struct {
	at         time.Time
	ntp        uint64
	timestamps [maxSlots]uint32
	sent       [maxSlots]bool
	ssrcs      []uint32
}

// ntpTime is a time in the format of NTP: seconds since 1900 in the upper 32 bits.
func ntpTime(t time.Time) uint64 {
	const since1900 = 2_208_988_800
	return uint64(t.Unix()+since1900)<<32 | uint64(t.Nanosecond())<<32/1_000_000_000
}

// sendReport sends a compound packet with a sender report for each slot that was sent to this
// listener, if it is due: every reportEvery, and soon after a slot's first packet.
func (sh *shard) sendReport(l *lane, j *job) {
	due := j.now-l.lastReport >= int64(reportEvery)
	for i := range l.slots {
		due = due || l.slots[i].packets > 0 && !l.slots[i].reported
	}
	if !due || l.until != 0 && j.now >= l.until {
		return
	}
	r, packet, first := j.report, sh.rtcp[:0], uint32(0)
	for i := range l.slots {
		s := &l.slots[i]
		if !s.on || s.packets == 0 || !r.sent[i] {
			continue
		}
		if len(packet) == 0 {
			first = r.ssrcs[i]
		}
		s.reported = true
		packet = append(packet, 2<<6, rtcpSenderReport, 0, reportSize/4-1)
		packet = binary.BigEndian.AppendUint32(packet, r.ssrcs[i])
		packet = binary.BigEndian.AppendUint64(packet, r.ntp)
		packet = binary.BigEndian.AppendUint32(packet, r.timestamps[i])
		packet = binary.BigEndian.AppendUint32(packet, s.packets)
		packet = binary.BigEndian.AppendUint32(packet, s.octets)
	}
	if len(packet) == 0 {
		return
	}
	// The name of the source is demanded of each compound packet (RFC 3550, 6.1).
	packet = append(packet, 2<<6|1, rtcpDescription, 0, byte(descriptionSize/4-1))
	packet = binary.BigEndian.AppendUint32(packet, first)
	packet = append(packet, 1, byte(len(cname)))
	packet = append(packet, cname...)
	packet = append(packet, 0, 0)
	sh.rtcp = packet
	l.lastReport = j.now
	index := l.rtcpIndex
	l.rtcpIndex = (index + 1) &^ encryptedFlag
	if l.to.tcp != nil {
		n := l.seal.sealRTCP(sh.scratch, packet, index)
		l.to.tcp.queue(sh.scratch[:n], sh.stats)
		return
	}
	b := sh.batchOf(l.to.udp)
	b.add(l.seal.sealRTCP(b.buffer(), packet, index), l.to.addr)
}

// feedback handles a packet of SRTCP of a client: of all that is in it, losses are answered.
func (s *session) feedback(from endpoint, data []byte, now time.Time) {
	lost := s.openFeedback(from, data, now)
	if len(lost) == 0 {
		return
	}
	s.engine.stats.nacks.Add(uint64(len(lost)))
	for _, l := range lost {
		if p := s.room.resend(&s.lane.slots[l.slot], l); p != nil {
			s.shard.put(job{kind: resend, lane: s.lane, packet: p, ssrc: s.engine.ssrcs[l.slot], now: now.UnixNano()})
		}
	}
}

// loss is a packet that a listener misses.
type loss struct {
	slot     int
	sequence uint16
}

// openFeedback decrypts a packet in place and returns what is missed, within the budget of the session.
func (s *session) openFeedback(from endpoint, data []byte, now time.Time) (lost []loss) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.lane == nil {
		return nil
	}
	n, index, err := s.open.openRTCP(data, data)
	if err != nil || !s.seen.fresh(index) {
		return nil
	}
	if from == s.to {
		s.lastHeard = now
	}
	s.resends.refill(now)
	looked := 0
	for rest := data[:n]; len(rest) > 0; {
		media, pairs, next, ok := nextFeedback(rest)
		if !ok {
			break
		}
		rest = next
		slot := slices.Index(s.engine.ssrcs, media)
		if slot < 0 {
			continue
		}
		for ; len(pairs) >= 4; pairs = pairs[4:] {
			pair := rtcp.NackPair{PacketID: binary.BigEndian.Uint16(pairs), LostPackets: rtcp.PacketBitmap(binary.BigEndian.Uint16(pairs[2:]))}
			for _, sequence := range pair.PacketList() {
				if looked++; looked > maxFeedback || !s.resends.take() {
					return lost
				}
				lost = append(lost, loss{slot, sequence})
			}
		}
	}
	return lost
}

// nextFeedback splits the first packet off a compound one. It reads nothing but generic NACKs
// (RFC 4585, 6.2.1): other kinds claim far more than they hold, and parsing them is expensive.
// media and pairs are of a NACK, empty for another packet; not ok: malformed.
func nextFeedback(compound []byte) (media uint32, pairs, rest []byte, ok bool) {
	if len(compound) < 4 || compound[0]>>6 != 2 {
		return 0, nil, nil, false
	}
	size := 4 * (int(binary.BigEndian.Uint16(compound[2:])) + 1)
	if size > len(compound) {
		return 0, nil, nil, false
	}
	p, rest := compound[:size], compound[size:]
	if p[0]&0x1f == rtcp.FormatTLN && p[1] == byte(rtcp.TypeTransportSpecificFeedback) && p[0]&0x20 == 0 && size >= 16 {
		media, pairs = binary.BigEndian.Uint32(p[8:]), p[12:]
	}
	return media, pairs, rest, true
}

// budget is a token bucket of resendBurst tokens, which fills in one second.
type budget struct {
	tokens float64
	last   time.Time
}

func (b *budget) refill(now time.Time) {
	b.tokens = min(resendBurst, b.tokens+now.Sub(b.last).Seconds()*resendBurst)
	b.last = now
}

func (b *budget) take() bool {
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// indexOf returns the index of the packet that a listener knows by the 16 bits of a sequence
// number, the newest there is below next.
func (s *laneSlot) indexOf(sequence uint16, next uint64) (index uint64, ok bool) {
	top := s.base + next // the first extended number that was not sent
	number := top&^0xffff | uint64(sequence)
	if number >= top {
		if number < 1<<16 {
			return 0, false
		}
		number -= 1 << 16
	}
	index = number - s.base
	return index, s.on && index >= s.first && index < next
}
