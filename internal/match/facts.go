package match

import (
	"time"

	"heyy/internal/account"
)

// Why a ticket came or went.
type Why string

// The causes.
const (
	Entered   Why = "entered"
	Cancelled Why = "cancelled"
	Expired   Why = "expired" // no sign of life
	Silent    Why = "silent"  // let two proposals pass
	Talking   Why = "talking" // a call has begun
	Closed    Why = "closed"  // said that nobody may call
)

// Changed is the fact that somebody began or stopped to wait.
type Changed struct {
	Account account.ID `json:"account"`
	Waiting bool       `json:"waiting"`
	Why     Why        `json:"why"`
	At      time.Time  `json:"at"`
}

// KindChanged is the kind under which it travels.
const KindChanged = "match.changed"

// Kind implements event.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements event.Fact.
func (f Changed) Scope() string { return "account:" + string(f.Account) }

// Order implements event.Fact: whoever hears it reads the lounge anew.
func (f Changed) Order() int64 { return f.At.UnixMilli() }
