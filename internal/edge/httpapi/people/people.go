package people

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyy/internal/base/blob"
	"heyy/internal/base/fault"
	"heyy/internal/base/signedurl"
	"heyy/internal/edge/httpapi"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
)

// OfPerson names the person an operation is about.
type OfPerson struct {
	Person string `path:"person" format:"uuid"`
}

// Services holds the dependencies of the operations on other people.
type Services struct {
	Profiles *profile.Service
	Photos   *photo.Service
	Safety   *safety.Service
	Follows  *follow.Service
	Tickets  *signedurl.Signer
	Blobs    *blob.Store
}

type api struct {
	*httpapi.API
	Services
	views *Views
	auras *auras
}

// Register adds the operations on people.
func Register(core *httpapi.API, s Services, views *Views) {
	a := &api{API: core, Services: s, views: views, auras: newAuras()}
	a.peopleOperations()
	a.followOperations()
	a.photoOperations()
	a.auraOperations()
}

// ReportReason is a key that only the contract names as a type.
type ReportReason string

func (a *api) peopleOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-person", Method: http.MethodGet, Path: "/api/people/{person}",
		Summary: "Somebody's card",
	}, func(ctx context.Context, in *OfPerson) (*httpapi.Body[PersonCard], error) {
		of := account.ID(in.Person)
		apart := a.meets(ctx, of) // told after all has been read: as late as for everybody
		if apart != nil && !fault.Is(apart, "person.unknown") {
			return nil, apart
		}
		if err := a.Budgets.TakeCards(httpapi.Actor(ctx), of); err != nil {
			return nil, err
		}
		p, err := a.Profiles.Get(ctx, of)
		if err = cmp.Or(err, apart); err != nil {
			return nil, err
		}
		clips, err := a.Profiles.Clips(ctx, of)
		if err != nil {
			return nil, err
		}
		card := a.views.Card(httpapi.Actor(ctx), p, clips[of])
		ways, err := a.views.ChatWays(ctx, httpapi.Actor(ctx), of)
		card.Chat = ways[of]
		return httpapi.Answer(card), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "block", Method: http.MethodPut, Path: "/api/people/{person}/block", DefaultStatus: http.StatusNoContent,
		Summary: "Never meet somebody, and never be met by them; they are not told",
	}, func(ctx context.Context, in *OfPerson) (*httpapi.None, error) {
		return nil, a.Safety.Block(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "unblock", Method: http.MethodDelete, Path: "/api/people/{person}/block", DefaultStatus: http.StatusNoContent,
		Summary: "Take a block back",
	}, func(ctx context.Context, in *OfPerson) (*httpapi.None, error) {
		return nil, a.Safety.Unblock(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "report", Method: http.MethodPost, Path: "/api/people/{person}/report", DefaultStatus: http.StatusNoContent,
		Summary: "Tell the moderators, and never meet again; the other is not told",
	}, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Reason ReportReason `json:"reason"`
			Note   string       `json:"note" maxLength:"10000" doc:"In your own words, up to 1000 characters; may be empty"`
			Place  string       `json:"place" maxLength:"400" doc:"Where it happened: discover, profile, match, call:<id>, room:<id>, clip:<id>, moment:<id>, photo:<id>"`
		}
	}) (*httpapi.None, error) {
		if err := a.Budgets.TakeReport(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		return nil, a.Safety.Report(ctx, httpapi.Actor(ctx), account.ID(in.Person), safety.Complaint{Reason: string(in.Body.Reason), Note: in.Body.Note, Place: in.Body.Place})
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-blocked", Method: http.MethodGet, Path: "/api/me/blocked",
		Summary: "Whom you have blocked, the last first",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[People], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		ids, next, err := a.Safety.Blocked(ctx, httpapi.Actor(ctx), part)
		if err != nil {
			return nil, err
		}
		return a.people(ctx, ids, next)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "hear-clip", Method: http.MethodGet, Path: "/api/clips/{clip}",
		Summary:   "What somebody says; ranges are served",
		Responses: httpapi.Binary("What they say", "audio/ogg"),
	}, func(ctx context.Context, in *struct {
		Clip   string `path:"clip" format:"uuid"`
		Ticket string `query:"ticket" maxLength:"200" required:"true" doc:"Stands in the address that came with the card"`
	}) (*huma.StreamResponse, error) {
		by := httpapi.Actor(ctx)
		if err := a.Tickets.Check(string(by), "clip/"+in.Clip, in.Ticket); err != nil {
			return nil, err
		}
		clip, err := a.Profiles.PlayClip(ctx, by, in.Clip)
		if err != nil {
			return nil, err
		}
		if err := a.meets(ctx, clip.By); err != nil {
			if fault.Is(err, "person.unknown") {
				err = ErrNoClip // as if it had been taken away: it must not tell the one from the other
			}
			return nil, err
		}
		return a.stream(ctx, Stored{Key: clip.Key, Tag: clip.ID, Caching: "private, max-age=300"})
	})
}

// meets fails with person.unknown if the asking person and other must not meet.
func (a *api) meets(ctx context.Context, other account.ID) error {
	apart, err := a.Safety.Excluded(ctx, httpapi.Actor(ctx), other)
	if err == nil && apart {
		err = fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")
	}
	return err
}

// Stored is a blob that never changes, and what caches may do with it.
type Stored struct{ Key, Tag, Caching string }

// ErrNoClip refuses a recording that is not there, or not for the asking person.
var ErrNoClip = fault.New(fault.NotFound, "clip.unknown", "This recording is gone.")

// stream answers with a blob; ranges are served.
func (a *api) stream(ctx context.Context, s Stored) (*huma.StreamResponse, error) {
	data, err := a.Blobs.Open(ctx, s.Key)
	if errors.Is(err, blob.ErrNone) {
		return nil, ErrNoClip
	}
	if err != nil {
		return nil, err
	}
	return Send(data, data.ModTime(), s, data), nil
}

// SendPassing answers with a recording that no cache keeps: it is to be gone with the match, the
// block or the day. Without its blob, the fault is none.
func SendPassing(ctx context.Context, blobs *blob.Store, key, tag string, none error) (*huma.StreamResponse, error) {
	data, err := blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNone) {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	return Send(data, data.ModTime(), Stored{Key: key, Tag: tag, Caching: "private, no-store"}, data), nil
}

// Send answers with what is there to read, and then closes it.
func Send(data io.ReadSeeker, changed time.Time, s Stored, closes io.Closer) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		if closes != nil {
			defer func() { _ = closes.Close() }()
		}
		r, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("Content-Type", blob.ContentType(s.Key))
		h.Set("Cache-Control", s.Caching)
		h.Set("ETag", `"`+s.Tag+`"`)
		http.ServeContent(w, r, "", changed, data)
	}}
}
