package trial

import (
	"cmp"
	"slices"
	"time"
)

// Peer pairs as the documentation of Nakama's matchmaker has it by default, for
// two: every 15 seconds it goes through the tickets that seek, the oldest first.
// Each takes the best of those who fit and are not taken yet, the older of two
// as good. After two such rounds a ticket does not seek any more, and may still
// be found by others. There a rule holds in one direction unless set otherwise;
// here it holds in both, as ours does.
type Peer struct {
	crowd *crowd
	seek  []*Ticket // the oldest first
	tried map[int32]int
	next  time.Duration
}

const (
	interval  = 15 * time.Second
	intervals = 2
)

// NewPeer has nobody waiting.
func NewPeer() *Peer {
	return &Peer{crowd: newCrowd(), tried: map[int32]int{}, next: interval}
}

// Come takes somebody in.
func (m *Peer) Come(_ time.Duration, t *Ticket) {
	m.crowd.add(t)
	m.seek = append(m.seek, t)
}

// GiveUp lets somebody go.
func (m *Peer) GiveUp(_ time.Duration, t *Ticket) { m.drop(t) }

func (m *Peer) drop(t *Ticket) {
	m.crowd.remove(t)
	delete(m.tried, t.ID)
}

// Next is the next round.
func (m *Peer) Next() time.Duration { return m.next }

// Pairs is a round.
func (m *Peer) Pairs(now time.Duration) (pairs [][2]int32) {
	m.next = now + interval
	seek := m.seek
	m.seek = nil
	for _, t := range seek {
		if m.crowd.there[t.ID] == nil {
			continue // found by an older one, or gone
		}
		if found := m.crowd.fitting(t, len(m.crowd.there)); len(found) > 0 {
			best := slices.MinFunc(found, func(a, b *Ticket) int {
				return cmp.Or(cmp.Compare(Score(&t.Person, &b.Person), Score(&t.Person, &a.Person)), cmp.Compare(a.ID, b.ID))
			})
			pairs = append(pairs, [2]int32{t.ID, best.ID})
			m.drop(t)
			m.drop(best)
			continue
		}
		if m.tried[t.ID]++; m.tried[t.ID] < intervals {
			m.seek = append(m.seek, t)
		}
	}
	return pairs
}
