// Package event carries facts from the transaction in which they became true
// to those who tell them: the outbox.
//
// Append writes a fact in the domain's own transaction. After the commit, Wake
// stirs the relay, which hands every row to its listeners in order and deletes
// it when all have taken it. A crash in between means that a fact is told
// again after the restart, never that it is lost: listeners tolerate repeats.
// See docs/adr/0004. Package event knows no kind of fact.
package event
