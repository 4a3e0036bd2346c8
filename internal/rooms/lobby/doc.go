// Package lobby finds open rooms by words: of their titles, topics in every language of the
// client, people on stage and clubs.
//
// # Model
//
// The words of a room are folded as those of messages are (Search), so one query finds names,
// titles and topics alike, whatever the script, case and accents; its last word may be the
// beginning of one. Results are in the order of the lobby, the liveliest first.
//
// # Lifecycle
//
// The index follows the facts of rooms: Refresh reads a room as its card tells of it and
// writes what has changed; a repeated or late fact changes nothing, because the number of the
// room when it was read is kept. CatchUp indexes rooms whose facts were lost, which are from
// before the index, or in which somebody has another name since.
//
// # Invariants
//
// The index only proposes: each result is read from the rows as lists tell the viewer of it
// (room.Among) and compared with the query. So whoever has gone, what a PIN hides and who is
// apart is not found from that commit on, however late the index is. A request reads a
// bounded number of rooms.
//
// # Tables
//
// It owns the tables lobby_rooms and lobby_words. Of other packages it reads:
//   - rooms: which are open, and their order
package lobby
