// Package arch holds the rules of the house as tests: who may import whom, what
// SQL may look like, how long a file may be, that the documents tell the truth.
//
// It has no code of its own. A rule reads the source as text or syntax and says
// where it is broken and what to do instead; each rule is also shown a bad
// example and must find it. A rule that is in the way is changed here, with its
// reason, and not gone around.
package arch
