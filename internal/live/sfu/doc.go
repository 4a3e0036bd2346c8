// Package sfu is the only package that uses LiveKit, the media server (a selective
// forwarding unit): it starts the embedded server, mints tokens, proxies the signalling
// (the gate) and applies permissions.
//
// It knows rooms and people as plain ids and decides nothing: the gate asks an Admit
// function on every connect and every resume; Grant, Remove and Close do what they are
// told, and Tap hands on the packets of a room. Its state ends with the process; the rows
// of the domains are the truth.
package sfu
