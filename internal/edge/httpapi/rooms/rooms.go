package rooms

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/meet/call"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/lobby"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
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
	Shape    string            `json:"shape,omitempty" enum:"lounge,stage" doc:"lounge unless given"`
	Club     string            `json:"club,omitempty" format:"uuid" doc:"Opens it in a club, to whose members it is shown there; for its members"`

	Access       string `json:"access,omitempty" enum:"open,followers,club,link,pin" doc:"open unless given"`
	PIN          string `json:"pin,omitempty" pattern:"^[0-9]{4,8}$" doc:"Of access pin"`
	Capacity     int    `json:"capacity,omitempty" minimum:"2" maximum:"5000" doc:"The most people here"`
	Audience     *bool  `json:"audience,omitempty" doc:"False: everybody here has a seat; lounges only"`
	WomenOnly    bool   `json:"women_only,omitempty"`
	VerifiedOnly bool   `json:"verified_only,omitempty"`
	Recorded     bool   `json:"recorded,omitempty" doc:"Keeps the voices of those who agree, for a replay; it can't be changed later"`
}

// Joined is the way into a room and its audio: over the media server with a seat, over the
// listening tier without.
type Joined struct {
	Room   apitypes.Room  `json:"room"`
	Media  *httpapi.Media `json:"media,omitempty" doc:"With a seat"`
	Listen *Listen        `json:"listen,omitempty" doc:"Without a seat, if an offer was sent"`
}

// Listen is a session at the listening tier.
type Listen struct {
	Answer string `json:"answer" doc:"SDP"`
	URL    string `json:"url" doc:"DELETE ends the session"`
}

// Connected is the way to the media server.
type Connected struct {
	Media httpapi.Media `json:"media"`
}

// Change is the answer to a command about one member. It is small, whatever the size of
// the room: what everybody inside is told by the live event with the same seq.
type Change struct {
	Seq    int64           `json:"seq" doc:"Of the room, after the command"`
	At     int64           `json:"at,omitempty"`
	Cause  string          `json:"cause,omitempty" enum:"sat,stood,muted,unmuted,moved_to_audience,allowed_to_speak,removed,left,hand_raised,hand_lowered,muted_by_host,allowed_to_unmute,made_co_host,unmade_co_host,made_host,unmade_host,chat_muted,allowed_to_write" doc:"Missing if it was so already"`
	Member apitypes.Member `json:"member"`
}

// Services holds the dependencies of the room operations.
type Services struct {
	Rooms    *room.Service
	Lobby    *lobby.Service
	Chats    *roomchat.Service
	Calls    *call.Service
	Accounts *account.Service
	Profiles *profile.Service
	Safety   *safety.Service
	Follows  *follow.Service
	Tokens   httpapi.Tokens
	Tier     Tier
	// React tells a room with a number of people that by shows an emoji.
	React func(ctx context.Context, r room.ID, by account.ID, emoji apitypes.RoomReaction, present int) error
	// Caption tells a room a line of captions.
	Caption func(ctx context.Context, r room.ID, c apitypes.CaptionEvent) error
}

type api struct {
	*httpapi.API
	Services
}

// Register adds the operations of rooms.
func Register(core *httpapi.API, s Services) {
	a := &api{API: core, Services: s}
	a.roomOperations()
	a.listenOperations()
	a.sharingOperations()
	a.previewOperations()
	a.hostingOperations()
	a.audienceOperations()
	a.chatOperations()
	a.captionOperations()
}

// lobby returns the rooms of the lobby, or those with the words of a query.
func (a *api) lobby(ctx context.Context, category, query string) ([]room.Room, error) {
	who := httpapi.Actor(ctx)
	if query != "" {
		return a.Lobby.Find(ctx, who, query, category)
	}
	me, err := a.Profiles.Get(ctx, who)
	if err != nil {
		return nil, err
	}
	return a.Rooms.Lobby(ctx, who, category, me.Language)
}

func (a *api) roomOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-rooms", Method: http.MethodGet, Path: "/api/rooms",
		Summary: "The lobby, liveliest first; with q, the rooms that have these words",
	}, func(ctx context.Context, in *struct {
		Category apitypes.Category `query:"category"`
		Q        string            `query:"q" maxLength:"400" doc:"Words of titles, topics, clubs and people on stage; the last one may be a beginning"`
	}) (*httpapi.Body[cards], error) {
		rooms, err := a.lobby(ctx, string(in.Category), in.Q)
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
		Summary: "Open a room and host it",
	}, func(ctx context.Context, in *httpapi.Body[plan]) (*httpapi.Body[apitypes.Room], error) {
		if err := a.Calls.NotTalking(ctx, httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		r, err := a.Rooms.Open(ctx, httpapi.Actor(ctx), room.Plan{
			Title: in.Body.Title, Category: string(in.Body.Category), Language: string(in.Body.Language), Shape: room.Shape(in.Body.Shape),
			Entry: room.Entry{Access: room.Access(in.Body.Access), Capacity: in.Body.Capacity, WomenOnly: in.Body.WomenOnly, VerifiedOnly: in.Body.VerifiedOnly},
			PIN:   in.Body.PIN, Club: room.ClubID(in.Body.Club), NoAudience: in.Body.Audience != nil && !*in.Body.Audience, Recorded: in.Body.Recorded,
		})
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
	}, func(ctx context.Context, in *struct {
		InRoom
		Body *struct {
			Offer string `json:"offer,omitempty" maxLength:"16384" doc:"SDP of a connection that only receives audio"`
			PIN   string `json:"pin,omitempty" maxLength:"8" doc:"Of a room with one; needed once"`
		}
	}) (*httpapi.Body[Joined], error) {
		offer, pin := "", ""
		if in.Body != nil {
			offer, pin = in.Body.Offer, in.Body.PIN
		}
		return a.join(ctx, room.ID(in.Room), offer, pin)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "connect-to-speak", Method: http.MethodPost, Path: "/api/rooms/{room}/connect",
		Summary: "Get a token for the media server: with a seat, or up to two minutes before taking one",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[Connected], error) {
		me, err := a.Rooms.PrepareToSpeak(ctx, httpapi.Actor(ctx), room.ID(in.Room), httpapi.Session(ctx).JoinID)
		if err != nil {
			return nil, err
		}
		media, err := a.media(ctx, room.ID(in.Room), me, httpapi.Session(ctx).JoinID)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(Connected{Media: *media}), nil
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
		if err := a.Budgets.TakeMove(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
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
		if !in.Body.Muted {
			if err := a.Budgets.TakeMicrophone(httpapi.Actor(ctx)); err != nil {
				return nil, err
			}
		}
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
		{"ban", "Host: remove somebody, also who has just left, and let them into no room of yours again", a.Rooms.Ban},
		{"invite", "Host: ask somebody to speak", a.Rooms.Invite},
		{"lower-hand", "Host: take a hand down", a.Rooms.LowerHand},
		{"mute", "Host: mute a speaker, who cannot open the microphone by themselves", a.Rooms.MuteMember},
		{"allow-to-unmute", "Host: let a muted speaker open the microphone again", a.Rooms.AllowToUnmute},
		{"mute-chat", "Host: keep somebody from writing in the chat", a.Rooms.MuteChat},
		{"allow-to-write", "Host: let somebody write again", a.Rooms.AllowToWrite},
		{"make-co-host", "Host: make somebody a co-host", a.Rooms.MakeCoHost},
		{"unmake-co-host", "Host: make a co-host a speaker or listener again", a.Rooms.UnmakeCoHost},
		{"hand-over", "Host: make somebody the host", a.Rooms.HandOver},
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
