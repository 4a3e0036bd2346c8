package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
	"heyy/internal/profile"
)

// Me is the asking person, as only they see it.
type Me struct {
	ID        string   `json:"id"`
	Email     string   `json:"email" doc:"Empty for residents"`
	Complete  bool     `json:"complete" doc:"Has begun; before that nothing but /api/me/begin and signing out is open"`
	Name      string   `json:"name" doc:"Empty before the beginning"`
	Language  string   `json:"language" enum:"en,it,zh" doc:"en before the beginning"`
	Interests []string `json:"interests"`
	Born      string   `json:"born" doc:"YYYY-MM-DD; empty before the beginning"`
	Passkeys  int      `json:"passkeys" doc:"How many there are"`
}

// Session is a device on which the person is signed in.
type Session struct {
	ID         string `json:"id"`
	Device     string `json:"device" doc:"Such as: Chrome on Android"`
	CreatedAt  int64  `json:"created_at"`
	LastSeenAt int64  `json:"last_seen_at" doc:"To within ten minutes"`
	Current    bool   `json:"current" doc:"The one that asks"`
}

// Sessions are all of a person, the one seen last first.
type Sessions struct {
	Sessions []Session `json:"sessions"`
}

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

func (a *API) meOperations() {
	register(a, signedIn, huma.Operation{
		OperationID: "read-me", Method: http.MethodGet, Path: "/api/me",
		Summary: "Who you are",
	}, func(ctx context.Context, _ *struct{}) (*body[Me], error) {
		return a.me(ctx)
	})

	register(a, signedIn, huma.Operation{
		OperationID: "begin", Method: http.MethodPost, Path: "/api/me/begin",
		Summary: "Say when you were born and how you are called; under 18 is final",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Born     string `json:"born" maxLength:"100" doc:"YYYY-MM-DD"`
			Name     string `json:"name" maxLength:"400" doc:"One line, up to 40 characters"`
			Language string `json:"language" enum:"en,it,zh"`
		}
	}) (*body[Me], error) {
		who, err := a.Accounts.Begin(ctx, who(ctx), account.Start{Born: in.Body.Born, Name: in.Body.Name, Language: in.Body.Language})
		if err != nil {
			return nil, err
		}
		me, err := a.describe(ctx, who)
		return &body[Me]{me}, err
	})

	register(a, member, huma.Operation{
		OperationID: "edit-me", Method: http.MethodPatch, Path: "/api/me",
		Summary: "Change what others see of you",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Name      *string   `json:"name,omitempty" maxLength:"400" doc:"One line, up to 40 characters"`
			Language  *string   `json:"language,omitempty" enum:"en,it,zh"`
			Interests *[]string `json:"interests,omitempty" maxItems:"100" maxLength:"100" doc:"Up to 20 keys of the list"`
		}
	}) (*body[Me], error) {
		if _, err := a.Profiles.Edit(ctx, who(ctx), profile.Changes{Name: in.Body.Name, Language: in.Body.Language, Interests: in.Body.Interests}); err != nil {
			return nil, err
		}
		return a.me(ctx)
	})

	register(a, signedIn, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/me/sessions",
		Summary: "Where you are signed in",
	}, func(ctx context.Context, _ *struct{}) (*body[Sessions], error) {
		all, err := a.Accounts.Sessions(ctx, who(ctx))
		if err != nil {
			return nil, err
		}
		out := Sessions{Sessions: make([]Session, len(all))}
		for i, s := range all {
			out.Sessions[i] = Session{
				ID: string(s.ID), Device: s.Device, CreatedAt: s.CreatedAt.UnixMilli(), LastSeenAt: s.LastSeenAt.UnixMilli(),
				Current: s.ID == session(ctx).ID,
			}
		}
		return &body[Sessions]{out}, nil
	})

	register(a, signedIn, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/api/me/sessions/{session}", DefaultStatus: http.StatusNoContent,
		Summary: "Sign a device out",
	}, func(ctx context.Context, in *struct {
		Session string `path:"session" format:"uuid"`
	}) (*none, error) {
		return nil, a.Accounts.End(ctx, who(ctx), account.SessionID(in.Session))
	})

	a.passkeyOperations()
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

// me is the asking person as they stand now.
func (a *API) me(ctx context.Context) (*body[Me], error) {
	who, err := a.Accounts.Of(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	me, err := a.describe(ctx, who)
	return &body[Me]{me}, err
}

// describe puts together what a person sees of themselves.
func (a *API) describe(ctx context.Context, who account.Account) (Me, error) {
	me := Me{ID: string(who.ID), Email: who.Email, Complete: who.Complete(), Language: "en", Interests: []string{}, Born: who.Born}
	keys, err := a.Accounts.Passkeys(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Passkeys = len(keys)
	if !me.Complete {
		return me, nil
	}
	p, err := a.Profiles.Of(ctx, who.ID)
	if err != nil {
		return Me{}, err
	}
	me.Name, me.Language, me.Interests = p.Name, p.Language, p.Interests
	return me, nil
}
