// Package room owns lounges: who is there, who sits and so may speak, who
// decides, and when a room ends.
//
// Each command locks its room's row, applies one rule to what stands there and
// appends what changed to the outbox under the room's next numbers (seq).
// After the commit the room settles: what the rows say about a person is
// carried out at the media server. Settling reads the rows anew and so always
// ends at the newest state; a sweep repeats it for whatever a crash cut off.
//
// Package room never talks to clients and knows no names of people.
package room
