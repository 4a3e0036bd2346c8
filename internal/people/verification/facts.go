package verification

import "heyy/internal/people/account"

// KindDecided is the kind of Decided in the outbox.
const KindDecided = "verification.decided"

// Decided: a moderator decided.
type Decided struct {
	Account  account.ID `json:"account"`
	ID       ID         `json:"id"`
	Approved bool       `json:"approved"`
	Why      string     `json:"why,omitempty"` // of Reasons, if declined
}

// Kind implements outbox.Fact.
func (Decided) Kind() string { return KindDecided }

// Scope implements outbox.Fact.
func (f Decided) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (Decided) Order() int64 { return 0 }
