package rooms

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/rooms/room"
)

func (a *api) captionOperations() {
	// A line is over in a moment: no reply is kept, and a retry may tell it twice.
	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "caption-in-room", Method: http.MethodPost, Path: "/api/rooms/{room}/caption", DefaultStatus: http.StatusNoContent,
		Summary: "On stage: show everybody in the room a line of what you say",
	}), func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Line  int    `json:"line" minimum:"0" maximum:"1000000000" doc:"Your own number of the line: the same one changes it"`
			Text  string `json:"text" minLength:"1" maxLength:"1200" doc:"One line, up to 300 characters"`
			Final bool   `json:"final,omitempty" doc:"It changes no more"`
			Typed bool   `json:"typed,omitempty" doc:"Written by you, not recognised on your device: also while you are muted"`
		}
	}) (*httpapi.None, error) {
		by := httpapi.Actor(ctx)
		if err := a.Budgets.TakeCaption(by); err != nil {
			return nil, err
		}
		text, err := a.Rooms.Caption(ctx, by, room.ID(in.Room), in.Body.Text, in.Body.Typed)
		if err != nil {
			return nil, err
		}
		return nil, a.Caption(ctx, room.ID(in.Room), apitypes.CaptionEvent{PersonID: string(by), Line: in.Body.Line, Text: text, Final: in.Body.Final})
	})
}
