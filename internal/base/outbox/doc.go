// Package outbox carries facts from the transaction in which they became true
// to their listeners: a transactional outbox with one cursor per listener.
//
// # Model
//
// Append writes a fact in the domain's own transaction. The Relay of the node that
// holds the lease numbers committed facts, without gaps, and hands them to each
// Listener in the order of the numbers. A listener has a goroutine and a cursor row
// of its own: it is slow, fails and retries alone.
//
// # Lifecycle of a fact
//
// Committed without a number; numbered; taken by each listener, or skipped by one
// because it is about somebody who was deleted (ErrGone), or kept as its dead letter
// because it failed for as long as the listener's patience; deleted once all have it
// behind them and it is older than Retention.
//
// While a fact is retained, Since returns it to clients that missed it.
//
// # Invariants
//
// A number is given after the commit, so no fact can become visible behind a cursor.
// A cursor is written after its facts were taken, so a crash repeats facts and never
// loses one: listeners must be idempotent. See docs/adr/0004.
//
// It owns the tables outbox, outbox_head, outbox_cursors and outbox_dead_letters, and knows
// no kind of fact and no account.
package outbox
