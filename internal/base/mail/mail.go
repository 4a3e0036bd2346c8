package mail

import (
	"context"
	"strconv"
	"strings"

	"heyy/internal/base/language"
)

// Mail is a plain-text message to one recipient.
type Mail struct {
	To      string
	Subject string
	Text    string
}

// Transport delivers a mail or returns an error. An error with a method Permanent() bool
// that returns true is not retried.
type Transport interface {
	Deliver(ctx context.Context, m Mail) error
}

// SignIn returns the mail with a sign-in code, in the language tag or in English. The
// subject contains the code, so that the lock screen shows it.
func SignIn(to, tag, code string, minutes int) Mail {
	t := language.In(tag).SignIn
	fill := strings.NewReplacer("{code}", code, "{minutes}", strconv.Itoa(minutes))
	return Mail{To: to, Subject: fill.Replace(t.Subject), Text: fill.Replace(t.Text())}
}
