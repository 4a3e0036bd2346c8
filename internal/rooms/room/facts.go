package room

import (
	"time"

	"heyy/internal/people/account"
)

// Cause is the reason for a change of a member.
type Cause string

// Causes of changes. Clients see all but Excluded.
const (
	Joined          Cause = "joined"
	Left            Cause = "left"
	Sat             Cause = "sat"
	Stood           Cause = "stood"
	Muted           Cause = "muted"
	Unmuted         Cause = "unmuted"
	MovedToAudience Cause = "moved_to_audience"
	AllowedToSpeak  Cause = "allowed_to_speak"
	Removed         Cause = "removed"
	Excluded        Cause = "parted" // left because of a block or a report
)

// Changed is the fact that a member of a room changed.
type Changed struct {
	Room   ID        `json:"room"`
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Cause  Cause     `json:"cause"`
	Member Member    `json:"member"`
}

// Ended is the fact that a room ended.
type Ended struct {
	Room   ID        `json:"room"`
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Reason EndReason `json:"why"`
}

// Appeared is the fact of the first audio connection to a room. From then on the lobby
// lists it.
type Appeared struct {
	Room ID    `json:"room"`
	Seq  int64 `json:"seq"`
}

// Hidden is the fact that two listeners of a room are hidden from each other.
type Hidden struct {
	Room ID         `json:"room"`
	Seq  int64      `json:"seq"`
	A    account.ID `json:"a"`
	B    account.ID `json:"b"`
}

// Kinds of facts in the outbox.
const (
	KindChanged  = "room.changed"
	KindEnded    = "room.ended"
	KindAppeared = "room.appeared"
	KindHidden   = "room.hidden"
)

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "room:" + string(f.Room) }

// Order implements outbox.Fact.
func (f Changed) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Ended) Kind() string { return KindEnded }

// Scope implements outbox.Fact.
func (f Ended) Scope() string { return "room:" + string(f.Room) }

// Order implements outbox.Fact.
func (f Ended) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Appeared) Kind() string { return KindAppeared }

// Scope implements outbox.Fact.
func (f Appeared) Scope() string { return "lobby:" + string(f.Room) }

// Order implements outbox.Fact.
func (f Appeared) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Hidden) Kind() string { return KindHidden }

// Scope implements outbox.Fact.
func (f Hidden) Scope() string { return "hidden:" + string(f.Room) }

// Order implements outbox.Fact.
func (f Hidden) Order() int64 { return f.Seq }
