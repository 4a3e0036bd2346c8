package mail

import (
	"context"
	"fmt"
)

// Reach connects to the mail server and signs in, without sending anything.
func (s *SMTP) Reach(ctx context.Context) error {
	c, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	return c.Quit()
}
