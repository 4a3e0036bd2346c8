package photo

import "heyy/internal/people/account"

// KindRevealChanged is the kind of RevealChanged in the outbox.
const KindRevealChanged = "photo.reveal"

// RevealChanged: the reveal of a pair changed. Both can be told, and read Between.
type RevealChanged struct {
	A   account.ID `json:"a"` // the smaller id
	B   account.ID `json:"b"`
	Seq int64      `json:"seq"`
}

// Kind implements outbox.Fact.
func (RevealChanged) Kind() string { return KindRevealChanged }

// Scope implements outbox.Fact. It is not the scope of the match, which has a sequence of
// its own.
func (f RevealChanged) Scope() string { return "reveal:" + string(f.A) + ":" + string(f.B) }

// Order implements outbox.Fact.
func (f RevealChanged) Order() int64 { return f.Seq }
