package message

import (
	"time"

	"heyy/internal/people/account"
)

// Changed: a message is new or changed. A is the smaller id.
type Changed struct {
	A   account.ID `json:"a"`
	B   account.ID `json:"b"`
	By  account.ID `json:"by"` // who wrote, changed or reacted
	N   int64      `json:"n"`
	Seq int64      `json:"seq"` // of the chat
	New bool       `json:"new"`
	At  time.Time  `json:"at"`
}

// Read: somebody has read the messages of another up to N.
type Read struct {
	By    account.ID `json:"by"`
	Other account.ID `json:"other"`
	N     int64      `json:"n"`
}

// Heard: somebody has listened to voice message N of another.
type Heard struct {
	By    account.ID `json:"by"`
	Other account.ID `json:"other"`
	N     int64      `json:"n"`
}

// ChatChanged: a chat without a match began, was accepted, or ended. To are those for whom it
// was there: to others nothing may show.
type ChatChanged struct {
	By    account.ID   `json:"by"`
	Other account.ID   `json:"other"`
	To    []account.ID `json:"to"`
}

// Kinds of facts in the outbox.
const (
	KindChanged = "message.changed"
	KindRead    = "message.read"
	KindHeard   = "message.heard"
	KindChat    = "message.chat"
)

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "chat:" + string(f.A) + ":" + string(f.B) }

// Order implements outbox.Fact.
func (f Changed) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Read) Kind() string { return KindRead }

// Scope implements outbox.Fact.
func (f Read) Scope() string { return "read:" + string(f.By) + ":" + string(f.Other) }

// Order implements outbox.Fact.
func (f Read) Order() int64 { return f.N }

// Kind implements outbox.Fact.
func (Heard) Kind() string { return KindHeard }

// Scope implements outbox.Fact.
func (f Heard) Scope() string { return "heard:" + string(f.By) + ":" + string(f.Other) }

// Order implements outbox.Fact. Messages are listened to in any order.
func (Heard) Order() int64 { return 0 }

// Kind implements outbox.Fact.
func (ChatChanged) Kind() string { return KindChat }

// Scope implements outbox.Fact.
func (f ChatChanged) Scope() string { return "begun:" + string(f.By) + ":" + string(f.Other) }

// Order implements outbox.Fact.
func (ChatChanged) Order() int64 { return 0 }
