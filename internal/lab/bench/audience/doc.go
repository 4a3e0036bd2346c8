// Package audience is a load generator: many listeners of the listening tier in one process,
// at a fraction of what a WebRTC library costs.
//
// An Audience has a few UDP sockets on this machine's loopback network. Each Listener has an
// address of its own in 127.0.0.0/8, so that the server sees as many clients as there are,
// while one batched read serves many of them. A listener makes a minimal offer, sends ICE
// checks, shakes hands by DTLS and from then on only receives; packets are stamped by the
// kernel on their arrival, so a reader that comes late makes no latency.
//
// It works on Linux only.
package audience
