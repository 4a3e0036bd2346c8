package schedule

import (
	"time"

	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// What names a kind of News.
type What string

// News.
const (
	Soon    What = "soon"   // the reminder before a date
	Begins  What = "begins" // the reminder at a date
	Started What = "started"
	Moved   What = "moved"
	Called  What = "cancelled"
	Invites What = "invited"
)

// News is the fact that there is something to tell of an event to those who take part or go;
// an invitation to one person alone.
type News struct {
	Event    ID         `json:"event"`
	What     What       `json:"what"`
	StartsAt time.Time  `json:"starts_at"`      // the date that it is about
	Room     room.ID    `json:"room,omitempty"` // of Started
	To       account.ID `json:"to,omitempty"`   // of Invites
	By       account.ID `json:"by,omitempty"`   // whose doing it is: they are not told
}

// KindNews is the kind of the fact in the outbox.
const KindNews = "event.news"

// Kind implements outbox.Fact.
func (News) Kind() string { return KindNews }

// Scope implements outbox.Fact.
func (f News) Scope() string { return "event:" + string(f.Event) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (News) Order() int64 { return 0 }
