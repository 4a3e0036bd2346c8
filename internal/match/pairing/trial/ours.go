package trial

import (
	"cmp"
	"slices"
	"time"

	"heyy/internal/match/pairing"
)

// Ours is how Heyy pairs: somebody who comes is proposed at once if somebody who
// fits waits. Where many come at once it holds them, a quarter of a second at
// most, and pairs them together.
type Ours struct {
	crowd *crowd
	pool  *pairing.Pool[int32]
	next  time.Duration
	came  []time.Duration // lately
}

const (
	hold       = 250 * time.Millisecond
	burst      = 4   // who come within hold
	looksAt    = 400 // people who fit
	candidates = 32  // the best of them
)

// NewOurs has nobody waiting.
func NewOurs() *Ours {
	return &Ours{crowd: newCrowd(), pool: pairing.NewPool[int32](), next: Never}
}

// Come takes somebody in, with the best of those who wait and fit.
func (m *Ours) Come(now time.Duration, t *Ticket) {
	found := m.crowd.fitting(t, looksAt)
	fits := make([]pairing.Fit[int32], 0, len(found))
	for _, o := range found {
		fits = append(fits, pairing.Fit[int32]{ID: o.ID, Weight: Weigh(&t.Person, &o.Person, 0, now-o.Came)})
	}
	slices.SortStableFunc(fits, func(a, b pairing.Fit[int32]) int { return cmp.Compare(b.Weight, a.Weight) })
	m.pool.Add(t.ID, fits[:min(len(fits), candidates)])
	m.crowd.add(t)
	m.came = slices.DeleteFunc(append(m.came, now), func(at time.Duration) bool { return at < now-hold })
	if len(fits) > 0 && m.next == Never {
		m.next = now
		if len(m.came) >= burst {
			m.next += hold
		}
	}
}

// GiveUp lets somebody go.
func (m *Ours) GiveUp(_ time.Duration, t *Ticket) {
	m.crowd.remove(t)
	m.pool.Remove(t.ID)
}

// Next is now, or the end of a hold.
func (m *Ours) Next() time.Duration { return m.next }

// Pairs are all pairs of the pool.
func (m *Ours) Pairs(time.Duration) [][2]int32 {
	pairs := m.pool.Pairs()
	for _, p := range pairs {
		m.pool.Remove(p[0], p[1])
		m.crowd.remove(m.crowd.there[p[0]])
		m.crowd.remove(m.crowd.there[p[1]])
	}
	m.next = Never
	return pairs
}
