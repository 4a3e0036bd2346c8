package devinbox

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/base/fault"
	"heyy/internal/base/mail"
	"heyy/internal/edge/httpapi"
)

// Mail is a letter in the development inbox.
type Mail struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	At      int64  `json:"at"`
}

// Mails are the last letters, newest first.
type Mails struct {
	Mails []Mail `json:"mails"`
}

// Nearby knows whether a request comes from this machine itself.
type Nearby struct{ local bool }

// Resolve implements huma.Resolver.
func (n *Nearby) Resolve(ctx huma.Context) []error {
	r, _ := humago.Unwrap(ctx)
	n.local = httpapi.IsLocal(r)
	return nil
}

// Register adds the operation that shows an inbox; nil: there is none, and it says so.
func Register(core *httpapi.API, inbox *mail.Inbox) {
	httpapi.Register(core, httpapi.Anyone, huma.Operation{
		OperationID: "read-inbox", Method: http.MethodGet, Path: "/api/dev/inbox",
		Summary: "The letters of a Heyy without a mail server, for its own machine only",
	}, func(_ context.Context, in *struct{ Nearby }) (*httpapi.Body[Mails], error) {
		if !in.local || inbox == nil {
			return nil, fault.New(fault.NotFound, "request.no_such_path", "There's nothing at this address.")
		}
		all := inbox.All()
		out := Mails{Mails: make([]Mail, len(all))}
		for i, m := range all {
			out.Mails[i] = Mail{To: m.To, Subject: m.Subject, Text: m.Text, At: m.At.UnixMilli()}
		}
		return httpapi.Answer(out), nil
	})
}
