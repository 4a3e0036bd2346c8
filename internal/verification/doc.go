// Package verification lets somebody show that they are who they say: they
// speak four words that chance chose and take a selfie in a pose that chance
// chose, within a quarter of an hour, and a moderator listens and looks.
//
// It owns the table verifications. What was sent in lies on the shelf, for
// moderators only, and goes 30 days after the decision; the outcome stays. Who
// is verified stands in the profile, written in the transaction that decides.
package verification
