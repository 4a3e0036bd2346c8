package mail

import (
	"context"
	"net"

	gomail "github.com/wneessen/go-mail"
)

// NewSMTPOver is NewSMTP over connections that the test provides.
func NewSMTPOver(server, from string, dial func(ctx context.Context, network, address string) (net.Conn, error)) (*SMTP, error) {
	return newSMTP(server, from, gomail.WithDialContextFunc(dial))
}
