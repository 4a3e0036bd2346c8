// Package resident is the people who are always home: members made by the demo,
// marked as residents, who talk in their rooms so that a new place is not
// silent, who like whoever looks for people in Discover, and of whom some wait
// for calls, which they get when nobody real is there.
//
// They are ordinary clients: they open, join, sit and speak over the public HTTP
// API and WebRTC, with nothing privileged. In rooms they subscribe to no audio.
// In a call they measure when the other speaks, to listen while they do and to
// take their turn after it; they understand nothing, say so, and keep nothing
// (ear.go hears, mind.go decides, talk.go speaks). They never hang up first, never
// come back to a room they were removed from, and go for good when their session
// is revoked. What they say and sound like stands in voices/, made by
// tools/voices; who they are on a server is the server's state, not theirs. A
// resident keeps only what it needs to take its seat, or a call, again after the
// server was away.
package resident
