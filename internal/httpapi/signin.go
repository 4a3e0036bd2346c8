package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/account"
)

// cookieAge is as long as browsers keep a cookie at most, in seconds. The
// session behind it decides how long it is worth something.
const cookieAge = 400 * 24 * 60 * 60

// Caller is what a connection says about who calls: it counts for limits, and
// gives the session a name.
type Caller struct {
	from   netip.Addr
	device string
}

// Resolve implements huma.Resolver.
func (c *Caller) Resolve(ctx huma.Context) []error {
	r, _ := humago.Unwrap(ctx)
	c.from, c.device = peer(r), account.Device(r.UserAgent())
	return nil
}

// SignedIn is who somebody turned out to be.
type SignedIn struct {
	Me    Me     `json:"me"`
	Token string `json:"token,omitempty" doc:"Only where bearer was asked for; browsers get a cookie"`
}

type signedInAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      SignedIn
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

func (a *API) signInOperations() {
	register(a, anyone, huma.Operation{
		OperationID: "ask-for-code", Method: http.MethodPost, Path: "/api/sign-in/code", DefaultStatus: http.StatusAccepted,
		Summary: "Mail a sign-in code; the answer is the same for every address",
	}, func(ctx context.Context, in *struct {
		Caller
		Body struct {
			Email    string `json:"email" maxLength:"1000"`
			Language string `json:"language" enum:"en,it,zh" doc:"Of the mail"`
		}
	}) (*none, error) {
		return nil, a.Accounts.Code(ctx, account.Ask{Email: in.Body.Email, Language: in.Body.Language, From: in.from})
	})

	register(a, anyone, huma.Operation{
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
		who, token, err := a.Accounts.SignIn(ctx, account.Proof{Email: in.Body.Email, Code: in.Body.Code, Device: in.device, From: in.from})
		if err != nil {
			return nil, err
		}
		return a.signedIn(ctx, who, token, in.Body.Bearer)
	})

	register(a, anyone, huma.Operation{
		OperationID: "start-passkey-sign-in", Method: http.MethodPost, Path: "/api/sign-in/passkey/start",
		Summary: "Begin to sign in with a passkey",
	}, func(ctx context.Context, in *struct{ Caller }) (*body[Ceremony], error) {
		c, err := a.Accounts.StartPasskeySignIn(ctx, in.from)
		return ceremony(c, err)
	})

	register(a, anyone, huma.Operation{
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
			Ceremony: in.Body.Ceremony, Credential: json.RawMessage(in.Body.Credential), Device: in.device, From: in.from,
		})
		if err != nil {
			return nil, err
		}
		return a.signedIn(ctx, who, token, in.Body.Bearer)
	})

	register(a, signedIn, huma.Operation{
		OperationID: "sign-out", Method: http.MethodPost, Path: "/api/sign-out", DefaultStatus: http.StatusNoContent,
		Summary: "End this session",
	}, func(ctx context.Context, _ *struct{}) (*struct {
		SetCookie string `header:"Set-Cookie"`
	}, error) {
		s := session(ctx)
		if err := a.Accounts.End(ctx, s.Account, s.ID); err != nil {
			return nil, err
		}
		return &struct {
			SetCookie string `header:"Set-Cookie"`
		}{a.cookie("", -1).String()}, nil
	})
}

func (a *API) signedIn(ctx context.Context, who account.Account, token string, bearer bool) (*signedInAnswer, error) {
	me, err := a.describe(ctx, who)
	if err != nil {
		return nil, err
	}
	if bearer {
		return &signedInAnswer{Body: SignedIn{Me: me, Token: token}}, nil
	}
	return &signedInAnswer{SetCookie: a.cookie(token, cookieAge).String(), Body: SignedIn{Me: me}}, nil
}

func ceremony(c account.Ceremony, err error) (*body[Ceremony], error) {
	if err != nil {
		return nil, err
	}
	return &body[Ceremony]{Ceremony{Ceremony: c.ID, Options: object(c.Options)}}, nil
}
