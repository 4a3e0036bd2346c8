package call

import (
	"time"

	"heyy/internal/people/account"
)

// Changed is the fact that at least one of the two people sees a call differently
// than before. It is for the server only: it contains what neither person may
// learn of the other. Only the accounts in Recipients may be notified, and only
// with what Get returns for them; for the other one, even that something changed
// is private.
type Changed struct {
	Call       ID           `json:"call"`
	CallKind   Kind         `json:"kind"`
	A          account.ID   `json:"a"` // smaller than B
	B          account.ID   `json:"b"`
	Seq        int64        `json:"seq"`
	At         time.Time    `json:"at"`
	Before     State        `json:"was"` // "": the call is new
	State      State        `json:"state"`
	EndReason  EndReason    `json:"why,omitempty"` // of an ended call
	EndedBy    account.ID   `json:"by,omitempty"`  // the person who caused the end
	Recipients []account.ID `json:"tell"`
}

// KindChanged is the kind of the fact Changed in the outbox.
const KindChanged = "call.changed"

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "call:" + string(f.Call) }

// Order implements outbox.Fact.
func (f Changed) Order() int64 { return f.Seq }

// HappyHourBegan is the fact that a happy hour has begun.
type HappyHourBegan struct {
	Hour   string    `json:"hour"`
	Title  string    `json:"title"`
	EndsAt time.Time `json:"ends_at"`
}

// KindHappyHourBegan is the kind of the fact HappyHourBegan in the outbox.
const KindHappyHourBegan = "call.happy_hour_began"

// Kind implements outbox.Fact.
func (HappyHourBegan) Kind() string { return KindHappyHourBegan }

// Scope implements outbox.Fact.
func (f HappyHourBegan) Scope() string { return "hour:" + f.Hour }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (HappyHourBegan) Order() int64 { return 0 }
