package me

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/photo"
)

func (a *api) photoOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "add-photo", Method: http.MethodPost, Path: "/api/me/photos",
		Summary: "Add a photo: JPEG, PNG or WebP up to 12 MiB and 16 megapixels; nobody sees it until you reveal it",
	}, func(ctx context.Context, in *httpapi.Image) (*httpapi.Body[people.Me], error) {
		if err := a.Budgets.TakePhoto(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		if _, err := a.Photos.Add(ctx, httpapi.Actor(ctx), in.Data()); err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "remove-photo", Method: http.MethodDelete, Path: "/api/me/photos/{photo}",
		Summary: "Take a photo away, from everywhere",
	}, func(ctx context.Context, in *struct {
		Photo string `path:"photo" format:"uuid"`
	}) (*httpapi.Body[people.Me], error) {
		if err := a.Photos.Remove(ctx, httpapi.Actor(ctx), photo.ID(in.Photo)); err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})
}
