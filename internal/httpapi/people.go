package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/account"
	"heyy/internal/blob"
	"heyy/internal/fault"
	"heyy/internal/safety"
	"heyy/internal/wire"
)

// OfPerson names the person an operation is about.
type OfPerson struct {
	Person string `path:"person" format:"uuid"`
}

func (a *API) peopleOperations() {
	register(a, member, huma.Operation{
		OperationID: "read-person", Method: http.MethodGet, Path: "/api/people/{person}",
		Summary: "Somebody's card",
	}, func(ctx context.Context, in *OfPerson) (*body[PersonCard], error) {
		of := account.ID(in.Person)
		if err := a.meets(ctx, of); err != nil {
			return nil, err
		}
		p, err := a.Profiles.Of(ctx, of)
		if err != nil {
			return nil, err
		}
		clips, err := a.Profiles.Clips(ctx, of)
		if err != nil {
			return nil, err
		}
		return &body[PersonCard]{a.card(who(ctx), p, clips[of])}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "block", Method: http.MethodPut, Path: "/api/people/{person}/block", DefaultStatus: http.StatusNoContent,
		Summary: "Never meet somebody, and never be met by them; they are not told",
	}, func(ctx context.Context, in *OfPerson) (*none, error) {
		return nil, a.Safety.Block(ctx, who(ctx), account.ID(in.Person))
	})

	register(a, member, huma.Operation{
		OperationID: "unblock", Method: http.MethodDelete, Path: "/api/people/{person}/block", DefaultStatus: http.StatusNoContent,
		Summary: "Take a block back",
	}, func(ctx context.Context, in *OfPerson) (*none, error) {
		return nil, a.Safety.Unblock(ctx, who(ctx), account.ID(in.Person))
	})

	register(a, member, huma.Operation{
		OperationID: "report", Method: http.MethodPost, Path: "/api/people/{person}/report", DefaultStatus: http.StatusNoContent,
		Summary: "Tell the moderators, and never meet again; the other is not told",
	}, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Reason string `json:"reason" maxLength:"100" enum:"harassment,hate,sexual,minor,fake,spam,threat,other"`
			Note   string `json:"note" maxLength:"10000" doc:"In your own words, up to 1000 characters; may be empty"`
			Place  string `json:"place" maxLength:"400" doc:"Where it happened: discover, profile, match, room:<id>"`
		}
	}) (*none, error) {
		return nil, a.Safety.Report(ctx, who(ctx), account.ID(in.Person), safety.Complaint{Reason: in.Body.Reason, Note: in.Body.Note, Place: in.Body.Place})
	})

	register(a, member, huma.Operation{
		OperationID: "list-blocked", Method: http.MethodGet, Path: "/api/me/blocked",
		Summary: "Whom you have blocked",
	}, func(ctx context.Context, _ *struct{}) (*body[People], error) {
		ids, err := a.Safety.Blocked(ctx, who(ctx))
		if err != nil {
			return nil, err
		}
		known, err := a.Profiles.People(ctx, ids...)
		if err != nil {
			return nil, err
		}
		out := People{People: make([]wire.Person, 0, len(ids))}
		for _, id := range ids {
			if p, ok := known[id]; ok {
				out.People = append(out.People, wire.ToPerson(p))
			}
		}
		return &body[People]{out}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "hear-clip", Method: http.MethodGet, Path: "/api/clips/{clip}",
		Summary:   "What somebody says; ranges are served",
		Responses: binary("What they say", "audio/ogg"),
	}, func(ctx context.Context, in *struct {
		Clip   string `path:"clip" format:"uuid"`
		Ticket string `query:"ticket" maxLength:"200" required:"true" doc:"Stands in the address that came with the card"`
	}) (*huma.StreamResponse, error) {
		by := who(ctx)
		if err := a.Tickets.Check(string(by), "clip/"+in.Clip, in.Ticket); err != nil {
			return nil, err
		}
		clip, err := a.Profiles.Hear(ctx, by, in.Clip)
		if err != nil {
			return nil, err
		}
		if err := a.meets(ctx, clip.By); err != nil {
			return nil, err
		}
		return a.stream(ctx, stored{key: clip.Key, tag: clip.ID, caching: "private, max-age=300"})
	})
}

// meets fails with person.unknown if the asking person and other must not meet.
func (a *API) meets(ctx context.Context, other account.ID) error {
	apart, err := a.Safety.Apart(ctx, who(ctx), other)
	if err == nil && apart {
		err = fault.New(fault.NotFound, "person.unknown", "There is no such person.")
	}
	return err
}

// binary is the answer of an operation that is no JSON.
func binary(says, media string) map[string]*huma.Response {
	return map[string]*huma.Response{
		"200": {Description: says, Content: map[string]*huma.MediaType{media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
	}
}

// stored is a blob that never changes, and what caches may do with it.
type stored struct{ key, tag, caching string }

// stream answers with a blob; ranges are served.
func (a *API) stream(ctx context.Context, s stored) (*huma.StreamResponse, error) {
	data, err := a.Blobs.Open(ctx, s.key)
	if errors.Is(err, blob.ErrNone) {
		return nil, fault.New(fault.NotFound, "clip.unknown", "There is nothing here any more.")
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer func() { _ = data.Close() }()
		r, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("Content-Type", blob.ContentType(s.key))
		h.Set("Cache-Control", s.caching)
		h.Set("ETag", `"`+s.tag+`"`)
		http.ServeContent(w, r, "", data.ModTime(), data)
	}}, nil
}
