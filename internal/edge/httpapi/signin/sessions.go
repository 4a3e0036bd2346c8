package signin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
)

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

func (a *api) sessionOperations() {
	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/me/sessions",
		Summary: "Where you are signed in",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Sessions], error) {
		all, err := a.Accounts.Sessions(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		out := Sessions{Sessions: make([]Session, len(all))}
		for i, s := range all {
			out.Sessions[i] = Session{
				ID: string(s.ID), Device: s.Device, CreatedAt: s.CreatedAt.UnixMilli(), LastSeenAt: s.LastSeenAt.UnixMilli(),
				Current: s.ID == httpapi.Session(ctx).ID,
			}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.SignedIn, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/api/me/sessions/{session}", DefaultStatus: http.StatusNoContent,
		Summary: "Sign a device out",
	}, func(ctx context.Context, in *struct {
		Session string `path:"session" format:"uuid"`
	}) (*httpapi.None, error) {
		return nil, a.Accounts.End(ctx, httpapi.Actor(ctx), account.SessionID(in.Session))
	})
}
