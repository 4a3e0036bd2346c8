// Package pool is who waits for a live call, in memory, and whom to propose to
// whom. The leader of the queue, `heyy bench match` and the trials use this one.
//
// Whoever comes, or comes back, is hungry: somebody is to be looked for for them.
// Choose looks through the lists of those who could fit, weighs the best of
// those who do, and lets package pairing find the pairs that weigh most. Who is
// in no pair although somebody fits stays hungry; who fits nobody is hungry no
// more. So of all who wait and are not hungry no two fit each other, and every
// edge has an end at somebody hungry: pairing the hungry with their candidates
// is pairing the whole pool anew, and costs as much as there are news.
//
// It is pure memory: it reads no rows, has no clock but the one it is passed and
// knows no chance, so the same calls have the same results. It believes what it
// is told of people; the queue asks the rows again before it proposes anybody.
// A Pool is for one goroutine. See docs/adr/0008.
package pool
