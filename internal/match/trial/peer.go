package trial

import (
	"time"

	"heyy/internal/discovery"
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
func (m *Peer) Come(now time.Duration, t *Ticket) {
	m.crowd.add(t, Start.Add(now))
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
	at := Start.Add(now)
	today := discovery.DayOf(at)
	for _, t := range seek {
		if t.gone {
			continue // found by an older one, or gave up
		}
		var best *Ticket
		var most float64
		m.crowd.fitting(t, at, func(o *Ticket) {
			s := m.crowd.score(t, o, today)
			if best == nil || s > most || s == most && o.ID < best.ID {
				best, most = o, s
			}
		})
		if best != nil {
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
