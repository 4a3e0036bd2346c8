// Package club owns clubs: who belongs to one, in which role, and how people come in and go.
//
// # Model
//
// A Club has one founder, admins, members and followers. Its entry says how people become
// members: at once (open), when an admin has accepted their request (request), or by a link
// alone (invite). Links expire, are counted and can be revoked; the secret in a link is
// stored as a hash, so a link is shown once, to who makes it. A link lets in whatever the
// entry is.
//
// Whoever joins accepts the rules in their current version. A change of the rules raises the
// version: members are asked anew, and open no rooms in the club before they have accepted.
//
// # Commands
//
// A command is one transaction. It locks the row of each account whose clubs it counts, then
// the row of the club, reads the state, and asks can (permissions.go) whether the acting
// person may do it. So the last use of a link, the last place of a club and two transfers at
// once come one after the other.
//
// # Blocks
//
// A club is not a person, so it exists for all but those who are apart from its founder: they
// neither find nor read it, as they see no rooms that this person hosts, unless they belong
// to it already. Within a club, people who are apart do not see each other in lists, while
// counts count everybody, so that a difference tells nothing. A request is shown only to
// admins who are not apart from its author; another admin answers it. Commands that name a
// person by id, such as a ban, work whoever is apart, and answer with nothing: an admin who
// was blocked can still act, and learns nothing. The name of a club stands on the cards of
// its rooms for all who see the room, but for a club that people only come to by a link.
//
// # Lifecycle
//
// If the account of a founder is deleted, Sweep lets the admin inherit who joined first, or
// else the member; a club without either closes. A closed club is gone for all at once; its
// rows are deleted a day later, and until then count for its founder, so that nobody founds
// clubs without end.
//
// # Tables
//
// It owns the tables clubs, club_words, club_members, club_requests, club_invites, club_invite_uses and club_bans.
// Of other packages it reads:
//   - accounts: whether somebody who is banned exists
//   - clips: which members have an intro, in one page with the members
//   - profiles: which of them have paused being shown
package club
