package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/base/db"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

// Config holds the dependencies and settings of the core.
type Config struct {
	DB       *db.DB
	Accounts *account.Service
	Log      *slog.Logger

	Key         []byte   // of this installation, for hashes that must not be guessed
	Origins     []string // where our own pages come from: "https://heyy.example"
	Secure      bool     // the cookie is for HTTPS only
	UploadBytes int64    // memory for all uploads together; 0: what suits a small machine
	Proxies     Proxies  // that say truly whom they speak for

	// Describe adds to the contract, before the first operation, what no operation
	// names. nil: nothing.
	Describe func(*huma.OpenAPI)
}

// API serves operations. Make it with New, then Register them.
type API struct {
	Budgets *Budgets

	conf Config
	huma huma.API
	http http.Handler

	sending sending
	held    *held
	uploads *http.ServeMux // the operations that take more than a command is: see takesUpload
	turns   turns

	repeatable *http.ServeMux      // the operations that Repeatable marks
	forms      *http.ServeMux      // see Form
	exchanges  *http.ServeMux      // see Exchange
	methods    map[string][]string // of exchanges, by path

	previews map[string]func(context.Context, string) (Preview, error) // by prefix of a page
}

// Access is the permission level of an operation.
type Access int

// Who may call.
const (
	Anyone   Access = iota
	SignedIn        // even before they have begun
	Member
)

// New makes an API without operations.
func New(c Config) *API {
	refuse.Do(func() {
		huma.ValidateStrictCasing = true // otherwise EMAIL would be checked as email, and decoded over it
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
	a := &API{conf: c, held: newHeld(c.UploadBytes), uploads: http.NewServeMux(), repeatable: http.NewServeMux(), forms: http.NewServeMux(), exchanges: http.NewServeMux(), methods: map[string][]string{}, previews: map[string]func(context.Context, string) (Preview, error){}, Budgets: newBudgets()}
	mux := http.NewServeMux()
	a.huma = humago.New(mux, contract(c.Describe))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refusal(r.Context(), http.StatusNotFound, "there is nothing at this address").write(w)
	})
	commands := a.strictly(a.once(mux))
	a.http = a.withSession(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := a.exchanges.Handler(r); pattern != "" {
			a.exchanges.ServeHTTP(w, r)
			return
		}
		commands.ServeHTTP(w, r)
	}))
	return a
}

// refuse sets huma's process-wide error form once.
var refuse sync.Once

// contract is huma's configuration, and what the contract says beside operations.
func contract(describe func(*huma.OpenAPI)) huma.Config {
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
		"cookie": {Type: "apiKey", In: "cookie", Name: SessionCookie},
		"bearer": {Type: "http", Scheme: "bearer"},
	}
	if describe != nil {
		describe(c.OpenAPI)
	}
	return c
}

// Register adds one operation: who may call it, and what it does.
func Register[I, O any](a *API, may Access, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = bodyLimit
	if may != Anyone {
		op.Security = []map[string][]string{{"cookie": {}}, {"bearer": {}}}
	}
	_, json := reflect.TypeFor[I]().FieldByName("Body")
	_, raw := reflect.TypeFor[I]().FieldByName("RawBody")
	if raw {
		op.MaxBodyBytes = imageLimit // strictly has bounded it closer
		op.SkipValidateBody = true   // it is no JSON
	}
	if limit := uploadLimit(reflect.TypeFor[I]()); limit > 0 {
		a.uploads.Handle(op.Method+" "+op.Path, takesUpload{http.NotFoundHandler(), limit})
	}
	if op.Extensions[repeatable] == true {
		a.repeatable.Handle(op.Method+" "+op.Path, http.NotFoundHandler())
	}
	if !json && !raw {
		op.Middlewares = append(op.Middlewares, a.noBody)
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		err := Require(ctx, may)
		if err == nil && may != Anyone {
			err = a.Budgets.takeRequest(Actor(ctx), op.Method != http.MethodGet)
		}
		if err != nil {
			return nil, problemOf(ctx, a.conf.Log, err)
		}
		out, err := do(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, a.conf.Log, err)
		}
		return out, nil
	})
}

// Repeatable marks a command that changes nothing when it is repeated, such as a
// heartbeat: nothing of it is stored, and a retry is answered anew.
func Repeatable(op huma.Operation) huma.Operation {
	op.Extensions = map[string]any{repeatable: true}
	return op
}

const repeatable = "x-repeatable"

// noBody refuses what a command that takes no fields is sent all the same. An
// empty object is taken for nothing.
func (a *API) noBody(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if changes(r) {
		if s := strings.TrimSpace(string(sent(r.Context()))); s != "" && s != "{}" {
			p := refusal(r.Context(), http.StatusUnprocessableEntity, "this command takes no body")
			p.Field = "body"
			p.write(w)
			return
		}
	}
	next(ctx)
}

// Page is the query of an operation that lists something, the newest first.
type Page struct {
	Before string `query:"before" maxLength:"200" doc:"The next of the page before; none: from the newest"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// Request reads the query. Fault: page.cursor_wrong.
func (p Page) Request() (page.Request, error) {
	before, err := page.Parse(p.Before)
	return page.Request{Before: before, Limit: p.Limit}, err
}

// Since is the query of an operation that tells what has changed in a live scope. The
// answer has the seq of the scope and the events after since, or live.too_old: then the
// client reads the scope itself. See outbox.Since.
type Since struct {
	Since int64 `query:"since" required:"true" minimum:"0" doc:"The seq that you know"`
}

// Body is an answer that is only a JSON value.
type Body[T any] struct{ Body T }

// Answer answers with v.
func Answer[T any](v T) *Body[T] { return &Body[T]{Body: v} }

// None is an answer without a body.
type None struct{}

// Binary is the answer of an operation that is no JSON.
func Binary(says, media string) map[string]*huma.Response {
	return map[string]*huma.Response{
		"200": {Description: says, Content: map[string]*huma.MediaType{media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
	}
}

// ServeHTTP answers /api/.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithValue(r.Context(), originKey{}, a.origin(r))
	a.http.ServeHTTP(w, r.WithContext(context.WithValue(ctx, addressKey{}, ClientAddress(r))))
}

type (
	originKey  struct{}
	addressKey struct{}
)

// Address is the address of the client of a request.
func Address(ctx context.Context) netip.Addr {
	ip, _ := ctx.Value(addressKey{}).(netip.Addr)
	return ip
}

// Origin is the origin of ours at which the client of a request found us, for links.
func (a *API) Origin(ctx context.Context) string {
	origin, _ := ctx.Value(originKey{}).(string)
	return origin
}

// origin is the one of ours at which the client found us.
func (a *API) origin(r *http.Request) string {
	for _, o := range a.conf.Origins {
		if _, host, _ := strings.Cut(o, "://"); host == r.Host {
			return o
		}
	}
	return a.conf.Origins[0]
}

// OpenAPI is the contract as JSON.
func (a *API) OpenAPI() ([]byte, error) {
	b, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return append(b, '\n'), err
}
