package trial

import (
	"slices"
	"time"

	"heyy/internal/discovery"
	"heyy/internal/match/pool"
	"heyy/internal/region"
)

// crowd is who waits, as a peer may keep them: by language, intent and gender,
// each list in the order of coming.
type crowd struct {
	lists map[place]*line
	there map[int32]*Ticket
	near  map[[2]region.Cell]float64
}

type place struct {
	language uint64
	intent   uint8
	gender   uint8
}

// line keeps those who left until they are half of it.
type line struct {
	all  []standing
	left int
}

// standing is a ticket in a line, with what most fail by.
type standing struct {
	t         *Ticket
	age       int // at coming
	from, to  int
	meet, own uint8
}

func newCrowd() *crowd {
	return &crowd{lists: map[place]*line{}, there: map[int32]*Ticket{}, near: map[[2]region.Cell]float64{}}
}

// places are where somebody stands, or looks for one of those genders.
func places(t discovery.Traits, genders uint8, visit func(place)) {
	for langs := t.Languages; langs != 0; langs &= langs - 1 {
		for what := t.Intents; what != 0; what &= what - 1 {
			for g := genders; g != 0; g &= g - 1 {
				visit(place{langs & -langs, what & -what, g & -g})
			}
		}
	}
}

func (c *crowd) add(t *Ticket, now time.Time) {
	c.there[t.ID] = t
	of := t.Waiter.Person.Traits()
	s := standing{t, t.Waiter.Person.Age(discovery.DayOf(now)), t.Waiter.From, t.Waiter.To, of.Meet, of.Gender}
	places(of, of.Gender, func(p place) {
		if c.lists[p] == nil {
			c.lists[p] = &line{}
		}
		c.lists[p].all = append(c.lists[p].all, s)
	})
}

func (c *crowd) remove(t *Ticket) {
	delete(c.there, t.ID)
	t.gone = true
	of := t.Waiter.Person.Traits()
	places(of, of.Gender, func(p place) {
		l := c.lists[p]
		if l.left++; l.left*2 > len(l.all) {
			l.left = 0
			l.all = slices.DeleteFunc(l.all, func(s standing) bool { return s.t.gone })
		}
	})
}

// fitting hands each who fits somebody to visit, those in several lines more than
// once.
func (c *crowd) fitting(t *Ticket, now time.Time, visit func(*Ticket)) {
	today := discovery.DayOf(now)
	w := &t.Waiter
	of, age := w.Person.Traits(), w.Person.Age(today)
	places(of, of.Meet, func(p place) {
		l := c.lists[p]
		if l == nil {
			return
		}
		for i := range l.all {
			s := &l.all[i]
			if s.meet&of.Gender == 0 || age < s.from || age > s.to || s.age > w.To || s.age+1 < w.From {
				continue
			}
			if !s.t.gone && s.t != t && pool.May(w, &s.t.Waiter, today) {
				visit(s.t)
			}
		}
	})
}

// score is what two who fit think of it. How near their regions are is reckoned
// once for each two regions.
func (c *crowd) score(a, b *Ticket, today discovery.Day) float64 {
	x, y := a.Waiter.Person.Cell, b.Waiter.Person.Cell
	k := [2]region.Cell{min(x, y), max(x, y)}
	near, known := c.near[k]
	if !known {
		near = map[region.Where]float64{region.Same: 0.12, region.Nearby: 0.065}[region.Near(x, y)]
		c.near[k] = near
	}
	return discovery.Affinity(&a.apart, &b.apart, today) + near
}
