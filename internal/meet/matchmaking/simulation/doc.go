// Package simulation runs matchmakers on synthetic people with a simulated clock:
// the pool of the queue, and the algorithm of a peer for comparison.
//
// It is for tests and benchmarks. The people are rows of a database and are read
// as the queue reads them, so the results hold for the product; no proposals are
// written. Each workload has a seed and the same outcome on every machine. Broken
// rules are counted independently, from what the simulation wrote about the
// people.
//
// Of other packages it writes, because thousands of people are generated at once:
//   - accounts: synthetic people
//   - profiles: their profiles
//   - clips: their intros
//   - regions: where they are
package simulation
