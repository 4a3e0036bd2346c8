package rooms

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/outbox"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// RoomChanges are the live events that a client missed, in order.
type RoomChanges struct {
	Seq     int64       `json:"seq" doc:"Of the room, after the changes"`
	Changes []roomEvent `json:"changes" maxItems:"100"`
}

// roomEvent is one event of the channel room:<id>.
type roomEvent struct{ event any }

// Schema implements huma.SchemaProvider.
func (roomEvent) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[apitypes.MemberEvent](), true, "MemberEvent"),
		r.Schema(reflect.TypeFor[apitypes.RoomEndedEvent](), true, "RoomEndedEvent"),
	}}
}

func (e roomEvent) MarshalJSON() ([]byte, error) { return json.Marshal(e.event) }

// missed shapes changes as fanout shapes the live events.
func (a *api) missed(ctx context.Context, c room.Changes, err error) (_ *httpapi.Body[RoomChanges], _ error) {
	if err != nil {
		return nil, err
	}
	about := make([]account.ID, len(c.Members))
	for i, m := range c.Members {
		about[i] = m.Member.Account
	}
	people, err := a.Profiles.People(ctx, about...)
	if err != nil {
		return nil, err
	}
	out := RoomChanges{Seq: c.Seq, Changes: []roomEvent{}}
	for _, m := range c.Members {
		event, ok := apitypes.ToMemberEvent(m, people)
		if !ok {
			return nil, outbox.ErrTooOld
		}
		out.Changes = append(out.Changes, roomEvent{event})
	}
	if c.End != nil {
		out.Changes = append(out.Changes, roomEvent{apitypes.ToRoomEndedEvent(*c.End)})
	}
	return httpapi.Answer(out), nil
}
