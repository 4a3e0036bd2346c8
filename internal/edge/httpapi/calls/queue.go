package calls

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/meet/matchmaking"
)

// CallPrivacy is a key that only the contract names as a type.
type CallPrivacy string

// QueueStatus is the state of the queue as one person sees it, with their call.
type QueueStatus struct {
	Waiting        bool        `json:"waiting" doc:"In the queue; say so again every 20 seconds"`
	Since          int64       `json:"since,omitempty"`
	Looking        int         `json:"looking" doc:"How many look for somebody now, oneself included"`
	EstimateMs     int64       `json:"estimate_ms,omitempty" doc:"How long people like you waited in the last hour; missing when nobody did"`
	CallPrivacy    CallPrivacy `json:"call_privacy" doc:"Who may call"`
	SuspendedUntil int64       `json:"suspended_until,omitempty" doc:"Nobody is proposed before: the asking person let proposals pass, each time it is longer"`
	Alert          bool        `json:"alert" doc:"Tell me when someone fits"`
	AlertedAt      int64       `json:"alerted_at,omitempty" doc:"Somebody who fits looked then; stands until the bell is switched off or on again"`
	Call           *Call       `json:"call,omitempty" doc:"The one that is going on, or the last one that waits for a heart or a pass"`
	Missed         []Missed    `json:"missed" doc:"Calls of matches that nobody took, the last first"`
	Hours          []HappyHour `json:"hours" doc:"When many look at the same time, the next first"`
	Now            int64       `json:"now" doc:"The server's clock"`
}

// Missed is a call of a match that was not answered.
type Missed struct {
	PersonID string `json:"person_id"`
	At       int64  `json:"at"`
}

// HappyHour is a scheduled hour in which many people queue.
type HappyHour struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	StartsAt int64  `json:"starts_at"`
	EndsAt   int64  `json:"ends_at"`
	Coming   int    `json:"coming" doc:"How many said so"`
	Me       bool   `json:"me" doc:"The asking person did"`
}

func (a *api) queueOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-queue", Method: http.MethodGet, Path: "/api/call",
		Summary: "How it stands with you and Call",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[QueueStatus], error) {
		return a.queueStatus(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "enter-queue", Method: http.MethodPost, Path: "/api/call/queue",
		Summary: "Look for somebody to talk to, now",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Intents   []string `json:"intents" maxItems:"10" maxLength:"100" doc:"For tonight; none: as in the profile"`
			Languages []string `json:"languages" maxItems:"100" maxLength:"100" doc:"For tonight; none: as in the profile"`
		}
	}) (*httpapi.Body[QueueStatus], error) {
		if _, err := a.Queue.Enter(ctx, httpapi.Actor(ctx), matchmaking.SearchFilter{Intents: in.Body.Intents, Languages: in.Body.Languages}); err != nil {
			return nil, err
		}
		return a.queueStatus(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "send-heartbeat", Method: http.MethodPut, Path: "/api/call/queue",
		Summary: "Say that you still wait; silence for 43 seconds ends it",
	}), func(ctx context.Context, _ *struct{}) (*httpapi.Body[QueueStatus], error) {
		l, err := a.Queue.Heartbeat(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		return a.queueStatusOf(ctx, l)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "leave-queue", Method: http.MethodDelete, Path: "/api/call/queue",
		Summary: "Wait no longer",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[QueueStatus], error) {
		if err := a.Queue.Cancel(ctx, httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		return a.queueStatus(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-call-privacy", Method: http.MethodPut, Path: "/api/call/privacy",
		Summary: "Say who may call you, strangers and matches; for whoever may not, nothing rings, and it looks as if you did not answer",
	}, func(ctx context.Context, in *struct {
		Body struct {
			CallPrivacy CallPrivacy `json:"call_privacy"`
		}
	}) (*httpapi.Body[QueueStatus], error) {
		if err := a.Queue.SetCallPrivacy(ctx, httpapi.Actor(ctx), matchmaking.CallPrivacy(in.Body.CallPrivacy)); err != nil {
			return nil, err
		}
		return a.queueStatus(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-call-alert", Method: http.MethodPut, Path: "/api/call/alert",
		Summary: "Be told, once, when somebody who fits looks for a call; off also when that was shown",
	}, func(ctx context.Context, in *struct {
		Body struct {
			On bool `json:"on"`
		}
	}) (*httpapi.Body[QueueStatus], error) {
		if err := a.Queue.SetAlert(ctx, httpapi.Actor(ctx), in.Body.On); err != nil {
			return nil, err
		}
		return a.queueStatus(ctx)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "come-to-hour", Method: http.MethodPut, Path: "/api/call/hours/{hour}",
		Summary: "Say whether you come to a happy hour",
	}, func(ctx context.Context, in *struct {
		Hour string `path:"hour" format:"uuid"`
		Body struct {
			Coming bool `json:"coming"`
		}
	}) (*httpapi.Body[QueueStatus], error) {
		if err := a.Calls.RSVP(ctx, httpapi.Actor(ctx), in.Hour, in.Body.Coming); err != nil {
			return nil, err
		}
		return a.queueStatus(ctx)
	})
}

// queueStatus answers with the queue as the acting person sees it.
func (a *api) queueStatus(ctx context.Context) (*httpapi.Body[QueueStatus], error) {
	l, err := a.Queue.Status(ctx, httpapi.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return a.queueStatusOf(ctx, l)
}

// queueStatusOf adds to l what package call knows.
func (a *api) queueStatusOf(ctx context.Context, l matchmaking.QueueStatus) (*httpapi.Body[QueueStatus], error) {
	by := httpapi.Actor(ctx)
	out := QueueStatus{
		Waiting: l.Waiting, Since: apitypes.Millis(l.Since), Looking: l.MembersWaiting, EstimateMs: l.EstimateMs, CallPrivacy: CallPrivacy(l.CallPrivacy), SuspendedUntil: apitypes.Millis(l.SuspendedUntil), Alert: l.Alert, AlertedAt: apitypes.Millis(l.AlertedAt),
		Missed: []Missed{}, Hours: []HappyHour{}, Now: time.Now().UnixMilli(),
	}
	c, ok, err := a.Calls.Current(ctx, by)
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
			ID: h.ID, Title: h.Title, StartsAt: h.StartsAt.UnixMilli(), EndsAt: h.EndsAt.UnixMilli(), Coming: h.Attendees, Me: h.Attending,
		})
	}
	return httpapi.Answer(out), nil
}
