package discovery

import "context"

// Load reads everybody, as Run does at its start.
func (s *Service) Load(ctx context.Context) error { return s.load(ctx) }

// Refresh reads everybody who changed since the service was made, as Run does
// each second.
func (s *Service) Refresh(ctx context.Context) error { return s.refresh(ctx, s.epoch.Add(-overlap)) }
