package chats

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// Requests are a page of the chats that others ask for.
type Requests struct {
	Requests []Chat `json:"requests"`
	Next     string `json:"next,omitempty" doc:"Send it as before for the rest; none: this is the end"`
}

// requestOperations adds the operations of chats without a match.
func (a *api) requestOperations() {
	answer := func(ctx context.Context, c message.Chat, err error) (*httpapi.Body[Chat], error) {
		if err != nil {
			return nil, err
		}
		out, err := a.chats(ctx, httpapi.Actor(ctx), []message.Chat{c})
		if err == nil && len(out) == 0 {
			err = message.ErrNone
		}
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(out[0]), nil
	}

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-requests", Method: http.MethodGet, Path: "/api/me/requests",
		Summary: "Chats that others ask you for, the last first",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[Requests], error) {
		by := httpapi.Actor(ctx)
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Services.Messages.Requests(ctx, by, part)
		if err != nil {
			return nil, err
		}
		out := Requests{Next: next.String()}
		out.Requests, err = a.chats(ctx, by, all)
		return httpapi.Answer(out), err
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "begin-chat", Method: http.MethodPut, Path: "/api/chats/{person}",
		Summary: "Begin a chat with somebody, or ask for one: then your first message waits for their answer",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[Chat], error) {
		by, other := httpapi.Actor(ctx), account.ID(in.Person)
		if err := a.Budgets.TakeRequest(by); err != nil {
			return nil, err
		}
		both, err := a.views.BothProfessional(ctx, by, other)
		if err != nil {
			return nil, err
		}
		c, err := a.Services.Messages.Begin(ctx, by, other, func(ctx context.Context, tx *sql.Tx) (bool, error) {
			if !both {
				return false, nil
			}
			return a.views.Follows.Mutual(ctx, tx, by, other)
		})
		return answer(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "accept-chat", Method: http.MethodPut, Path: "/api/chats/{person}/accept",
		Summary: "Open the chat that somebody asked you for; an answer does it, too",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[Chat], error) {
		c, err := a.Services.Messages.Accept(ctx, httpapi.Actor(ctx), account.ID(in.Person))
		return answer(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "end-chat", Method: http.MethodDelete, Path: "/api/chats/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "End a chat for both, with its match; take a request back; or decline one, of which the other learns nothing",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.None, error) {
		by, other := httpapi.Actor(ctx), account.ID(in.Person)
		err := a.Services.Messages.End(ctx, by, other)
		if errors.Is(err, message.ErrMatched) {
			err = a.EndMatch(ctx, by, other)
		}
		return nil, err
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "set-chats", Method: http.MethodPut, Path: "/api/me/chats",
		Summary: "Choose whether people without a match may write to you, and how many chats you have at a time",
	}), func(ctx context.Context, in *struct {
		Body struct {
			Requests bool `json:"requests"`
			Limit    int  `json:"limit" doc:"0: as many as come"`
		}
	}) (*httpapi.Body[people.Me], error) {
		err := a.Services.Messages.SetSettings(ctx, httpapi.Actor(ctx), message.Settings{Requests: in.Body.Requests, Limit: in.Body.Limit})
		if err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})
}
