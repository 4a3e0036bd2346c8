package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
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

func (a *API) passkeyOperations() {
	register(a, signedIn, huma.Operation{
		OperationID: "list-passkeys", Method: http.MethodGet, Path: "/api/me/passkeys",
		Summary: "Your passkeys",
	}, func(ctx context.Context, _ *struct{}) (*body[Passkeys], error) {
		all, err := a.Accounts.Passkeys(ctx, who(ctx))
		if err != nil {
			return nil, err
		}
		out := Passkeys{Passkeys: make([]Passkey, len(all))}
		for i, p := range all {
			out.Passkeys[i] = toPasskey(p)
		}
		return &body[Passkeys]{out}, nil
	})

	register(a, signedIn, huma.Operation{
		OperationID: "start-passkey", Method: http.MethodPost, Path: "/api/me/passkeys/start",
		Summary: "Begin to add a passkey",
	}, func(ctx context.Context, _ *struct{}) (*body[Ceremony], error) {
		c, err := a.Accounts.StartPasskey(ctx, who(ctx))
		return ceremony(c, err)
	})

	register(a, signedIn, huma.Operation{
		OperationID: "finish-passkey", Method: http.MethodPost, Path: "/api/me/passkeys/finish",
		Summary: "Keep the passkey that was made",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Ceremony   string `json:"ceremony" maxLength:"100"`
			Name       string `json:"name" maxLength:"400" doc:"One line, up to 40 characters"`
			Credential object `json:"credential" doc:"RegistrationResponseJSON of WebAuthn"`
		}
	}) (*body[Passkey], error) {
		p, err := a.Accounts.AddPasskey(ctx, who(ctx), account.NewPasskey{
			Ceremony: in.Body.Ceremony, Name: in.Body.Name, Credential: json.RawMessage(in.Body.Credential),
		})
		if err != nil {
			return nil, err
		}
		return &body[Passkey]{toPasskey(p)}, nil
	})

	register(a, signedIn, huma.Operation{
		OperationID: "remove-passkey", Method: http.MethodDelete, Path: "/api/me/passkeys/{passkey}", DefaultStatus: http.StatusNoContent,
		Summary: "Take a passkey away",
	}, func(ctx context.Context, in *struct {
		Passkey string `path:"passkey" format:"uuid"`
	}) (*none, error) {
		return nil, a.Accounts.RemovePasskey(ctx, who(ctx), account.PasskeyID(in.Passkey))
	})
}

func toPasskey(p account.Passkey) Passkey {
	out := Passkey{ID: string(p.ID), Name: p.Name, CreatedAt: p.CreatedAt.UnixMilli()}
	if !p.LastUsedAt.IsZero() {
		out.LastUsedAt = p.LastUsedAt.UnixMilli()
	}
	return out
}
