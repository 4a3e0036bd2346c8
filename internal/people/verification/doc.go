// Package verification lets people prove that they are real: they speak four random words
// and take a selfie in a random pose within 15 minutes, and a moderator decides.
//
// It owns the table verifications. The evidence is visible to moderators only and is
// deleted with the decision; the outcome stays. The transaction of the decision also marks
// the profile as verified.
package verification
