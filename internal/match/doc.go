// Package match brings people who want to talk now together, two at a time.
//
// Whoever looks has a ticket: a row that lives for 43 seconds after their last
// sign of life. One node at a time, the leader, keeps the tickets in memory and
// chooses; the rows decide. A proposal is one transaction that holds the leader's
// fence, finds both tickets free, asks every hard rule again and writes the call,
// so nobody is proposed to two people, whoever believes to lead.
//
// It owns the tables tickets, waits and call_bells and the column profiles.reach.
// It reads meetings, calls, call_sides, room_members, pairs, blocks and reports
// and writes none of them.
// It knows no sound: what becomes of a proposal is told by package call. Package
// pool is the memory, and package pairing the algorithm. See docs/adr/0008.
package match
