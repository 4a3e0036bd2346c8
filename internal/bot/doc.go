// Package bot is a client of Heyy without a screen: it speaks the public HTTP API
// with a bearer token and connects to the audio of rooms and calls over WebRTC.
// The residents live through it; benches and tests measure through it.
//
// A bot has no privilege, reads no database and knows none of the server's
// packages: what it can do, any client can. It keeps no state beyond its
// connections. Client is one person, Stay their time in one room, Talk that in
// one call, Mic what they say there, Ear what they hear.
package bot
