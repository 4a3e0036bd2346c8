// Package pairing decides who is proposed to whom: given how well people fit
// each other, it finds the pairs whose weights add up to most.
//
// Exact does so provably, Near nearly and with an end to its patience, and Pair
// takes the one that the size of the graph allows.
//
// It is pure: it knows no people, only numbers and weights; it keeps no clock
// and no chance, so the same calls have the same results. Who may meet at all,
// and what a weight is made of, its caller decides: an edge that is not given is
// never chosen. See docs/adr/0008.
package pairing
