package pairing

import (
	"cmp"
	"math"
	"slices"
)

// This file and blossom.go are Edmonds' blossom algorithm for matchings of
// greatest weight (Edmonds, "Maximum matching and a polyhedron with 0,1-vertices",
// 1965), told as Galil tells it ("Efficient algorithms for finding maximum
// matching in graphs", 1986), with one alternating tree at a time and events in
// a priority queue (Kolmogorov, "Blossom V", 2009).
//
// The idea. We keep prices y(v) for vertices and z(B) for some odd sets, such
// that every edge is paid for (see Proof). slack(ab) is by how much it is
// overpaid; an edge of slack 0 is tight. Throughout,
//
//	(1) no slack and no price is negative,
//	(2) matched edges are tight,
//	(3) sets that cost something are blossoms: odd cycles of tight edges, all
//	    but one of their members matched within.
//
// What is missing to a proof is that free vertices cost nothing. So we take one
// free vertex that does, the root, and search until it is matched or costs
// nothing. None of the others gets worse, so after at most n searches we have
// a heaviest matching, and its proof beside it.
//
// A search. Suppose the root becomes cheaper. Its edges to others get tight;
// then the other end must become dearer as the root gets cheaper, and its mate,
// for (2), cheaper again. So a tree grows from the root, of tight edges,
// alternately unmatched and matched. At even distance its nodes are outer and
// get cheaper, at odd distance inner and get dearer, all by the same amount,
// fallen. Something happens when
//
//	grow:    an edge from an outer node to a node outside the tree gets tight.
//	         It and its mate join the tree.
//	shrink:  an edge between two outer nodes gets tight. With the tree it
//	         closes an odd cycle: a blossom. It goes on as one outer node.
//	expand:  an inner blossom would cost less than nothing. It falls apart into
//	         its children, some of which stay in the tree.
//	match:   the node outside the tree is free. Along the tree, matched and
//	         unmatched edges change places, and the root has a mate.
//	release: an outer vertex costs nothing any more. Along the tree, edges
//	         change places such that it is free instead of the root.
//
// The last two end the search. They are known as soon as one end of them is
// outer, so what would happen later than the earliest of them is never even
// queued: it keeps searches local.

// label of a node that is not inside another one, during a search.
type label int8

const (
	outside label = iota
	outer
	inner
)

// node is a vertex or a blossom.
type node struct {
	price  int64 // price + slope*fallen: in a search, prices change by themselves
	set    int32 // of a vertex: see top
	holder int32
	parent int32 // the blossom it is in, or None
	base   int32 // the vertex of it that is not matched within
	mate   int32 // of a vertex
	slope  int8
	label  label // of a node that is in no other
}

// solver is the state of a matching on its way. Nodes below n are vertices,
// others blossoms. Prices and slacks are doubled. All of them stay whole: tight
// edges make the prices of all of a tree equally odd or even, so the slack
// between two outer nodes can be halved.
type solver struct {
	rows     [][]half // the edges of each vertex
	n        int32    // vertices
	nodes    []node
	from, to []int32   // of inner nodes: the outer vertex by whose edge it joined, and its own
	blossoms []blossom // node n+i is blossoms[i]
	unused   []int32   // blossoms to be used again

	fallen  int64   // by how much the root's price fell in this search
	queue   queue   // what happens before limit
	limit   int64   // when the search ends: the value of fallen then,
	endAt   int32   // and the outer vertex by which,
	endTo   int32   // and the vertex it is matched to; None: it is released
	touched []int32 // nodes that were given a label in this search
	effort  int     // edges and vertices looked at in this search

	marks   []int32 // of nodes: the walk that last came by
	walk    int32
	scratch []int32
}

// top is the node that holds a vertex and is in no other. The vertices of a top
// node have a set in common, which is named by one of them, and the set has the
// node as its holder. So two nodes become one without a look at all of their
// vertices.
func (s *solver) top(v int32) int32 { return s.nodes[s.nodes[v].set].holder }

func (s *solver) cost(v int32) int64 {
	x := &s.nodes[v]
	return x.price + int64(x.slope)*s.fallen
}

// turn lets the price of a node change with slope from now on.
func (s *solver) turn(v int32, slope int8) {
	x := &s.nodes[v]
	x.price += int64(x.slope-slope) * s.fallen
	x.slope = slope
}

// slack is how much the edge between vertices of two top nodes is overpaid.
func (s *solver) slack(a, b int32, weight int64) int64 {
	return s.cost(a) + s.cost(b) - 2*weight
}

// Exact finds pairs among 0 to n-1 that weigh the most that is possible, and
// the proof that they do. See Pair for edges. It takes O(n (m log n + n^2)) for
// m edges at worst, and in practice far less: a millisecond for a pool of 500
// people, 30 for one of 10,000.
func Exact(n int, edges []Edge) (mate []int32, proof Proof) {
	s := newSolver(rowsOf(n, edges))
	s.begin()
	s.bid(bids * n)
	s.finish(math.MaxInt)
	return s.mates(), s.proof()
}

func newSolver(rows [][]half) *solver {
	n := len(rows)
	s := &solver{rows: rows, n: int32(n), nodes: make([]node, 0, n+n/8)}
	for v := range s.n {
		s.newNode(v)
	}
	return s
}

func (s *solver) newNode(base int32) {
	s.nodes = append(s.nodes, node{set: base, holder: base, parent: None, base: base, mate: None})
	s.from = append(s.from, None)
	s.to = append(s.to, None)
	s.marks = append(s.marks, 0)
}

// begin pays for all edges and matches what is tight. At first the ends of each
// edge share what it weighs; then each in turn takes back what it overpays. This
// makes most of the matching (Kolmogorov 2009, "greedy initialization").
//
// How they share decides how far prices have to go from there. Where some are in
// surplus, in the end those cost nearly nothing and whom they compete for nearly
// all; where nobody is, both cost alike. We guess which it is by how many would
// come to somebody, if each went to one of their neighbours by chance.
func (s *solver) begin() {
	wanted := make([]float64, s.n)
	for v := range s.n {
		for _, h := range s.rows[v] {
			wanted[h.to] += 1 / float64(len(s.rows[v]))
		}
	}
	order := make([]int32, s.n)
	for v := range s.n {
		order[v] = v
		x := &s.nodes[v]
		for _, h := range s.rows[v] {
			switch {
			case wanted[v] > scarce*wanted[h.to]:
				x.price = max(x.price, 2*h.weight)
			case wanted[h.to] <= scarce*wanted[v]:
				x.price = max(x.price, h.weight)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(wanted[a], wanted[b]) })
	for _, v := range order {
		if s.nodes[v].mate != None {
			continue
		}
		back := s.cost(v)
		for _, h := range s.rows[v] {
			back = min(back, s.slack(v, h.to, h.weight))
		}
		s.nodes[v].price -= back
		for _, h := range s.rows[v] {
			if s.nodes[h.to].mate == None && s.slack(v, h.to, h.weight) == 0 {
				s.nodes[v].mate, s.nodes[h.to].mate = h.to, v
				break
			}
		}
	}
}

// scarce is how many times more somebody is wanted than a neighbour who need pay nothing at first.
// Anything from 2 to 5 does on pools of people.
const scarce = 2.5

// unfinished are free vertices that cost something.
func (s *solver) unfinished(v int32) bool {
	return s.nodes[v].mate == None && s.nodes[v].price > 0
}

// bids are how many each may make, on average. More of them take longer than
// the searches that they spare.
const bids = 4

// bid is an auction (Bertsekas, "The auction algorithm", 1988; Jonker and
// Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
// assignment problems", 1987, do the same before their searches). Free vertices
// choose the neighbour who leaves them most, and pay them up to what the second
// best would leave, so that they are wanted no more by others at this price. A
// mate who had them is free again, and may bid. Each bid is a look at one row,
// and spares a search; there is no need to let the auction end.
func (s *solver) bid(most int) {
	var queue []int32
	for v := range s.n {
		if s.unfinished(v) {
			queue = append(queue, v)
		}
	}
	for ; len(queue) > 0 && most > 0; most-- {
		v := queue[0]
		queue = queue[1:]
		if !s.unfinished(v) {
			continue
		}
		first, second, to := s.cost(v), s.cost(v), None
		for _, h := range s.rows[v] {
			switch slack := s.slack(v, h.to, h.weight); {
			case slack < first:
				first, second, to = slack, first, h.to
			case slack < second:
				second = slack
			}
		}
		s.nodes[v].price -= second
		if to == None || first == second && s.nodes[to].mate != None {
			continue
		}
		s.nodes[to].price += second - first
		if old := s.nodes[to].mate; old != None {
			s.nodes[old].mate = None
			queue = append(queue, old)
		}
		s.nodes[v].mate, s.nodes[to].mate = to, v
	}
}

// search makes the root matched, or free at no price. If that takes more effort
// than most it stops before, and all that was true of the matching still is:
// the root is free, and prices have moved towards the end.
func (s *solver) search(root int32, most int) {
	s.fallen, s.limit, s.endAt = 0, 1<<62, None
	s.queue = s.queue[:0]
	s.touched = s.touched[:0]
	s.effort = 0
	s.makeOuter(s.top(root))
	for len(s.queue) > 0 && s.queue[0].at < s.limit {
		if s.effort > most {
			s.settle()
			return
		}
		e := s.queue.pop()
		s.fallen = e.at // an event that is void by now does no harm: none that holds comes earlier
		if e.vertex == None {
			if b := e.index; s.nodes[b].parent == None && s.nodes[b].label == inner && s.cost(b) == 0 {
				s.expandInner(b)
			}
			continue
		}
		h := s.rows[e.vertex][e.index]
		a, b := e.vertex, h.to
		if s.nodes[s.top(a)].label != outer {
			a, b = b, a
		}
		switch {
		case s.top(a) == s.top(b) || s.nodes[s.top(a)].label != outer || s.slack(a, b, h.weight) != 0:
			// void: one of them changed its place since
		case s.nodes[s.top(b)].label == outside:
			s.grow(a, b)
		case s.nodes[s.top(b)].label == outer:
			s.shrink(a, b)
		}
	}
	s.fallen = s.limit
	if s.endTo != None {
		free := s.top(s.endTo)
		s.rebase(free, s.endTo)
		s.nodes[s.endTo].mate = s.endAt
	}
	s.change(s.endAt, s.endTo)
	s.settle()
}

// grow: the edge of the outer vertex a and b, outside, is tight.
func (s *solver) grow(a, b int32) {
	node := s.top(b)
	s.from[node], s.to[node] = a, b
	s.makeInner(node)
	s.makeOuter(s.top(s.nodes[s.nodes[node].base].mate))
}

func (s *solver) makeInner(node int32) {
	leaves := s.leaves(node)
	s.effort += len(leaves)
	for _, v := range leaves {
		s.turn(v, 1)
	}
	s.stayInner(node)
}

func (s *solver) stayInner(node int32) {
	s.nodes[node].label = inner
	s.touched = append(s.touched, node)
	if node >= s.n {
		s.turn(node, -2)
		s.push(s.fallen+s.cost(node)/2, None, node)
	}
}

func (s *solver) makeOuter(node int32) {
	s.nodes[node].label = outer
	s.touched = append(s.touched, node)
	leaves := s.leaves(node)
	for _, v := range leaves {
		s.turn(v, -1)
	}
	if node >= s.n {
		s.turn(node, 2)
	}
	for _, v := range leaves {
		s.scan(v)
	}
}

// scan finds what may happen by the edges of a vertex that has become outer.
// Edges to inner vertices keep their slack. Should those leave the tree, they
// are looked at again.
func (s *solver) scan(v int32) {
	if at := s.fallen + s.cost(v); at < s.limit {
		s.limit, s.endAt, s.endTo = at, v, None
	}
	s.effort += len(s.rows[v])
	for i, h := range s.rows[v] {
		node := s.top(h.to)
		if node == s.top(v) {
			continue
		}
		switch s.nodes[node].label {
		case outer:
			s.push(s.fallen+s.slack(v, h.to, h.weight)/2, v, int32(i))
		case outside:
			s.reach(v, int32(i), h)
		}
	}
}

// reach: the edge i, h, leads from the outer vertex v out of the tree.
func (s *solver) reach(v, i int32, h half) {
	at := s.fallen + s.slack(v, h.to, h.weight)
	if s.nodes[s.nodes[s.top(h.to)].base].mate != None {
		s.push(at, v, i)
	} else if at < s.limit {
		s.limit, s.endAt, s.endTo = at, v, h.to
	}
}

func (s *solver) push(at int64, vertex, index int32) {
	if at < s.limit {
		s.queue.push(happening{at, vertex, index})
	}
}

// change lets the outer vertex v have another mate, or None, and lets edges
// change places from there to the root.
func (s *solver) change(v, mate int32) {
	for {
		node := s.top(v)
		old := s.nodes[s.nodes[node].base].mate
		s.rebase(node, v)
		s.nodes[v].mate = mate
		if old == None {
			return // this was the root
		}
		in := s.top(old)
		v, mate = s.from[in], s.to[in]
		s.rebase(in, mate)
		s.nodes[mate].mate = v
	}
}

// settle ends a search: prices stand still, and blossoms that cost nothing fall
// apart.
func (s *solver) settle() {
	for _, node := range s.touched {
		if s.nodes[node].parent != None || node >= s.n && s.blossoms[node-s.n].children == nil {
			continue
		}
		s.nodes[node].label = outside
		for _, v := range s.leaves(node) {
			s.turn(v, 0)
		}
		if node >= s.n {
			s.turn(node, 0)
			s.dissolve(node)
		}
	}
}

func (s *solver) dissolve(node int32) {
	if node < s.n || s.cost(node) != 0 {
		return
	}
	for _, child := range s.open(node) {
		s.dissolve(child)
	}
}

func (s *solver) mates() []int32 {
	mate := make([]int32, s.n)
	for v := range mate {
		mate[v] = s.nodes[v].mate
	}
	return mate
}

func (s *solver) proof() Proof {
	p := Proof{Vertex: make([]int64, s.n)}
	for v := range s.n {
		p.Vertex[v] = s.cost(v)
	}
	for i := range s.blossoms {
		node := s.n + int32(i)
		if s.blossoms[i].children != nil {
			p.Sets = append(p.Sets, OddSet{append([]int32(nil), s.leaves(node)...), s.cost(node)})
		}
	}
	return p
}
