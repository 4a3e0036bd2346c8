package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/account"
	"heyy/internal/aura"
	"heyy/internal/photo"
)

func (a *API) photoOperations() {
	register(a, member, huma.Operation{
		OperationID: "add-photo", Method: http.MethodPost, Path: "/api/me/photos",
		Summary: "Add a photo: JPEG, PNG or WebP up to 12 MiB and 16 megapixels; nobody sees it until you reveal it",
	}, func(ctx context.Context, in *image) (*body[Me], error) {
		if _, err := a.Photos.Add(ctx, who(ctx), in.RawBody); err != nil {
			return nil, err
		}
		return a.me(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "remove-photo", Method: http.MethodDelete, Path: "/api/me/photos/{photo}",
		Summary: "Take a photo away, from everywhere",
	}, func(ctx context.Context, in *struct {
		Photo string `path:"photo" format:"uuid"`
	}) (*body[Me], error) {
		if err := a.Photos.Remove(ctx, who(ctx), photo.ID(in.Photo)); err != nil {
			return nil, err
		}
		return a.me(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "see-photo", Method: http.MethodGet, Path: "/api/photos/{photo}",
		Summary: "A photo of your own, or one revealed to you", Responses: binary("The photo", "image/jpeg"),
	}, func(ctx context.Context, in *struct {
		Photo  string `path:"photo" format:"uuid"`
		Ticket string `query:"ticket" maxLength:"200" required:"true" doc:"Stands in the address that came with the photo"`
	}) (*huma.StreamResponse, error) {
		by := who(ctx)
		if err := a.Tickets.Check(string(by), "photo/"+in.Photo, in.Ticket); err != nil {
			return nil, err
		}
		key, err := a.Photos.Open(ctx, by, photo.ID(in.Photo))
		if err != nil {
			return nil, err
		}
		// A withdrawn photo must not come back out of a cache.
		return a.stream(ctx, stored{key: key, tag: in.Photo, caching: "private, no-cache"})
	})

	register(a, anyone, huma.Operation{
		OperationID: "see-aura", Method: http.MethodGet, Path: "/api/people/{person}/aura",
		Summary: "A still of somebody's aura, for notifications and link previews; somebody unknown has a plain ring", Responses: binary("The aura", "image/png"),
	}, func(ctx context.Context, in *struct {
		OfPerson
		Size int `query:"size" minimum:"64" maximum:"512" default:"256" doc:"Pixels"`
	}) (*huma.StreamResponse, error) {
		of := account.ID(in.Person)
		people, err := a.Profiles.People(ctx, of)
		if err != nil {
			return nil, err
		}
		png, err := aura.PNG(aura.Of(in.Person, people[of].Voice), in.Size)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			_, w := humago.Unwrap(c)
			h := w.Header()
			h.Set("Content-Type", "image/png")
			h.Set("Cache-Control", "public, max-age=3600")
			_, _ = w.Write(png) // the client is gone if this fails
		}}, nil
	})
}

// photos shapes those that viewer may see.
func (a *API) photos(viewer account.ID, all []photo.Photo) []Photo {
	out := make([]Photo, len(all))
	for i, p := range all {
		id := string(p.ID)
		out[i] = Photo{
			ID: id, Width: p.Width, Height: p.Height, Blurhash: p.Blurhash,
			URL: "/api/photos/" + id + "?ticket=" + a.Tickets.For(string(viewer), "photo/"+id),
		}
	}
	return out
}
