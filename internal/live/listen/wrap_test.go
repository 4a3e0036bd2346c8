package listen

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"

	"heyy/internal/live/slots"
)

// A session that lasts for hours: the sequence number wraps around, and the roll-over counter
// of SRTP, which is never sent, has to go with it.
func TestSequenceNumbersGoOnAfterTheyWrapAround(t *testing.T) {
	e, r, receivers := connectedLanes(t, 1, 1, Config{})
	send, _, reads, _ := peers(t, profiles[0])
	for _, sh := range e.shards {
		for _, l := range partOf(r, sh).lanes {
			l.seal = send
		}
	}
	const packets = 1<<17 + 1000
	p := []*slots.Packet{{Voice: 5, Payload: opusPacket(5, 0)}}
	last, got := uint16(0), 0
	for n := range packets {
		p[0].Index = uint64(n)
		r.distribute(time.Time{}, p)
		for _, sh := range e.shards {
			sh.work()
		}
		receivers[0].drain(func(_ netip.AddrPort, data []byte) {
			plain, err := reads.DecryptRTP(nil, data, nil)
			if err != nil {
				t.Fatalf("packet %d: %v", n, err)
			}
			var q rtp.Packet
			if err := q.Unmarshal(plain); err != nil {
				t.Fatal(err)
			}
			if got == 0 && q.SequenceNumber >= 1<<15 {
				t.Errorf("the first sequence number is %d", q.SequenceNumber)
			}
			if got > 0 && q.SequenceNumber != last+1 {
				t.Fatalf("packet %d: sequence number %d after %d", n, q.SequenceNumber, last)
			}
			last = q.SequenceNumber
			got++
		})
	}
	if got != packets {
		t.Errorf("%d packets of %d", got, packets)
	}
}

// Who comes after hours begins as if the room had just opened: a roll-over counter of 0 is what
// the client assumes.
func TestALateListenerBeginsWithASmallSequenceNumber(t *testing.T) {
	e, r, _ := connectedLanes(t, 0, 1, Config{})
	v, now := &voice{id: 1}, time.Now()
	for range 150_000 {
		r.slots.Push(now, slots.Frame{Voice: 1, Sequence: v.sequence, Timestamp: v.timestamp, Payload: opusPacket(1, v.sequence)})
		v.sequence, v.timestamp, now = v.sequence+1, v.timestamp+960, now.Add(20*time.Millisecond)
	}
	if n := r.slots.Next(0); n != 150_000 {
		t.Fatalf("%d packets in the slot", n)
	}
	s, err := openSocket(netip.AddrPortFrom(loopback4, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	send, _, reads, _ := peers(t, profiles[0])
	r.join(&lane{seal: send, to: endpoint{udp: e.ports[0], addr: netip.AddrPortFrom(loopback4, s.port())}}, []offeredMedia{{payloadType: 111}})
	r.distribute(now, r.slots.Push(now, slots.Frame{Voice: 1, Sequence: v.sequence, Timestamp: v.timestamp, Payload: opusPacket(1, v.sequence)}))
	for _, sh := range e.shards {
		sh.work()
	}
	got := 0
	s.drain(func(_ netip.AddrPort, data []byte) {
		var q rtp.Packet
		plain, err := reads.DecryptRTP(nil, data, nil)
		if err != nil || q.Unmarshal(plain) != nil || q.SequenceNumber >= 1<<15 {
			t.Errorf("sequence number %d, %v", q.SequenceNumber, err)
		}
		got++
	})
	if got != 1 {
		t.Errorf("%d packets", got)
	}
}

func TestALossIsFoundByTheSequenceNumber(t *testing.T) {
	for _, c := range []struct {
		start, first uint64
		next         uint64
		sequence     uint16
		index        uint64
		ok           bool
	}{
		{start: 100, first: 0, next: 10, sequence: 105, index: 5, ok: true},
		{start: 100, first: 0, next: 10, sequence: 110},                                             // not sent yet
		{start: 100, first: 0, next: 10, sequence: 99},                                              // before the first
		{start: 100, first: 1000, next: 1010, sequence: 109, index: 1009, ok: true},                 // a late joiner
		{start: 100, first: 0, next: 65536, sequence: 0, index: 65436, ok: true},                    // wrapped
		{start: 100, first: 0, next: 65536, sequence: 65535, index: 65435, ok: true},                // before that
		{start: 100, first: 0, next: 200_000, sequence: 3492, index: 200_000 - 65536 + 0, ok: true}, // 200100 = 3*65536+3492: that one is next
	} {
		s := laneSlot{on: true, first: c.first, base: c.start - c.first}
		index, ok := s.indexOf(c.sequence, c.next)
		if ok != c.ok || ok && index != c.index {
			t.Errorf("%+v: %d, %v", c, index, ok)
		}
	}
}

// The nonce of AES-GCM is the sequence number: a packet must never be sealed twice in two ways.
func TestAPacketThatIsSentAgainIsTheSame(t *testing.T) {
	e, r, receivers := connectedLanes(t, 1, 1, Config{})
	var got [][]byte
	work := func() {
		for _, sh := range e.shards {
			sh.work()
		}
		receivers[0].drain(func(_ netip.AddrPort, data []byte) { got = append(got, bytes.Clone(data)) })
	}
	p := &slots.Packet{Voice: 9, Marker: true, Timestamp: 77, Payload: opusPacket(9, 0)}
	r.distribute(time.Time{}, []*slots.Packet{p, {Index: 1, Payload: opusPacket(9, 1)}})
	work()
	for i, sh := range e.shards {
		for _, l := range r.parts[i].lanes {
			sh.put(job{kind: resend, lane: l, packet: p, ssrc: e.ssrcs[0]})
		}
	}
	work()
	if len(got) != 3 || !bytes.Equal(got[0], got[2]) || bytes.Equal(got[0], got[1]) {
		t.Errorf("%x", got)
	}
}

// A listener whose connection is full, over TCP or UDP, takes nothing from the other one.
func TestAListenerWhoNeverReadsDelaysNobody(t *testing.T) {
	e, r, receivers := connectedLanes(t, 2, 1, Config{})
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp4", l.Addr().String()) // never reads
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := &tcpConn{conn: server, wake: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() { defer close(done); c.write() }()
	r.join(&lane{seal: mustSeal(t), to: endpoint{tcp: c}}, []offeredMedia{{slot: 0, payloadType: 111}})

	p := []*slots.Packet{{Payload: make([]byte, 1200)}}
	got := 0
	const packets = 20_000 // 24 MB: more than all buffers hold
	for n := range packets {
		p[0].Index = uint64(n)
		r.distribute(time.Time{}, p)
		for _, sh := range e.shards {
			sh.work()
		}
		receivers[1].drain(func(netip.AddrPort, []byte) { got++ }) // receivers[0] never reads
	}
	if got != packets {
		t.Errorf("who reads got %d of %d packets", got, packets)
	}
	if e.stats.dropped.Load() == 0 {
		t.Error("nothing was dropped for the connection that is not read")
	}
	if n := cap(c.waiting); n > 4*tcpQueue {
		t.Errorf("%d bytes wait for it", n)
	}
	c.close()
	<-done
}

func mustSeal(t testing.TB) protector {
	t.Helper()
	send, _, err := protectors(profiles[0], randomBytes(keyingLength(profiles[0])))
	if err != nil {
		t.Fatal(err)
	}
	return send
}
