package follow

import (
	"time"

	"heyy/internal/people/account"
)

// Changed: By began to follow Other, or does not any more, whoever ended it.
type Changed struct {
	By      account.ID `json:"by"`
	Other   account.ID `json:"other"`
	Follows bool       `json:"follows"`
	// Self: By chose it. Otherwise they are not told.
	Self bool `json:"self,omitempty"`
	// Mutual: Other follows By, too, so that this made the two friends, or ended that; a
	// match makes them friends all the same.
	Mutual bool      `json:"mutual"`
	At     time.Time `json:"at"`
}

// KindChanged is the kind of Changed in the outbox.
const KindChanged = "follow.changed"

// Kind implements outbox.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements outbox.Fact.
func (f Changed) Scope() string {
	return "follow:" + string(min(f.By, f.Other)) + ":" + string(max(f.By, f.Other))
}

// Order implements outbox.Fact.
func (f Changed) Order() int64 { return f.At.UnixMilli() }
