// Package call owns one conversation of two people: from the proposal, or the
// ring, over the moment both hear each other, to the last word and what both
// chose afterwards.
//
// A call is two kinds of rows, calls and call_sides, and every wait in it is a
// deadline in them: a process may die at any moment and the next one goes on.
// Each command locks the call's row, applies one pure rule to what stands there
// (rules.go) and, where either of the two would see something else than before,
// appends one fact under the call's next number. After the commit the call
// settles: what the rows say is carried out at the media server. A sweep ends
// what is due and repeats what a crash cut off.
//
// A unique index holds that nobody is in two open calls. The row of meetings is
// the lock of two people: whoever proposes them, and whoever keeps them apart,
// takes it first.
//
// What one side may see of the other is decided in view.go alone: that somebody
// declined, kept silent or blocked is never told as such, and neither is a
// choice before both have chosen. It owns the tables calls, call_sides,
// meetings, regards, happy_hours and happy_rsvps, and reads pairs. It knows no
// names of people.
package call
