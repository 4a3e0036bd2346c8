// Package e2e proves Heyy from outside: the built binary, real sockets, real
// WebRTC. It holds tests only.
//
// What an attacker gets stands in testdata/attacker, a script for each abuse;
// how a broken configuration ends in testdata/broken. The browsers stand in
// browser/, and have a runner of their own. Each test starts servers of its own
// on free ports with fresh data; nothing outlives it.
package e2e
