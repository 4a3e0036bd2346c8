package simulation

import (
	"slices"
	"time"

	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/people/region"
)

// peerIndex holds the waiting tickets of a peer by language, intent and gender,
// each list in the order of arrival.
type peerIndex struct {
	lists   map[listKey]*bucket
	waiting map[int32]*Arrival
	near    map[[2]region.Cell]float64
}

type listKey struct {
	language uint64
	intent   uint8
	gender   uint8
}

// bucket is a list of tickets. Removed ones stay in it until they are half of it.
type bucket struct {
	all     []bucketEntry
	removed int
}

// bucketEntry is a ticket in a bucket, with the fields by which most candidates
// fail.
type bucketEntry struct {
	t         *Arrival
	age       int // at arrival
	from, to  int
	meet, own uint8
}

func newPeerIndex() *peerIndex {
	return &peerIndex{lists: map[listKey]*bucket{}, waiting: map[int32]*Arrival{}, near: map[[2]region.Cell]float64{}}
}

// visitKeys visits the keys of the buckets for these genders.
func visitKeys(t discovery.Traits, genders uint8, visit func(listKey)) {
	for langs := t.Languages; langs != 0; langs &= langs - 1 {
		for what := t.Intents; what != 0; what &= what - 1 {
			for g := genders; g != 0; g &= g - 1 {
				visit(listKey{langs & -langs, what & -what, g & -g})
			}
		}
	}
}

func (c *peerIndex) add(t *Arrival, now time.Time) {
	c.waiting[t.ID] = t
	of := t.Ticket.Person.Traits()
	s := bucketEntry{t, t.Ticket.Person.Age(discovery.DayOf(now)), t.Ticket.AgeFrom, t.Ticket.AgeTo, of.Meet, of.Gender}
	visitKeys(of, of.Gender, func(p listKey) {
		if c.lists[p] == nil {
			c.lists[p] = &bucket{}
		}
		c.lists[p].all = append(c.lists[p].all, s)
	})
}

func (c *peerIndex) remove(t *Arrival) {
	delete(c.waiting, t.ID)
	t.removed = true
	of := t.Ticket.Person.Traits()
	visitKeys(of, of.Gender, func(p listKey) {
		l := c.lists[p]
		if l.removed++; l.removed*2 > len(l.all) {
			l.removed = 0
			l.all = slices.DeleteFunc(l.all, func(s bucketEntry) bool { return s.t.removed })
		}
	})
}

// visitFitting visits each ticket that fits t, those in several buckets more than
// once.
func (c *peerIndex) visitFitting(t *Arrival, now time.Time, visit func(*Arrival)) {
	today := discovery.DayOf(now)
	w := &t.Ticket
	of, age := w.Person.Traits(), w.Person.Age(today)
	visitKeys(of, of.Meet, func(p listKey) {
		l := c.lists[p]
		if l == nil {
			return
		}
		for i := range l.all {
			s := &l.all[i]
			if s.meet&of.Gender == 0 || age < s.from || age > s.to || s.age > w.AgeTo || s.age+1 < w.AgeFrom {
				continue
			}
			if !s.t.removed && s.t != t && pool.MayPropose(w, &s.t.Ticket, today) {
				visit(s.t)
			}
		}
	})
}

// score returns the affinity of two tickets. The distance of two regions is
// cached.
func (c *peerIndex) score(a, b *Arrival, today discovery.Day) float64 {
	x, y := a.Ticket.Person.Cell, b.Ticket.Person.Cell
	k := [2]region.Cell{min(x, y), max(x, y)}
	near, known := c.near[k]
	if !known {
		near = map[region.Where]float64{region.Same: 0.12, region.Nearby: 0.065}[region.Near(x, y)]
		c.near[k] = near
	}
	return discovery.Affinity(&a.withoutRegion, &b.withoutRegion, today) + near
}
