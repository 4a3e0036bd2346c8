package presence

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/talk/presence"
)

// Presences are the friends of the asking person who are here.
type Presences struct {
	People []apitypes.Presence `json:"people" doc:"Friends who are not offline; 1000 at most"`
}

// Register adds the operations of presence.
func Register(core *httpapi.API, s *presence.Service, views *people.Views) {
	httpapi.Register(core, httpapi.Member, huma.Operation{
		OperationID: "list-presence", Method: http.MethodGet, Path: "/api/presence",
		Summary: "Friends who are here, and what they let you see",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Presences], error) {
		all, err := s.Of(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		out := Presences{People: make([]apitypes.Presence, len(all))}
		for i, p := range all {
			out.People[i] = apitypes.ToPresence(p)
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(core, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "set-presence", Method: http.MethodPut, Path: "/api/me/presence",
		Summary: "Choose what friends see of you, and whether you may be disturbed",
	}), func(ctx context.Context, in *struct{ Body people.PresenceSettings }) (*httpapi.Body[people.Me], error) {
		st := presence.Settings{Mode: presence.Mode(in.Body.Mode), ShowRooms: in.Body.ShowRooms}
		if in.Body.Until != 0 {
			st.Until = time.UnixMilli(in.Body.Until)
		}
		if err := s.Set(ctx, httpapi.Actor(ctx), st); err != nil {
			return nil, err
		}
		return views.Me(ctx)
	})
}
