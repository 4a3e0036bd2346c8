package pairing

// Edge says that A and B fit, and how well.
type Edge struct {
	A, B   int32
	Weight int64 // above 0 and below 2^58; callers scale
}

// None is the mate of a vertex without one.
const None int32 = -1

// ExactUpTo is the largest number of vertices that the queue pairs exactly,
// whatever the graph is.
const ExactUpTo = 500

// Pair returns the mate of each vertex 0 to n-1, or None, in a matching of
// greatest weight: exactly up to exactUpTo vertices, nearly so above. Loops and
// edges without weight are ignored, of parallel edges the heaviest counts, and an
// end outside 0 to n-1 panics.
func Pair(n int, edges []Edge, exactUpTo int) []int32 {
	if n <= exactUpTo {
		mate, _ := Exact(n, edges)
		return mate
	}
	mate, _ := Near(n, edges)
	return mate
}

// Weight returns the total weight of a matching.
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

// halfEdge is an edge as seen from one of its ends.
type halfEdge struct {
	weight int64
	to     int32
}

// adjacencyOf returns the edges of each vertex, in the order in which they were
// given.
func adjacencyOf(n int, edges []Edge) [][]halfEdge {
	degree := make([]int32, n)
	sum := 0
	for _, e := range edges {
		if e.A != e.B && e.Weight > 0 {
			degree[e.A]++
			degree[e.B]++
			sum += 2
		}
	}
	rows, all := make([][]halfEdge, n), make([]halfEdge, sum)
	for v, d := range degree {
		rows[v], all = all[:0:d], all[d:]
	}
	for _, e := range edges {
		if e.A != e.B && e.Weight > 0 {
			rows[e.A] = append(rows[e.A], halfEdge{e.Weight, e.B})
			rows[e.B] = append(rows[e.B], halfEdge{e.Weight, e.A})
		}
	}
	return rows
}
