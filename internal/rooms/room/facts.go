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
	HandRaised      Cause = "hand_raised"
	HandLowered     Cause = "hand_lowered"
	MutedByHost     Cause = "muted_by_host"
	AllowedToUnmute Cause = "allowed_to_unmute"
	MadeCoHost      Cause = "made_co_host"
	UnmadeCoHost    Cause = "unmade_co_host"
	MadeHost        Cause = "made_host"
	UnmadeHost      Cause = "unmade_host"
	ChatMuted       Cause = "chat_muted"
	AllowedToWrite  Cause = "allowed_to_write"
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

// Sharing is the fact that a room is shared from now on, or no longer.
type Sharing struct {
	Room   ID        `json:"room"`
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Shared bool      `json:"shared"`
}

// Counted is the fact that somebody came to listen, or went, in a room that is crowded: one
// number changes for the others.
type Counted struct {
	Room    ID         `json:"room"`
	Seq     int64      `json:"seq"` // of the room, which stays as it is
	Account account.ID `json:"account"`
	Left    bool       `json:"left,omitempty"`
}

// Edited is the fact that what a room is has changed: its title, topic and link, its chat, who
// may raise a hand, the seats that are locked, whether it is crowded, what is asked of whoever
// comes in.
type Edited struct {
	Room     ID        `json:"room"`
	Seq      int64     `json:"seq"`
	At       time.Time `json:"at"`
	Title    string    `json:"title"`
	Category string    `json:"category"`
	Link     string    `json:"link,omitempty"`
	Chat     Chat      `json:"chat"`
	Slow     int       `json:"slow,omitempty"` // seconds
	Hands    Hands     `json:"hands"`
	Locked   []int     `json:"locked"` // seats
	Crowded  bool      `json:"crowded,omitempty"`
	Entry
}

// Invited is the fact that somebody was asked to speak. Others are not told.
type Invited struct {
	Room    ID         `json:"room"`
	Seq     int64      `json:"seq"`
	Account account.ID `json:"account"`
	By      account.ID `json:"by"`
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
	KindSharing  = "room.sharing"
	KindAppeared = "room.appeared"
	KindEdited   = "room.edited"
	KindInvited  = "room.invited"
	KindCounted  = "room.counted"
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
func (Sharing) Kind() string { return KindSharing }

// Scope implements outbox.Fact.
func (f Sharing) Scope() string { return "room:" + string(f.Room) }

// Order implements outbox.Fact.
func (f Sharing) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Edited) Kind() string { return KindEdited }

// Scope implements outbox.Fact.
func (f Edited) Scope() string { return "room:" + string(f.Room) }

// Order implements outbox.Fact.
func (f Edited) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Counted) Kind() string { return KindCounted }

// Scope implements outbox.Fact.
func (f Counted) Scope() string { return "counted:" + string(f.Room) }

// Order implements outbox.Fact.
func (f Counted) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Invited) Kind() string { return KindInvited }

// Scope implements outbox.Fact.
func (f Invited) Scope() string { return "invite:" + string(f.Room) + ":" + string(f.Account) }

// Order implements outbox.Fact.
func (f Invited) Order() int64 { return f.Seq }

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
