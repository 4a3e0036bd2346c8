package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/account"
	"heyy/internal/blob"
	"heyy/internal/fault"
	"heyy/internal/profile"
	"heyy/internal/wire"
)

// PersonCard is somebody as a member sees them who looks at them.
type PersonCard struct {
	wire.Person
	Language  string   `json:"language" enum:"en,it,zh"`
	Interests []string `json:"interests"`
	Intro     *Intro   `json:"intro,omitempty"`
}

// Intro is where to hear somebody.
type Intro struct {
	URL string `json:"url" doc:"A path on this server; audio/ogg"`
	Ms  int    `json:"ms" doc:"How long it plays, in milliseconds"`
}

// OfPerson names the person an operation is about.
type OfPerson struct {
	Person string `path:"person" format:"uuid"`
}

func (a *API) peopleOperations() {
	register(a, member, huma.Operation{
		OperationID: "read-person", Method: http.MethodGet, Path: "/api/people/{person}",
		Summary: "Somebody's card",
	}, func(ctx context.Context, in *OfPerson) (*body[PersonCard], error) {
		p, err := a.Profiles.Of(ctx, account.ID(in.Person))
		if err != nil {
			return nil, err
		}
		return &body[PersonCard]{toCard(p)}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "hear-intro", Method: http.MethodGet, Path: "/api/people/{person}/intro",
		Summary: "Somebody's voice intro; ranges are served",
		Responses: map[string]*huma.Response{
			"200": {Description: "The intro", Content: map[string]*huma.MediaType{"audio/ogg": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
		},
	}, func(ctx context.Context, in *OfPerson) (*huma.StreamResponse, error) {
		p, err := a.Profiles.Of(ctx, account.ID(in.Person))
		if err != nil {
			return nil, err
		}
		if p.Intro == nil {
			return nil, errNoIntro
		}
		sound, err := a.Blobs.Open(ctx, p.Intro.Key)
		if errors.Is(err, blob.ErrNone) {
			return nil, errNoIntro
		}
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			defer func() { _ = sound.Close() }()
			r, w := humago.Unwrap(c)
			h := w.Header()
			h.Set("Content-Type", "audio/ogg")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Cache-Control", "private, max-age=300")
			h.Set("ETag", fmt.Sprintf(`"%x-%x"`, sound.ModTime().UnixNano(), sound.Size()))
			http.ServeContent(w, r, "", sound.ModTime(), sound)
		}}, nil
	})
}

var errNoIntro = fault.New(fault.NotFound, "intro.none", "There is no intro to hear.")

func toCard(p profile.Profile) PersonCard {
	card := PersonCard{Person: wire.ToPerson(p.Person), Language: p.Language, Interests: p.Interests}
	if p.Intro != nil {
		card.Intro = &Intro{URL: "/api/people/" + string(p.ID) + "/intro", Ms: p.Intro.Ms}
	}
	return card
}
