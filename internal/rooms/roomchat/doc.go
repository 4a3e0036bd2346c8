// Package roomchat owns what is written in rooms.
//
// # Model
//
// A Message is written by somebody who is in the room. Who may write, read and delete is
// decided by package room (MayWrite, MayReadChat, MayDelete); here is how much: one message in
// each pause of slow mode, from which hosts are free, and never more than PerMinute.
//
// Messages have numbers n = 1, 2, ... and times that grow with them. Clients are told the times
// and not the numbers: whoever must not meet an author is not shown their messages, and a gap
// would tell of them. For the same reason an event about a message goes to each who may read
// it, and says to each whether they are mentioned, not who is.
//
// # Invariants
//
// A message is added under the lock of the room's row, so none comes after a removal, the end of
// the chat or of the room. The messages of one person in one room wait for each other before
// that, and those beyond the quota are refused without the lock: a flood delays its author alone.
//
// An id is chosen by the author's client. Sending it again changes nothing.
//
// A deleted message loses its text in the transaction that deletes it. Messages are found by
// reading texts, newest first, without an index: what is deleted is in no other place.
//
// Messages are there as long as the room's rows: a day from its end on. Nobody is in a room
// that has ended, so nobody reads them then.
//
// It owns the table room_messages.
package roomchat
