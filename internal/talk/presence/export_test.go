package presence

import "context"

// Keep is keep, and Publish is publish: what Run does at each tick.
func (s *Service) Keep(ctx context.Context) error    { return s.keep(ctx) }
func (s *Service) Publish(ctx context.Context) error { return s.publish(ctx) }

// Forgotten reports whether nothing is held in memory of anybody.
func (s *Service) Forgotten() bool {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets.here)+len(s.sockets.came)+len(s.sockets.left)+len(s.marks)+len(s.rest)+len(s.told)+len(s.inside) == 0
}
