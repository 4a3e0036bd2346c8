package matchmaking

import (
	"context"
	"time"

	"heyy/internal/people/account"
)

// Leader is a leader that tests step by hand.
type Leader = leader

// Leader returns a leader of s that does nothing by itself.
func (s *Service) Leader() *Leader { return &leader{Service: s} }

// Step updates and proposes as Run does over a while; leads tells whether this
// node leads.
func (l *leader) Step(ctx context.Context) (leads bool, err error) {
	if leads, err = l.lead(ctx); err != nil || !leads {
		return leads, err
	}
	if err := l.update(ctx, true); err != nil {
		return true, err
	}
	for pauses := 0; l.state != nil && l.state.Pending() > 0 && pauses < 5; {
		again, err := l.round(ctx)
		if err != nil {
			return true, err
		}
		if !again {
			pauses++
		}
	}
	return true, nil
}

// Round updates, chooses once and proposes.
func (l *leader) Round(ctx context.Context) error {
	if _, err := l.lead(ctx); err != nil {
		return err
	}
	if err := l.update(ctx, true); err != nil {
		return err
	}
	_, err := l.round(ctx)
	return err
}

// Propose proposes two people regardless of the state, with the last fencing
// token of the leader.
func (l *leader) Propose(ctx context.Context, a, b account.ID) (call string, err error) {
	v, err := l.propose(ctx, l.fence, [2]account.ID{a, b})
	return v.call, err
}

// Waiting returns the number of tickets in memory.
func (l *leader) Waiting() int { return l.state.Len() }

// Fill reads all tickets.
func (l *leader) Fill(ctx context.Context) error {
	_, err := l.lead(ctx)
	return err
}

// ChooseAll chooses for all tickets. It returns how long that takes and how many
// pairs it makes, if every proposal succeeds.
func (l *leader) ChooseAll() (took time.Duration, pairs int) {
	for l.state.Pending() > 0 {
		began := time.Now()
		found := l.state.Choose(l.now())
		took += time.Since(began)
		pairs += len(found)
		for _, two := range found {
			l.state.suspend(two[0])
			l.state.suspend(two[1])
		}
	}
	return took, pairs
}

// CountPairs returns how many pairs would be proposed from memory now.
func (l *leader) CountPairs(ctx context.Context, t interface{ Fatal(...any) }) int {
	if _, err := l.lead(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.update(ctx, true); err != nil {
		t.Fatal(err)
	}
	return len(l.state.Choose(l.now()))
}
