// Package media is the only one that knows LiveKit: it starts the embedded
// server, mints tokens, guards the way in and carries out who may be heard.
//
// It knows rooms and people as plain ids and decides nothing: the gate asks an
// Admit function on every connect and every resume, Grant, Remove and Close do
// what they are told. Whatever it holds is gone with the process; the rows of
// the domains are the truth.
package media
