package discovery

import (
	"time"

	"heyy/internal/account"
)

// Matched is the fact that two people like each other. A stands before B.
type Matched struct {
	A   account.ID `json:"a"`
	B   account.ID `json:"b"`
	At  time.Time  `json:"at"`
	Seq int64      `json:"seq"`
}

// Ended is the fact that a match is over, for both and for ever.
type Ended struct {
	A   account.ID `json:"a"`
	B   account.ID `json:"b"`
	At  time.Time  `json:"at"`
	Seq int64      `json:"seq"`
}

// SomebodyFits is the fact that the bell of an account has rung.
type SomebodyFits struct {
	Account account.ID `json:"account"`
	At      time.Time  `json:"at"`
}

// The kinds under which facts travel.
const (
	KindMatched      = "match.made"
	KindEnded        = "match.ended"
	KindSomebodyFits = "discovery.fits"
)

// Kind implements event.Fact.
func (Matched) Kind() string { return KindMatched }

// Scope implements event.Fact.
func (f Matched) Scope() string { return "pair:" + string(f.A) + ":" + string(f.B) }

// Order implements event.Fact.
func (f Matched) Order() int64 { return f.Seq }

// Kind implements event.Fact.
func (Ended) Kind() string { return KindEnded }

// Scope implements event.Fact.
func (f Ended) Scope() string { return "pair:" + string(f.A) + ":" + string(f.B) }

// Order implements event.Fact.
func (f Ended) Order() int64 { return f.Seq }

// Kind implements event.Fact.
func (SomebodyFits) Kind() string { return KindSomebodyFits }

// Scope implements event.Fact.
func (f SomebodyFits) Scope() string { return "account:" + string(f.Account) }

// Order implements event.Fact: bells have no order among themselves.
func (f SomebodyFits) Order() int64 { return f.At.UnixMilli() }
