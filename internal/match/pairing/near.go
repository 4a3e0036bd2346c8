package pairing

// Near finds pairs among 0 to n-1 that weigh the most that is possible, or
// nearly so where that takes too long; and what no pairing can weigh more than.
// See Pair for edges.
//
// It is Exact with an end to its patience. A search that takes long is left,
// and taken up again, with more patience, when the others are done. Prices pay
// for all edges at any moment, so their sum is a bound even then: how near the
// result is, one can see without knowing the best. Those whose search was not
// finished take who is left.
func Near(n int, edges []Edge) (mate []int32, bound int64) {
	s := newSolver(rowsOf(n, edges))
	s.begin()
	s.bid(bids * n)
	s.finish(patience + n*patienceEach)
	bound = s.bound()
	s.takeWhoIsLeft()
	return s.mates(), bound
}

// Efforts, in edges and vertices looked at, of some 10 to 20 nanoseconds. Pools
// of people take one or two hundred for each, other graphs more.
const (
	firstTry     = 20_000
	patience     = 1_000_000
	patienceEach = 500
)

// finish searches from all who are not finished, with so much effort in all.
// Those that lead far come last: often others have changed the prices by then
// such that they do not.
func (s *solver) finish(effort int) {
	for try := firstTry; ; try *= 8 {
		done := true
		for v := range s.n {
			if !s.unfinished(v) {
				continue
			}
			if effort <= 0 {
				return
			}
			s.search(v, min(try, effort))
			effort -= s.effort
			done = done && !s.unfinished(v)
		}
		if done {
			return
		}
	}
}

// bound is what no matching weighs more than, see Proof.
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

// takeWhoIsLeft matches free vertices to free ones. The prices are worth nothing
// after it.
func (s *solver) takeWhoIsLeft() {
	for v := range s.n {
		if !s.unfinished(v) {
			continue
		}
		var best half
		for _, h := range s.rows[v] {
			if s.nodes[h.to].mate == None && h.weight > best.weight {
				best = h
			}
		}
		if best.weight > 0 {
			s.nodes[v].mate, s.nodes[best.to].mate = best.to, v
		}
	}
}
