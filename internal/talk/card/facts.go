package card

import (
	"time"

	"heyy/internal/people/account"
)

// Change is what happened to the cards of two people.
type Change string

// The changes.
const (
	ChangeOffered   Change = "offered"
	ChangeWithdrawn Change = "withdrawn"
	ChangeIgnored   Change = "ignored"
	ChangeExpired   Change = "expired"
	ChangeExchanged Change = "exchanged"
	ChangeRemoved   Change = "removed"
)

// Changed: something happened to the cards of By and Other. By offered, withdrew, ignored,
// exchanged (answered) or removed; of ChangeExpired it is the person who had made the offer.
type Changed struct {
	By     account.ID `json:"by"`
	Other  account.ID `json:"other"`
	Change Change     `json:"change"`
	// Hidden: Other must not learn of it.
	Hidden bool      `json:"hidden,omitempty"`
	Place  string    `json:"place,omitempty"`
	At     time.Time `json:"at"`
}

// KindChanged is the kind of Changed in the outbox.
const KindChanged = "card.changed"

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string {
	return "card:" + string(min(f.By, f.Other)) + ":" + string(max(f.By, f.Other))
}

// Order implements outbox.Fact.
func (f Changed) Order() int64 { return f.At.UnixMilli() }
