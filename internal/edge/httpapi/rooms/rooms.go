package rooms

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/fault"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/live/sfu"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
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
	Rooms []apitypes.Card `json:"rooms"`
}

type plan struct {
	Title    string            `json:"title" minLength:"1" maxLength:"400" doc:"One line, up to 80 characters"`
	Category apitypes.Category `json:"category"`
	Language apitypes.Language `json:"language"`
}

// Joined is the way into a room and its audio.
type Joined struct {
	Room  apitypes.Room `json:"room"`
	Media httpapi.Media `json:"media"`
}

// Change is the answer to a command about one member. It is small, whatever the size of
// the room: what everybody inside is told by the live event with the same seq.
type Change struct {
	Seq    int64           `json:"seq" doc:"Of the room, after the command"`
	At     int64           `json:"at,omitempty"`
	Cause  string          `json:"cause,omitempty" enum:"sat,stood,muted,unmuted,moved_to_audience,allowed_to_speak,removed" doc:"Missing if it was so already"`
	Member apitypes.Member `json:"member"`
}

// Services holds the dependencies of the room operations.
type Services struct {
	Rooms    *room.Service
	Calls    *call.Service
	Accounts *account.Service
	Profiles *profile.Service
	Safety   *safety.Service
	Tokens   httpapi.Tokens
}

type api struct {
	*httpapi.API
	Services
}

// Register adds the operations of rooms.
func Register(core *httpapi.API, s Services) {
	a := &api{API: core, Services: s}
	a.roomOperations()
}

func (a *api) roomOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-rooms", Method: http.MethodGet, Path: "/api/rooms",
		Summary: "The lobby, liveliest first",
	}, func(ctx context.Context, in *struct {
		Category apitypes.Category `query:"category"`
	}) (*httpapi.Body[cards], error) {
		rooms, err := a.Rooms.Lobby(ctx, httpapi.Actor(ctx), string(in.Category))
		if err != nil {
			return nil, err
		}
		people, err := a.Profiles.People(ctx, apitypes.In(rooms...)...)
		if err != nil {
			return nil, err
		}
		out := cards{Rooms: make([]apitypes.Card, len(rooms))}
		for i, r := range rooms {
			out.Rooms[i] = apitypes.ToCard(r, people)
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "open-room", Method: http.MethodPost, Path: "/api/rooms", DefaultStatus: http.StatusCreated,
		Summary: "Open a lounge and host it",
	}, func(ctx context.Context, in *httpapi.Body[plan]) (*httpapi.Body[apitypes.Room], error) {
		if err := a.notTalking(ctx); err != nil {
			return nil, err
		}
		r, err := a.Rooms.Open(ctx, httpapi.Actor(ctx), room.Plan{Title: in.Body.Title, Category: string(in.Body.Category), Language: string(in.Body.Language)})
		return a.shown(ctx, r, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-room", Method: http.MethodGet, Path: "/api/rooms/{room}",
		Summary: "A room as it stands",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[apitypes.Room], error) {
		r, err := a.Rooms.Get(ctx, httpapi.Actor(ctx), room.ID(in.Room))
		return a.shown(ctx, r, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-room-changes", Method: http.MethodGet, Path: "/api/rooms/{room}/changes",
		Summary: "What has changed in a room that you are in",
	}, func(ctx context.Context, in *struct {
		InRoom
		httpapi.Since
	}) (*httpapi.Body[RoomChanges], error) {
		c, err := a.Rooms.Changes(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Since.Since)
		return a.missed(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "join-room", Method: http.MethodPost, Path: "/api/rooms/{room}/join",
		Summary: "Come in, muted; every older token for this room is worthless from now on",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[Joined], error) {
		if err := a.notTalking(ctx); err != nil {
			return nil, err
		}
		r, admission, err := a.Rooms.Join(ctx, httpapi.Actor(ctx), room.ID(in.Room))
		if err != nil {
			return nil, err
		}
		if err := a.Accounts.SetJoin(ctx, httpapi.Session(ctx).ID, admission); err != nil {
			return nil, errors.Join(err, a.Rooms.EndJoin(ctx, httpapi.Actor(ctx), admission))
		}
		shown, err := a.shown(ctx, r, nil)
		if err != nil {
			return nil, err
		}
		me, _ := r.Member(httpapi.Actor(ctx))
		media, err := httpapi.OpenMedia(ctx, a.Tokens, sfu.JoinGrant{Room: in.Room, Person: string(httpapi.Actor(ctx)), JoinID: admission, CanPublish: me.Seat != 0})
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(Joined{Room: shown.Body, Media: media}), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "leave-room", Method: http.MethodPost, Path: "/api/rooms/{room}/leave", DefaultStatus: http.StatusNoContent,
		Summary: "Leave quietly",
	}, func(ctx context.Context, in *InRoom) (*httpapi.None, error) {
		return nil, a.Rooms.Leave(ctx, httpapi.Actor(ctx), room.ID(in.Room))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "take-seat", Method: http.MethodPut, Path: "/api/rooms/{room}/seat",
		Summary: "Take a seat, or the first free one",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Seat int `json:"seat,omitempty" minimum:"1" maximum:"100"`
		}
	}) (*httpapi.Body[Change], error) {
		c, err := a.Rooms.Sit(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Body.Seat)
		return a.changed(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "leave-seat", Method: http.MethodDelete, Path: "/api/rooms/{room}/seat",
		Summary: "Give the seat up", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[Change], error) {
		c, err := a.Rooms.Stand(ctx, httpapi.Actor(ctx), room.ID(in.Room))
		return a.changed(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-microphone", Method: http.MethodPut, Path: "/api/rooms/{room}/microphone",
		Summary: "Say whether your microphone is off",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Muted bool `json:"muted"`
		}
	}) (*httpapi.Body[Change], error) {
		c, err := a.Rooms.Mute(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Body.Muted)
		return a.changed(ctx, c, err)
	})

	for _, c := range []struct {
		name, summary string
		do            func(context.Context, account.ID, room.ID, account.ID) (room.Changed, error)
	}{
		{"move-to-audience", "Host: move a speaker to the audience", a.Rooms.MoveToAudience},
		{"allow-to-speak", "Host: let somebody take seats again", a.Rooms.AllowToSpeak},
		{"remove", "Host: out, and no way back", a.Rooms.Remove},
	} {
		httpapi.Register(a.API, httpapi.Member, huma.Operation{
			OperationID: c.name, Method: http.MethodPost, Path: "/api/rooms/{room}/people/{person}/" + c.name,
			Summary: c.summary,
		}, func(ctx context.Context, in *InRoomPerson) (*httpapi.Body[Change], error) {
			done, err := c.do(ctx, httpapi.Actor(ctx), room.ID(in.Room), account.ID(in.Person))
			return a.changed(ctx, done, err)
		})
	}

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "end-room", Method: http.MethodPost, Path: "/api/rooms/{room}/end", DefaultStatus: http.StatusNoContent,
		Summary: "Host: end the room for all",
	}, func(ctx context.Context, in *InRoom) (*httpapi.None, error) {
		return nil, a.Rooms.End(ctx, httpapi.Actor(ctx), room.ID(in.Room))
	})
}

// notTalking fails while the asking person is in a call: one voice is in one
// place.
func (a *api) notTalking(ctx context.Context) error {
	c, ok, err := a.Calls.Current(ctx, httpapi.Actor(ctx))
	if err == nil && ok && (c.State == call.Connecting || c.State == call.Live) {
		err = fault.New(fault.Conflict, "room.in_call", "You're in a call. Hang up first, then try again.")
	}
	return err
}

// changed answers with the change that a command made. Of a person excluded from the
// acting one it repeats the id and says no more, as the live event is not sent to them.
func (a *api) changed(ctx context.Context, c room.Changed, err error) (_ *httpapi.Body[Change], _ error) {
	if err != nil {
		return nil, err
	}
	who := c.Member.Account
	excluded, err := a.Safety.Excluded(ctx, httpapi.Actor(ctx), who)
	if err != nil {
		return nil, err
	}
	out := Change{Seq: c.Seq, At: apitypes.Millis(c.At), Cause: string(c.Cause)}
	if excluded {
		out.Member = apitypes.Member{Person: apitypes.Person{ID: string(who)}, Role: string(room.Listener)}
		return httpapi.Answer(out), nil
	}
	people, err := a.Profiles.People(ctx, who)
	if err != nil {
		return nil, err
	}
	out.Member = apitypes.ToMember(c.Member, people)
	return httpapi.Answer(out), nil
}

// shown shapes a room for who asks.
func (a *api) shown(ctx context.Context, r room.Room, err error) (_ *httpapi.Body[apitypes.Room], _ error) {
	if err != nil {
		return nil, err
	}
	people, err := a.Profiles.People(ctx, apitypes.In(r)...)
	if err != nil {
		return nil, err
	}
	return httpapi.Answer(apitypes.ToRoom(r, httpapi.Actor(ctx), people)), nil
}
