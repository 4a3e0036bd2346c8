// Package call is one conversation of two people: from the proposal or the ring
// to the choices of both after it.
//
// # Model
//
// A call is one row in calls and two in call_sides. A call is proposed,
// connecting, live or ended; each state but the last has a deadline in its row,
// so a process may stop at any moment and the next one continues. Each command is
// one transaction: it locks the row of the call, applies one pure rule
// (rules.go), and, if what either person sees has changed, appends one fact with
// the next seq of the call. After the commit the media server is synced with the
// rows (audio.go). Sweep applies the deadlines and repeats what a crash
// interrupted; Reconcile compares the rows with the media server.
//
// # Invariants
//
// A unique index keeps everybody in at most one open call. The row of two people
// in meetings, their encounter, is also their lock: a proposal and an exclusion
// take it first. The view (view.go) is the only place that decides what one
// person sees of the other: it never shows that the other declined, let the time
// pass or blocked, nor a choice before both have chosen. Whom Ring reaches, and how
// often, is decided in ring.go: who is not reached looks like who does not answer.
//
// # Tables
//
// It does not know the names of people. It owns the tables calls, call_sides, meetings,
// refusals, regards, happy_hours and happy_rsvps. Meetings are encounters, regards the
// sums of feedback. Of other packages it reads:
//   - accounts: nothing is written about a deleted person
//   - pairs: missed calls are shown of matches only
package call
