package match

import (
	"context"

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
	for l.pool != nil && len(l.pool.hungry) > 0 {
		again, err := l.round(ctx)
		if err != nil || !again {
			return true, err
		}
	}
	return true, nil
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
func (l *leader) Waiting() int { return len(l.pool.at) }
