// Package stage is the benchmark `heyy bench stage`: a room with thousands of listeners. It
// measures its events at a thousand sockets, its commands beside those in a small room by time,
// bytes and rows, and hundreds of hands raised within a second. It asserts nothing, and prints
// beside the figures what was promised.
//
// Of other packages it writes, in its own databases, because thousands of people are in a room at once:
//   - rooms: how many listen
//   - room_members: those who do
//
// Of other packages it reads:
//   - outbox: whether all facts are told
//   - outbox_cursors: the same
//   - room_members: the order of hands
package stage
