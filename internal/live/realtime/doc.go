// Package realtime is the only package that uses Centrifuge: WebSockets and channels.
//
// It decides nothing: it is given functions that authenticate a socket and authorise a
// subscription. Channels have no history; the database is the truth.
package realtime
