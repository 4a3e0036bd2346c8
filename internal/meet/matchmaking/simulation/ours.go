package simulation

import (
	"time"

	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/people/account"
)

// Ours is the pool of the queue, driven as the leader does: the first pending
// ticket waits for BatchWindow, and then the pool chooses until nothing is
// pending.
type Ours struct {
	pool        *pool.Pool
	arrivals    map[account.ID]int32
	next        time.Duration
	chooseTimes []time.Duration // real durations of Choose
}

// NewOurs returns an empty matchmaker with the weights of the queue.
func NewOurs() *Ours { return WithWaitWeight(pool.WaitWeight) }

// WithWaitWeight returns an empty one in which a second of waiting has this
// weight.
func WithWaitWeight(wait int64) *Ours {
	return &Ours{pool: pool.WithWaitWeight(wait), arrivals: map[account.ID]int32{}, next: Never}
}

// Arrive adds a ticket.
func (m *Ours) Arrive(now time.Duration, t *Arrival) {
	m.arrivals[t.Ticket.Person.ID] = t.ID
	m.pool.Put(t.Ticket, Start.Add(now))
	m.next = min(m.next, now+pool.BatchWindow)
}

// Abandon removes a ticket.
func (m *Ours) Abandon(_ time.Duration, t *Arrival) { m.drop(t.Ticket.Person.ID) }

func (m *Ours) drop(who account.ID) {
	delete(m.arrivals, who)
	m.pool.Drop(who)
}

// Next returns the end of the batch window.
func (m *Ours) Next() time.Duration { return m.next }

// Pairs chooses once. If tickets stay pending it is due again at once.
func (m *Ours) Pairs(now time.Duration) (pairs [][2]int32) {
	begun := time.Now()
	chosen := m.pool.Choose(Start.Add(now))
	m.chooseTimes = append(m.chooseTimes, time.Since(begun))
	for _, two := range chosen {
		pairs = append(pairs, [2]int32{m.arrivals[two[0]], m.arrivals[two[1]]})
		m.drop(two[0])
		m.drop(two[1])
	}
	m.next = Never
	if m.pool.Pending() > 0 && len(pairs) > 0 {
		m.next = now
	}
	return pairs
}

// ChooseTimes returns how long each choice took on this machine.
func (m *Ours) ChooseTimes() []time.Duration { return m.chooseTimes }
