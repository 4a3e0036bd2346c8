// Package realtime is the only one that knows Centrifuge: sockets, channels and
// what was published to them lately.
//
// It decides nothing: who a socket belongs to and which channels they may hear
// is asked of functions it is given. Its history is there to bridge a short
// gap; the database is the truth.
package realtime
