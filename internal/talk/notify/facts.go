package notify

import "heyy/internal/people/account"

// Changed: the notification centre of an account changed. Their clients can be told to read
// it again.
type Changed struct {
	Account account.ID `json:"account"`
}

// KindChanged is the kind of Changed in the outbox.
const KindChanged = "notify.changed"

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact. It is 0: each fact is complete in itself.
func (Changed) Order() int64 { return 0 }
