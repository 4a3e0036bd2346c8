package pairing

import (
	"cmp"
	"slices"
)

// Near takes the heaviest edge whose ends are free, again and again: at least
// half of what is possible.
func Near(n int, edges []Edge) []int32 {
	order := slices.Clone(edges)
	slices.SortStableFunc(order, func(a, b Edge) int { return cmp.Compare(b.Weight, a.Weight) })
	mate := make([]int32, n)
	for v := range mate {
		mate[v] = None
	}
	for _, e := range order {
		if e.Weight > 0 && e.A != e.B && mate[e.A] == None && mate[e.B] == None {
			mate[e.A], mate[e.B] = e.B, e.A
		}
	}
	return mate
}
