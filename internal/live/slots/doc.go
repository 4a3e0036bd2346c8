// Package slots decides which voice of a room is in which of a few slots, and makes one
// continuous RTP stream of each slot, the same for all listeners of the room.
//
// # Model
//
// A Switch belongs to one room. Push takes the packets of all voices as they arrive and
// returns the packets that leave. A slot is a stream: its packets are numbered without gaps,
// and its timestamps follow wall time across voices, pauses (DTX), reconnects and wrap-around
// of the source's counters. The voice of a packet is its CSRC. Meter measures levels by
// decoding, as nothing that a sender says of its own level can be trusted.
//
// # Who has a slot
//
//   - A packet is speech if it has more than 2 bytes; shorter ones announce a pause. Where
//     levels are measured it is also louder than -65 dBov. It is louder than -45 dBov if it
//     comes after a pause, as comfort noise comes in single packets every 400 ms, and if it is
//     20 dB below the level of the voice, as then it is what is heard between sentences.
//   - A voice talks for 500 ms (the hold time) after each packet of speech.
//   - A slot belongs to its voice until the voice is dropped or another one takes the slot.
//   - A voice without a slot asks for one with each packet of speech, and its stream begins
//     with that packet. It gets a free slot, or else that of the voice that has not talked for
//     longest. So everybody who talks is heard from the first packet on, while they are no more
//     than the slots.
//   - If everybody in a slot talks, the one asking may replace the quietest of those who have had
//     a slot for 500 ms: what it is louder by, less a margin of 3 dB, is added up packet by
//     packet and has to reach 6 dB. So 9 dB are enough with the first packet, 6 dB with the
//     second, 4 dB with the sixth; small differences and noise change little.
//   - The level of a voice is that of the first packet after a pause. It rises to louder packets
//     by half the difference for 300 ms and by a tenth later, and falls by at most 15 dB a
//     second, so that gaps between words cost nobody a slot.
//   - Levels are measured only while there are more voices than slots. Until its first measured
//     packet a voice counts as the loudest.
//
// # Invariants
//
//   - A voice is in at most one slot, and in none after Drop.
//   - Index has no gap and no repeat; a packet lost at the source shows only as a gap in time.
//   - A packet begins no earlier than the one before it ends, and at most a second away from
//     wall time, whatever a source claims. Packets that would be further ahead are dropped.
//   - Nothing is transcoded: a packet of 60 ms has the frames of the source's packets, unchanged
//     (RFC 6716, section 3.2.5).
//   - Memory is bounded by the number of slots and by 128 voices.
//
// The package does no I/O, starts no goroutine and has no lock.
package slots
