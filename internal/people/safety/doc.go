// Package safety manages blocks and reports.
//
// # Exclusions
//
// It owns the tables blocks and reports, and the view apart: the one predicate that every
// query uses to exclude pairs, in every package. Two people exclude each other if either
// has blocked the other, or ever reported them. Nobody is told that they were blocked or
// reported: for them the other does not exist. What is open between the two ends in the
// transaction of the block: matches, calls, proposals, shared rooms. The rules for rooms:
//
//   - The host and the seated members of a room are heard by all. For anybody excluded from
//     one of them the room does not exist: not in the lobby, not under its id, not for its
//     audio.
//   - If both are inside when the exclusion begins, the host stays before a speaker, a
//     speaker before a listener, and of two speakers the one who blocked. The other one is
//     removed, and told only that the room is closed to them.
//   - Two listeners stay and are hidden from each other, until one of them takes a seat:
//     then the other is removed.
//   - A member who is not the host removes at most two people from a room this way: with
//     the third block they are removed themselves, and can take no seat.
//
// # Reports
//
// A report is open until an operator closes it with a decision. Another report of the same
// person by the same person is added to the open one. Of other packages it reads:
//   - accounts: whether the other still exists, and since when, for the operator
//   - profiles: the names, for the operator
package safety
