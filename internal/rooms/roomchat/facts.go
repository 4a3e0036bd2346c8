package roomchat

import "heyy/internal/rooms/room"

// Changed is the fact that a message is new, or was deleted. It carries no text.
type Changed struct {
	Room    room.ID `json:"room"`
	Message ID      `json:"message"`
}

// KindChanged is its kind in the outbox.
const KindChanged = "roomchat.changed"

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "roomchat:" + string(f.Room) }

// Order implements outbox.Fact. Nobody asks for those that were missed: the messages are read.
func (Changed) Order() int64 { return 0 }
