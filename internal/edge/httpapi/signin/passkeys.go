package signin

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
)

// Passkey is a passkey of the person.
type Passkey struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	CreatedAt  int64  `json:"created_at"`
	LastUsedAt int64  `json:"last_used_at,omitempty"`
}

// Passkeys are all of a person, oldest first.
type Passkeys struct {
	Passkeys []Passkey `json:"passkeys"`
}

func (a *api) passkeyOperations() {
	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "list-passkeys", Method: http.MethodGet, Path: "/api/me/passkeys",
		Summary: "Your passkeys",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Passkeys], error) {
		all, err := a.Accounts.Passkeys(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		out := Passkeys{Passkeys: make([]Passkey, len(all))}
		for i, p := range all {
			out.Passkeys[i] = toPasskey(p)
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "start-passkey", Method: http.MethodPost, Path: "/api/me/passkeys/start",
		Summary: "Begin to add a passkey",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Ceremony], error) {
		c, err := a.Accounts.StartPasskey(ctx, httpapi.Actor(ctx))
		return ceremony(c, err)
	})

	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "finish-passkey", Method: http.MethodPost, Path: "/api/me/passkeys/finish",
		Summary: "Keep the passkey that was made",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Ceremony   string `json:"ceremony" maxLength:"100"`
			Name       string `json:"name" maxLength:"400" doc:"One line, up to 40 characters"`
			Credential object `json:"credential" doc:"RegistrationResponseJSON of WebAuthn"`
		}
	}) (*httpapi.Body[Passkey], error) {
		p, err := a.Accounts.AddPasskey(ctx, httpapi.Actor(ctx), account.NewPasskey{
			Ceremony: in.Body.Ceremony, Name: in.Body.Name, Credential: json.RawMessage(in.Body.Credential),
		})
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(toPasskey(p)), nil
	})

	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "remove-passkey", Method: http.MethodDelete, Path: "/api/me/passkeys/{passkey}", DefaultStatus: http.StatusNoContent,
		Summary: "Take a passkey away",
	}, func(ctx context.Context, in *struct {
		Passkey string `path:"passkey" format:"uuid"`
	}) (*httpapi.None, error) {
		return nil, a.Accounts.RemovePasskey(ctx, httpapi.Actor(ctx), account.PasskeyID(in.Passkey))
	})
}

func toPasskey(p account.Passkey) Passkey {
	out := Passkey{ID: string(p.ID), Name: p.Name, CreatedAt: p.CreatedAt.UnixMilli()}
	if !p.LastUsedAt.IsZero() {
		out.LastUsedAt = p.LastUsedAt.UnixMilli()
	}
	return out
}
