package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/discovery"
)

// AtPlace names a place for a clip.
type AtPlace struct {
	Place int `path:"place" minimum:"0" maximum:"3" doc:"0 is the intro"`
}

func (a *API) clipOperations() {
	register(a, member, huma.Operation{
		OperationID: "publish-clip", Method: http.MethodPut, Path: "/api/me/clips/{place}",
		Summary: "Say something in your own voice: 5 to 30 seconds of mono Ogg/Opus, up to 1 MiB",
	}, func(ctx context.Context, in *struct {
		AtPlace
		Prompt string `query:"prompt" maxLength:"100" required:"true" doc:"Key of the card it answers"`
		sound
	}) (*body[Me], error) {
		if _, err := a.Profiles.Publish(ctx, who(ctx), in.Place, in.Prompt, in.RawBody); err != nil {
			return nil, err
		}
		return a.me(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "unpublish-clip", Method: http.MethodDelete, Path: "/api/me/clips/{place}",
		Summary: "Take a recording away",
	}, func(ctx context.Context, in *AtPlace) (*body[Me], error) {
		if err := a.Profiles.Unpublish(ctx, who(ctx), in.Place); err != nil {
			return nil, err
		}
		return a.me(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "read-my-card", Method: http.MethodGet, Path: "/api/me/card",
		Summary: "Yourself, as others see you",
	}, func(ctx context.Context, _ *struct{}) (*body[DiscoverCard], error) {
		cards, err := a.discoverCards(ctx, who(ctx), []discovery.Card{{Person: who(ctx)}})
		if err != nil {
			return nil, err
		}
		mine, err := a.Profiles.Of(ctx, who(ctx))
		if err != nil {
			return nil, err
		}
		home, err := a.home(ctx, who(ctx), mine.Language)
		if err != nil {
			return nil, err
		}
		cards[0].Age, cards[0].Region = mine.Age, home.Shown
		return &body[DiscoverCard]{cards[0]}, nil
	})
}
