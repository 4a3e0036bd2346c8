package pairing

import "slices"

// Pool keeps a pairing while people come and go: at any moment one of the
// heaviest, unless that took too long (see Near). It is the state of Exact, kept.
//
// Whoever comes pays as much as their edges ask, and one search finishes them:
// it changes the mates of others only along one path. When two leave who are
// each other's mates, what is left is one of the heaviest as it is. When one
// leaves alone, another search finds the mate somebody else.
//
// The same calls have the same results. A Pool is for one goroutine.
type Pool[ID comparable] struct {
	s      *solver
	at     map[ID]int32
	ids    []ID // of vertices
	unused []int32
	late   []int32 // vertices whose search is not finished
}

// Fit says who fits somebody, and how well; for weights, see Edge.
type Fit[ID comparable] struct {
	ID     ID
	Weight int64
}

// patienceOnce is the effort of one call, some milliseconds at most. An arrival
// in a pool of 10,000 takes a hundredth of it.
const patienceOnce = 200_000

// NewPool has nobody in it.
func NewPool[ID comparable]() *Pool[ID] {
	return &Pool[ID]{s: newSolver(nil), at: map[ID]int32{}}
}

// Len is how many are in it.
func (p *Pool[ID]) Len() int { return len(p.at) }

// Add takes somebody in, with those they fit; those who are not in it are left
// out. Who is in it already comes anew: so candidates are added and weights
// changed.
func (p *Pool[ID]) Add(id ID, fits []Fit[ID]) {
	if _, again := p.at[id]; again {
		p.Remove(id)
	}
	if len(p.unused) == 0 {
		p.grow()
	}
	v := p.unused[len(p.unused)-1]
	p.unused = p.unused[:len(p.unused)-1]
	s := p.s
	for _, f := range fits {
		if u, there := p.at[f.ID]; there && f.Weight > 0 {
			s.rows[v] = append(s.rows[v], half{f.Weight, u})
			s.rows[u] = append(s.rows[u], half{f.Weight, v})
			s.nodes[v].price = max(s.nodes[v].price, 2*f.Weight-s.cost(u))
		}
	}
	p.at[id], p.ids[v] = v, id
	p.late = append(p.late, v)
	p.finish()
}

// Remove takes people out, those of a pair in one call. Who is not in it is
// passed over.
func (p *Pool[ID]) Remove(ids ...ID) {
	s := p.s
	for _, id := range ids {
		v, there := p.at[id]
		if !there {
			continue
		}
		delete(p.at, id)
		p.late = s.uncover(v, p.late)
		if m := s.nodes[v].mate; m != None {
			s.nodes[m].mate, s.nodes[v].mate = None, None
			p.late = append(p.late, m)
		}
		for _, h := range s.rows[v] {
			s.rows[h.to] = slices.DeleteFunc(s.rows[h.to], func(h half) bool { return h.to == v })
		}
		s.rows[v] = s.rows[v][:0]
		s.nodes[v].price = 0
		p.unused = append(p.unused, v)
	}
	p.finish()
}

// Best is whom to propose to somebody, or false for nobody.
func (p *Pool[ID]) Best(id ID) (mate ID, ok bool) {
	v, there := p.at[id]
	if !there {
		return mate, false
	}
	if m := p.s.nodes[v].mate; m != None {
		return p.ids[m], true
	}
	if p.s.unfinished(v) { // the best of those who are left, until it is
		var best half
		for _, h := range p.s.rows[v] {
			if p.s.nodes[h.to].mate == None && h.weight > best.weight {
				best = h
			}
		}
		if best.weight > 0 {
			return p.ids[best.to], true
		}
	}
	return mate, false
}

// Pairs are all who are each other's mates.
func (p *Pool[ID]) Pairs() (pairs [][2]ID) {
	for v := range p.s.n {
		if m := p.s.nodes[v].mate; m > v {
			pairs = append(pairs, [2]ID{p.ids[v], p.ids[m]})
		}
	}
	return pairs
}

// Reweigh asks anew what each edge weighs, the same for both orders of its
// ends, and pairs everybody anew; what weighs nothing is no edge any more. It
// takes as long as Near does, 25 ms for 10,000 people, so weights that grow with
// waiting are brought up to date every few seconds, not at each arrival.
func (p *Pool[ID]) Reweigh(weight func(a, b ID) int64) {
	rows := p.s.rows
	for v, row := range rows {
		for i := range row {
			a, b := min(int32(v), row[i].to), max(int32(v), row[i].to)
			row[i].weight = weight(p.ids[a], p.ids[b])
		}
		rows[v] = slices.DeleteFunc(row, func(h half) bool { return h.weight <= 0 })
	}
	p.s = newSolver(rows)
	p.s.begin()
	p.s.bid(bids * len(p.at))
	p.s.finish(patience + len(p.at)*patienceEach)
	p.late = p.late[:0]
	for v := range p.s.n {
		p.late = append(p.late, v)
	}
	p.keepLate()
}

// finish searches from those who are late, as long as patience lasts.
func (p *Pool[ID]) finish() {
	left := patienceOnce
	for _, v := range p.late {
		if left > 0 && p.s.unfinished(v) {
			p.s.search(v, left)
			left -= p.s.effort
		}
	}
	p.keepLate()
}

func (p *Pool[ID]) keepLate() {
	slices.Sort(p.late)
	p.late = slices.Compact(slices.DeleteFunc(p.late, func(v int32) bool { return !p.s.unfinished(v) }))
}

// grow makes room for twice as many.
func (p *Pool[ID]) grow() {
	n := p.s.n
	p.s.widen(max(64, 2*n))
	p.ids = append(p.ids, make([]ID, p.s.n-n)...)
	for v := p.s.n - 1; v >= n; v-- {
		p.unused = append(p.unused, v)
	}
}

// widen makes room for more vertices. Blossoms have the numbers after them, and
// so get other ones.
func (s *solver) widen(n int32) {
	by := n - s.n
	move := func(node *int32) {
		if *node >= s.n {
			*node += by
		}
	}
	for i := range s.nodes {
		move(&s.nodes[i].parent)
		move(&s.nodes[i].holder)
	}
	for i := range s.unused {
		move(&s.unused[i])
	}
	for _, b := range s.blossoms {
		for i := range b.children {
			move(&b.children[i])
		}
	}
	old := s.nodes
	s.nodes = slices.Clone(old[:s.n])
	for v := s.n; v < n; v++ {
		s.nodes = append(s.nodes, node{set: v, holder: v, parent: None, base: v, mate: None})
	}
	s.nodes = append(s.nodes, old[s.n:]...)
	for range by { // these say nothing between searches
		s.from, s.to, s.marks = append(s.from, None), append(s.to, None), append(s.marks, 0)
	}
	s.rows = append(s.rows, make([][]half, by)...)
	s.n = n
}

// uncover takes the blossoms apart that hold v, the outermost first, and adds
// to loose who is free by it. The members of each pay half of its price, so all
// edges are still paid for, and those within as exactly as before; but not the
// one by which its base is matched.
func (s *solver) uncover(v int32, loose []int32) []int32 {
	for top := s.top(v); top >= s.n; top = s.top(v) {
		share := s.nodes[top].price / 2
		for _, u := range s.leaves(top) {
			s.nodes[u].price += share
		}
		base := s.nodes[top].base
		loose = append(loose, base)
		if m := s.nodes[base].mate; m != None {
			s.nodes[m].mate, s.nodes[base].mate = None, None
			loose = append(loose, m)
		}
		s.open(top)
	}
	return loose
}
