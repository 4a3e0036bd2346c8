package match

import (
	"context"
	"time"

	"heyy/internal/account"
)

// Leader is the node that chooses, moved by hand.
type Leader = leader

// Leader is a leader of s that does nothing by itself.
func (s *Service) Leader() *Leader { return &leader{Service: s} }

// Step looks at all there is and proposes whom it can, as Run does over a
// while; leads tells whether it was its turn.
func (l *leader) Step(ctx context.Context) (leads bool, err error) {
	if leads, err = l.lead(ctx); err != nil || !leads {
		return leads, err
	}
	if err := l.look(ctx, true); err != nil {
		return true, err
	}
	for pauses := 0; l.pool != nil && l.pool.Hungry() > 0 && pauses < 5; {
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

// Round looks at all there is, chooses once and proposes.
func (l *leader) Round(ctx context.Context) error {
	if _, err := l.lead(ctx); err != nil {
		return err
	}
	if err := l.look(ctx, true); err != nil {
		return err
	}
	_, err := l.round(ctx)
	return err
}

// Propose proposes two, whatever is known of them, under the fence that the
// leader had last.
func (l *leader) Propose(ctx context.Context, a, b account.ID) (call string, err error) {
	v, err := l.propose(ctx, l.fence, [2]account.ID{a, b})
	return v.call, err
}

// ErrFenced is what a leader hears who is none any more.
var ErrFenced = errFenced

// Waiting is how many the leader has in memory.
func (l *leader) Waiting() int { return l.pool.Len() }

// Fill reads everybody who waits.
func (l *leader) Fill(ctx context.Context) error {
	_, err := l.lead(ctx)
	return err
}

// ChooseAll is how long it takes to choose for everybody who waits, and how many
// pairs that makes, if every proposal is made.
func (l *leader) ChooseAll() (took time.Duration, pairs int) {
	for l.pool.Hungry() > 0 {
		began := time.Now()
		found := l.pool.Choose(l.now())
		took += time.Since(began)
		pairs += len(found)
		for _, two := range found {
			l.pool.rest(two[0])
			l.pool.rest(two[1])
		}
	}
	return took, pairs
}

// Thinks is how many pairs memory would propose now.
func (l *leader) Thinks(ctx context.Context, t interface{ Fatal(...any) }) int {
	if _, err := l.lead(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.look(ctx, true); err != nil {
		t.Fatal(err)
	}
	return len(l.pool.Choose(l.now()))
}
