package mail

import (
	"context"
	"fmt"
)

// Ping connects to the mail server and authenticates, without sending anything.
func (s *SMTP) Ping(ctx context.Context) error {
	c, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	return c.Quit()
}
