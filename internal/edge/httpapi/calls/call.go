package calls

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/blob"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/live/sfu"
	"heyy/internal/media/audio"
	"heyy/internal/media/aura"
	"heyy/internal/meet/call"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

// InCall names the call an operation is about.
type InCall struct {
	Call string `path:"call" format:"uuid"`
}

// Partner is the other one of a call. A stranger who is proposed is told by this
// and nothing else: no account, no further clips, no words of their profile.
type Partner struct {
	ID       string          `json:"id,omitempty" doc:"Of their account; missing until both have said yes, unless a match calls"`
	Name     string          `json:"name"`
	Resident bool            `json:"resident" doc:"A synthetic voice that lives here, not a member"`
	Voice    *apitypes.Voice `json:"voice,omitempty" doc:"Rounded until the id is told"`
	Seed     uint32          `json:"seed" doc:"Of their aura: of the call alone until the id is told, see docs/protocol.md"`
	Intro    string          `json:"intro,omitempty" doc:"A path on this server, while the call is proposed: their intro, five seconds of it at most; audio/ogg"`
}

// Call is one conversation of two, as one of them sees it.
type Call struct {
	ID              string   `json:"id"`
	Kind            string   `json:"kind" enum:"match,direct"`
	State           string   `json:"state" enum:"proposed,connecting,live,ended"`
	Seq             int64    `json:"seq"`
	Person          Partner  `json:"person" doc:"The other"`
	AgeFrom         int      `json:"age_from" doc:"Their age lies within five years from here; 0 with age_to: it is not told, of an offer"`
	AgeTo           int      `json:"age_to"`
	Shared          []string `json:"shared" doc:"Interests of both"`
	Mine            bool     `json:"mine" doc:"The asking person calls"`
	Offered         bool     `json:"offered,omitempty" doc:"direct: from the room in which both are, to somebody who is no match; no word is kept of one that nobody answers"`
	Accepted        bool     `json:"accepted" doc:"By the asking person"`
	DeadlineAt      int64    `json:"deadline_at,omitempty" doc:"Of the state: answer, hear each other, or end by then"`
	LiveAt          int64    `json:"live_at,omitempty" doc:"Both could hear from this moment"`
	Muted           bool     `json:"muted"`
	TheyMuted       bool     `json:"they_muted"`
	TheyInterrupted bool     `json:"they_interrupted" doc:"Another call or program has the other's microphone"`
	BackBy          int64    `json:"back_by,omitempty" doc:"The asking person's connection is gone: back by then, or it is over"`
	TheyAway        bool     `json:"they_away" doc:"The other's connection is gone right now"`
	TheyBackBy      int64    `json:"they_back_by,omitempty" doc:"They are away: back by then, or it is over"`
	ExtendMine      bool     `json:"extend_mine" doc:"Asked for more minutes"`
	ExtendTheirs    bool     `json:"extend_theirs"`
	Extensions      int      `json:"extensions" doc:"How often minutes were added"`
	Cards           []string `json:"cards" doc:"Keys of icebreakers"`
	EndedAt         int64    `json:"ended_at,omitempty"`
	EndReason       string   `json:"end_reason,omitempty" enum:"nothing,left,lost,time,never_heard,busy,cancelled" doc:"nothing: no call came of it, and nobody is to blame"`
	EndedByMe       bool     `json:"ended_by_me"`
	ChooseBy        int64    `json:"choose_by,omitempty" doc:"Until then a heart or a pass is awaited"`
	Choice          string   `json:"choice,omitempty" enum:"heart,pass"`
	Matched         bool     `json:"matched"`
	Now             int64    `json:"now" doc:"The server's clock"`
}

// CallJoined is the way into a call and its audio.
type CallJoined struct {
	Call  Call          `json:"call"`
	Media httpapi.Media `json:"media"`
}

// Services holds the dependencies of the queue and call operations.
type Services struct {
	Queue    *matchmaking.Service
	Calls    *call.Service
	Accounts *account.Service
	Profiles *profile.Service
	Blobs    *blob.Store
	Tokens   httpapi.Tokens
}

type api struct {
	*httpapi.API
	Services
	views *people.Views
}

// Register adds the operations of Call.
func Register(core *httpapi.API, s Services, views *people.Views) {
	a := &api{API: core, Services: s, views: views}
	a.queueOperations()
	a.callOperations()
}

func (a *api) callOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "ring", Method: http.MethodPost, Path: "/api/people/{person}/call",
		Summary: "Call a match, or somebody in the same room; it rings for 30 seconds",
	}, func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[Call], error) {
		return a.calling(ctx)(a.Calls.Ring(ctx, httpapi.Actor(ctx), account.ID(in.Person)))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-call", Method: http.MethodGet, Path: "/api/calls/{call}",
		Summary: "How it stands with a call of yours, or how it ended",
	}, func(ctx context.Context, in *InCall) (*httpapi.Body[Call], error) {
		// Safety is not asked: after a block it must answer as after any other end.
		return a.calling(ctx)(a.Calls.Get(ctx, httpapi.Actor(ctx), call.ID(in.Call)))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "join-call", Method: http.MethodPost, Path: "/api/calls/{call}/join",
		Summary: "The way into its audio, also before it is accepted (silently), and back within a minute",
	}, func(ctx context.Context, in *InCall) (*httpapi.Body[CallJoined], error) {
		c, admission, err := a.Calls.Join(ctx, httpapi.Actor(ctx), call.ID(in.Call))
		if err != nil {
			return nil, err
		}
		if err := a.Accounts.SetJoin(ctx, httpapi.Session(ctx).ID, admission); err != nil {
			return nil, errors.Join(err, a.Calls.EndJoin(ctx, httpapi.Actor(ctx), admission))
		}
		media, err := httpapi.OpenMedia(ctx, a.Tokens, sfu.JoinGrant{Room: c.ID.Room(), Person: c.Me.Identity, JoinID: admission, CanPublish: true})
		if err != nil {
			return nil, err
		}
		shown, err := a.calling(ctx)(c, nil)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(CallJoined{Call: shown.Body, Media: media}), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "hear-call-intro", Method: http.MethodGet, Path: "/api/calls/{call}/intro",
		Summary:   "Five seconds at most of the intro of somebody who is proposed to you, or calls",
		Responses: httpapi.Binary("Their first words", "audio/ogg"),
	}, func(ctx context.Context, in *InCall) (*huma.StreamResponse, error) {
		other, err := a.Calls.PendingPartner(ctx, httpapi.Actor(ctx), call.ID(in.Call))
		if err != nil {
			return nil, err
		}
		return a.taste(ctx, in.Call, other)
	})

	for _, op := range []struct {
		name, path, says string
		do               func(context.Context, account.ID, call.ID) (call.Call, error)
	}{
		{"accept-call", "accept", "Talk to them", a.Calls.Accept},
		{"decline-call", "decline", "Not now; the other sees what they see when nobody answers, for as long", a.Calls.Decline},
		{"report-audio-received", "audio-received", "Say that you hear the other; the clock runs when both do", a.Calls.AudioReceived},
		{"extend-call", "extend", "Ask for three more minutes; they come when both have asked", a.Calls.Extend},
		{"leave-call", "leave", "Hang up", a.Calls.Leave},
	} {
		httpapi.Register(a.API, httpapi.Member, huma.Operation{
			OperationID: op.name, Method: http.MethodPost, Path: "/api/calls/{call}/" + op.path, Summary: op.says,
		}, func(ctx context.Context, in *InCall) (*httpapi.Body[Call], error) {
			return a.calling(ctx)(op.do(ctx, httpapi.Actor(ctx), call.ID(in.Call)))
		})
	}

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "mute-call", Method: http.MethodPut, Path: "/api/calls/{call}/microphone",
		Summary: "Switch your microphone off or on",
	}, func(ctx context.Context, in *struct {
		InCall
		Body struct {
			Muted bool `json:"muted"`
			Taken bool `json:"interrupted,omitempty" doc:"Another call or program has it right now"`
		}
	}) (*httpapi.Body[Call], error) {
		return a.calling(ctx)(a.Calls.Microphone(ctx, httpapi.Actor(ctx), call.ID(in.Call), in.Body.Muted, in.Body.Taken))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "choose-after-call", Method: http.MethodPut, Path: "/api/calls/{call}/choice",
		Summary: "Heart or pass, when it is over; two hearts are a match, and nothing else is ever told",
	}, func(ctx context.Context, in *struct {
		InCall
		Body struct {
			Choice  string `json:"choice" enum:"heart,pass"`
			Kind    *bool  `json:"kind,omitempty" doc:"They were kind; for ranking and safety only"`
			OnTopic *bool  `json:"on_topic,omitempty" doc:"They talked about what they came for"`
			Safe    *bool  `json:"safe,omitempty" doc:"The asking person felt safe"`
		}
	}) (*httpapi.Body[Call], error) {
		b := in.Body
		return a.calling(ctx)(a.Calls.Choose(ctx, httpapi.Actor(ctx), call.ID(in.Call), call.Choice(b.Choice), call.Feedback{Kind: b.Kind, OnTopic: b.OnTopic, Safe: b.Safe}))
	})
}

// TasteTime is as much of an intro as is heard before both have said yes.
const TasteTime = 5 * time.Second

// taste answers with the beginning of somebody's intro. It is cut here, so that
// no client can have more of it, and says nothing of the recording's name and age.
func (a *api) taste(ctx context.Context, name string, of account.ID) (*huma.StreamResponse, error) {
	clips, err := a.Profiles.Clips(ctx, of)
	if err != nil {
		return nil, err
	}
	if len(clips[of]) == 0 || clips[of][0].Place != 0 {
		return nil, people.ErrNoClip
	}
	intro := clips[of][0]
	data, err := a.Blobs.Open(ctx, intro.Key)
	if errors.Is(err, blob.ErrNone) {
		return nil, people.ErrNoClip
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = data.Close() }()
	whole, err := io.ReadAll(data)
	if err != nil {
		return nil, err
	}
	recording, err := audio.Parse(whole)
	if err != nil {
		return nil, err
	}
	return people.Send(bytes.NewReader(audio.Concat(TasteTime, recording)), time.Time{}, people.Stored{Key: intro.Key, Tag: name, Caching: "private, no-store"}, nil), nil
}

// ageBand is how closely an age is told before two people have talked.
const ageBand = 5

// calling shapes what a command on a call answers.
func (a *api) calling(ctx context.Context) func(call.Call, error) (*httpapi.Body[Call], error) {
	return func(c call.Call, err error) (*httpapi.Body[Call], error) {
		if err != nil {
			return nil, err
		}
		by, other := httpapi.Actor(ctx), c.Other.Account
		seen, err := a.views.Look(ctx, by, other)
		if err != nil {
			return nil, err
		}
		p := seen.People[other]
		person := Partner{Name: p.Name, Resident: p.Resident, Voice: apitypes.ToPerson(p.Person).Voice}
		if c.Kind == call.Direct || c.Other.Accepted { // which is known once both have said yes
			person.ID, person.Seed = string(other), aura.Seed(string(other))
		} else {
			person.Seed, person.Voice = aura.Seed(string(c.ID)), person.Voice.Rounded()
		}
		if len(seen.Clips[other]) > 0 && seen.Clips[other][0].Place == 0 && c.State == call.Proposed {
			person.Intro = "/api/calls/" + string(c.ID) + "/intro"
		}
		from := p.Age / ageBand * ageBand
		to := from + ageBand - 1
		if c.Offered { // a ring, whether it is heard or not, would tell the age of everybody in a room
			from, to = 0, 0
		}
		return httpapi.Answer(Call{
			ID: string(c.ID), Kind: string(c.Kind), State: string(c.State), Seq: c.Seq, Person: person,
			AgeFrom: from, AgeTo: to, Shared: seen.SharedInterests(p), Mine: c.Caller, Offered: c.Offered, Accepted: c.Me.Accepted,
			DeadlineAt: apitypes.Millis(c.DeadlineAt), LiveAt: apitypes.Millis(c.LiveAt), Muted: c.Me.Muted, TheyMuted: c.Other.Muted, TheyInterrupted: c.Other.MicInterrupted, BackBy: apitypes.Millis(c.Me.BackBy), TheyAway: c.Other.Away, TheyBackBy: apitypes.Millis(c.Other.BackBy),
			ExtendMine: c.ExtendAskedByMe, ExtendTheirs: c.ExtendAskedByOther, Extensions: c.Extensions, Cards: apitypes.List(c.Cards),
			EndedAt: apitypes.Millis(c.EndedAt), EndReason: string(c.EndReason), EndedByMe: c.EndedByMe, ChooseBy: apitypes.Millis(c.ChooseBy),
			Choice: string(c.Choice), Matched: c.Matched, Now: time.Now().UnixMilli(),
		}), nil
	}
}
