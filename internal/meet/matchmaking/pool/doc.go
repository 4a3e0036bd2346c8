// Package pool is the in-memory set of waiting tickets. The leader of the queue,
// `heyy bench match` and the simulation use it.
//
// A ticket that is new or has come back is pending: candidates have to be found
// for it. Choose looks through the lists of those who could fit a pending ticket,
// weighs the best of those who do, and lets package pairing find the pairs of
// greatest total weight. A ticket left without a pair stays pending while somebody
// fits it. So no two tickets that are not pending fit each other, and every edge
// of the graph has a pending end: pairing the pending tickets with their
// candidates equals pairing the whole pool, at the cost of what is new.
//
// It is pure: it reads no rows, has no clock but the one it is passed and uses no
// randomness, so the same calls have the same results. It believes what it is
// told of people; the queue checks the rows again before it proposes anybody.
// A Pool is for one goroutine. See docs/adr/0008.
package pool
