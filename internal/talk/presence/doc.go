// Package presence knows who is here, and decides which friends see it.
//
// # Model
//
// A person is online while they have a socket at some node, and for Linger after the last
// one has gone: a reload or a tunnel is no leaving. Each node keeps a row of online for each
// of its people, written in batches, and one row of nodes, which a heartbeat renews; there is
// no write for people who merely stay. No time is stored: nobody can learn when somebody was
// here last.
//
// What friends see is a State: offline, online, in a room (if ShowRooms, and the viewer may
// join it), or do not disturb. Invisible is offline for everybody else.
//
// # Events
//
// Connecting, rooms, settings and friendships mark a person; a moment later, and not more
// often than once in Pause, Run reads what friends see now, compares it with what each was
// told last, and tells those for whom it differs. So an event never says more than a
// difference that its reader may see: somebody invisible who walks through rooms, or a friend
// in a room that is closed to the viewer, causes none. However often somebody reconnects,
// joins and leaves, it costs one read and at most one event for each friend in Pause.
//
// # Invariants
//
//   - Strangers learn nothing: everything is read and told by way of the friends of a person.
//   - Rows decide, also about events: a block or a change to invisible that was committed
//     holds for every read and every event after it.
//   - A node that died has no people: at its next start, and elsewhere once its heartbeat
//     has run out.
//   - Coming and going are no facts of the outbox: whoever was not listening reads the list.
//     A change of settings is one, because a crash must not leave somebody visible.
//
// It owns the tables nodes, online and presence_settings. Of other packages it reads:
//   - accounts: whether somebody who comes was deleted meanwhile
package presence
