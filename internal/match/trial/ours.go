package trial

import (
	"time"

	"heyy/internal/account"
	"heyy/internal/match/pool"
)

// Ours is the pool that the queue uses, driven as its leader does: the first who
// is hungry waits for GatherTime for others, and then it chooses until nobody is.
type Ours struct {
	pool *pool.Pool
	at   map[account.ID]int32
	next time.Duration
	took []time.Duration // by the choices, on a real clock
}

// NewOurs has nobody waiting.
func NewOurs() *Ours {
	return &Ours{pool: pool.New(), at: map[account.ID]int32{}, next: Never}
}

// Come takes somebody in.
func (m *Ours) Come(now time.Duration, t *Ticket) {
	m.at[t.Waiter.Person.ID] = t.ID
	m.pool.Put(t.Waiter, Start.Add(now))
	m.next = min(m.next, now+pool.GatherTime)
}

// GiveUp lets somebody go.
func (m *Ours) GiveUp(_ time.Duration, t *Ticket) { m.drop(t.Waiter.Person.ID) }

func (m *Ours) drop(who account.ID) {
	delete(m.at, who)
	m.pool.Drop(who)
}

// Next is when those who came have waited for others.
func (m *Ours) Next() time.Duration { return m.next }

// Pairs is a choice. Who is in none though somebody fits is chosen for again at
// once.
func (m *Ours) Pairs(now time.Duration) (pairs [][2]int32) {
	begun := time.Now()
	chosen := m.pool.Choose(Start.Add(now))
	m.took = append(m.took, time.Since(begun))
	for _, two := range chosen {
		pairs = append(pairs, [2]int32{m.at[two[0]], m.at[two[1]]})
		m.drop(two[0])
		m.drop(two[1])
	}
	m.next = Never
	if m.pool.Hungry() > 0 && len(pairs) > 0 {
		m.next = now
	}
	return pairs
}

// Took is how long each choice took on this machine.
func (m *Ours) Took() []time.Duration { return m.took }
