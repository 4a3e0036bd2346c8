package verification

import "heyy/internal/account"

// KindDecided is the kind under which Decided travels.
const KindDecided = "verification.decided"

// Decided is the fact that a moderator has decided about somebody.
type Decided struct {
	Account  account.ID `json:"account"`
	ID       ID         `json:"id"`
	Approved bool       `json:"approved"`
	Why      string     `json:"why,omitempty"` // of Reasons, if declined
}

// Kind implements event.Fact.
func (Decided) Kind() string { return KindDecided }

// Scope is the account's own.
func (f Decided) Scope() string { return "account:" + string(f.Account) }

// Order is 0: these facts have no sequence, each says all there is.
func (Decided) Order() int64 { return 0 }
