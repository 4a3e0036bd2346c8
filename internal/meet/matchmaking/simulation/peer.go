package simulation

import (
	"time"

	"heyy/internal/meet/discovery"
)

// Peer is the matchmaker of Nakama, as its documentation describes the defaults,
// for two people: every 15 seconds it goes through the active tickets, the oldest
// first. Each takes the best fitting one that is not taken, the older of equal
// ones. After two such rounds a ticket is no longer active, and can still be
// taken by others. In Nakama a rule holds in one direction by default; here it
// holds in both, as ours does.
type Peer struct {
	index   *peerIndex
	seeking []*Arrival // active tickets, the oldest first
	rounds  map[int32]int
	next    time.Duration
}

const (
	roundEvery = 15 * time.Second
	roundsMax  = 2
)

// NewPeer returns an empty matchmaker.
func NewPeer() *Peer {
	return &Peer{index: newPeerIndex(), rounds: map[int32]int{}, next: roundEvery}
}

// Arrive adds a ticket.
func (m *Peer) Arrive(now time.Duration, t *Arrival) {
	m.index.add(t, Start.Add(now))
	m.seeking = append(m.seeking, t)
}

// Abandon removes a ticket.
func (m *Peer) Abandon(_ time.Duration, t *Arrival) { m.drop(t) }

func (m *Peer) drop(t *Arrival) {
	m.index.remove(t)
	delete(m.rounds, t.ID)
}

// Next returns the time of the next round.
func (m *Peer) Next() time.Duration { return m.next }

// Pairs runs one round.
func (m *Peer) Pairs(now time.Duration) (pairs [][2]int32) {
	m.next = now + roundEvery
	seek := m.seeking
	m.seeking = nil
	at := Start.Add(now)
	today := discovery.DayOf(at)
	for _, t := range seek {
		if t.removed {
			continue // found by an older one, or gave up
		}
		var best *Arrival
		var most float64
		m.index.visitFitting(t, at, func(o *Arrival) {
			s := m.index.score(t, o, today)
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
		if m.rounds[t.ID]++; m.rounds[t.ID] < roundsMax {
			m.seeking = append(m.seeking, t)
		}
	}
	return pairs
}
