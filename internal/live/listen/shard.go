package listen

import (
	"encoding/binary"
	"sync"
	"sync/atomic"

	"heyy/internal/live/slots"
)

const (
	maxSlots   = 8
	maxPayload = slots.MaxPayload
	queueLimit = 4096 // media jobs of a shard; more are dropped
	turn       = 1024 // packets after which a shard lets go of its lock, for who waits to close
)

// shard is a goroutine that owns the sending half of some sessions. All SRTP and SRTCP of them
// is sealed and sent here.
type shard struct {
	wake chan struct{} // capacity 1

	queueMu sync.Mutex
	queue   []job
	media   int // jobs of media in the queue

	// mu guards the lanes and all below. It is held while packets are sealed and sent,
	// and nothing sealed is left unsent when it is released: so whoever holds it and
	// removes a lane knows that no packet leaves for it afterwards.
	mu      sync.Mutex
	batches []batch // by udpPort.index; made when first needed
	scratch []byte  // for TCP and RTCP
	rtcp    []byte  // compound packets in the clear
	header  [rtpHeaderSize]byte
	taken   []job

	lanes atomic.Int32 // how many sessions the shard has
	stats *counters
}

// lane is the sending half of a connected session. Its shard's mutex guards it.
type lane struct {
	part  *part // nil: not yet added, or removed
	at    int   // index in part.lanes
	gone  bool  // removed, or never to be added
	to    endpoint
	seal  protector
	until int64 // Unix nanoseconds; nothing is sent afterwards; 0: no end
	slots [maxSlots]laneSlot

	rtcpIndex  uint32
	lastReport int64 // Unix nanoseconds
}

// laneSlot is the state of one slot of a session.
type laneSlot struct {
	on          bool
	payloadType uint8
	reported    bool
	first       uint64 // index of the first packet of this session
	base        uint64 // plus an index: the sequence number, extended by the roll-over counter
	packets     uint32
	octets      uint32
}

// part holds the lanes of one room in one shard. The shard's mutex guards it.
type part struct{ lanes []*lane }

type jobKind uint8

const (
	sendMedia  jobKind = iota // packet to all of part
	addLane                   // lane to part
	moveLane                  // lane to the address to
	resend                    // packet to lane
	sendReport                // report to lane
)

// job is work for a shard. Jobs are done in order.
type job struct {
	kind   jobKind
	part   *part
	packet *slots.Packet
	lane   *lane
	to     endpoint
	report *report
	now    int64 // Unix nanoseconds
	ssrc   uint32
}

func newShard(sockets int, stats *counters) *shard {
	return &shard{
		wake:    make(chan struct{}, 1),
		batches: make([]batch, sockets),
		scratch: make([]byte, bufSize),
		stats:   stats,
	}
}

// put queues a job. Media are dropped when the shard is far behind.
func (sh *shard) put(j job) {
	sh.queueMu.Lock()
	if j.kind == sendMedia {
		if sh.media >= queueLimit {
			sh.queueMu.Unlock()
			sh.stats.dropped.Add(1)
			return
		}
		sh.media++
	}
	sh.queue = append(sh.queue, j)
	sh.queueMu.Unlock()
	select {
	case sh.wake <- struct{}{}:
	default:
	}
}

// run does jobs until stop is closed.
func (sh *shard) run(stop <-chan struct{}) {
	for {
		select {
		case <-sh.wake:
			sh.work()
		case <-stop:
			return
		}
	}
}

// work does all jobs that are queued.
func (sh *shard) work() {
	for {
		sh.queueMu.Lock()
		if len(sh.queue) == 0 {
			sh.queueMu.Unlock()
			return
		}
		sh.queue, sh.taken = sh.taken[:0], sh.queue
		sh.media = 0
		sh.queueMu.Unlock()
		for next := 0; next < len(sh.taken); {
			sh.mu.Lock()
			for done := 0; next < len(sh.taken) && done < turn; next++ {
				done += sh.do(&sh.taken[next])
			}
			sh.flush()
			sh.mu.Unlock()
		}
		clear(sh.taken)
	}
}

// do does a job and returns about how many packets it sent, at least 1.
func (sh *shard) do(j *job) int {
	switch j.kind {
	case sendMedia:
		sh.prepare(j)
		for _, l := range j.part.lanes {
			sh.sendTo(l, j)
		}
		return 1 + len(j.part.lanes)
	case resend:
		if l := j.lane; !l.gone {
			sh.prepare(j)
			sh.sendTo(l, j)
			sh.stats.retransmitted.Add(1)
		}
	case addLane:
		if l := j.lane; !l.gone {
			l.part, l.at = j.part, len(j.part.lanes)
			j.part.lanes = append(j.part.lanes, l)
		}
	case moveLane:
		j.lane.to = j.to
	case sendReport:
		if l := j.lane; !l.gone && l.part != nil {
			sh.sendReport(l, j)
		}
	}
	return 1
}

// remove takes a lane away. No packet leaves for it after the return.
func (sh *shard) remove(l *lane) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	l.gone = true
	if p := l.part; p != nil {
		last := len(p.lanes) - 1
		p.lanes[l.at] = p.lanes[last]
		p.lanes[l.at].at = l.at
		p.lanes[last] = nil
		p.lanes = p.lanes[:last]
		l.part = nil
	}
}

// rtpHeaderSize is the size of an RTP header with one CSRC (RFC 3550, 5.1).
const rtpHeaderSize = 16

// prepare builds the header of a packet, but for what differs between listeners.
func (sh *shard) prepare(j *job) {
	h, p := &sh.header, j.packet
	h[0], h[1] = 2<<6|1, 0
	if p.Marker {
		h[1] = 1 << 7
	}
	binary.BigEndian.PutUint32(h[4:], p.Timestamp)
	binary.BigEndian.PutUint32(h[8:], j.ssrc)
	binary.BigEndian.PutUint32(h[12:], p.Voice)
}

// sendTo seals the prepared packet for one listener.
func (sh *shard) sendTo(l *lane, j *job) {
	p := j.packet
	s := &l.slots[p.Slot]
	if !s.on || p.Index < s.first || l.until != 0 && j.now >= l.until {
		return
	}
	buf, b := sh.scratch, batch(nil)
	if l.to.tcp == nil {
		b = sh.batchOf(l.to.udp)
		buf = b.buffer()
	}
	index := s.base + p.Index
	copy(buf, sh.header[:])
	buf[1] |= s.payloadType
	binary.BigEndian.PutUint16(buf[2:], uint16(index))
	n := l.seal.sealRTP(buf, rtpHeaderSize, p.Payload, j.ssrc, index)
	if j.kind == sendMedia {
		s.packets++
		s.octets += uint32(len(p.Payload))
	}
	if b != nil {
		b.add(n, l.to.addr)
	} else {
		l.to.tcp.queue(buf[:n], sh.stats)
	}
}

func (sh *shard) batchOf(u *udpPort) batch {
	if sh.batches[u.index] == nil {
		sh.batches[u.index] = u.sock.batch()
	}
	return sh.batches[u.index]
}

func (sh *shard) flush() {
	for _, b := range sh.batches {
		if b == nil {
			continue
		}
		b.flush()
		sent, bytes, dropped := b.counts()
		sh.stats.packets.Add(sent)
		sh.stats.bytes.Add(bytes)
		if dropped > 0 {
			sh.stats.dropped.Add(dropped)
		}
	}
}
