package photo

import "heyy/internal/account"

// KindRevealChanged is the kind under which RevealChanged travels.
const KindRevealChanged = "photo.reveal"

// RevealChanged is the fact that what two people show each other is otherwise
// than before. Both may hear of it, and ask Between what they see now.
type RevealChanged struct {
	A   account.ID `json:"a"` // the smaller id
	B   account.ID `json:"b"`
	Seq int64      `json:"seq"`
}

// Kind implements event.Fact.
func (RevealChanged) Kind() string { return KindRevealChanged }

// Scope implements event.Fact.
func (f RevealChanged) Scope() string { return "pair:" + string(f.A) + ":" + string(f.B) }

// Order implements event.Fact.
func (f RevealChanged) Order() int64 { return f.Seq }
