package notify

import (
	"heyy/internal/people/account"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
)

// Changed: the notification centre of an account changed. Their clients can be told to read
// it again.
type Changed struct {
	Account account.ID `json:"account"`
}

// LiveContinued: of the followers of a room's host, those up to After were notified that it is
// open. It hands the next ones to the listener once more, behind the facts that came
// meanwhile.
type LiveContinued struct {
	Room  room.ID    `json:"room"`
	After account.ID `json:"after"`
}

// EventContinued: of those who are told of some news about an event, people up to After were
// notified; see LiveContinued.
type EventContinued struct {
	News  schedule.News `json:"news"`
	After account.ID    `json:"after"`
}

// ReplayContinued: of those who are told of a replay, people up to After were notified; see
// LiveContinued.
type ReplayContinued struct {
	News  replay.News `json:"news"`
	After account.ID  `json:"after"`
}

// Kinds of facts in the outbox.
const (
	KindChanged       = "notify.changed"
	KindLiveContinued = "notify.live"

	KindEventContinued = "notify.event"

	KindReplayContinued = "notify.replay"
)

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (Changed) Order() int64 { return 0 }

// Kind implements outbox.Fact.
func (LiveContinued) Kind() string { return KindLiveContinued }

// Scope implements outbox.Fact.
func (f LiveContinued) Scope() string { return "room:" + string(f.Room) }

// Order implements outbox.Fact. It is 0: it has no place among the facts of the room.
func (LiveContinued) Order() int64 { return 0 }

// Kind implements outbox.Fact.
func (EventContinued) Kind() string { return KindEventContinued }

// Scope implements outbox.Fact.
func (f EventContinued) Scope() string { return f.News.Scope() }

// Order implements outbox.Fact. It is 0: it has no place among the facts of the event.
func (EventContinued) Order() int64 { return 0 }

// Kind implements outbox.Fact.
func (ReplayContinued) Kind() string { return KindReplayContinued }

// Scope implements outbox.Fact.
func (f ReplayContinued) Scope() string { return f.News.Scope() }

// Order implements outbox.Fact. It is 0: it has no place among the facts of the room.
func (ReplayContinued) Order() int64 { return 0 }
