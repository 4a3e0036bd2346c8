// Package schedule owns events: rooms that are planned for later, who leads and speaks there,
// who goes, and the calendars in which people see them.
//
// # Model
//
// An Event has a host, a date in a time zone and what its room will be. It is planned until it
// is started, live while its room is open, and then over; or it is cancelled before. A weekly
// event is one row, too: starts_at is its next date, and who goes, goes each week until they
// withdraw. Dates follow from the first one as clocks in its zone show it (rrule-go computes
// them without a zone), so that nine in the evening stays nine in the evening over a change of
// the clocks. A time that the clocks leave out moves as far as they do, on this date alone.
//
// # Commands
//
// A command is one transaction that locks the row of the event first; before it the row of the
// account whose events are counted. Start locks it in the transaction in which the room opens
// (room.OpenPlanned), so that two starts at once open one room.
//
// # Lifecycle
//
// The host and co-hosts start an event from StartBefore on until it closes: at its end, or an
// hour after its beginning. An event that closes unstarted is over. Its room ending makes it
// over, unless the room ended by itself while the event may still be started: then it is
// planned again. A weekly one is planned for the next date instead; after maxMissed dates at
// which nobody came to start it, it is over. If the account of a host is deleted, Sweep cancels
// what they planned. Rows of what is over are deleted after a month; until then calendars show
// what was cancelled.
//
// # News
//
// Reminders, starts, moves and cancellations are facts, each appended in the transaction that
// notes it in the row of the event: once for each date. Package notify reads Audience and tells
// each person once. A reminder of which nobody heard within remindLate is none any more.
//
// # Who sees an event
//
// An event does not exist for people apart from its host or banned from the host's rooms, and
// for those banned from its club. One for followers or members of its club exists for them alone, one
// by link is in no list. Whoever hosts it, is asked to take part or goes, keeps seeing it. Counts count
// everybody; names are of people who are not apart from the viewer.
//
// # Calendars
//
// Files and feeds name the single dates of the next 30 days in UTC, with a UID each: a rule for
// weekly dates would need the changes of the clocks beside it (VTIMEZONE), which the library
// does not write. The address of a feed is a secret, of which a hash is stored.
//
// # Tables
//
// It owns the tables events, event_people, event_quotas, event_goers and event_calendars. Of other packages it reads:
//   - accounts: whether somebody who is invited exists
//   - clubs: the name of the club of an event
//   - club_members: whether its host still belongs to it
//   - club_bans: for whom it does not exist
//   - rooms: whether the room of an event has ended
package schedule
