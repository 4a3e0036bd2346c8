package call

import (
	"time"

	"heyy/internal/account"
)

// Changed is the fact that one of the two sees a call otherwise than before.
// It is for the house, not for people: it says what neither of the two may learn
// of the other. Those in Tell may be told what Look says to them, and nobody
// else: that there is news is news.
type Changed struct {
	Call  ID           `json:"call"`
	How   Kind         `json:"kind"`
	A     account.ID   `json:"a"` // before B
	B     account.ID   `json:"b"`
	Seq   int64        `json:"seq"`
	At    time.Time    `json:"at"`
	Was   State        `json:"was"` // "": it has just come about
	State State        `json:"state"`
	Why   Why          `json:"why,omitempty"` // ended
	By    account.ID   `json:"by,omitempty"`  // whose doing the end was
	Tell  []account.ID `json:"tell"`
}

// KindChanged is the kind under which Changed travels.
const KindChanged = "call.changed"

// Kind implements event.Fact.
func (Changed) Kind() string { return KindChanged }

// Scope implements event.Fact.
func (f Changed) Scope() string { return "call:" + string(f.Call) }

// Order implements event.Fact.
func (f Changed) Order() int64 { return f.Seq }
