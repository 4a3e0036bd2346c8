package club

import "heyy/internal/people/account"

// Requested is the fact that somebody asks to join a club. Its founder and admins are
// notified.
type Requested struct {
	Club    ID         `json:"club"`
	Account account.ID `json:"account"`
}

// Answered is the fact that a request was answered. Its author is notified.
type Answered struct {
	Club     ID         `json:"club"`
	Account  account.ID `json:"account"`
	Accepted bool       `json:"accepted"`
}

// Kinds of facts in the outbox.
const (
	KindRequested = "club.requested"
	KindAnswered  = "club.answered"
)

// Kind implements outbox.Fact.
func (Requested) Kind() string { return KindRequested }

// Scope implements outbox.Fact.
func (f Requested) Scope() string { return "club:" + string(f.Club) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (Requested) Order() int64 { return 0 }

// Kind implements outbox.Fact.
func (Answered) Kind() string { return KindAnswered }

// Scope implements outbox.Fact.
func (f Answered) Scope() string { return "club:" + string(f.Club) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (Answered) Order() int64 { return 0 }
