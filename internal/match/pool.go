package match

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/discovery"
	"heyy/internal/match/pairing"
)

// waiter is somebody who waits, as their rows were read last.
type waiter struct {
	row
	me     discovery.Person // as they are tonight
	ready  bool             // may be proposed to somebody, as far as the rows of one tell
	out    map[account.ID]struct{}
	freeAt time.Time // ready since
	kin    string    // who waits alike
	alone  bool      // nobody real fitted for a while: a resident may stand in

	there  bool  // the slot is taken
	hungry bool  // stands in pool.hungry
	places []int // where it stands in each of its lists
	seen   uint32
	pass   uint32
}

// keeps reports whether w does not want o, or had them proposed in this coming.
func (w *waiter) keeps(o *waiter) bool {
	if w.reach == Verified && !o.me.Verified() {
		return true
	}
	_, out := w.out[o.who]
	return out
}

// may reports whether two who wait may be proposed to each other, by all that
// is known of each alone. It is the same from both sides.
func may(a, b *waiter, today discovery.Day) bool {
	switch {
	case !a.ready || !b.ready || a.keeps(b) || b.keeps(a):
		return false
	case a.resident && (b.resident || !b.alone), b.resident && !a.alone:
		return false
	}
	return discovery.Fits(&a.me, &b.me, today)
}

// What a pair weighs. Two pairs of members always weigh more than one, and a
// pair of members always more than one with a resident: first everybody finds
// somebody, then who waits long, then who fits best.
const (
	pairWeight  = 4000
	likesWeight = 1000
	waitWeight  = 10 // a second, of each
	waitCounts  = 2 * time.Minute
)

func weigh(a, b *waiter, now time.Time, today discovery.Day) int64 {
	w := 1 + int64(likesWeight*discovery.Affinity(&a.me, &b.me, today))
	if a.resident || b.resident {
		return w
	}
	return pairWeight + w + patience(a, now) + patience(b, now)
}

func patience(w *waiter, now time.Time) int64 {
	waited := max(0, now.Sub(time.UnixMilli(w.entered)))
	return waitWeight * int64(min(waited, waitCounts)/time.Second)
}

// list names those who speak a language, look for an intent, are of a gender,
// and are residents or not: whoever fits somebody stands in one of the lists
// that this one looks through.
type list uint16

func listOf(language, intent, gender int, resident bool) list {
	l := list(language)<<5 | list(intent&7)<<2 | list(gender&3)
	if resident {
		l |= 1 << 15
	}
	return l
}

// entry is a waiter in a list, and which of its lists this is.
type entry struct{ slot, nth int32 }

// pool is who waits, in memory. It chooses; the rows decide.
type pool struct {
	at        map[account.ID]int32
	slots     []waiter
	unused    []int32
	lists     map[list][]entry
	hungry    []int32 // slots for whom somebody is to be looked for
	residents int     // that are ready
	stamp     uint32
	turn      int
}

func newPool() *pool { return &pool{at: map[account.ID]int32{}, lists: map[list][]entry{}} }

// of is somebody in the pool, or nil.
func (p *pool) of(who account.ID) *waiter {
	if i, ok := p.at[who]; ok {
		return &p.slots[i]
	}
	return nil
}

// put brings somebody up to date: r is their row, me who they are, or nil where
// they cannot be shown to anybody now.
func (p *pool) put(r row, me *discovery.Person, now time.Time) {
	i, known := p.at[r.who]
	if !known {
		if n := len(p.unused); n > 0 {
			i = p.unused[n-1]
			p.unused = p.unused[:n-1]
		} else {
			i = int32(len(p.slots))
			p.slots = append(p.slots, waiter{})
		}
		p.at[r.who] = i
	}
	w := &p.slots[i]
	p.unlist(i)
	if !w.there || w.id != r.id {
		w.out, w.freeAt, w.alone, w.places = map[account.ID]struct{}{}, time.Time{}, false, w.places[:0]
	}
	w.there, w.row = true, r
	w.become(me, now)
	if !w.ready {
		w.freeAt, w.alone = time.Time{}, false
		return
	}
	if w.freeAt.IsZero() {
		if w.freeAt = now; !r.proposed {
			w.freeAt = time.UnixMilli(r.entered)
		}
	}
	p.enlist(i)
	p.feed(i)
}

// become reckons what follows from the row and the person.
func (w *waiter) become(me *discovery.Person, now time.Time) {
	for _, id := range w.skipped() {
		w.out[id] = struct{}{}
	}
	w.ready, w.me = false, discovery.Person{}
	if me == nil {
		return
	}
	var fits bool
	w.kin = kinOf(me)
	w.me, fits = me.Tonight(w.wishes())
	w.ready = fits && w.free() && me.Shown(now)
}

// drop takes somebody out.
func (p *pool) drop(who account.ID) {
	i, ok := p.at[who]
	if !ok {
		return
	}
	p.unlist(i)
	delete(p.at, who)
	p.slots[i] = waiter{places: p.slots[i].places[:0], hungry: p.slots[i].hungry}
	p.unused = append(p.unused, i)
}

// rest takes somebody out of sight until they are put anew: a proposal is out.
func (p *pool) rest(who account.ID) {
	if i, ok := p.at[who]; ok {
		p.unlist(i)
		w := &p.slots[i]
		w.ready, w.freeAt, w.alone = false, time.Time{}, false
		w.call = "?" // as no row has it, so that the row is read when it comes by
	}
}

// feed lets somebody be looked for for i.
func (p *pool) feed(i int32) {
	if w := &p.slots[i]; !w.hungry {
		w.hungry = true
		p.hungry = append(p.hungry, i)
	}
}

// listsOf are the lists that w stands in.
func listsOf(w *waiter, visit func(nth int32, l list)) {
	t := w.me.Traits()
	gender := bits.TrailingZeros8(t.Gender)
	var nth int32
	for langs := t.Languages; langs != 0; langs &= langs - 1 {
		for intents := t.Intents; intents != 0; intents &= intents - 1 {
			visit(nth, listOf(bits.TrailingZeros64(langs), bits.TrailingZeros8(intents), gender, w.resident))
			nth++
		}
	}
}

func (p *pool) enlist(i int32) {
	w := &p.slots[i]
	listsOf(w, func(nth int32, l list) {
		w.places = append(w.places, len(p.lists[l]))
		p.lists[l] = append(p.lists[l], entry{i, nth})
	})
	if w.resident {
		p.residents++
	}
}

func (p *pool) unlist(i int32) {
	w := &p.slots[i]
	if len(w.places) == 0 {
		return
	}
	listsOf(w, func(nth int32, l list) {
		all, at := p.lists[l], w.places[nth]
		last := all[len(all)-1]
		all[at] = last
		p.slots[last.slot].places[last.nth] = at
		if all = all[:len(all)-1]; len(all) == 0 {
			delete(p.lists, l)
		} else {
			p.lists[l] = all
		}
	})
	w.places = w.places[:0]
	if w.resident {
		p.residents--
	}
}

const (
	looksAt    = 400 // people who fit, of whom the best are candidates
	candidates = 32
	atOnce     = 200 // people for whom somebody is looked for in one go
)

// candidate is somebody who fits another, and how much the two weigh.
type candidate struct {
	slot   int32
	weight int64
}

// fitting are the best candidates for i. Each look begins elsewhere in the
// lists, so that nobody is always behind those who are enough.
func (p *pool) fitting(i int32, now time.Time, found []candidate) []candidate {
	me := &p.slots[i]
	t := me.me.Traits()
	today := discovery.DayOf(now)
	p.stamp++
	p.turn++
	me.seen = p.stamp
	look := func(l list) {
		all := p.lists[l]
		for k := range all {
			if len(found) == looksAt {
				return
			}
			o := &p.slots[all[(k+p.turn)%len(all)].slot]
			if o.seen == p.stamp {
				continue
			}
			o.seen = p.stamp
			if may(me, o, today) {
				found = append(found, candidate{p.at[o.who], weigh(me, o, now, today)})
			}
		}
	}
	for _, residents := range []bool{false, true} {
		if residents && (me.resident || !me.alone) {
			continue
		}
		for langs := t.Languages; langs != 0; langs &= langs - 1 {
			for intents := t.Intents; intents != 0; intents &= intents - 1 {
				for meet := t.Meet; meet != 0; meet &= meet - 1 {
					look(listOf(bits.TrailingZeros64(langs), bits.TrailingZeros8(intents), bits.TrailingZeros8(meet), residents))
				}
			}
		}
	}
	// Of those who are alike each look takes others: it began elsewhere.
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.weight, a.weight) })
	return found[:min(len(found), candidates)]
}

// choose finds pairs for those who are hungry, those who wait longest first.
// Whoever fits nobody is hungry no more; whoever lost out to others still is.
func (p *pool) choose(now time.Time) (pairs [][2]account.ID) {
	waiting := p.hungry[:0]
	for _, i := range p.hungry {
		if w := &p.slots[i]; w.there && w.ready {
			waiting = append(waiting, i)
		} else {
			w.hungry = false
		}
	}
	p.hungry = waiting
	turn := waiting
	if len(waiting) > atOnce {
		slices.SortFunc(waiting, func(a, b int32) int { return cmp.Compare(p.slots[a].entered, p.slots[b].entered) })
		turn = waiting[:atOnce]
	}
	number := map[int32]int32{}
	var slots []int32
	vertex := func(i int32) int32 {
		n, ok := number[i]
		if !ok {
			n = int32(len(slots))
			number[i] = n
			slots = append(slots, i)
		}
		return n
	}
	var edges []pairing.Edge
	var found []candidate
	for _, i := range turn {
		found = p.fitting(i, now, found[:0])
		p.slots[i].hungry = len(found) > 0
		for _, c := range found {
			edges = append(edges, pairing.Edge{A: vertex(i), B: vertex(c.slot), Weight: c.weight})
		}
	}
	for a, b := range pairing.Pair(len(slots), edges, pairing.ExactUpTo) {
		if int(b) > a {
			pairs = append(pairs, [2]account.ID{p.slots[slots[a]].who, p.slots[slots[b]].who})
		}
	}
	p.hungry = slices.DeleteFunc(p.hungry, func(i int32) bool { return !p.slots[i].hungry })
	return pairs
}

// lonely marks those for whom nobody real was there for AloneTime.
func (p *pool) lonely(now time.Time) {
	if p.residents == 0 {
		return
	}
	for i := range p.slots {
		w := &p.slots[i]
		if w.ready && !w.resident && !w.alone && now.Sub(w.freeAt) >= AloneTime {
			w.alone = true
			p.feed(int32(i))
		}
	}
}
