package safety

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

// ExclusionChanged: a block, report or unblock changed whether two people exclude each
// other. It does not tell who did it: there are two of it, one in the scope of each.
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

// Kinds of facts in the outbox.
const (
	KindExclusionChanged = "safety.parted"
	KindReported         = "safety.reported"
)

// Kind implements outbox.Fact.
func (ExclusionChanged) Kind() string { return KindExclusionChanged }

// Scope implements outbox.Fact.
func (f ExclusionChanged) Scope() string { return "safety:" + string(f.A) }

// Order implements outbox.Fact.
func (f ExclusionChanged) Order() int64 { return f.At }

// Kind implements outbox.Fact.
func (Reported) Kind() string { return KindReported }

// Scope implements outbox.Fact.
func (f Reported) Scope() string { return "report:" + f.Report }

// Order implements outbox.Fact.
func (f Reported) Order() int64 { return f.At }

// ChangedFor returns the people for whom retained facts say that their exclusion from who
// began or ended, most at most. Someone may be named more than once.
func ChangedFor(ctx context.Context, q db.Querier, who account.ID, most int) ([]account.ID, error) {
	facts, err := outbox.Of(ctx, q, ExclusionChanged{A: who}.Scope(), 0, most)
	if err != nil {
		return nil, err
	}
	others := make([]account.ID, len(facts))
	for i, f := range facts {
		c, err := outbox.Read[ExclusionChanged](f)
		if err != nil {
			return nil, err
		}
		others[i] = c.B
	}
	return others, nil
}
