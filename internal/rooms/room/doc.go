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
// # Who may come in
//
// Entry is what a room asks of whoever comes in (access.go). can decides, from what
// readEntrant reads; listedTo is the same as an SQL condition, for lists. Whom actionListen
// refuses is not told who is in a room, how many listen and how it sounds. Those inside stay
// whatever changes, and hosts come back. The last place and the guesses of a PIN are counted
// under the room's lock.
//
// # Tables
//
// It owns the tables rooms, room_members, room_log, room_bans, room_admissions and room_pin_tries. It sends nothing to clients and stores no names
// of people. Of other packages it reads:
//   - accounts: whether the host is a resident, who may open any number of rooms; who among some is told of a room
//   - follows: who follows a host, in the one condition of lists and doors, and whom a viewer of the lobby follows
//   - pairs: with whom a viewer of the lobby has a match
//   - profiles: who is a woman or verified, in the same
//   - blocks: whether nothing but blocks of their own keeps somebody from a room
//   - reports: the same
//   - clubs: the name of the club in which a room was opened, and whether it is closed
//   - club_members: who belongs to it; who founded it: for whom they must not meet it does not exist
package room
