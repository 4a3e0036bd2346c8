// Package resident is the people who are always home: members made by the demo,
// marked as residents, who talk in their rooms so that a new place is not
// silent, and who like whoever looks for people in Discover.
//
// They are ordinary clients: they open, join, sit and speak over the public HTTP
// API and WebRTC, with nothing privileged. They never answer a person, hear
// nobody (they subscribe to no audio), never come back to a room they were
// removed from, and go for good when their session is revoked. What they say and
// sound like stands in voices/, made by tools/voices; who they are on a server is
// the server's state, not theirs. A resident keeps only what it needs to take its
// seat again after the server was away.
package resident
