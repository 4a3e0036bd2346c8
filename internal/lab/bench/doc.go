// Package bench has the benchmarks of `heyy bench`: time from joining to the first audio,
// cost of a listener, of an audience and of a call, start-up time, matchmaking, Discover, and live connections
// with chats. Those of large audiences and of full stages have packages of their own below it.
//
// Most measure the program as a child process, on free ports and a temporary data folder,
// with bots over the network; match and discover run in this process. They assert nothing:
// figures depend on the machine, which the report describes. The package removes the
// processes and folders that it creates.
//
// Of other packages it writes, in its own databases, because up to a hundred thousand people are made at once:
//   - accounts: synthetic people
//   - profiles: theirs
//   - clips: their intros
//   - regions: where they are
//   - chats: counters of a long conversation
//   - messages: those of it
//   - rooms: made live rooms of the lobby
//   - room_members: those in them
//   - room_admissions: those who know its PIN
//   - follows: whom viewers of it follow
//   - blocks: whom they have blocked
package bench
