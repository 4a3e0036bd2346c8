// Package trial lets matchmakers work on made-up people and a simulated clock:
// the pool that the queue uses, and a peer's way beside it.
//
// It is for tests and figures. The people are rows of a database that were read
// as the queue reads them, so what is tried is what people get; but nobody is
// proposed to anybody, and no time passes. Each workload has a seed, and the same
// workload has the same outcome, whatever the machine. Whether a rule was broken
// it reckons by itself, from what it had written of the people.
package trial
