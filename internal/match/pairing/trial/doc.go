// Package trial lets matchmakers work in a world of numbers: a made-up
// population with a realistic skew, arrivals on a simulated clock, our way of
// pairing, and a peer's beside it.
//
// It is for tests and figures. It is pure: each workload has a seed, and the
// same workload has the same outcome, whatever the machine. It keeps no rows and
// knows nobody real.
package trial
