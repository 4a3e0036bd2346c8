// Package rooms has the operations of rooms: the lobby, joining, seats, and what a host
// may do.
package rooms
