// Package replay keeps what was said in rooms that are recorded, for those who come later.
//
// # Model
//
// A room is recorded if its plan said so when it opened (room.Room.Recorded). Its Replay has the
// id of the room. Each speaker answers for themselves whether their voice is kept (Keep), and
// without an answer it is not. A Part is what one speaker said in one go, an Ogg/Opus file of at
// most partLength made of the packets as they came: nothing is transcoded or mixed. A Line stands
// beside the voices: a message of the chat, a pinned link, a chapter.
//
// # Lifecycle
//
//	recording -> draft -> published -> deleted
//
// Tick begins the replay of a recorded room and makes it a draft when the room has ended; without
// any part it is deleted instead. A draft is there for its host and for those whose voice is in it,
// DraftTime long, unless the host publishes it. A published one is there for whoever could come
// into the room, for as many days as the host has chosen.
//
// The Recorder listens in on a room while somebody's voice is kept. A part is stored when its
// speaker pauses or has spoken for partLength, so that a crash loses no more than that.
//
// # Invariants
//
// A part is stored in a transaction that reads its speaker's answer under the lock of the replay's
// row. Who withdraws (Keep, Withdraw) deletes their parts under the same lock: none is left, and
// none comes after it. A replay does not exist for people apart from its host or from somebody
// whose voice is in it, or removed from the room, as the room did not. Whoever spoke keeps seeing
// it, without those apart from them; a block between them and the host deletes what they said.
//
// # Tables
//
// It owns the tables replays, replay_voices, replay_parts, replay_blobs, replay_lines,
// replay_marks, replay_admissions and replay_removals. Of other packages it reads:
//   - rooms: which are recorded; their title, link and end
//   - room_members: whose voice is whose
//   - room_messages: the chat, when the room has ended
//   - room_admissions: whom the access of the room did not keep out
//   - club_bans: for whom the rooms of a club do not exist
//   - clubs: the name of the club
//   - events: in the room of which it was recorded
//   - event_goers: who went there, and is told of its replay
package replay
