package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/account"
	"heyy/internal/blob"
	"heyy/internal/call"
	"heyy/internal/db"
	"heyy/internal/discovery"
	"heyy/internal/mail"
	"heyy/internal/match"
	"heyy/internal/media"
	"heyy/internal/photo"
	"heyy/internal/profile"
	"heyy/internal/region"
	"heyy/internal/room"
	"heyy/internal/safety"
	"heyy/internal/ticket"
	"heyy/internal/verification"
	"heyy/internal/wire"
)

// Passes makes tokens for the media server.
type Passes interface {
	Token(p media.Pass) (string, error)
}

// Deps is what the edge stands on.
type Deps struct {
	DB           *db.DB
	Accounts     *account.Service
	Profiles     *profile.Service
	Safety       *safety.Service
	Towns        *region.Towns
	Regions      *region.Service
	Photos       *photo.Service
	Discovery    *discovery.Service
	Verification *verification.Service
	Queue        *match.Service
	Calls        *call.Service
	Rooms        *room.Service
	Tickets      *ticket.Office
	Blobs        *blob.Store
	Inbox        *mail.Inbox // nil with SMTP: then there is no development inbox
	Passes       Passes
	Log          *slog.Logger

	Key     []byte   // of this installation, for hashes that must not be guessed
	Origins []string // where our own pages come from: "https://heyy.example"
	Secure  bool     // the cookie is for HTTPS only
}

// API is the edge. Make it with New.
type API struct {
	Deps
	log  *slog.Logger
	huma huma.API
	http http.Handler

	sending sending
}

// need is who an operation is for.
type need int

const (
	anyone   need = iota
	signedIn      // even before they have begun
	member
)

// New builds every operation.
func New(d Deps) *API {
	refuse.Do(func() {
		huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
			c := context.Background()
			if ctx != nil {
				c = ctx.Context()
			}
			return refusal(c, status, msg, errs...)
		}
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return refusal(context.Background(), status, msg, errs...)
		}
	})
	a := &API{Deps: d, log: d.Log}
	mux := http.NewServeMux()
	a.huma = humago.New(mux, contract())
	a.signInOperations()
	a.meOperations()
	a.peopleOperations()
	a.homeOperations()
	a.clipOperations()
	a.photoOperations()
	a.verificationOperations()
	a.discoverOperations()
	a.matchOperations()
	a.callOperations()
	a.roomOperations()
	a.inboxOperations()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refusal(r.Context(), http.StatusNotFound, "there is nothing at this address").write(w)
	})
	a.http = a.withSession(a.strictly(a.once(mux)))
	return a
}

// refuse sets huma's process-wide error form once.
var refuse sync.Once

func contract() huma.Config {
	c := huma.DefaultConfig("Heyy", "1")
	c.Info.Description = "What a Heyy client says and hears. How the parts play together: docs/protocol.md."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks, c.Transformers = nil, nil
	c.RejectUnknownQueryParameters = true
	c.NoFormatFallback = false
	huma.DefaultArrayNullable = false
	c.Formats = map[string]huma.Format{
		"application/json": {
			Marshal:   func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
			Unmarshal: json.Unmarshal,
		},
		"json": {
			Marshal:   func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
			Unmarshal: json.Unmarshal,
		},
	}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"cookie": {Type: "apiKey", In: "cookie", Name: cookieName},
		"bearer": {Type: "http", Scheme: "bearer"},
	}
	for _, e := range wire.Events {
		t := reflect.TypeOf(e)
		c.Components.Schemas.Schema(t, true, t.Name())
	}
	return c
}

// register adds one operation: for whom it is, and what it does.
func register[I, O any](a *API, n need, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = bodyLimit
	if n != anyone {
		op.Security = []map[string][]string{{"cookie": {}}, {"bearer": {}}}
	}
	_, json := reflect.TypeFor[I]().FieldByName("Body")
	_, raw := reflect.TypeFor[I]().FieldByName("RawBody")
	if raw {
		op.MaxBodyBytes = imageLimit // strictly has bounded it closer
	}
	if !json && !raw {
		op.Middlewares = append(op.Middlewares, a.noBody)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		switch s := session(ctx); {
		case n == anyone:
		case s == nil:
			return nil, problemOf(ctx, a.log, errSignIn)
		case n == member && !s.Complete:
			return nil, problemOf(ctx, a.log, errIncomplete)
		}
		out, err := do(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, a.log, err)
		}
		return out, nil
	})
}

// noBody refuses what a command that takes no fields is sent all the same. An
// empty object is taken for nothing.
func (a *API) noBody(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if changes(r) {
		body, err := io.ReadAll(r.Body) // strictly has bounded it
		if err != nil {
			a.fail(w, r, err)
			return
		}
		if s := strings.TrimSpace(string(body)); s != "" && s != "{}" {
			p := refusal(r.Context(), http.StatusUnprocessableEntity, "this command takes no body")
			p.Field = "body"
			p.write(w)
			return
		}
	}
	next(ctx)
}

// body is an answer that is only a JSON value.
type body[T any] struct{ Body T }

// none is an answer without a body.
type none struct{}

// ServeHTTP answers /api/.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.http.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), originKey{}, a.origin(r))))
}

type originKey struct{}

// origin is the one of ours at which the client found us.
func (a *API) origin(r *http.Request) string {
	for _, o := range a.Origins {
		if _, host, _ := strings.Cut(o, "://"); host == r.Host {
			return o
		}
	}
	return a.Origins[0]
}

// socketURL is the origin of a request as WebSockets name it.
func socketURL(ctx context.Context) string {
	o, _ := ctx.Value(originKey{}).(string)
	return "ws" + strings.TrimPrefix(o, "http")
}

// OpenAPI is the contract as JSON.
func (a *API) OpenAPI() ([]byte, error) {
	b, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return append(b, '\n'), err
}
