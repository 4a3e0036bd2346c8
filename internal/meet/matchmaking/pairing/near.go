package pairing

// Near returns a matching of 0 to n-1 of greatest weight, or nearly so where that
// takes too long, and an upper bound of the weight of every matching. See Pair
// for edges.
//
// It is Exact with a limited effort. A search that takes long is interrupted and
// resumed with a greater limit after the others. The prices cover all edges at
// any moment, so their sum is a bound even then, and shows how near the result is
// without knowing the optimum. Vertices whose search did not finish are matched
// greedily.
func Near(n int, edges []Edge) (mate []int32, bound int64) {
	s := newSolver(adjacencyOf(n, edges))
	s.initialize()
	s.runAuction(bidsPerVertex * n)
	s.searchAll(effortBase + n*effortPerVertex)
	bound = s.bound()
	s.matchLeftovers()
	return s.mates(), bound
}

// Limits of effort, in visited edges and vertices of about 10 to 20 ns each. Graphs of
// people take 100 to 200 for each vertex, other graphs more.
const (
	effortFirst     = 20_000
	effortBase      = 1_000_000
	effortPerVertex = 500
)

// searchAll searches from all unfinished vertices with this effort in total. Long
// searches come last: often the others have changed the prices by then so that
// they are short.
func (s *solver) searchAll(effort int) {
	for try := effortFirst; ; try *= 8 {
		done := true
		for v := range s.n {
			if !s.isUnfinished(v) {
				continue
			}
			if effort <= 0 {
				return
			}
			s.search(v, min(try, effort))
			effort -= s.effort
			done = done && !s.isUnfinished(v)
		}
		if done {
			return
		}
	}
}

// bound returns an upper bound of the weight of every matching, see Proof.
func (s *solver) bound() (sum int64) {
	for _, x := range s.nodes[:s.n] {
		sum += x.price
	}
	for i, b := range s.blossoms {
		if b.children != nil {
			sum += s.nodes[int(s.n)+i].price * int64(b.size/2)
		}
	}
	return sum / 2
}

// matchLeftovers matches free vertices to free ones, greedily. The prices are no
// longer valid after it.
func (s *solver) matchLeftovers() {
	for v := range s.n {
		if !s.isUnfinished(v) {
			continue
		}
		var best halfEdge
		for _, h := range s.adjacency[v] {
			if s.nodes[h.to].mate == None && h.weight > best.weight {
				best = h
			}
		}
		if best.weight > 0 {
			s.nodes[v].mate, s.nodes[best.to].mate = best.to, v
		}
	}
}
