package moments

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/blob"
	"heyy/internal/base/fault"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
)

// Services holds the dependencies of the operations of moments.
type Services struct {
	Moments  *moment.Service
	Profiles *profile.Service
	Blobs    *blob.Store
}

// MomentAudience: the people a moment is for.
type MomentAudience string

// Moment is a moment of somebody else's.
type Moment struct {
	ID        string `json:"id"`
	At        int64  `json:"at"`
	ExpiresAt int64  `json:"expires_at"`
	Ms        int    `json:"ms" doc:"Playing time"`
	Text      string `json:"text" doc:"The text alternative; may be empty"`
	Heard     bool   `json:"heard" doc:"By you; nobody else is told"`
}

// OwnMoment is a moment of one's own.
type OwnMoment struct {
	ID        string         `json:"id"`
	At        int64          `json:"at"`
	ExpiresAt int64          `json:"expires_at"`
	Ms        int            `json:"ms" doc:"Playing time"`
	Text      string         `json:"text" doc:"The text alternative; may be empty"`
	Audience  MomentAudience `json:"audience"`
	HeardBy   int            `json:"heard_by" doc:"At least so many listened: 3, 5, 10, 25, 50, 100 ..., without those who hid read marks then; 0 for fewer than three"`
}

// MomentAuthor is somebody with live moments.
type MomentAuthor struct {
	Person  apitypes.Person `json:"person"`
	Chat    message.Way     `json:"chat,omitempty" enum:"there,direct,request" doc:"Moments are answered in the chat: you have one, can begin one, can ask for one; none: they take no requests"`
	Moments []Moment        `json:"moments" minItems:"1" maxItems:"10" doc:"The oldest first"`
}

// Moments are one's own, and a page of those of matches and of people one follows.
type Moments struct {
	Mine   []OwnMoment    `json:"mine" maxItems:"10" doc:"The oldest first; on the first page"`
	People []MomentAuthor `json:"people" doc:"Who posted last first, and on a page those with something unheard before the others"`
	Next   string         `json:"next,omitempty" doc:"Send it as before for the rest; none: this is the end"`
}

// NewMoments are those of people who fit, and whom one does not know.
type NewMoments struct {
	People []MomentAuthor `json:"people" maxItems:"30"`
}

// OfMoment names the moment an operation is about.
type OfMoment struct {
	Moment string `path:"moment" format:"uuid"`
}

type api struct {
	*httpapi.API
	Services
	views *people.Views
}

// Register adds the operations of moments.
func Register(core *httpapi.API, s Services, views *people.Views) {
	a := &api{API: core, Services: s, views: views}
	a.listOperations()
	a.postOperations()
}

func toOwn(m moment.Moment) OwnMoment {
	return OwnMoment{
		ID: string(m.ID), At: m.At.UnixMilli(), ExpiresAt: m.ExpiresAt.UnixMilli(), Ms: m.Ms, Text: m.Text,
		Audience: MomentAudience(m.Audience), HeardBy: m.HeardBy,
	}
}

func (a *api) authors(ctx context.Context, viewer account.ID, all []moment.Entry) ([]MomentAuthor, error) {
	ids := make([]account.ID, len(all))
	for i, e := range all {
		ids[i] = e.Author
	}
	known, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	ways, err := a.views.ChatWays(ctx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]MomentAuthor, 0, len(all))
	for _, e := range all {
		p, ok := known[e.Author]
		if !ok {
			continue // the account was deleted meanwhile
		}
		one := MomentAuthor{Person: apitypes.ToPerson(p), Chat: ways[e.Author], Moments: make([]Moment, len(e.Moments))}
		for i, m := range e.Moments {
			one.Moments[i] = Moment{ID: string(m.ID), At: m.At.UnixMilli(), ExpiresAt: m.ExpiresAt.UnixMilli(), Ms: m.Ms, Text: m.Text, Heard: m.Heard}
		}
		out = append(out, one)
	}
	return out, nil
}

func (a *api) listOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-moments", Method: http.MethodGet, Path: "/api/moments",
		Summary: "Your moments, and those of your matches and of people you follow",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[Moments], error) {
		by := httpapi.Actor(ctx)
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		out := Moments{Mine: []OwnMoment{}}
		if in.Before == "" {
			mine, err := a.Services.Moments.Mine(ctx, by)
			if err != nil {
				return nil, err
			}
			for _, m := range mine {
				out.Mine = append(out.Mine, toOwn(m))
			}
		}
		all, next, err := a.Services.Moments.Known(ctx, by, part)
		if err != nil {
			return nil, err
		}
		out.Next = next.String()
		out.People, err = a.authors(ctx, by, all)
		return httpapi.Answer(out), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "discover-moments", Method: http.MethodGet, Path: "/api/discover/moments",
		Summary: "Moments for everyone, of people who fit and whom you don't know yet",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[NewMoments], error) {
		by := httpapi.Actor(ctx)
		all, err := a.Services.Moments.Strangers(ctx, by)
		if err != nil {
			return nil, err
		}
		out, err := a.authors(ctx, by, all)
		return httpapi.Answer(NewMoments{People: out}), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "hear-moment", Method: http.MethodGet, Path: "/api/moments/{moment}/audio",
		Summary:   "The recording of a moment; ranges are served",
		Responses: httpapi.Binary("The recording", "audio/ogg"),
	}, func(ctx context.Context, in *OfMoment) (*huma.StreamResponse, error) {
		m, err := a.Services.Moments.Get(ctx, httpapi.Actor(ctx), moment.ID(in.Moment))
		if err != nil {
			return nil, err
		}
		return people.SendPassing(ctx, a.Blobs, m.Key, in.Moment, moment.ErrNone)
	})
}

// postOperations adds the commands. They change nothing when they are repeated, so no replies
// are kept for them.
func (a *api) postOperations() {
	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "post-moment", Method: http.MethodPut, Path: "/api/moments/{moment}",
		Summary: "Post a moment of up to a minute; posting it again changes nothing",
		RequestBody: httpapi.SoundBody(map[string]*huma.Schema{
			"audience": {Type: huma.TypeString, Description: "matches, followers or everyone"},
			"text":     {Type: huma.TypeString, Description: "The text alternative"},
		}),
	}), func(ctx context.Context, in *struct {
		Draft string `path:"moment" format:"uuid" doc:"Chosen by your client; the moment has another id"`
		httpapi.SoundForm
	}) (*httpapi.Body[OwnMoment], error) {
		m, err := a.post(ctx, httpapi.Actor(ctx), moment.DraftID(in.Draft), &in.SoundForm)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(toOwn(m)), nil
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "remove-moment", Method: http.MethodDelete, Path: "/api/moments/{moment}", DefaultStatus: http.StatusNoContent,
		Summary: "Remove a moment of your own, for all at once",
	}), func(ctx context.Context, in *OfMoment) (*httpapi.None, error) {
		return nil, a.Services.Moments.Remove(ctx, httpapi.Actor(ctx), moment.ID(in.Moment))
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "mark-moment-heard", Method: http.MethodPut, Path: "/api/moments/{moment}/heard", DefaultStatus: http.StatusNoContent,
		Summary: "Keep, for yourself, that you have listened to a moment",
	}), func(ctx context.Context, in *OfMoment) (*httpapi.None, error) {
		return nil, a.Services.Moments.MarkHeard(ctx, httpapi.Actor(ctx), moment.ID(in.Moment))
	})
}

// post decodes a recording only if it may be posted and was not posted before.
func (a *api) post(ctx context.Context, by account.ID, of moment.DraftID, in *httpapi.SoundForm) (moment.Moment, error) {
	if m, posted, err := a.Services.Moments.Posted(ctx, by, of); err != nil || posted {
		return m, err
	}
	sound, fields, err := in.Form("audience", "text")
	if err != nil {
		return moment.Moment{}, err
	}
	draft := moment.Draft{ID: of, Audience: moment.Audience(fields["audience"]), Text: fields["text"]}
	if err := a.Services.Moments.MayPost(ctx, by, draft); err != nil {
		return moment.Moment{}, err
	}
	if err := a.Budgets.TakeVoice(by); err != nil {
		return moment.Moment{}, err
	}
	clip, err := a.Profiles.ProcessRecording(ctx, sound, moment.Limits)
	if fault.Is(err, "voice.long") {
		err = moment.ErrLong
	}
	if err != nil {
		return moment.Moment{}, err
	}
	return a.Services.Moments.Post(ctx, by, draft, clip)
}
