package chats

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// OfMessage names the message an operation is about.
type OfMessage struct {
	people.OfPerson
	Message string `path:"message" format:"uuid" doc:"Chosen by the sender's client"`
}

// messageOperations adds the commands on messages. They change nothing when they are
// repeated, so no replies are kept for them: a client that was offline may send a message
// again days later.
func (a *api) messageOperations() {
	answer := func(m message.Message, by account.ID, err error) (*httpapi.Body[apitypes.Message], error) {
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(apitypes.ToMessage(m, by)), nil
	}

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "send-message", Method: http.MethodPut, Path: "/api/chats/{person}/messages/{message}",
		Summary: "Send a message; sending it again changes nothing",
	}), func(ctx context.Context, in *struct {
		OfMessage
		Body struct {
			Text  string `json:"text"`
			Reply int64  `json:"reply,omitempty" minimum:"0" doc:"The n of the message it replies to"`
		}
	}) (*httpapi.Body[apitypes.Message], error) {
		by := httpapi.Actor(ctx)
		m, err := a.Services.Messages.Send(ctx, by, account.ID(in.Person), message.Draft{ID: message.ID(in.Message), Text: in.Body.Text, ReplyTo: in.Body.Reply})
		return answer(m, by, err)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "edit-message", Method: http.MethodPatch, Path: "/api/chats/{person}/messages/{message}",
		Summary: "Change the text of a message of your own, for a while after sending",
	}), func(ctx context.Context, in *struct {
		OfMessage
		Body struct {
			Text string `json:"text"`
		}
	}) (*httpapi.Body[apitypes.Message], error) {
		by := httpapi.Actor(ctx)
		m, err := a.Services.Messages.Edit(ctx, by, account.ID(in.Person), message.ID(in.Message), in.Body.Text)
		return answer(m, by, err)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "delete-message", Method: http.MethodDelete, Path: "/api/chats/{person}/messages/{message}",
		Summary: "Delete a message of your own, for both",
	}), func(ctx context.Context, in *OfMessage) (*httpapi.Body[apitypes.Message], error) {
		by := httpapi.Actor(ctx)
		m, err := a.Services.Messages.Delete(ctx, by, account.ID(in.Person), message.ID(in.Message))
		return answer(m, by, err)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "react", Method: http.MethodPut, Path: "/api/chats/{person}/messages/{message}/reaction",
		Summary: "Put an emoji under a message, in place of your earlier one",
	}), func(ctx context.Context, in *struct {
		OfMessage
		Body struct {
			Emoji string `json:"emoji" minLength:"1"`
		}
	}) (*httpapi.Body[apitypes.Message], error) {
		by := httpapi.Actor(ctx)
		m, err := a.Services.Messages.React(ctx, by, account.ID(in.Person), message.ID(in.Message), in.Body.Emoji)
		return answer(m, by, err)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "take-back-reaction", Method: http.MethodDelete, Path: "/api/chats/{person}/messages/{message}/reaction",
		Summary: "Take your emoji away",
	}), func(ctx context.Context, in *OfMessage) (*httpapi.Body[apitypes.Message], error) {
		by := httpapi.Actor(ctx)
		m, err := a.Services.Messages.React(ctx, by, account.ID(in.Person), message.ID(in.Message), "")
		return answer(m, by, err)
	})
}
