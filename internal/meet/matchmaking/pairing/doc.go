// Package pairing computes a maximum-weight matching: given edges that say how
// well people fit each other, it finds the pairs with the greatest total weight.
//
// Exact is provably optimal, Near is nearly optimal within a bounded effort, and
// Pair chooses between them by the size of the graph.
//
// The package is pure: it knows vertices and weights only, no people, no clock
// and no randomness, so the same calls have the same results. The caller decides
// who may meet and what a weight consists of; an edge that is not given is never
// chosen. See docs/adr/0008.
package pairing
