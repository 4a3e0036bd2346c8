package rooms

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/page"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
)

// RoomMessages are a page of what was written in a room.
type RoomMessages struct {
	Messages []apitypes.RoomMessage `json:"messages" doc:"The newest first; when searching a page may be short, and have a next one"`
	Next     string                 `json:"next,omitempty" doc:"Send it as before for the rest; none: this is the end"`
}

// InRoomMessage names a message in a room.
type InRoomMessage struct {
	InRoom
	Message string `path:"message" format:"uuid" doc:"Chosen by the author's client"`
}

func (a *api) chatOperations() {
	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "send-room-message", Method: http.MethodPut, Path: "/api/rooms/{room}/messages/{message}",
		Summary: "Write in the room; sending it again changes nothing",
	}), func(ctx context.Context, in *struct {
		InRoomMessage
		Body struct {
			Text     string   `json:"text" maxLength:"4000" doc:"Up to 500 characters"`
			Mentions []string `json:"mentions,omitempty" maxItems:"10" doc:"Ids of people in the room"`
		}
	}) (*httpapi.Body[apitypes.RoomMessage], error) {
		by := httpapi.Actor(ctx)
		d := roomchat.Draft{ID: roomchat.ID(in.Message), Text: in.Body.Text}
		for _, who := range in.Body.Mentions {
			d.Mentions = append(d.Mentions, account.ID(who))
		}
		m, err := a.Chats.Send(ctx, by, room.ID(in.Room), d)
		if err != nil {
			return nil, err
		}
		people, err := a.Profiles.People(ctx, by)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(apitypes.ToRoomMessage(m, by, people)), nil
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "delete-room-message", Method: http.MethodDelete, Path: "/api/rooms/{room}/messages/{message}", DefaultStatus: http.StatusNoContent,
		Summary: "Take a message of your own away; hosts: anybody's, but the host's",
	}), func(ctx context.Context, in *InRoomMessage) (*httpapi.None, error) {
		return nil, a.Chats.Delete(ctx, httpapi.Actor(ctx), room.ID(in.Room), roomchat.ID(in.Message))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-room-messages", Method: http.MethodGet, Path: "/api/rooms/{room}/messages",
		Summary: "What was written in the room you are in",
	}, func(ctx context.Context, in *struct {
		InRoom
		httpapi.Page
	}) (*httpapi.Body[RoomMessages], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Chats.Page(ctx, httpapi.Actor(ctx), room.ID(in.Room), part)
		return a.written(ctx, all, next, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "search-room-messages", Method: http.MethodGet, Path: "/api/rooms/{room}/messages/search",
		Summary: "The messages of the room that have all words of a query; the last one may be the beginning of a word",
	}, func(ctx context.Context, in *struct {
		InRoom
		Q string `query:"q" required:"true"`
		httpapi.Page
	}) (*httpapi.Body[RoomMessages], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		found, next, err := a.Chats.Search(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Q, part)
		return a.written(ctx, found, next, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-room-chat", Method: http.MethodPut, Path: "/api/rooms/{room}/chat", DefaultStatus: http.StatusNoContent,
		Summary: "Hosts: turn the chat on or off, and say how often one person may write",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Chat string `json:"chat" enum:"on,off"`
			Slow int    `json:"slow_seconds" enum:"0,10,30,60"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Rooms.SetChat(ctx, httpapi.Actor(ctx), room.ID(in.Room), room.ChatRules{Chat: room.Chat(in.Body.Chat), Slow: in.Body.Slow})
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "edit-room", Method: http.MethodPatch, Path: "/api/rooms/{room}", DefaultStatus: http.StatusNoContent,
		Summary: "Hosts: change the title, the topic and the pinned link",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Title    *string            `json:"title,omitempty" minLength:"1" maxLength:"400" doc:"One line, up to 80 characters"`
			Category *apitypes.Category `json:"category,omitempty"`
			Link     *string            `json:"link,omitempty" maxLength:"400" doc:"https, up to 200 characters; empty: none"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Rooms.Edit(ctx, httpapi.Actor(ctx), room.ID(in.Room), room.Edit{Title: in.Body.Title, Category: (*string)(in.Body.Category), Link: in.Body.Link})
	})

	// What is shown is over in a moment: no reply is kept, and a retry may show it twice.
	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "react-in-room", Method: http.MethodPost, Path: "/api/rooms/{room}/reaction", DefaultStatus: http.StatusNoContent,
		Summary: "Show an emoji to everybody in the room",
	}), func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Emoji apitypes.RoomReaction `json:"emoji"`
		}
	}) (*httpapi.None, error) {
		by := httpapi.Actor(ctx)
		if err := a.Budgets.TakeReaction(by); err != nil {
			return nil, err
		}
		present, err := a.Rooms.MayReact(ctx, by, room.ID(in.Room))
		if err != nil {
			return nil, err
		}
		return nil, a.React(ctx, room.ID(in.Room), by, in.Body.Emoji, present)
	})
}

// written answers with a page of messages.
func (a *api) written(ctx context.Context, all []roomchat.Message, next page.Cursor, err error) (_ *httpapi.Body[RoomMessages], _ error) {
	if err != nil {
		return nil, err
	}
	authors := make([]account.ID, len(all))
	for i, m := range all {
		authors[i] = m.By
	}
	people, err := a.Profiles.People(ctx, authors...)
	if err != nil {
		return nil, err
	}
	out := RoomMessages{Messages: make([]apitypes.RoomMessage, len(all)), Next: next.String()}
	for i, m := range all {
		out.Messages[i] = apitypes.ToRoomMessage(m, httpapi.Actor(ctx), people)
	}
	return httpapi.Answer(out), nil
}
