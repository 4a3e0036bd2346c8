package me

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
)

// AtPlace names a place for a clip.
type AtPlace struct {
	Place int `path:"place" minimum:"0" maximum:"3" doc:"0 is the intro"`
}

func (a *api) clipOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "publish-clip", Method: http.MethodPut, Path: "/api/me/clips/{place}",
		Summary: "Say something in your own voice: 5 to 30 seconds of mono Ogg/Opus, up to 1 MiB",
	}, func(ctx context.Context, in *struct {
		AtPlace
		Prompt string `query:"prompt" maxLength:"100" required:"true" doc:"Key of the card it answers"`
		httpapi.Sound
	}) (*httpapi.Body[people.Me], error) {
		if err := a.Budgets.TakeRecording(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		if _, err := a.Profiles.Publish(ctx, httpapi.Actor(ctx), in.Place, in.Prompt, in.Data()); err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "unpublish-clip", Method: http.MethodDelete, Path: "/api/me/clips/{place}",
		Summary: "Take a recording away",
	}, func(ctx context.Context, in *AtPlace) (*httpapi.Body[people.Me], error) {
		if err := a.Profiles.Unpublish(ctx, httpapi.Actor(ctx), in.Place); err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})
}
