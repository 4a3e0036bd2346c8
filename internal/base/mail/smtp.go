package mail

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP is the Transport to a mail server. It requires TLS, except on loopback.
type SMTP struct {
	client *gomail.Client
	from   string
}

// NewSMTP takes the server as "smtp://user:password@host:587" (STARTTLS) or
// "smtps://user:password@host" (implicit TLS), and a sender such as "Heyy
// <heyy@example.org>". It does not connect.
func NewSMTP(server, from string) (*SMTP, error) { return newSMTP(server, from) }

func newSMTP(server, from string, more ...gomail.Option) (*SMTP, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("smtp: write it like smtp://user:password@host:587 or smtps://user:password@host") // url.Error would quote the password
	}
	if err := gomail.NewMsg().From(from); err != nil {
		return nil, fmt.Errorf("smtp: the sender %q is not an address", from)
	}
	port := 587
	if u.Scheme == "smtps" {
		port = 465
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, fmt.Errorf("smtp: %q is not a port", p)
		}
	}
	options := append(more, gomail.WithPort(port), gomail.WithTimeout(10*time.Second))
	switch {
	case u.Scheme == "smtps":
		options = append(options, gomail.WithSSL())
	case loopback(u.Hostname()):
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if password, ok := u.User.Password(); ok {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return &SMTP{client: client, from: from}, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// Deliver sends m. It returns a permanent error for 5xx replies and invalid addresses.
func (s *SMTP) Deliver(ctx context.Context, m Mail) error {
	msg := gomail.NewMsg()
	if err := msg.From(s.from); err != nil {
		return refused{fmt.Errorf("mail: sender: %w", err)}
	}
	if err := msg.To(m.To); err != nil {
		return refused{errors.New("mail: the recipient is not an address")}
	}
	msg.Subject(m.Subject)
	msg.SetMessageID()
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Unsubscribe != "" { // RFC 2369, RFC 8058
		msg.SetGenHeader("List-Unsubscribe", "<"+m.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	err := s.client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // an error after delivery concerns only QUIT
		return nil
	}
	// The library's own error names the recipient, which must not be logged.
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return fmt.Errorf("mail server: %w", err)
	}
	err = fmt.Errorf("mail server: %s (code %d)", sent.Reason, sent.ErrorCode())
	if code := sent.ErrorCode(); code >= 500 {
		return refused{err}
	}
	return err
}

// refused is a permanent error: retrying is useless.
type refused struct{ error }

func (r refused) Permanent() bool { return true }
func (r refused) Unwrap() error   { return r.error }
