package pool

import (
	"cmp"
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/discovery"
	"heyy/internal/match/pairing"
	"heyy/internal/region"
)

// What a pair weighs. Two pairs of members always weigh more than one, and a
// pair of members always more than one with a resident: first everybody finds
// somebody, then who waits long, then who fits best.
const (
	pairWeight  = 4000
	likesWeight = 1000
	waitWeight  = 10 // a second, of each
	waitCounts  = 2 * time.Minute
)

func (p *Pool) weigh(a, b *slot, now int64, today discovery.Day) int64 {
	w := 1 + int64(likesWeight*discovery.Affinity(&a.Person, &b.Person, today)) + p.near.weigh(a.cell, b.cell)
	if a.Person.Resident || b.Person.Resident {
		return w
	}
	return pairWeight + w + patience(now-a.entered) + patience(now-b.entered)
}

// patience is what a wait of so many milliseconds weighs.
func patience(waited int64) int64 {
	return waitWeight * (max(0, min(waited, waitCounts.Milliseconds())) / 1000)
}

// nearness remembers what the distances of regions weigh. To reckon one takes
// longer than all else in a look, and there are few. What has the same place
// takes it over.
type nearness struct {
	known [1 << 12]struct {
		a, b   region.Cell
		weight int64
	}
}

// Weights of regions: a tenth of what two who fit care for, as in
// discovery.Affinity.
const (
	sameWeight   = 120
	nearbyWeight = 65
	noneWeight   = 25
)

func (n *nearness) weigh(a, b region.Cell) int64 {
	switch {
	case a == 0 || b == 0:
		return noneWeight
	case a == b:
		return sameWeight
	}
	a, b = min(a, b), max(a, b)
	k := &n.known[(uint64(a)*0x9e3779b97f4a7c15^uint64(b)*0xc2b2ae3d27d4eb4f)>>52]
	if k.a != a || k.b != b {
		k.a, k.b = a, b
		switch region.Near(a, b) {
		case region.Same:
			k.weight = sameWeight
		case region.Nearby:
			k.weight = nearbyWeight
		default:
			k.weight = 0
		}
	}
	return k.weight
}

// How many are looked at. Of one who comes alone the best of 400 are candidates.
// When all look at once, each edge counts at both its ends, so that everybody
// has twice as many. 10,000 weigh a hundredth less together then than if each
// had looked at a hundred, and no less than if at 400: then many choose the same
// few.
const (
	candidates = 20      // of one who is hungry, the best of those looked at
	looksMost  = 400     // people who fit and are looked at for one,
	looksLeast = 32      // fewer if many are hungry,
	looksInAll = 320_000 // and so many for all
	inARow     = 16      // from one list, before the next has its turn
)

// AtOnce is for how many people Choose looks in one go: about what 100 ms are
// enough for on one core, in which nobody else is answered. Of more hungry ones,
// those who wait longest have their turn, and the others the next time.
const AtOnce = 10_000

// golden is the golden ratio, in shares of 2^32. Each choice begins elsewhere in
// the lists, in steps that leave no place out for long, and goes round them
// once: nobody is always behind those who are enough.
const golden = 0x9e3779b9

// candidate is somebody who fits another, and how much the two weigh.
type candidate struct {
	weight int64
	slot   int32
}

// fitting are the best candidates for i, of so many who fit, in the memory of
// found. Lists are looked through from a place on, see golden. It is empty only
// if nobody in the pool fits.
func (p *Pool) fitting(i int32, from uint32, looks int, now int64, today discovery.Day, found []candidate) []candidate {
	me := p.slots[i]
	mine, gender := entryOf(i, &me, today), me.Person.Traits().Gender
	who := me.Person.ID
	me.Person.ID = "" // nobody's: others need not be told from it by their letters
	p.stamp++
	p.seen[i] = p.stamp
	spans := p.spansOf(&me, from)
	found = found[:0]
	for some := true; some; {
		some = false
		for k := range spans {
			all, next, left := spans[k].all, spans[k].next, spans[k].left
			for n := 0; n < inARow && left > 0; left-- {
				e := &all[next]
				if next++; next == len(all) {
					next = 0
				}
				if !e.could(&mine, gender) || p.seen[e.slot] == p.stamp {
					continue
				}
				p.seen[e.slot] = p.stamp
				o := &p.slots[e.slot]
				if !discovery.Fits(&me.Person, &o.Person, today) || !p.may(&me, who, o) {
					continue
				}
				found = keep(found, candidate{p.weigh(&me, o, now, today), e.slot})
				if looks--; looks == 0 {
					return found
				}
				n++
			}
			spans[k].next, spans[k].left = next, left
			some = some || left > 0
		}
	}
	return found
}

// may is what May asks besides Fits, for two in the pool who are ready; and
// whether it is time for a resident.
func (p *Pool) may(me *slot, who account.ID, o *slot) bool {
	switch {
	case me.Person.Resident && !o.alone, o.Person.Resident && !me.alone:
		return false
	case !me.picky && !o.picky:
		return true
	}
	return me.takes(&o.Person, o.Person.ID) && o.takes(&me.Person, who)
}

// keep adds c to the best, a heap with the lightest first. Of those who weigh
// the same the first stay; each look begins elsewhere.
func keep(best []candidate, c candidate) []candidate {
	if len(best) < candidates {
		best = append(best, c)
		for i := len(best) - 1; i > 0; {
			up := (i - 1) / 2
			if best[up].weight <= best[i].weight {
				break
			}
			best[up], best[i] = best[i], best[up]
			i = up
		}
		return best
	}
	if c.weight <= best[0].weight {
		return best
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(best) {
			break
		}
		if down+1 < len(best) && best[down+1].weight < best[down].weight {
			down++
		}
		if c.weight <= best[down].weight {
			break
		}
		best[i] = best[down]
		i = down
	}
	best[i] = c
	return best
}

// Choose finds pairs for those who are hungry, for the longest waiting ones if
// they are very many. Whoever fits nobody is hungry no more; whoever lost out to
// others still is, and so is who is chosen, until they Rest or are dropped. The
// pairs of those who wait longest come first.
func (p *Pool) Choose(now time.Time) (pairs [][2]account.ID) {
	who, edges := p.Graph(now)
	for a, b := range pairing.Pair(len(who), edges, pairing.ExactUpTo) {
		if int(b) > a {
			pairs = append(pairs, [2]account.ID{who[a], who[b]})
		}
	}
	return pairs
}

// Graph is what Choose lets package pairing pair: the people of each vertex,
// and who of them fits whom. It leaves the hungry as Choose does.
func (p *Pool) Graph(now time.Time) (who []account.ID, edges []pairing.Edge) {
	turns, rest := p.next()
	if len(turns) == 0 {
		p.hungry = rest
		return nil, nil
	}
	vertices := make([]int32, len(turns), 2*len(turns)+candidates) // slots
	for k, t := range turns {
		vertices[k] = t.slot
		p.slots[t.slot].vertex = int32(k) + 1
	}
	ms, today := now.UnixMilli(), discovery.DayOf(now)
	p.choices++
	looks := max(looksLeast, min(looksMost, looksInAll/len(turns)))
	edges = make([]pairing.Edge, 0, len(turns)*candidates)
	found := make([]candidate, 0, candidates)
	for k, t := range turns {
		from := p.choices*golden + uint32(k<<32/len(turns))
		found = p.fitting(t.slot, from, looks, ms, today, found)
		p.slots[t.slot].hungry = len(found) > 0
		for _, c := range found {
			o := &p.slots[c.slot]
			if o.vertex == 0 {
				vertices = append(vertices, c.slot)
				o.vertex = int32(len(vertices))
			}
			edges = append(edges, pairing.Edge{A: int32(k), B: o.vertex - 1, Weight: c.weight})
		}
	}
	who = make([]account.ID, len(vertices))
	for v, i := range vertices {
		who[v] = p.slots[i].Person.ID
		p.slots[i].vertex = 0
	}
	// Those who still are hungry go back to the front.
	turns = slices.DeleteFunc(turns, func(t turn) bool { return !p.slots[t.slot].hungry })
	front := len(p.hungry) - len(rest) - len(turns)
	copy(p.hungry[front:], turns)
	p.hungry = p.hungry[front:]
	return who, edges
}

// next are the hungry whose turn it is, at the beginning of p.hungry, and the
// rest of it.
func (p *Pool) next() (turns, rest []turn) {
	if p.unsorted {
		slices.SortFunc(p.hungry, func(a, b turn) int { return cmp.Or(cmp.Compare(a.entered, b.entered), cmp.Compare(a.slot, b.slot)) })
		p.unsorted = false
	}
	n, rest := 0, p.hungry
	for ; len(rest) > 0 && n < AtOnce; rest = rest[1:] {
		t := rest[0]
		s := &p.slots[t.slot]
		if s.hungry = s.there && s.Ready; s.hungry {
			p.hungry[n] = t
			n++
		}
	}
	return p.hungry[:n], rest
}
