package discovery

import (
	"context"
	"time"

	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

// Load loads the index, as Run does at its start.
func (s *Service) Load(ctx context.Context) error { return s.load(ctx) }

// Refresh reads all changes since the service was created, as Run does each second.
func (s *Service) Refresh(ctx context.Context) error { return s.refresh(ctx, s.epoch.Add(-overlap)) }

// ExactCounts are Counts without rounding.
func (s *Service) ExactCounts(ctx context.Context, viewer account.ID, w *profile.Preferences) (Counts, error) {
	return s.counts(ctx, viewer, w, func(n int, _ uint64) int { return n })
}

// RoundCount exports roundCount.
func RoundCount(n int, secret uint64) int { return roundCount(n, secret) }

// HideDelay exports hideDelay.
func HideDelay() time.Duration { return hideDelay() }
