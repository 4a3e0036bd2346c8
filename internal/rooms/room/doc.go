// Package room owns rooms: their members, roles, seats and microphones, and the end of
// a room.
//
// # Model
//
// A Room has a Shape, numbered seats and Members. A member with a seat may publish
// audio; a member without one listens. Each entry of a person is a join with an id of
// its own; a newer join voids the older one. A person is in one room at a time and
// hosts one open room at a time.
//
// # Commands
//
// A command is one transaction: it locks the room's row, loads the state, applies one
// rule (rules.go), which asks can (permissions.go) whether the acting person may do it,
// writes the changed members and appends facts to the outbox under the room's next
// sequence numbers (seq). A rule whose result already holds changes nothing and appends
// nothing.
//
// After the commit, the rows are applied to the media server (audio.go, package
// reconcile). Sweep acts on deadlines; Reconcile repeats what a crash or an unreachable
// media server prevented.
//
// # Invariants
//
// The rows decide, never the media server. The seq of a room grows by one with each
// fact that members see. A member without a seat is muted and cannot publish. Two people
// of whom one has blocked or reported the other (an exclusion) are never in one room
// where either of them hosts or has a seat.
//
// # Tables
//
// It owns the tables rooms and room_members. It sends nothing to clients and stores no names
// of people. Of other packages it reads:
//   - accounts: whether the host is a resident, who may open any number of rooms
package room
