package pool

import (
	"cmp"
	"slices"
	"time"

	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pairing"
	"heyy/internal/people/account"
	"heyy/internal/people/region"
)

// Weights of a pair. Two pairs of members always weigh more than one, and a pair of
// members always more than one with a resident. So the number of pairs comes first,
// then the waiting time, then the fit.
const (
	pairWeight     = 4000
	affinityWeight = 1000
	WaitWeight     = 2  // for each second of each of the two; see the table in docs/adr/0008
	waitWeightMax  = 10 // with more, one pair that waits could outweigh two
	waitCounted    = 2 * time.Minute
)

func (p *Pool) weigh(a, b *slot, now int64, today discovery.Day) int64 {
	w := 1 + int64(affinityWeight*discovery.Affinity(&a.Person, &b.Person, today)) + p.regions.weigh(a.region, b.region)
	if a.Person.Resident || b.Person.Resident {
		return w
	}
	return pairWeight + w + p.waitWeight*(waitSeconds(now-a.enteredAt)+waitSeconds(now-b.enteredAt))
}

// waitSeconds returns the seconds that count of a wait in milliseconds.
func waitSeconds(waited int64) int64 {
	return max(0, min(waited, waitCounted.Milliseconds())) / 1000
}

// regionWeights caches the weights of pairs of regions: computing a distance
// takes longer than the rest of a scan, and there are few regions. It is
// direct-mapped: a new pair replaces the one with the same hash.
type regionWeights struct {
	known [1 << 12]struct {
		a, b   region.Cell
		weight int64
	}
}

// Weights of regions: a tenth of the affinity, as in discovery.Affinity.
const (
	sameWeight   = 120
	nearbyWeight = 65
	noneWeight   = 25
)

func (n *regionWeights) weigh(a, b region.Cell) int64 {
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

// Limits of a scan. For one ticket the best of 400 that fit are candidates. With many
// pending tickets each scans fewer: every edge counts for both ends, so each ticket
// has twice as many. With 10,000 tickets the total weight is then 1 % less than with
// 100 scanned for each, and not less than with 400, where many choose the same few.
const (
	candidatesMax = 20      // kept for one pending ticket: the best of those scanned
	scanMax       = 400     // fitting tickets that are scanned for one,
	scanMin       = 32      // fewer if many are pending,
	scanTotal     = 320_000 // and so many in total
	burst         = 16      // from one list before the next one
)

// MaxBatch is the number of pending tickets that one Choose handles: about 100 ms on one
// core, in which the leader does nothing else. The tickets that wait longest come
// first, the others with the next Choose.
const MaxBatch = 10_000

// golden is the golden ratio as a fraction of 2^32. Each Choose starts its scans
// elsewhere in the lists, in steps that cover them evenly, so that nobody is
// always behind as many others as are scanned.
const golden = 0x9e3779b9

// candidate is a ticket that fits another, and the weight of the pair.
type candidate struct {
	weight int64
	slot   int32
}

// candidatesOf returns the best candidates for ticket i among the first scans
// tickets that fit, in the memory of found. from is the start in the lists, see
// golden. It is empty only if nobody in the pool fits.
func (p *Pool) candidatesOf(i int32, from uint32, scans int, now int64, today discovery.Day, found []candidate) []candidate {
	me := p.slots[i]
	mine, gender := entryOf(i, &me, today), me.Person.Traits().Gender
	who := me.Person.ID
	me.Person.ID = "" // comparing ids is not needed: i is marked as visited
	p.visit++
	p.visitedBy[i] = p.visit
	spans := p.spansOf(&me, from)
	found = found[:0]
	for some := true; some; {
		some = false
		for k := range spans {
			all, next, left := spans[k].all, spans[k].next, spans[k].left
			for n := 0; n < burst && left > 0; left-- {
				e := &all[next]
				if next++; next == len(all) {
					next = 0
				}
				if !e.mayFit(&mine, gender) || p.visitedBy[e.slot] == p.visit {
					continue
				}
				p.visitedBy[e.slot] = p.visit
				o := &p.slots[e.slot]
				if !discovery.Fits(&me.Person, &o.Person, today) || !p.mayPropose(&me, who, o) {
					continue
				}
				found = keepBest(found, candidate{p.weigh(&me, o, now, today), e.slot})
				if scans--; scans == 0 {
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

// Fits reports whether some member in the pool may be proposed to w, which is not
// in it.
func (p *Pool) Fits(w Ticket, now time.Time) bool {
	me, today := slot{Ticket: w}, discovery.DayOf(now)
	mine, gender := entryOf(0, &me, today), w.Person.Traits().Gender
	for _, s := range p.spansOf(&me, 0) {
		for i := range s.all {
			if e := &s.all[i]; e.mayFit(&mine, gender) && MayPropose(&me.Ticket, &p.slots[e.slot].Ticket, today) {
				return true
			}
		}
	}
	return false
}

// mayPropose checks what MayPropose checks besides Fits, for two ready tickets in
// the pool, and whether residents are allowed.
func (p *Pool) mayPropose(me *slot, who account.ID, o *slot) bool {
	switch {
	case me.Person.Resident && !o.residentsAllowed, o.Person.Resident && !me.residentsAllowed:
		return false
	case !me.restricted && !o.restricted:
		return true
	}
	return me.accepts(&o.Person, o.Person.ID) && o.accepts(&me.Person, who)
}

// keepBest adds c to the best candidates, a min-heap by weight. Of equal weights
// the earlier one stays; since scans start elsewhere each time, that is fair.
func keepBest(best []candidate, c candidate) []candidate {
	if len(best) < candidatesMax {
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

// Choose returns pairs of tickets for the pending ones, at most MaxBatch of them.
// A ticket that nobody fits is no longer pending. One that is left without a pair
// stays pending, and so does one with a pair until it is suspended or dropped.
// The pairs of those who wait longest come first.
func (p *Pool) Choose(now time.Time) (pairs [][2]account.ID) {
	who, edges := p.Graph(now)
	for a, b := range pairing.Pair(len(who), edges, pairing.ExactUpTo) {
		if int(b) > a {
			pairs = append(pairs, [2]account.ID{who[a], who[b]})
		}
	}
	return pairs
}

// Graph returns the graph that Choose passes to package pairing: the account of
// each vertex, and an edge for each pair that fits. It changes what is pending as
// Choose does.
func (p *Pool) Graph(now time.Time) (who []account.ID, edges []pairing.Edge) {
	batch, rest := p.nextBatch()
	if len(batch) == 0 {
		p.pending = rest
		return nil, nil
	}
	vertices := make([]int32, len(batch), 2*len(batch)+candidatesMax) // by vertex: the slot
	for k, t := range batch {
		vertices[k] = t.slot
		p.slots[t.slot].vertex = int32(k) + 1
	}
	ms, today := now.UnixMilli(), discovery.DayOf(now)
	p.rounds++
	scans := max(scanMin, min(scanMax, scanTotal/len(batch)))
	edges = make([]pairing.Edge, 0, len(batch)*candidatesMax)
	found := make([]candidate, 0, candidatesMax)
	for k, t := range batch {
		from := p.rounds*golden + uint32(k<<32/len(batch))
		found = p.candidatesOf(t.slot, from, scans, ms, today, found)
		p.slots[t.slot].pending = len(found) > 0
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
	// Tickets that are still pending go back to the front.
	batch = slices.DeleteFunc(batch, func(t pendingTicket) bool { return !p.slots[t.slot].pending })
	front := len(p.pending) - len(rest) - len(batch)
	copy(p.pending[front:], batch)
	p.pending = p.pending[front:]
	return who, edges
}

// nextBatch returns the pending tickets to handle now, a prefix of p.pending, and
// the rest of it.
func (p *Pool) nextBatch() (batch, rest []pendingTicket) {
	if p.unsorted {
		slices.SortFunc(p.pending, func(a, b pendingTicket) int {
			return cmp.Or(cmp.Compare(a.enteredAt, b.enteredAt), cmp.Compare(a.slot, b.slot))
		})
		p.unsorted = false
	}
	n, rest := 0, p.pending
	for ; len(rest) > 0 && n < MaxBatch; rest = rest[1:] {
		t := rest[0]
		s := &p.slots[t.slot]
		if s.pending = s.used && s.Ready; s.pending {
			p.pending[n] = t
			n++
		}
	}
	return p.pending[:n], rest
}
