// Package bot is a headless client of Heyy: it uses the public HTTP API with a bearer
// token and connects to the audio of rooms and calls over WebRTC. Residents, tests and
// benchmarks are built on it.
//
// A bot has no privilege, reads no database and imports none of the server's domains: it
// can do what any client can. Client is one signed-in person, RoomConn their audio
// connection to a room, Listening one that only listens, CallConn the one to a call, Mic the
// published track, and ToneDetector what a test hears.
package bot
