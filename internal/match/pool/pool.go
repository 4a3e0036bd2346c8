package pool

import (
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/discovery"
	"heyy/internal/region"
)

// Times of those who drive a pool.
const (
	GatherTime = 100 * time.Millisecond // from the first who is hungry to Choose among all who are by then
	AloneTime  = 5 * time.Second        // without anybody real before a resident may stand in
)

// Waiter is somebody who waits, as their rows tell.
type Waiter struct {
	From, To int              // years that they wish, as Person has them: spares looks, and decides nothing
	Coming   string           // a name of this coming: in another, nothing is remembered
	Entered  time.Time        // they came
	Ready    bool             // may be proposed to somebody, as far as their own rows tell
	Proposed bool             // once at least in this coming
	Verified bool             // only who is verified may be proposed to them
	Out      []account.ID     // not these in this coming; told once, it holds
	Person   discovery.Person // as they are tonight; the ID says who
}

// takes reports whether w wants calls of o, whose name is who, and had them not
// proposed in this coming.
func (w *Waiter) takes(o *discovery.Person, who account.ID) bool {
	return (!w.Verified || o.Verified()) && !slices.Contains(w.Out, who)
}

// May reports whether two who wait may be proposed to each other, by all that
// is known of each alone. It is the same from both sides. Whether it is time for
// a resident to stand in, a Pool knows.
func May(a, b *Waiter, today discovery.Day) bool {
	return a.Ready && b.Ready && !(a.Person.Resident && b.Person.Resident) && discovery.Fits(&a.Person, &b.Person, today) &&
		a.takes(&b.Person, b.Person.ID) && b.takes(&a.Person, a.Person.ID)
}

// slot is the place of somebody in a pool, or is unused. What a look reads of
// others lies together, from the end of Person on.
type slot struct {
	Waiter
	cell    region.Cell // theirs: in a pool, Person has none
	entered int64       // unix milliseconds
	vertex  int32       // in the graph that is being made, from 1
	picky   bool        // May asks for more than Fits does
	alone   bool        // nobody real fitted for a while: a resident may stand in
	there   bool        // it is taken
	hungry  bool        // stands in Pool.hungry
	freeAt  time.Time   // ready since
	places  []int32     // where it stands in each of its lists
}

// turn is that of somebody hungry.
type turn struct {
	entered int64
	slot    int32
}

// Pool is who waits. Make it with New.
type Pool struct {
	at        map[account.ID]int32
	slots     []slot
	seen      []uint32 // of slots: the look that last came by
	unused    []int32
	lists     map[list][]entry
	hungry    []turn // for whom somebody is to be looked for
	unsorted  bool   // hungry are not in the order of their coming
	residents int    // that are ready
	stamp     uint32 // of the last look
	choices   uint32
	near      nearness
	spans     []span // between looks, for their memory
}

// New has nobody waiting.
func New() *Pool { return &Pool{at: map[account.ID]int32{}, lists: map[list][]entry{}} }

// Len is how many wait, ready or not.
func (p *Pool) Len() int { return len(p.at) }

// Hungry is for how many somebody is to be looked for.
func (p *Pool) Hungry() int { return len(p.hungry) }

// Put takes somebody in, or brings them up to date; if they are ready, somebody
// is looked for for them.
func (p *Pool) Put(w Waiter, now time.Time) {
	who := w.Person.ID
	i, known := p.at[who]
	if !known {
		if n := len(p.unused); n > 0 {
			i = p.unused[n-1]
			p.unused = p.unused[:n-1]
		} else {
			i = int32(len(p.slots))
			p.slots, p.seen = append(p.slots, slot{}), append(p.seen, 0)
		}
		p.at[who] = i
	}
	s := &p.slots[i]
	p.unlist(i)
	if !s.there || s.Coming != w.Coming {
		s.Out, s.freeAt, s.alone = nil, time.Time{}, false
	}
	out := s.Out
	s.there, s.Waiter, s.entered, s.cell = true, w, w.Entered.UnixMilli(), w.Person.Cell
	s.Person.Cell, s.Person.Voice = 0, nil // where they live is weighed apart, see weigh
	s.Out = nil
	s.keepOut(out...)
	s.keepOut(w.Out...)
	if !s.Ready {
		s.freeAt, s.alone = time.Time{}, false
		return
	}
	if s.freeAt.IsZero() {
		if s.freeAt = now; !w.Proposed {
			s.freeAt = w.Entered
		}
	}
	p.enlist(i, discovery.DayOf(now))
	p.feed(i)
}

// keepOut adds to whom s must not meet.
func (s *slot) keepOut(ids ...account.ID) {
	for _, id := range ids {
		if !slices.Contains(s.Out, id) {
			s.Out = append(s.Out, id)
		}
	}
	s.picky = s.Verified || len(s.Out) > 0
}

// Drop takes somebody out; who is not in it is passed over.
func (p *Pool) Drop(who account.ID) {
	i, ok := p.at[who]
	if !ok {
		return
	}
	p.unlist(i)
	delete(p.at, who)
	p.slots[i] = slot{places: p.slots[i].places[:0], hungry: p.slots[i].hungry}
	p.unused = append(p.unused, i)
}

// Rest takes somebody out of sight until they are put anew: a proposal is out.
func (p *Pool) Rest(who account.ID) {
	if i, ok := p.at[who]; ok {
		p.unlist(i)
		s := &p.slots[i]
		s.Ready, s.freeAt, s.alone = false, time.Time{}, false
	}
}

// Part keeps two from each other in this coming, and looks for others for both.
func (p *Pool) Part(a, b account.ID) {
	i, here := p.at[a]
	j, there := p.at[b]
	if here && there {
		p.slots[i].keepOut(b)
		p.feed(i)
		p.feed(j)
	}
}

// Lonely lets residents stand in for those for whom nobody real was there for
// AloneTime.
func (p *Pool) Lonely(now time.Time) {
	if p.residents == 0 {
		return
	}
	for i := range p.slots {
		s := &p.slots[i]
		if s.Ready && !s.Person.Resident && !s.alone && now.Sub(s.freeAt) >= AloneTime {
			s.alone = true
			p.feed(int32(i))
		}
	}
}

// feed lets somebody be looked for for i.
func (p *Pool) feed(i int32) {
	if s := &p.slots[i]; !s.hungry {
		s.hungry = true
		n := len(p.hungry)
		p.unsorted = p.unsorted || n > 0 && s.entered < p.hungry[n-1].entered
		p.hungry = append(p.hungry, turn{s.entered, i})
	}
}
