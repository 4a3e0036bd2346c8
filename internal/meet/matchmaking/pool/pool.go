package pool

import (
	"slices"
	"time"

	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/region"
)

// Durations for callers of a pool.
const (
	BatchWindow   = 100 * time.Millisecond // from the first pending ticket to Choose, so that several tickets are chosen together
	ResidentDelay = 5 * time.Second        // without a pair before a resident may be proposed
)

// Ticket is one person's place in the queue, as the rows say.
type Ticket struct {
	AgeFrom, AgeTo int              // preferred ages in years, as in Person: only to skip candidates early
	ID             string           // a new id clears what the pool remembers of the account
	EnteredAt      time.Time        // when the person entered the queue
	Ready          bool             // may be proposed to somebody, as far as their own rows say
	WasProposed    bool             // at least once under this ID
	VerifiedOnly   bool             // only verified people may be proposed to them
	Exclusions     []account.ID     // accounts not to propose under this ID; the pool keeps what it was told once
	Person         discovery.Person // the profile, narrowed by the search filter; its ID is the account
}

// accepts reports whether w allows proposals of o, whose account is who.
func (w *Ticket) accepts(o *discovery.Person, who account.ID) bool {
	return (!w.VerifiedOnly || o.Verified()) && !slices.Contains(w.Exclusions, who)
}

// MayPropose reports whether two tickets may be proposed to each other, by what
// is known of each alone. It is symmetric. Whether it is time for a resident,
// only a Pool knows.
func MayPropose(a, b *Ticket, today discovery.Day) bool {
	return a.Ready && b.Ready && !(a.Person.Resident && b.Person.Resident) && discovery.Fits(&a.Person, &b.Person, today) &&
		a.accepts(&b.Person, b.Person.ID) && b.accepts(&a.Person, a.Person.ID)
}

// slot is the memory of one ticket in a pool, or is unused. The fields that a
// scan reads of other tickets are adjacent, from the end of Person on, to share
// cache lines.
type slot struct {
	Ticket
	region           region.Cell // moved here from Person, whose Cell is 0 in a pool
	enteredAt        int64       // Unix milliseconds
	vertex           int32       // number in the graph being built, from 1; 0: none
	restricted       bool        // MayPropose checks more than discovery.Fits
	residentsAllowed bool        // no member was found for ResidentDelay
	used             bool        // holds a ticket
	pending          bool        // is in Pool.pending
	readySince       time.Time   // since when Ready
	positions        []int32     // its index in each of its lists
}

// pendingTicket is an entry of the queue of pending tickets.
type pendingTicket struct {
	enteredAt int64
	slot      int32
}

// Pool is the in-memory set of waiting tickets. New creates it.
type Pool struct {
	byAccount  map[account.ID]int32
	slots      []slot
	visitedBy  []uint32 // by slot: the last scan that visited it
	unused     []int32
	lists      map[listKey][]entry
	pending    []pendingTicket // tickets that need candidates
	unsorted   bool            // pending is not in the order of enteredAt
	residents  int             // residents that are ready
	visit      uint32          // number of the last scan
	rounds     uint32
	regions    regionWeights
	waitWeight int64  // weight of a second of waiting
	spans      []span // reused by scans
}

// New returns an empty pool.
func New() *Pool { return WithWaitWeight(WaitWeight) }

// WithWaitWeight returns an empty pool in which a second of waiting has this
// weight, of 0 to 10. It is for experiments with the weight.
func WithWaitWeight(wait int64) *Pool {
	return &Pool{byAccount: map[account.ID]int32{}, lists: map[listKey][]entry{}, waitWeight: max(0, min(wait, waitWeightMax))}
}

// Len returns the number of tickets, ready or not.
func (p *Pool) Len() int { return len(p.byAccount) }

// Pending returns the number of pending tickets.
func (p *Pool) Pending() int { return len(p.pending) }

// Put adds or updates a ticket. A ready one becomes pending.
func (p *Pool) Put(w Ticket, now time.Time) {
	who := w.Person.ID
	i, known := p.byAccount[who]
	if !known {
		if n := len(p.unused); n > 0 {
			i = p.unused[n-1]
			p.unused = p.unused[:n-1]
		} else {
			i = int32(len(p.slots))
			p.slots, p.visitedBy = append(p.slots, slot{}), append(p.visitedBy, 0)
		}
		p.byAccount[who] = i
	}
	s := &p.slots[i]
	p.unlist(i)
	if !s.used || s.ID != w.ID {
		s.Exclusions, s.readySince, s.residentsAllowed = nil, time.Time{}, false
	}
	out := s.Exclusions
	s.used, s.Ticket, s.enteredAt, s.region = true, w, w.EnteredAt.UnixMilli(), w.Person.Cell
	s.Person.Cell, s.Person.Voice = 0, nil // weighed separately, see weigh; the voice is not needed
	s.Exclusions = nil
	s.exclude(out...)
	s.exclude(w.Exclusions...)
	if !s.Ready {
		s.readySince, s.residentsAllowed = time.Time{}, false
		return
	}
	if s.readySince.IsZero() {
		if s.readySince = now; !w.WasProposed {
			s.readySince = w.EnteredAt
		}
	}
	p.enlist(i, discovery.DayOf(now))
	p.enqueue(i)
}

// exclude adds accounts that are not to be proposed.
func (s *slot) exclude(ids ...account.ID) {
	for _, id := range ids {
		if !slices.Contains(s.Exclusions, id) {
			s.Exclusions = append(s.Exclusions, id)
		}
	}
	s.restricted = s.VerifiedOnly || len(s.Exclusions) > 0
}

// Drop removes a ticket, if it is in the pool.
func (p *Pool) Drop(who account.ID) {
	i, ok := p.byAccount[who]
	if !ok {
		return
	}
	p.unlist(i)
	delete(p.byAccount, who)
	p.slots[i] = slot{positions: p.slots[i].positions[:0], pending: p.slots[i].pending}
	p.unused = append(p.unused, i)
}

// Suspend excludes a ticket from choices until it is put again, because a
// proposal is open.
func (p *Pool) Suspend(who account.ID) {
	if i, ok := p.byAccount[who]; ok {
		p.unlist(i)
		s := &p.slots[i]
		s.Ready, s.readySince, s.residentsAllowed = false, time.Time{}, false
	}
}

// Exclude keeps two tickets from being proposed to each other, and makes both
// pending.
func (p *Pool) Exclude(a, b account.ID) {
	i, here := p.byAccount[a]
	j, there := p.byAccount[b]
	if here && there {
		p.slots[i].exclude(b)
		p.enqueue(i)
		p.enqueue(j)
	}
}

// AllowResidents lets residents be proposed to members for whom no member was
// found for ResidentDelay.
func (p *Pool) AllowResidents(now time.Time) {
	if p.residents == 0 {
		return
	}
	for i := range p.slots {
		s := &p.slots[i]
		if s.Ready && !s.Person.Resident && !s.residentsAllowed && now.Sub(s.readySince) >= ResidentDelay {
			s.residentsAllowed = true
			p.enqueue(int32(i))
		}
	}
}

// enqueue makes ticket i pending.
func (p *Pool) enqueue(i int32) {
	if s := &p.slots[i]; !s.pending {
		s.pending = true
		n := len(p.pending)
		p.unsorted = p.unsorted || n > 0 && s.enteredAt < p.pending[n-1].enteredAt
		p.pending = append(p.pending, pendingTicket{s.enteredAt, i})
	}
}
