// Package fanout is the one place to read for who hears what: it takes each
// committed fact, chooses the channels and the public shape, and publishes.
//
// It keeps no state but which lobby cards are waiting to be told, and it
// tolerates being handed a fact twice.
package fanout
