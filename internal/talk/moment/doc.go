// Package moment manages moments: voice posts of up to a minute to matches, followers or
// everyone, which expire after a day.
//
// # Model
//
// hears is the rule who may hear a moment, as a condition of SQL. It stands in the outer WHERE
// of every statement that reads moments for somebody, so that the end of a match, a block and
// the expiry hold at once, in lists, for audio and for marks. The audiences:
//   - matches: those who have a match with the author now
//   - followers: those who follow the author now
//   - everyone: all of these and, unless the author is paused, strangers; not those whose match
//     with the author has ended
//
// Known lists what the viewer's matches and those they follow say. Strangers lists the newest
// moments for everyone of people who fit, which is discovery's to decide, one entry a person.
//
// # Lifecycle
//
// A draft has an id that its author's client chose, and its moment one made of that and the
// author: posting it again changes nothing, and nobody meets an id of somebody else's. It
// expires after TTL and can be removed before; its row stays until the expiry, so that no retry
// posts it again. Sweep deletes expired rows, and the blobs that no row refers to.
//
// # Invariants
//
// The row of moment_authors is locked by each post, so that the limits of one author hold.
//
// Whom a moment has reached is private: the author gets a number, from MinHeard on and in steps,
// that leaves out all who hid read marks when they listened. What they choose later does not
// change it, or it would name them.
//
// A fact names an author and nothing else. It is published to the author and at most maxTold
// matches, who read their list again: a post costs the same however many follow.
//
// It owns the tables moments, moments_heard, moment_authors and moment_blobs.
//
// Of other packages it reads, in one statement, because a list must not ask for each author:
//   - pairs: who has a match now, and whose match has ended
//   - follows: who follows the author
//   - profiles: who is paused
//   - read_marks: who hides what they have read and heard
package moment
