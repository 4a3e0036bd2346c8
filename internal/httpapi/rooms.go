package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/fault"
	"heyy/internal/media"
	"heyy/internal/room"
	"heyy/internal/wire"
)

// InRoom names the room an operation is about.
type InRoom struct {
	Room string `path:"room" format:"uuid"`
}

// InRoomPerson names a person in it, too.
type InRoomPerson struct {
	InRoom
	Person string `path:"person" format:"uuid"`
}

type cards struct {
	Rooms []wire.Card `json:"rooms"`
}

type plan struct {
	Title    string `json:"title" minLength:"1" maxLength:"400" doc:"One line, up to 80 characters"`
	Category string `json:"category" enum:"sport,karaoke,games,music,blind_date,talk,languages,work,local,wellbeing"`
	Language string `json:"language" enum:"en,it,zh"`
}

// Joined is the way into a room and its audio.
type Joined struct {
	Room  wire.Room `json:"room"`
	Media Media     `json:"media"`
}

// Media is where and with what a client connects for audio.
type Media struct {
	URL   string `json:"url" doc:"The origin of /rtc, as a WebSocket address"`
	Token string `json:"token" doc:"Opens /rtc for this admission, for two minutes"`
}

func (a *API) roomOperations() {
	register(a, member, huma.Operation{
		OperationID: "list-rooms", Method: http.MethodGet, Path: "/api/rooms",
		Summary: "The lobby, liveliest first",
	}, func(ctx context.Context, in *struct {
		Category string `query:"category" enum:"sport,karaoke,games,music,blind_date,talk,languages,work,local,wellbeing"`
	}) (*body[cards], error) {
		rooms, err := a.Rooms.Lobby(ctx, in.Category)
		if err != nil {
			return nil, err
		}
		people, err := a.Profiles.People(ctx, wire.In(rooms...)...)
		if err != nil {
			return nil, err
		}
		out := cards{Rooms: make([]wire.Card, len(rooms))}
		for i, r := range rooms {
			out.Rooms[i] = wire.ToCard(r, people)
		}
		return &body[cards]{out}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "open-room", Method: http.MethodPost, Path: "/api/rooms", DefaultStatus: http.StatusCreated,
		Summary: "Open a lounge and host it",
	}, func(ctx context.Context, in *body[plan]) (*body[wire.Room], error) {
		if err := a.notTalking(ctx); err != nil {
			return nil, err
		}
		r, err := a.Rooms.Open(ctx, who(ctx), room.Plan{Title: in.Body.Title, Category: in.Body.Category, Language: in.Body.Language})
		return a.shown(ctx, r, err)
	})

	register(a, member, huma.Operation{
		OperationID: "read-room", Method: http.MethodGet, Path: "/api/rooms/{room}",
		Summary: "A room as it stands",
	}, func(ctx context.Context, in *InRoom) (*body[wire.Room], error) {
		r, err := a.Rooms.Look(ctx, who(ctx), room.ID(in.Room))
		return a.shown(ctx, r, err)
	})

	register(a, member, huma.Operation{
		OperationID: "join-room", Method: http.MethodPost, Path: "/api/rooms/{room}/join",
		Summary: "Come in, muted; every older token for this room is worthless from now on",
	}, func(ctx context.Context, in *InRoom) (*body[Joined], error) {
		if err := a.notTalking(ctx); err != nil {
			return nil, err
		}
		r, admission, err := a.Rooms.Join(ctx, who(ctx), room.ID(in.Room))
		if err != nil {
			return nil, err
		}
		shown, err := a.shown(ctx, r, nil)
		if err != nil {
			return nil, err
		}
		me, _ := r.Member(who(ctx))
		token, err := a.Passes.Token(media.Pass{Room: in.Room, Person: string(who(ctx)), Admission: admission, MaySpeak: me.Seat != 0})
		if err != nil {
			return nil, err
		}
		return &body[Joined]{Joined{Room: shown.Body, Media: Media{URL: socketURL(ctx), Token: token}}}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "leave-room", Method: http.MethodPost, Path: "/api/rooms/{room}/leave", DefaultStatus: http.StatusNoContent,
		Summary: "Leave quietly",
	}, func(ctx context.Context, in *InRoom) (*none, error) {
		return nil, a.Rooms.Leave(ctx, who(ctx), room.ID(in.Room))
	})

	register(a, member, huma.Operation{
		OperationID: "take-seat", Method: http.MethodPut, Path: "/api/rooms/{room}/seat",
		Summary: "Take a seat, or the first free one",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Seat int `json:"seat,omitempty" minimum:"1" maximum:"100"`
		}
	}) (*body[wire.Room], error) {
		r, err := a.Rooms.Sit(ctx, who(ctx), room.ID(in.Room), in.Body.Seat)
		return a.shown(ctx, r, err)
	})

	register(a, member, huma.Operation{
		OperationID: "leave-seat", Method: http.MethodDelete, Path: "/api/rooms/{room}/seat",
		Summary: "Give the seat up", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, in *InRoom) (*body[wire.Room], error) {
		r, err := a.Rooms.Stand(ctx, who(ctx), room.ID(in.Room))
		return a.shown(ctx, r, err)
	})

	register(a, member, huma.Operation{
		OperationID: "set-microphone", Method: http.MethodPut, Path: "/api/rooms/{room}/microphone",
		Summary: "Say whether your microphone is off",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Muted bool `json:"muted"`
		}
	}) (*body[wire.Room], error) {
		r, err := a.Rooms.Mute(ctx, who(ctx), room.ID(in.Room), in.Body.Muted)
		return a.shown(ctx, r, err)
	})

	for _, c := range []struct {
		name, summary string
		do            func(context.Context, account.ID, room.ID, account.ID) (room.Room, error)
	}{
		{"move-back", "Host: move a speaker to the audience", a.Rooms.MoveBack},
		{"let-sit", "Host: let somebody take seats again", a.Rooms.LetSit},
		{"remove", "Host: out, and no way back", a.Rooms.Remove},
	} {
		register(a, member, huma.Operation{
			OperationID: c.name, Method: http.MethodPost, Path: "/api/rooms/{room}/people/{person}/" + c.name,
			Summary: c.summary,
		}, func(ctx context.Context, in *InRoomPerson) (*body[wire.Room], error) {
			r, err := c.do(ctx, who(ctx), room.ID(in.Room), account.ID(in.Person))
			return a.shown(ctx, r, err)
		})
	}

	register(a, member, huma.Operation{
		OperationID: "end-room", Method: http.MethodPost, Path: "/api/rooms/{room}/end", DefaultStatus: http.StatusNoContent,
		Summary: "Host: end the room for all",
	}, func(ctx context.Context, in *InRoom) (*none, error) {
		return nil, a.Rooms.End(ctx, who(ctx), room.ID(in.Room))
	})
}

// notTalking fails while the asking person is in a call: one voice is in one
// place.
func (a *API) notTalking(ctx context.Context) error {
	c, ok, err := a.Calls.Now(ctx, who(ctx))
	if err == nil && ok && (c.State == call.Connecting || c.State == call.Live) {
		err = fault.New(fault.Conflict, "room.in_call", "You are in a call. Hang up first.")
	}
	return err
}

// shown shapes a room for who asks.
func (a *API) shown(ctx context.Context, r room.Room, err error) (_ *body[wire.Room], _ error) {
	if err != nil {
		return nil, err
	}
	people, err := a.Profiles.People(ctx, wire.In(r)...)
	if err != nil {
		return nil, err
	}
	return &body[wire.Room]{wire.ToRoom(r, who(ctx), people)}, nil
}
