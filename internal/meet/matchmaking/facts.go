package matchmaking

import (
	"time"

	"heyy/internal/people/account"
)

// ChangeReason is the reason for which a ticket was created or removed.
type ChangeReason string

const (
	Entered       ChangeReason = "entered"
	Cancelled     ChangeReason = "cancelled"
	Expired       ChangeReason = "expired" // no heartbeat
	Unresponsive  ChangeReason = "silent"  // did not answer two proposals in a row
	InCall        ChangeReason = "talking" // a call is live
	CallsDisabled ChangeReason = "closed"  // set the call privacy to nobody
)

// Changed is the fact that a person has entered or left the queue.
type Changed struct {
	Account account.ID   `json:"account"`
	Waiting bool         `json:"waiting"`
	Reason  ChangeReason `json:"why"`
	At      time.Time    `json:"at"`
}

// KindChanged is the kind of the fact Changed in the outbox.
const KindChanged = "match.changed"

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact. Clients read the status again, so time is enough.
func (f Changed) Order() int64 { return f.At.UnixMilli() }
