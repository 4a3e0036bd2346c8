package room

import "time"

// Cause is what made a member change.
type Cause string

// The causes.
const (
	Joined    Cause = "joined"
	Left      Cause = "left"
	Sat       Cause = "sat"
	Stood     Cause = "stood"
	Muted     Cause = "muted"
	Unmuted   Cause = "unmuted"
	MovedBack Cause = "moved_back"
	LetSit    Cause = "let_sit"
	Removed   Cause = "removed"
)

// Changed is the fact that a member of a room is otherwise than before.
type Changed struct {
	Room   ID        `json:"room"`
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Cause  Cause     `json:"cause"`
	Role   Role      `json:"role"`
	Member Member    `json:"member"`
}

// Ended is the fact that a room is over.
type Ended struct {
	Room ID        `json:"room"`
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`
	Why  Why       `json:"why"`
}

// The kinds under which facts travel.
const (
	KindChanged = "room.changed"
	KindEnded   = "room.ended"
)

// Kind implements event.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements event.Fact.
func (f Changed) Scope() string { return "room:" + string(f.Room) }

// Order implements event.Fact.
func (f Changed) Order() int64 { return f.Seq }

// Kind implements event.Fact.
func (Ended) Kind() string { return KindEnded }

// Scope implements event.Fact.
func (f Ended) Scope() string { return "room:" + string(f.Room) }

// Order implements event.Fact.
func (f Ended) Order() int64 { return f.Seq }
