// Package reconcile keeps the media server true to the rows: who is connected to a room's
// audio, and who may speak. It is the same for rooms and calls.
//
// # Model
//
// Rows, implemented by the owner of the tables, returns the Desired state of a room: whether
// its audio is open, and the Participants with their grants. SFU is the media server. Sync
// applies the desired state of the participants whom a command has changed, right after its
// commit. Reconcile compares whole rooms once per period and repairs what a crash, a restart
// of the media server, a failed request or a lost webhook left behind.
//
// # Invariants
//
// The rows decide, never the media server. On one node the syncs of a participant run one
// after another, each with a fresh read. Nodes do not wait for each other: a grant carries the
// version of its row, a newer one at the media server is not overwritten (ErrStale), and
// the rows are read once more after each grant, which is repeated if they have changed.
// Service identities (IsService), such as the tap of a recording, have no rows: they are
// left alone until the room closes. People who listen to a shared room without an account
// (PublicIdentity) have none either: they may be there while Desired says Public.
//
// It owns no tables.
package reconcile
