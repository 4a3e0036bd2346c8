package people

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/httpapi"
	"heyy/internal/people/photo"
)

func (a *api) photoOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "see-photo", Method: http.MethodGet, Path: "/api/photos/{photo}",
		Summary: "A photo of your own, or one revealed to you", Responses: httpapi.Binary("The photo", "image/jpeg"),
	}, func(ctx context.Context, in *struct {
		Photo  string `path:"photo" format:"uuid"`
		Ticket string `query:"ticket" maxLength:"200" required:"true" doc:"Stands in the address that came with the photo"`
	}) (*huma.StreamResponse, error) {
		by := httpapi.Actor(ctx)
		if err := a.Tickets.Check(string(by), "photo/"+in.Photo, in.Ticket); err != nil {
			return nil, err
		}
		key, err := a.Photos.BlobKey(ctx, by, photo.ID(in.Photo))
		if err != nil {
			return nil, err
		}
		// A withdrawn photo must not come back out of a cache.
		return a.stream(ctx, Stored{Key: key, Tag: in.Photo, Caching: "private, no-cache"})
	})
}
