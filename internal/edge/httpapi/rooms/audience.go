package rooms

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// RoomPeople are some people of a room.
type RoomPeople struct {
	People []apitypes.Person `json:"people"`
	Next   string            `json:"next,omitempty" doc:"For before; none: this page is the last, or the list has no pages"`
}

// inPath names the person an operation is about.
type inPath struct {
	Person string `path:"person" format:"uuid"`
}

// audienceOperations are about those who listen, have left, or are kept out.
func (a *api) audienceOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-known-people", Method: http.MethodGet, Path: "/api/rooms/{room}/known",
		Summary: "Those you follow and your friends, of who is in a room you are in: of those who listen to a crowd nobody else is named",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[RoomPeople], error) {
		by := httpapi.Actor(ctx)
		known, err := a.Follows.AllFollowing(ctx, by)
		if err != nil {
			return nil, err
		}
		friends, err := a.Follows.Friends(ctx, by)
		if err != nil {
			return nil, err
		}
		there, err := a.Rooms.Known(ctx, by, room.ID(in.Room), append(known, friends...))
		return a.people(ctx, there, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-recent-people", Method: http.MethodGet, Path: "/api/rooms/{room}/recent",
		Summary: "Hosts: who has left, the last first",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[RoomPeople], error) {
		left, err := a.Rooms.Recent(ctx, httpapi.Actor(ctx), room.ID(in.Room))
		return a.people(ctx, left, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-room-bans", Method: http.MethodGet, Path: "/api/me/room-bans",
		Summary: "Whom you keep from your rooms, the latest first",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[RoomPeople], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		banned, next, err := a.Rooms.Bans(ctx, httpapi.Actor(ctx), part)
		out, err := a.people(ctx, banned, err)
		if err == nil {
			out.Body.Next = next.String()
		}
		return out, err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "lift-room-ban", Method: http.MethodDelete, Path: "/api/me/room-bans/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "Let somebody into your rooms again",
	}, func(ctx context.Context, in *inPath) (*httpapi.None, error) {
		return nil, a.Rooms.LiftBan(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})
}

// people answers with persons.
func (a *api) people(ctx context.Context, ids []account.ID, err error) (*httpapi.Body[RoomPeople], error) {
	if err != nil {
		return nil, err
	}
	known, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := RoomPeople{People: make([]apitypes.Person, 0, len(ids))}
	for _, who := range ids {
		if p, ok := known[who]; ok {
			out.People = append(out.People, apitypes.ToPerson(p))
		}
	}
	return httpapi.Answer(out), nil
}
