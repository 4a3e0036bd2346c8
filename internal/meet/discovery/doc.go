// Package discovery decides who is shown to whom in Discover, in which order and with which
// reasons, and stores likes, passes and matches.
//
// # Model
//
// Fits is the rule: a pure, symmetric function. All people who can be shown are in an
// in-memory index (about 160 bytes each), loaded and refreshed by Run. The rows are the
// truth: candidates from the index are read again before they leave. Likes are secret:
// nothing that B can read reveals A's choice until both chose each other.
//
// It owns the tables pairs, choosers (a choice counter per person), choices, exposures,
// tastes and bells (alerts). It reads no name, photo or audio. See
// docs/adr/0007-discovery.md. Of other packages it reads, a person in one statement, because
// the index has everybody:
//   - accounts: kind, birth date and when last seen
//   - profiles: preferences and voice
//   - clips: whether there is an intro
//   - regions: where the person is shown
//   - regards: what others thought of calls with them
//   - calls: whether the two are in one
//   - call_sides: the same
package discovery
