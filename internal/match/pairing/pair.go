package pairing

// Edge says that A and B fit, and how well.
type Edge struct {
	A, B   int32
	Weight int64 // above 0 and below 2^58; callers scale
}

// None is the mate of somebody without one.
const None int32 = -1

// ExactUpTo is the largest pool that live callers pair exactly: a few hundred
// people take milliseconds.
const ExactUpTo = 500

// Pair finds pairs among 0 to n-1 that weigh as much as possible: the most that
// is possible up to exactUpTo people, nearly so above. It returns the mate of
// each, or None. Loops and edges that weigh nothing are left out, of parallel
// edges the heaviest counts, and an end outside 0 to n-1 panics.
func Pair(n int, edges []Edge, exactUpTo int) []int32 {
	if n <= exactUpTo {
		mate, _ := Exact(n, edges)
		return mate
	}
	return Near(n, edges)
}

// Weight is what the pairs of a matching weigh together.
func Weight(edges []Edge, mate []int32) int64 {
	best := make([]int64, len(mate)) // at the smaller end: parallel edges count once
	for _, e := range edges {
		if a := min(e.A, e.B); e.A != e.B && mate[e.A] == e.B {
			best[a] = max(best[a], e.Weight)
		}
	}
	var sum int64
	for _, w := range best {
		sum += w
	}
	return sum
}

// half is an edge as one of its ends sees it.
type half struct {
	weight int64
	to     int32
}

// graph is the edges by their ends: those of v are
// halves[first[v]:first[v+1]], in the order in which they were given.
type graph struct {
	first  []int32
	halves []half
}

func graphOf(n int, edges []Edge) graph {
	g := graph{first: make([]int32, n+1)}
	for _, e := range edges {
		if e.A != e.B && e.Weight > 0 {
			g.first[e.A]++
			g.first[e.B]++
		}
	}
	var sum int32
	for v, degree := range g.first {
		g.first[v] = sum
		sum += degree
	}
	g.halves = make([]half, sum)
	for _, e := range edges {
		if e.A != e.B && e.Weight > 0 {
			g.halves[g.first[e.A]] = half{e.Weight, e.B}
			g.halves[g.first[e.B]] = half{e.Weight, e.A}
			g.first[e.A]++
			g.first[e.B]++
		}
	}
	copy(g.first[1:], g.first) // each stands at the beginning of the next now
	g.first[0] = 0
	return g
}

func (g *graph) of(v int32) []half { return g.halves[g.first[v]:g.first[v+1]] }
