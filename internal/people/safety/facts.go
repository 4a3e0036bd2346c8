package safety

import "heyy/internal/people/account"

// ExclusionChanged: a block, report or unblock changed whether two people exclude each
// other. It does not tell who did it.
type ExclusionChanged struct {
	A  account.ID `json:"a"`
	B  account.ID `json:"b"`
	At int64      `json:"at"`
}

// Reported: a report waits for an operator.
type Reported struct {
	Report string `json:"report"`
	Reason string `json:"reason"`
	Place  string `json:"place"`
	At     int64  `json:"at"`
}

// Decided: an operator closed a report. It goes to who reported, without the decision, which may
// say something of others.
type Decided struct {
	Account account.ID `json:"account"`
	Report  string     `json:"report"`
	At      int64      `json:"at"`
}

// Kinds of facts in the outbox.
const (
	KindExclusionChanged = "safety.parted"
	KindReported         = "safety.reported"
	KindDecided          = "safety.decided"
)

// Kind implements outbox.Fact.
func (ExclusionChanged) Kind() string { return KindExclusionChanged }

// Scope implements outbox.Fact.
func (f ExclusionChanged) Scope() string {
	return "safety:" + string(min(f.A, f.B)) + ":" + string(max(f.A, f.B)) // of the two, whoever did it
}

// Order implements outbox.Fact.
func (f ExclusionChanged) Order() int64 { return f.At }

// Kind implements outbox.Fact.
func (Reported) Kind() string { return KindReported }

// Scope implements outbox.Fact.
func (f Reported) Scope() string { return "report:" + f.Report }

// Order implements outbox.Fact.
func (f Reported) Order() int64 { return f.At }

// Kind implements outbox.Fact.
func (Decided) Kind() string { return KindDecided }

// Scope implements outbox.Fact.
func (f Decided) Scope() string { return "report:" + f.Report }

// Order implements outbox.Fact.
func (f Decided) Order() int64 { return f.At }
