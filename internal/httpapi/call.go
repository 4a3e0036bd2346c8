package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
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
	AwaySince  int64      `json:"away_since,omitempty" doc:"The other's connection is gone"`
	MoreMine   bool       `json:"more_mine" doc:"Asked for three more minutes"`
	MoreTheirs bool       `json:"more_theirs"`
	More       int        `json:"more" doc:"How often three minutes were added"`
	Cards      []string   `json:"cards" doc:"Keys of icebreakers"`
	EndedAt    int64      `json:"ended_at,omitempty"`
	EndedWhy   string     `json:"ended_why,omitempty" enum:"nothing,left,lost,time,never_heard,busy,cancelled" doc:"nothing: no call came of it, and nobody is to blame"`
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
		return nil, errLater
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
		return nil, errLater
	})

	register(a, member, huma.Operation{
		OperationID: "stay-in-queue", Method: http.MethodPut, Path: "/api/call/queue",
		Summary: "Say that you still wait; silence for 45 seconds ends it",
	}, func(ctx context.Context, _ *struct{}) (*body[Lounge], error) {
		return nil, errLater
	})

	register(a, member, huma.Operation{
		OperationID: "leave-queue", Method: http.MethodDelete, Path: "/api/call/queue",
		Summary: "Wait no longer",
	}, func(ctx context.Context, _ *struct{}) (*body[Lounge], error) {
		return nil, errLater
	})

	register(a, member, huma.Operation{
		OperationID: "set-reach", Method: http.MethodPut, Path: "/api/call/reach",
		Summary: "Say who may call you",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Reach string `json:"reach" enum:"everyone,verified,nobody"`
		}
	}) (*body[Lounge], error) {
		return nil, errLater
	})

	register(a, member, huma.Operation{
		OperationID: "set-call-bell", Method: http.MethodPut, Path: "/api/call/bell",
		Summary: "Be told once when somebody who fits looks for a call",
	}, func(ctx context.Context, in *struct {
		Body struct {
			On bool `json:"on"`
		}
	}) (*body[Lounge], error) {
		return nil, errLater
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
		return nil, errLater
	})

	register(a, member, huma.Operation{
		OperationID: "ring", Method: http.MethodPost, Path: "/api/people/{person}/call",
		Summary: "Call a match; it rings for 30 seconds",
	}, func(ctx context.Context, in *OfPerson) (*body[CallJoined], error) {
		return nil, errLater
	})

	register(a, member, huma.Operation{
		OperationID: "join-call", Method: http.MethodPost, Path: "/api/calls/{call}/join",
		Summary: "The way into its audio, also before it is accepted (silently), and back within a minute",
	}, func(ctx context.Context, in *InCall) (*body[CallJoined], error) {
		return nil, errLater
	})

	for _, op := range []struct{ name, path, says string }{
		{"accept-call", "accept", "Talk to them"},
		{"decline-call", "decline", "Not now; they are not told"},
		{"hear-call", "hears", "Say that you hear the other; the clock runs when both do"},
		{"extend-call", "more", "Ask for three more minutes; they come when both have asked"},
		{"leave-call", "leave", "Hang up"},
	} {
		register(a, member, huma.Operation{
			OperationID: op.name, Method: http.MethodPost, Path: "/api/calls/{call}/" + op.path, Summary: op.says,
		}, func(ctx context.Context, in *InCall) (*body[Call], error) {
			return nil, errLater
		})
	}

	register(a, member, huma.Operation{
		OperationID: "mute-call", Method: http.MethodPut, Path: "/api/calls/{call}/microphone",
		Summary: "Switch your microphone off or on",
	}, func(ctx context.Context, in *struct {
		InCall
		Body struct {
			Muted bool `json:"muted"`
		}
	}) (*body[Call], error) {
		return nil, errLater
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
		return nil, errLater
	})
}
