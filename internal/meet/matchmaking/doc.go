// Package matchmaking is the queue for live calls: it proposes people who want to
// talk now to each other, in pairs.
//
// # Model
//
// A ticket is one person's place in the queue: a row that expires 43 seconds
// after the last heartbeat. One node at a time, the leader, holds the lease
// "match", keeps all tickets in memory (queueState) and chooses pairs; its memory
// may lag, the rows decide.
//
// # Invariants
//
// A proposal is one transaction: it checks the fencing token of the leader, finds
// both tickets free, checks every hard rule again and writes the call. So nobody
// is proposed to two people, however many nodes believe that they lead.
//
// It has nothing to do with audio: package call decides the outcome of a proposal.
// Package pool holds the tickets in memory, package pairing is the algorithm. See
// docs/adr/0008.
//
// # Tables
//
// It owns the tables tickets, waits and call_bells. Waits are samples of waiting times,
// call_bells are alerts. Of other packages it reads, a ticket in one statement, because
// the leader reads all that changed every second:
//   - accounts: whether the other person of a call is a resident
//   - profiles: call privacy and verification
//   - calls: the outcome of a proposal
//   - call_sides: who is in a call
//   - meetings: encounters and exclusions of two people
//   - refusals: who is suspended
//   - room_members: who has a seat in a room
//   - pairs: who matched, or passed
package matchmaking
