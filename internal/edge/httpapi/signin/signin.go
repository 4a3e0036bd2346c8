package signin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
)

// cookieAge is as long as browsers keep a cookie at most, in seconds. The
// session behind it decides how long it is worth something.
const cookieAge = 400 * 24 * 60 * 60

// browserCookie keeps an account.Browser.
const browserCookie = "heyy_browser"

// Caller is the origin of a request, its address and browser: it counts for limits, ties a
// code to the browser that asked, and gives the session a name.
type Caller struct {
	from    netip.Addr
	browser account.Browser
	device  string
	former  account.SessionID // of the cookie; a browser has room for one
}

// Resolve implements huma.Resolver.
func (c *Caller) Resolve(ctx huma.Context) []error {
	r, _ := humago.Unwrap(ctx)
	c.from, c.device = httpapi.ClientAddress(r), account.Device(r.UserAgent())
	value := ""
	if k, err := r.Cookie(browserCookie); err == nil {
		value = k.Value
	}
	c.browser = account.ReadBrowser(value)
	if s := httpapi.Session(r.Context()); s != nil && r.Header.Get("Authorization") == "" {
		c.former = s.ID
	}
	return nil
}

// replaces is the session that ends when its cookie is written over.
func (c Caller) replaces(bearer bool) account.SessionID {
	if bearer {
		return ""
	}
	return c.former
}

// SignedIn is the answer to a sign-in: the account, and a token for a program.
type SignedIn struct {
	Me    people.Me `json:"me"`
	Token string    `json:"token,omitempty" doc:"Only where bearer was asked for; browsers get a cookie"`
}

type signedInAnswer struct {
	SetCookie []string `header:"Set-Cookie"`
	Body      SignedIn
}

// cookies is an answer that only sets cookies.
type cookies struct {
	SetCookie []string `header:"Set-Cookie"`
}

// Ceremony is the first half of using a passkey.
type Ceremony struct {
	Ceremony string `json:"ceremony" doc:"Good for five minutes and one answer"`
	Options  object `json:"options" doc:"PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON of WebAuthn"`
}

// object is a JSON object that passes through as it is.
type object json.RawMessage

// Schema implements huma.SchemaProvider.
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

func (o object) MarshalJSON() ([]byte, error)     { return o, nil }
func (o *object) UnmarshalJSON(data []byte) error { *o = append((*o)[:0], data...); return nil }

type api struct {
	*httpapi.API
	Accounts *account.Service
	views    *people.Views
}

// Register adds the operations that start and end sessions.
func Register(core *httpapi.API, accounts *account.Service, views *people.Views) {
	a := &api{API: core, Accounts: accounts, views: views}
	a.signInOperations()
	a.sessionOperations()
	a.passkeyOperations()
}

func (a *api) signInOperations() {
	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "ask-for-code", Method: http.MethodPost, Path: "/api/sign-in/code", DefaultStatus: http.StatusAccepted,
		Summary: "Mail a sign-in code; the answer is the same for every address",
	}, func(ctx context.Context, in *struct {
		Caller
		Body struct {
			Email    string            `json:"email" maxLength:"1000"`
			Language apitypes.Language `json:"language" doc:"Of the mail"`
		}
	}) (*cookies, error) {
		if err := a.Accounts.SendCode(ctx, account.CodeRequest{Email: in.Body.Email, Language: string(in.Body.Language), Browser: in.browser, From: in.from}); err != nil {
			return nil, err
		}
		return &cookies{[]string{a.kept(in.browser)}}, nil
	})

	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/api/sign-in",
		Summary: "Exchange a code for a session",
	}, func(ctx context.Context, in *struct {
		Caller
		Body struct {
			Email  string `json:"email" maxLength:"1000"`
			Code   string `json:"code" maxLength:"100"`
			Bearer bool   `json:"bearer,omitempty" doc:"Answer with a token, set no cookie"`
		}
	}) (*signedInAnswer, error) {
		who, token, err := a.Accounts.SignIn(ctx, account.CodeProof{Email: in.Body.Email, Code: in.Body.Code, Browser: in.browser, Device: in.device, Former: in.replaces(in.Body.Bearer), From: in.from})
		if err != nil {
			return nil, err
		}
		return a.signedIn(ctx, who, token, in.browser, in.Body.Bearer)
	})

	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "start-passkey-sign-in", Method: http.MethodPost, Path: "/api/sign-in/passkey/start",
		Summary: "Begin to sign in with a passkey",
	}, func(ctx context.Context, in *struct{ Caller }) (*httpapi.Body[Ceremony], error) {
		c, err := a.Accounts.StartPasskeySignIn(ctx, in.from)
		return ceremony(c, err)
	})

	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "finish-passkey-sign-in", Method: http.MethodPost, Path: "/api/sign-in/passkey/finish",
		Summary: "Exchange a passkey's answer for a session",
	}, func(ctx context.Context, in *struct {
		Caller
		Body struct {
			Ceremony   string `json:"ceremony" maxLength:"100"`
			Credential object `json:"credential" doc:"AuthenticationResponseJSON of WebAuthn"`
			Bearer     bool   `json:"bearer,omitempty" doc:"Answer with a token, set no cookie"`
		}
	}) (*signedInAnswer, error) {
		who, token, err := a.Accounts.PasskeySignIn(ctx, account.PasskeyProof{
			Ceremony: in.Body.Ceremony, Credential: json.RawMessage(in.Body.Credential), Browser: in.browser, Device: in.device, Former: in.replaces(in.Body.Bearer), From: in.from,
		})
		if err != nil {
			return nil, err
		}
		return a.signedIn(ctx, who, token, in.browser, in.Body.Bearer)
	})

	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "sign-out", Method: http.MethodPost, Path: "/api/sign-out", DefaultStatus: http.StatusNoContent,
		Summary: "End this session",
	}, func(ctx context.Context, _ *struct{}) (*cookies, error) {
		s := httpapi.Session(ctx)
		if err := a.Accounts.End(ctx, s.Account, s.ID); err != nil {
			return nil, err
		}
		return &cookies{[]string{a.Cookie(httpapi.SessionCookie, "", -1).String()}}, nil
	})
}

func (a *api) signedIn(ctx context.Context, who account.Account, token string, from account.Browser, bearer bool) (*signedInAnswer, error) {
	me, err := a.views.Own(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &signedInAnswer{SetCookie: []string{a.kept(a.Accounts.Remember(from, who.Email))}, Body: SignedIn{Me: me}}
	if bearer {
		out.Body.Token = token
	} else {
		out.SetCookie = append(out.SetCookie, a.Cookie(httpapi.SessionCookie, token, cookieAge).String())
	}
	return out, nil
}

// kept is the cookie by which a browser is known again.
func (a *api) kept(b account.Browser) string {
	return a.Cookie(browserCookie, b.Cookie(), cookieAge).String()
}

func ceremony(c account.Ceremony, err error) (*httpapi.Body[Ceremony], error) {
	if err != nil {
		return nil, err
	}
	return httpapi.Answer(Ceremony{Ceremony: c.ID, Options: object(c.Options)}), nil
}
