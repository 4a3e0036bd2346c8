package discovery

import (
	"time"

	"heyy/internal/people/account"
)

// Matched: two people like each other. A is the smaller id.
type Matched struct {
	A   account.ID `json:"a"`
	B   account.ID `json:"b"`
	At  time.Time  `json:"at"`
	Seq int64      `json:"seq"`
}

// Ended: a match is over, for both and permanently.
type Ended struct {
	A   account.ID `json:"a"`
	B   account.ID `json:"b"`
	At  time.Time  `json:"at"`
	Seq int64      `json:"seq"`
}

// SomebodyFits: the alert of an account fired.
type SomebodyFits struct {
	Account account.ID `json:"account"`
	At      time.Time  `json:"at"`
}

// Kinds of facts in the outbox.
const (
	KindMatched      = "match.made"
	KindEnded        = "match.ended"
	KindSomebodyFits = "discovery.fits"
)

// Kind implements outbox.Fact.
func (Matched) Kind() string { return KindMatched }

// Scope implements outbox.Fact.
func (f Matched) Scope() string { return "pair:" + string(f.A) + ":" + string(f.B) }

// Order implements outbox.Fact.
func (f Matched) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (Ended) Kind() string { return KindEnded }

// Scope implements outbox.Fact.
func (f Ended) Scope() string { return "pair:" + string(f.A) + ":" + string(f.B) }

// Order implements outbox.Fact.
func (f Ended) Order() int64 { return f.Seq }

// Kind implements outbox.Fact.
func (SomebodyFits) Kind() string { return KindSomebodyFits }

// Scope implements outbox.Fact.
func (f SomebodyFits) Scope() string { return "account:" + string(f.Account) }

// Order implements outbox.Fact. Alerts have no order among themselves.
func (f SomebodyFits) Order() int64 { return f.At.UnixMilli() }
