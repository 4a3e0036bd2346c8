package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/match"
	"heyy/internal/media"
	"heyy/internal/profile"
)

// InCall names the call an operation is about.
type InCall struct {
	Call string `path:"call" format:"uuid"`
}

// Lounge is where somebody stands who would like to talk to someone now.
type Lounge struct {
	Waiting    bool        `json:"waiting" doc:"In the queue; say so again every 20 seconds"`
	Since      int64       `json:"since,omitempty"`
	Looking    int         `json:"looking" doc:"How many look for somebody now, oneself included"`
	EstimateMs int64       `json:"estimate_ms,omitempty" doc:"How long people like you waited in the last hour; missing when nobody did"`
	Reach      string      `json:"reach" enum:"everyone,verified,nobody" doc:"Who may call"`
	Bell       bool        `json:"bell" doc:"Tell me when someone fits"`
	Call       *Call       `json:"call,omitempty" doc:"The one that is going on, or the last one that waits for a heart or a pass"`
	Missed     []Missed    `json:"missed" doc:"Calls of matches that nobody took, the last first"`
	Hours      []HappyHour `json:"hours" doc:"When many look at the same time, the next first"`
	Now        int64       `json:"now" doc:"The server's clock"`
}

// Missed is a call that was not taken.
type Missed struct {
	PersonID string `json:"person_id"`
	At       int64  `json:"at"`
}

// HappyHour is a time at which everybody meets.
type HappyHour struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	StartsAt int64  `json:"starts_at"`
	EndsAt   int64  `json:"ends_at"`
	Coming   int    `json:"coming" doc:"How many said so"`
	Me       bool   `json:"me" doc:"The asking person did"`
}

// Call is one conversation of two, as one of them sees it.
type Call struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind" enum:"match,direct"`
	State      string     `json:"state" enum:"proposed,connecting,live,ended"`
	Seq        int64      `json:"seq"`
	Person     PersonCard `json:"person" doc:"The other"`
	AgeFrom    int        `json:"age_from" doc:"Their age lies within five years from here"`
	AgeTo      int        `json:"age_to"`
	Shared     []string   `json:"shared" doc:"Interests of both"`
	Mine       bool       `json:"mine" doc:"The asking person calls"`
	Accepted   bool       `json:"accepted" doc:"By the asking person"`
	DeadlineAt int64      `json:"deadline_at,omitempty" doc:"Of the state: answer, hear each other, or end by then"`
	LiveAt     int64      `json:"live_at,omitempty" doc:"Both could hear from this moment"`
	Muted      bool       `json:"muted"`
	TheyMuted  bool       `json:"they_muted"`
	TheyTaken  bool       `json:"they_taken" doc:"Another call or program has the other's microphone"`
	BackBy     int64      `json:"back_by,omitempty" doc:"The asking person's connection is gone: back by then, or it is over"`
	TheyAway   bool       `json:"they_away" doc:"The other's connection is gone right now"`
	TheyBackBy int64      `json:"they_back_by,omitempty" doc:"They are away: back by then, or it is over"`
	MoreMine   bool       `json:"more_mine" doc:"Asked for three more minutes"`
	MoreTheirs bool       `json:"more_theirs"`
	More       int        `json:"more" doc:"How often three minutes were added"`
	Cards      []string   `json:"cards" doc:"Keys of icebreakers"`
	EndedAt    int64      `json:"ended_at,omitempty"`
	EndedWhy   string     `json:"ended_why,omitempty" enum:"nothing,left,lost,time,never_heard,busy,cancelled" doc:"nothing: no call came of it, and nobody is to blame"`
	EndedByMe  bool       `json:"ended_by_me"`
	ChooseBy   int64      `json:"choose_by,omitempty" doc:"Until then a heart or a pass is awaited"`
	Choice     string     `json:"choice,omitempty" enum:"heart,pass"`
	Matched    bool       `json:"matched"`
	Now        int64      `json:"now" doc:"The server's clock"`
}

// CallJoined is the way into a call and its audio.
type CallJoined struct {
	Call  Call  `json:"call"`
	Media Media `json:"media"`
}

func (a *API) callOperations() {
	register(a, member, huma.Operation{
		OperationID: "read-lounge", Method: http.MethodGet, Path: "/api/call",
		Summary: "How it stands with you and Call",
	}, func(ctx context.Context, _ *struct{}) (*body[Lounge], error) {
		return a.lounge(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "enter-queue", Method: http.MethodPost, Path: "/api/call/queue",
		Summary: "Look for somebody to talk to, now",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Intents   []string `json:"intents" maxItems:"10" maxLength:"100" doc:"For tonight; none: as in the profile"`
			Languages []string `json:"languages" maxItems:"100" maxLength:"100" doc:"For tonight; none: as in the profile"`
		}
	}) (*body[Lounge], error) {
		if _, err := a.Queue.Enter(ctx, who(ctx), match.Tonight{Intents: in.Body.Intents, Languages: in.Body.Languages}); err != nil {
			return nil, err
		}
		return a.lounge(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "stay-in-queue", Method: http.MethodPut, Path: "/api/call/queue",
		Summary: "Say that you still wait; silence for 43 seconds ends it",
	}, func(ctx context.Context, _ *struct{}) (*body[Lounge], error) {
		l, err := a.Queue.Stay(ctx, who(ctx))
		if err != nil {
			return nil, err
		}
		return a.loungeOf(ctx, l)
	})

	register(a, member, huma.Operation{
		OperationID: "leave-queue", Method: http.MethodDelete, Path: "/api/call/queue",
		Summary: "Wait no longer",
	}, func(ctx context.Context, _ *struct{}) (*body[Lounge], error) {
		if err := a.Queue.Cancel(ctx, who(ctx)); err != nil {
			return nil, err
		}
		return a.lounge(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "set-reach", Method: http.MethodPut, Path: "/api/call/reach",
		Summary: "Say who may call you",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Reach string `json:"reach" enum:"everyone,verified,nobody"`
		}
	}) (*body[Lounge], error) {
		if err := a.Queue.SetReach(ctx, who(ctx), match.Reach(in.Body.Reach)); err != nil {
			return nil, err
		}
		return a.lounge(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "set-call-bell", Method: http.MethodPut, Path: "/api/call/bell",
		Summary: "Be told once when somebody who fits looks for a call",
	}, func(ctx context.Context, in *struct {
		Body struct {
			On bool `json:"on"`
		}
	}) (*body[Lounge], error) {
		if err := a.Queue.Bell(ctx, who(ctx), in.Body.On); err != nil {
			return nil, err
		}
		return a.lounge(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "come-to-hour", Method: http.MethodPut, Path: "/api/call/hours/{hour}",
		Summary: "Say whether you come to a happy hour",
	}, func(ctx context.Context, in *struct {
		Hour string `path:"hour" format:"uuid"`
		Body struct {
			Coming bool `json:"coming"`
		}
	}) (*body[Lounge], error) {
		if err := a.Calls.RSVP(ctx, who(ctx), in.Hour, in.Body.Coming); err != nil {
			return nil, err
		}
		return a.lounge(ctx)
	})

	register(a, member, huma.Operation{
		OperationID: "ring", Method: http.MethodPost, Path: "/api/people/{person}/call",
		Summary: "Call a match; it rings for 30 seconds",
	}, func(ctx context.Context, in *OfPerson) (*body[Call], error) {
		if err := a.meets(ctx, account.ID(in.Person)); err != nil {
			return nil, err
		}
		return a.calling(ctx)(a.Calls.Ring(ctx, who(ctx), account.ID(in.Person)))
	})

	register(a, member, huma.Operation{
		OperationID: "read-call", Method: http.MethodGet, Path: "/api/calls/{call}",
		Summary: "How it stands with a call of yours, or how it ended",
	}, func(ctx context.Context, in *InCall) (*body[Call], error) {
		c, err := a.Calls.Look(ctx, who(ctx), call.ID(in.Call))
		if err == nil && c.State == call.Ended && c.ChooseBy.IsZero() {
			// While there is something to choose, a block looks like hanging up.
			err = a.meets(ctx, c.Other.Account)
		}
		return a.calling(ctx)(c, err)
	})

	register(a, member, huma.Operation{
		OperationID: "join-call", Method: http.MethodPost, Path: "/api/calls/{call}/join",
		Summary: "The way into its audio, also before it is accepted (silently), and back within a minute",
	}, func(ctx context.Context, in *InCall) (*body[CallJoined], error) {
		c, admission, err := a.Calls.Join(ctx, who(ctx), call.ID(in.Call))
		if err != nil {
			return nil, err
		}
		maySpeak := c.State == call.Connecting || c.State == call.Live
		token, err := a.Passes.Token(media.Pass{Room: c.ID.Room(), Person: string(who(ctx)), Admission: admission, MaySpeak: maySpeak})
		if err != nil {
			return nil, err
		}
		shown, err := a.calling(ctx)(c, nil)
		if err != nil {
			return nil, err
		}
		return &body[CallJoined]{CallJoined{Call: shown.Body, Media: Media{URL: socketURL(ctx), Token: token}}}, nil
	})

	for _, op := range []struct {
		name, path, says string
		do               func(context.Context, account.ID, call.ID) (call.Call, error)
	}{
		{"accept-call", "accept", "Talk to them", a.Calls.Accept},
		{"decline-call", "decline", "Not now; they are not told", a.Calls.Decline},
		{"hear-call", "hears", "Say that you hear the other; the clock runs when both do", a.Calls.Hears},
		{"extend-call", "more", "Ask for three more minutes; they come when both have asked", a.Calls.More},
		{"leave-call", "leave", "Hang up", a.Calls.Leave},
	} {
		register(a, member, huma.Operation{
			OperationID: op.name, Method: http.MethodPost, Path: "/api/calls/{call}/" + op.path, Summary: op.says,
		}, func(ctx context.Context, in *InCall) (*body[Call], error) {
			return a.calling(ctx)(op.do(ctx, who(ctx), call.ID(in.Call)))
		})
	}

	register(a, member, huma.Operation{
		OperationID: "mute-call", Method: http.MethodPut, Path: "/api/calls/{call}/microphone",
		Summary: "Switch your microphone off or on",
	}, func(ctx context.Context, in *struct {
		InCall
		Body struct {
			Muted bool `json:"muted"`
			Taken bool `json:"taken,omitempty" doc:"Another call or program has it right now"`
		}
	}) (*body[Call], error) {
		return a.calling(ctx)(a.Calls.Microphone(ctx, who(ctx), call.ID(in.Call), in.Body.Muted, in.Body.Taken))
	})

	register(a, member, huma.Operation{
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
	}) (*body[Call], error) {
		b := in.Body
		return a.calling(ctx)(a.Calls.Choose(ctx, who(ctx), call.ID(in.Call), call.Choice(b.Choice), call.Feedback{Kind: b.Kind, OnTopic: b.OnTopic, Safe: b.Safe}))
	})
}

// lounge is how it stands with the asking person.
func (a *API) lounge(ctx context.Context) (*body[Lounge], error) {
	l, err := a.Queue.Lounge(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	return a.loungeOf(ctx, l)
}

// loungeOf is l with what package call knows.
func (a *API) loungeOf(ctx context.Context, l match.Lounge) (*body[Lounge], error) {
	by := who(ctx)
	out := Lounge{
		Waiting: l.Waiting, Since: millis(l.Since), Looking: l.Looking, EstimateMs: l.EstimateMs, Reach: string(l.Reach), Bell: l.Bell,
		Missed: []Missed{}, Hours: []HappyHour{}, Now: time.Now().UnixMilli(),
	}
	c, ok, err := a.Calls.Now(ctx, by)
	if err != nil {
		return nil, err
	}
	if ok {
		shown, err := a.calling(ctx)(c, nil)
		if err != nil {
			return nil, err
		}
		out.Call = &shown.Body
	}
	missed, err := a.Calls.Missed(ctx, by)
	if err != nil {
		return nil, err
	}
	for _, m := range missed {
		out.Missed = append(out.Missed, Missed{PersonID: string(m.By), At: m.At.UnixMilli()})
	}
	hours, err := a.Calls.HappyHours(ctx, by)
	if err != nil {
		return nil, err
	}
	for _, h := range hours {
		out.Hours = append(out.Hours, HappyHour{
			ID: h.ID, Title: h.Title, StartsAt: h.StartsAt.UnixMilli(), EndsAt: h.EndsAt.UnixMilli(), Coming: h.Coming, Me: h.Mine,
		})
	}
	return &body[Lounge]{out}, nil
}

// ageBand is how closely an age is told before two people have talked.
const ageBand = 5

// calling shapes what a command on a call answers.
func (a *API) calling(ctx context.Context) func(call.Call, error) (*body[Call], error) {
	return func(c call.Call, err error) (*body[Call], error) {
		if err != nil {
			return nil, err
		}
		by, other := who(ctx), c.Other.Account
		seen, err := a.look(ctx, by, other)
		if err != nil {
			return nil, err
		}
		p := seen.people[other]
		from := p.Age / ageBand * ageBand
		return &body[Call]{Call{
			ID: string(c.ID), Kind: string(c.Kind), State: string(c.State), Seq: c.Seq, Person: a.card(by, p, seen.clips[other]),
			AgeFrom: from, AgeTo: from + ageBand - 1, Shared: seen.shared(p), Mine: c.Caller, Accepted: c.Me.Accepted,
			DeadlineAt: millis(c.DeadlineAt), LiveAt: millis(c.LiveAt), Muted: c.Me.Muted, TheyMuted: c.Other.Muted, TheyTaken: c.Other.Taken, BackBy: millis(c.Me.BackBy), TheyAway: c.Other.Away, TheyBackBy: millis(c.Other.BackBy),
			MoreMine: c.MoreMine, MoreTheirs: c.TheyWantMore, More: c.MoreGiven, Cards: list(c.Cards),
			EndedAt: millis(c.EndedAt), EndedWhy: string(c.EndedWhy), EndedByMe: c.EndedByMe, ChooseBy: millis(c.ChooseBy),
			Choice: string(c.Choice), Matched: c.Matched, Now: time.Now().UnixMilli(),
		}}, nil
	}
}

// shared are the interests that somebody has in common with the viewer.
func (s sight) shared(p profile.Profile) []string {
	both := []string{}
	for _, i := range p.Interests {
		if slices.Contains(s.viewer.Interests, i) {
			both = append(both, i)
		}
	}
	return both
}
