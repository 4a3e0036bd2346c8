package pairing

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

// solver is the state of Exact. Nodes below n are vertices, others blossoms.
// Prices and slacks are doubled. All of them stay whole: tight edges make the
// prices of all of a tree equally odd or even, so the slack between two outer
// nodes can be halved.
type solver struct {
	graph
	n      int32
	mate   []int32 // of vertices
	price  []price // of nodes
	top    []int32 // of vertices: the node that holds it and is in no other
	parent []int32 // of nodes: the blossom it is in, or None
	base   []int32 // of nodes: the vertex that is not matched within
	label  []label // of top nodes
	from   []int32 // of inner nodes: the outer vertex by whose edge it joined,
	to     []int32 // and its own vertex of that edge

	blossoms []blossom // node n+i is blossoms[i]
	unused   []int32   // blossoms to be used again

	fallen  int64   // by how much the root's price fell in this search
	queue   queue   // what happens before limit
	limit   int64   // when the search ends: the value of fallen then,
	endAt   int32   // and the outer vertex by which,
	endTo   int32   // and the vertex it is matched to; None: it is released
	touched []int32 // top nodes that were given a label in this search
	marks   []int32 // of nodes: the walk that last came by
	walk    int32
	scratch []int32
}

// price is value + slope*fallen: during a search prices change by themselves.
type price struct{ value, slope int64 }

func (s *solver) cost(node int32) int64 {
	return s.price[node].value + s.price[node].slope*s.fallen
}

// turn lets the price of a node change with slope from now on.
func (s *solver) turn(node int32, slope int64) {
	s.price[node] = price{s.cost(node) - slope*s.fallen, slope}
}

// slack is how much the edge between vertices of two top nodes is overpaid.
func (s *solver) slack(a, b int32, weight int64) int64 {
	return s.cost(a) + s.cost(b) - 2*weight
}

// Exact finds pairs among 0 to n-1 that weigh the most that is possible, and
// the proof that they do. See Pair for edges. It takes O(n (m log n + n^2)) for
// m edges at worst, and in practice far less: milliseconds for 500 people with
// 35 edges each.
func Exact(n int, edges []Edge) (mate []int32, proof Proof) {
	s := newSolver(n, edges)
	s.begin()
	for v := range s.n {
		if s.mate[v] == None && s.cost(v) > 0 {
			s.search(v)
		}
	}
	return s.mate, s.proof()
}

func newSolver(n int, edges []Edge) *solver {
	s := &solver{graph: graphOf(n, edges), n: int32(n)}
	s.mate = make([]int32, n)
	s.top = make([]int32, n)
	for v := range s.n {
		s.mate[v], s.top[v] = None, v
		s.newNode(v)
	}
	return s
}

func (s *solver) newNode(base int32) {
	s.price = append(s.price, price{})
	s.parent = append(s.parent, None)
	s.base = append(s.base, base)
	s.label = append(s.label, outside)
	s.from = append(s.from, None)
	s.to = append(s.to, None)
	s.marks = append(s.marks, 0)
}

// begin pays for all edges and matches what is tight. Each vertex first pays
// half of its heaviest edge; then each in turn takes back what it overpays. This
// makes most of the matching (Kolmogorov 2009, "greedy initialization").
func (s *solver) begin() {
	for v := range s.n {
		for _, h := range s.of(v) {
			s.price[v].value = max(s.price[v].value, h.weight)
		}
	}
	for v := range s.n {
		if s.mate[v] != None {
			continue
		}
		back := s.cost(v)
		for _, h := range s.of(v) {
			back = min(back, s.slack(v, h.to, h.weight))
		}
		s.price[v].value -= back
		for _, h := range s.of(v) {
			if s.mate[h.to] == None && s.slack(v, h.to, h.weight) == 0 {
				s.mate[v], s.mate[h.to] = h.to, v
				break
			}
		}
	}
}

// search makes the root matched, or free at no price.
func (s *solver) search(root int32) {
	s.fallen, s.limit, s.endAt = 0, 1<<62, None
	s.queue = s.queue[:0]
	s.touched = s.touched[:0]
	s.makeOuter(s.top[root])
	for len(s.queue) > 0 && s.queue[0].at < s.limit {
		e := s.queue.pop()
		s.fallen = e.at // an event that is void by now does no harm: none that holds comes earlier
		if e.vertex == None {
			if b := e.index; s.parent[b] == None && s.label[b] == inner && s.cost(b) == 0 {
				s.expandInner(b)
			}
			continue
		}
		h := s.halves[e.index]
		a, b := e.vertex, h.to
		if s.label[s.top[a]] != outer {
			a, b = b, a
		}
		switch {
		case s.top[a] == s.top[b] || s.label[s.top[a]] != outer || s.slack(a, b, h.weight) != 0:
			// void: one of them changed its place since
		case s.label[s.top[b]] == outside:
			s.grow(a, b)
		case s.label[s.top[b]] == outer:
			s.shrink(a, b)
		}
	}
	s.fallen = s.limit
	if s.endTo != None {
		free := s.top[s.endTo]
		s.rebase(free, s.endTo)
		s.mate[s.endTo] = s.endAt
	}
	s.change(s.endAt, s.endTo)
	s.settle()
}

// grow: the edge of the outer vertex a and b, outside, is tight.
func (s *solver) grow(a, b int32) {
	node := s.top[b]
	s.from[node], s.to[node] = a, b
	s.makeInner(node)
	s.makeOuter(s.top[s.mate[s.base[node]]])
}

func (s *solver) makeInner(node int32) {
	s.label[node] = inner
	s.touched = append(s.touched, node)
	for _, v := range s.leaves(node) {
		s.turn(v, 1)
	}
	if node >= s.n {
		s.turn(node, -2)
		s.push(s.fallen+s.cost(node)/2, None, node)
	}
}

func (s *solver) makeOuter(node int32) {
	s.label[node] = outer
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
	for i := s.first[v]; i < s.first[v+1]; i++ {
		h := s.halves[i]
		node := s.top[h.to]
		if node == s.top[v] {
			continue
		}
		switch s.label[node] {
		case outer:
			s.push(s.fallen+s.slack(v, h.to, h.weight)/2, v, i)
		case outside:
			s.reach(v, i)
		}
	}
}

// reach: the edge i leads from the outer vertex v out of the tree.
func (s *solver) reach(v, i int32) {
	h := s.halves[i]
	at := s.fallen + s.slack(v, h.to, h.weight)
	if s.mate[s.base[s.top[h.to]]] != None {
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
		node := s.top[v]
		old := s.mate[s.base[node]]
		s.rebase(node, v)
		s.mate[v] = mate
		if old == None {
			return // this was the root
		}
		in := s.top[old]
		v, mate = s.from[in], s.to[in]
		s.rebase(in, mate)
		s.mate[mate] = v
	}
}

// settle ends a search: prices stand still, and blossoms that cost nothing fall
// apart.
func (s *solver) settle() {
	for _, node := range s.touched {
		if s.parent[node] != None || node >= s.n && s.blossoms[node-s.n].children == nil {
			continue
		}
		s.label[node] = outside
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
