// Package follow manages who follows whom, and who are friends.
//
// # Model
//
// A follow goes one way and needs no consent: it shows its author nothing that others do not
// see. Two people are friends while they have a match or follow each other. Lists of
// followers are for the followed person alone.
//
// # Invariants
//
// No two people who exclude each other (blocks and reports) follow each other. An exclusion
// and the end of a match delete the follows of both directions, in the same transaction.
//
// Every change of two people's follows first locks their pair: it writes the rows of both
// directions, with a placeholder (at = 0) where there is none, and deletes placeholders before
// it ends. So a follow and a block come one after the other, and so do two follows that make
// two people friends.
//
// It owns the table follows. Of other packages it reads:
//   - accounts: whether both exist, in the statement that locks the pair
//   - pairs: matches, which make friends as mutual follows do, in one statement and one list
package follow
