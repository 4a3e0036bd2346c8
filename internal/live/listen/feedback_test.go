package listen

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// feedbackSession is a connected session without sockets, and the client's way to seal for it.
func feedbackSession(t testing.TB) (s *session, seal func(compound []byte) []byte) {
	t.Helper()
	_, receive, _, clientSends := peers(t, profiles[0])
	e := &Engine{ssrcs: []uint32{11, 12}, stats: &counters{}}
	s = &session{engine: e, open: receive, lane: &lane{}}
	s.resends = budget{tokens: resendBurst, last: time.Now()}
	return s, func(compound []byte) []byte {
		sealed, err := clientSends.EncryptRTCP(nil, compound, nil)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
}

// congestionBomb is a report of transport-wide congestion control (RTP payload-specific feedback
// of another kind than NACK) whose 36 bytes claim 65,528 received packets.
func congestionBomb() []byte {
	b := []byte{2<<6 | rtcp.FormatTCC, byte(rtcp.TypeTransportSpecificFeedback), 0, 0, 0, 0, 0, 9, 0, 0, 0, 11, 0, 0, 0xff, 0xff, 0, 0, 0, 0}
	for range 8 {
		b = binary.BigEndian.AppendUint16(b, 0x3fff) // a run of 8191 small deltas
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)/4-1))
	return b
}

// Parsing all of a listener's RTCP cost 65,000 allocations for a packet of 56 bytes.
func TestWhatIsNoLossCostsNothing(t *testing.T) {
	s, seal := feedbackSession(t)
	now := time.Now()
	if n := testing.AllocsPerRun(20, func() { s.openFeedback(endpoint{}, seal(congestionBomb()), now) }); n > 30 {
		t.Errorf("%.0f allocations for a packet of %d bytes", n, len(seal(congestionBomb())))
	}
}

func BenchmarkFeedbackThatClaimsMuch(b *testing.B) {
	s, seal := feedbackSession(b)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		s.openFeedback(endpoint{}, seal(congestionBomb()), now)
	}
}

func TestLossesAreFoundBetweenOtherFeedback(t *testing.T) {
	s, seal := feedbackSession(t)
	nack, err := (&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: 12, Nacks: []rtcp.NackPair{{PacketID: 7, LostPackets: 2}, {PacketID: 100}}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	report, err := (&rtcp.ReceiverReport{SSRC: 1}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	other, err := (&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: 99, Nacks: []rtcp.NackPair{{PacketID: 1}}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	open := func(parts ...[]byte) []loss {
		return s.openFeedback(endpoint{}, seal(slices.Concat(parts...)), time.Now())
	}
	if got, want := open(report, congestionBomb(), other, nack), []loss{{1, 7}, {1, 9}, {1, 100}}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	if got := open(report, nack[:len(nack)-4]); len(got) != 0 {
		t.Errorf("a packet that says it is longer: %v", got)
	}
	for n := range 12 { // truncated, empty and of no length
		short := append(slices.Clone(report), nack[:n]...)
		if got := open(short); len(got) != 0 {
			t.Errorf("%d bytes of a packet: %v", n, got)
		}
	}
	if got := open(report, slices.Repeat(nack, 40)); len(got) != maxFeedback {
		t.Errorf("%d losses of one packet", len(got))
	}
}

func FuzzFeedback(f *testing.F) {
	f.Add(congestionBomb())
	f.Add([]byte{0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 11, 0, 7, 0, 2})
	f.Fuzz(func(t *testing.T, compound []byte) {
		for rest := compound; len(rest) > 0; {
			_, pairs, next, ok := nextFeedback(rest)
			if !ok {
				return
			}
			if len(next) >= len(rest) || len(pairs)%4 != 0 || len(pairs) > len(rest) {
				t.Fatalf("%d pairs, %d bytes left of %d", len(pairs), len(next), len(rest))
			}
			rest = next
		}
	})
}
