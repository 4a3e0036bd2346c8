// Package listen is the listening tier: it sends the voices of rooms to browsers that only
// listen, by WebRTC, for a fraction of what a participant of a media server costs. It knows
// rooms, identities and joins only as texts, and no domain.
//
// # Model
//
// A session is one listener: an SDP offer (the body of a WHEP request) and its answer. It
// belongs to an Owner, which is one join of a member or one pass, and has at most two
// sessions: the old and the new one of a network change. A room has a tap (Tapper, one for all
// its listeners), and a slots.Switch that makes a few continuous RTP streams of its voices. A
// packet is the same for all listeners of a room but for sequence number and encryption.
//
// The parts of the wire: ICE-lite (RFC 8445) with an own STUN responder, over UDP and passive
// ICE-TCP (RFC 6544); a DTLS server with the certificate of the process; SRTP with
// AEAD_AES_128_GCM (RFC 7714), or AES128_CM_HMAC_SHA1_80 (RFC 3711) for clients without it;
// sender reports, and retransmission on generic NACK (RFC 4585). The CSRC of each packet says
// whose voice it is. Nothing is received from listeners but checks, DTLS and RTCP.
//
// Goroutines: the clock (Run) reads all UDP sockets without waiting, every 20 ms, or 5 ms while
// somebody connects, and sweeps the sessions; it stands still while there are none. Shards, one
// for each processor, seal and send; a session belongs to one of them, as a lane. Packets go
// out when the tap brings them, not with the clock. A handshake has a goroutine until some
// seconds after it is done, a TCP connection has two, a room has one for its tap. A listener
// has none. On Linux the sockets are outside of Go's network poller (socket_linux.go), elsewhere
// they are of package net.
//
// # Lifecycle
//
//	Listen -> half-open -> check of ICE -> handshake of DTLS -> connected -> ended
//
// A half-open session ends after Config.HalfOpen. A connected one ends with Close and the like,
// at its time, when the client closes its connection within the seconds in which DTLS is still
// there, or when no authentic check came for Config.Consent (RFC 7675). Connected and Gone tell
// of owners, not of sessions. The first check of a room's sessions starts its tap; Config.Linger
// after the last one ended it stops, so that a swap does not restart it. A lost tap is made anew.
//
// An authentic check only says that somebody knows a password: its source may be forged. So
// nothing but STUN goes to an address before it has answered a Binding request of ours (path);
// only then DTLS is taken and sent there, and checks from it renew consent. It is asked again while
// they come, as whoever was there once can forge them for good: one that has not answered for two
// times Config.Consent gets nothing more. A session follows its client: to a proven address that a
// check nominates, and to that of any authentic check once the old address was quiet for some
// seconds; a proof counts for provenFor.
//
// # Invariants
//
//   - When Close returns, no packet leaves for the session any more.
//   - Sending allocates nothing and takes no lock for each packet and listener.
//   - No listener delays another: sending never waits for one, what cannot be sent is dropped
//     and counted.
//   - The sequence number of a packet is a number below 2^15, chosen by the session, plus how
//     many packets of the slot came since the session began; the roll-over counter of SRTP are
//     its higher bits. So a late listener begins with a counter of 0, and a packet that is sent
//     again is the same to the bit.
//   - What is not authentic gets no answer and leaves nothing behind. Offers, sessions (of a
//     room, of an address, half-open), handshakes, connections and queues are bounded; what is
//     half-open, and connections without a session, have shares for addresses, networks and
//     guests (crowd), and guests of a full room have shares for networks, so that nobody takes
//     the places of all others. A handshake of whose client nothing comes for 3 s ends. What one
//     session may cost is bounded, too: checks, feedback, handshakes, connections.
//   - Locks are taken in this order: session, room, queue of a shard. The mutexes of the Engine
//     and of a shard are taken while none of these is held; that of a shard only by the shard
//     itself, and to remove a lane. That of a crowd is the last of all.
package listen
