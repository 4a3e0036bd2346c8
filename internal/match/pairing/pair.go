package pairing

// Edge says that A and B fit, and how well.
type Edge struct {
	A, B   int32
	Weight int64 // above 0 and below 2^58; callers scale
}

// None is the mate of somebody without one.
const None int32 = -1

// ExactUpTo is the largest pool that live callers pair exactly, whatever its
// graph is like.
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
	mate, _ := Near(n, edges)
	return mate
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

// rowsOf are the edges of each vertex, in the order in which they were given.
func rowsOf(n int, edges []Edge) [][]half {
	degree := make([]int32, n)
	sum := 0
	for _, e := range edges {
		if e.A != e.B && e.Weight > 0 {
			degree[e.A]++
			degree[e.B]++
			sum += 2
		}
	}
	rows, all := make([][]half, n), make([]half, sum)
	for v, d := range degree {
		rows[v], all = all[:0:d], all[d:]
	}
	for _, e := range edges {
		if e.A != e.B && e.Weight > 0 {
			rows[e.A] = append(rows[e.A], half{e.Weight, e.B})
			rows[e.B] = append(rows[e.B], half{e.Weight, e.A})
		}
	}
	return rows
}
