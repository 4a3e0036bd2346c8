// Package realtime is the only package that uses Centrifuge: WebSockets and channels.
//
// It decides nothing: it is given functions that authenticate a socket and authorise a
// subscription. Channels have no history; the database is the truth.
//
// Few handshakes are authenticated at once, and so many a second: those who come back after an
// outage cost the most, and what they read once they are in comes before the next of them.
package realtime
