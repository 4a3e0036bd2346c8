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

// Hands is the queue of those who want to speak.
type Hands struct {
	Hands []Hand `json:"hands" doc:"First come first"`
}

// Hand is one place in it.
type Hand struct {
	Person  apitypes.Person `json:"person"`
	Seq     int64           `json:"seq" doc:"Of the room when it was raised"`
	Note    string          `json:"note,omitempty"`
	Invited bool            `json:"invited,omitempty" doc:"Asked to speak, and has not answered"`
}

// Log lists the actions of hosts in a room.
type Log struct {
	Entries []LogEntry `json:"entries" maxItems:"200" doc:"The newest first"`
}

// LogEntry is one action of a host.
type LogEntry struct {
	ID      string           `json:"id"`
	At      int64            `json:"at"`
	By      apitypes.Person  `json:"by"`
	Action  string           `json:"action" enum:"moved_to_audience,allowed_to_speak,removed,banned,asked_to_remove,muted,allowed_to_unmute,seat_locked,seat_unlocked,made_co_host,unmade_co_host,handed_over,inherited,set_hands,set_sharing,set_chat,set_slow,chat_muted,allowed_to_write,set_title,set_category,set_link,set_access"`
	Person  *apitypes.Person `json:"person,omitempty" doc:"About whom"`
	Seat    int              `json:"seat,omitempty" doc:"About which seat"`
	Undone  bool             `json:"undone,omitempty"`
	CanUndo bool             `json:"can_undo,omitempty" doc:"By the asking person, now"`
}

// inRoomEntry names an entry of the log of a room.
type inRoomEntry struct {
	InRoom
	Entry string `path:"entry" format:"uuid"`
}

func (a *api) hostingOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "raise-hand", Method: http.MethodPut, Path: "/api/rooms/{room}/hand",
		Summary: "Ask to speak, at the end of the queue",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			About string `json:"about,omitempty" maxLength:"400" doc:"A note for hosts: one line, up to 80 characters"`
		}
	}) (*httpapi.Body[Change], error) {
		if err := a.Budgets.TakeMove(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		c, err := a.Rooms.RaiseHand(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Body.About)
		return a.changed(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "take-hand-down", Method: http.MethodDelete, Path: "/api/rooms/{room}/hand",
		Summary: "Take your hand down", DefaultStatus: http.StatusOK,
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[Change], error) {
		by := httpapi.Actor(ctx)
		if err := a.Budgets.TakeMove(by); err != nil {
			return nil, err
		}
		c, err := a.Rooms.LowerHand(ctx, by, room.ID(in.Room), by)
		return a.changed(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-hands", Method: http.MethodGet, Path: "/api/rooms/{room}/hands",
		Summary: "Hosts: who wants to speak, with their notes",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[Hands], error) {
		hands, err := a.Rooms.ReadHands(ctx, httpapi.Actor(ctx), room.ID(in.Room))
		if err != nil {
			return nil, err
		}
		ids := make([]account.ID, len(hands))
		for i, h := range hands {
			ids[i] = h.Account
		}
		people, err := a.Profiles.People(ctx, ids...)
		if err != nil {
			return nil, err
		}
		out := Hands{Hands: make([]Hand, len(hands))}
		for i, h := range hands {
			out.Hands[i] = Hand{Person: apitypes.ToPerson(people[h.Account]), Seq: h.Seq, Note: h.Note, Invited: h.Invited}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-hands", Method: http.MethodPut, Path: "/api/rooms/{room}/hands", DefaultStatus: http.StatusNoContent,
		Summary: "Hosts: say who may raise a hand",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Hands string `json:"hands" enum:"open,followed,off"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Rooms.SetHands(ctx, httpapi.Actor(ctx), room.ID(in.Room), room.Hands(in.Body.Hands))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-room-access", Method: http.MethodPatch, Path: "/api/rooms/{room}/access", DefaultStatus: http.StatusNoContent,
		Summary: "Host: say who comes in; those inside stay, and what is missing stays as it is",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Access       *room.Access `json:"access,omitempty" enum:"open,followers,club,link,pin"`
			PIN          *string      `json:"pin,omitempty" pattern:"^[0-9]{4,8}$"`
			Capacity     *int         `json:"capacity,omitempty" minimum:"0" maximum:"5000" doc:"The most people here; 0: any number"`
			WomenOnly    *bool        `json:"women_only,omitempty"`
			VerifiedOnly *bool        `json:"verified_only,omitempty"`
		}
	}) (*httpapi.None, error) {
		b := in.Body
		return nil, a.Rooms.SetEntry(ctx, httpapi.Actor(ctx), room.ID(in.Room), room.EntryChange{
			Access: b.Access, PIN: b.PIN, Capacity: b.Capacity, WomenOnly: b.WomenOnly, VerifiedOnly: b.VerifiedOnly,
		})
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "answer-invitation", Method: http.MethodPut, Path: "/api/rooms/{room}/invitation",
		Summary: "Accept an invitation to speak, and take the first free seat; or decline it",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Accept bool `json:"accept"`
		}
	}) (*httpapi.Body[Change], error) {
		c, err := a.Rooms.AnswerInvite(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Body.Accept)
		return a.changed(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "lock-seat", Method: http.MethodPut, Path: "/api/rooms/{room}/seats/{seat}/lock", DefaultStatus: http.StatusNoContent,
		Summary: "Hosts: keep a free seat for hosts, or open it again",
	}, func(ctx context.Context, in *struct {
		InRoom
		Seat int `path:"seat" minimum:"1" maximum:"63"`
		Body struct {
			Locked bool `json:"locked"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Rooms.LockSeat(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Seat, in.Body.Locked)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-room-log", Method: http.MethodGet, Path: "/api/rooms/{room}/log",
		Summary: "Hosts: what hosts have done here",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[Log], error) {
		log, err := a.Rooms.Log(ctx, httpapi.Actor(ctx), room.ID(in.Room))
		if err != nil {
			return nil, err
		}
		var ids []account.ID
		for _, e := range log {
			ids = append(ids, e.By)
			if e.About != "" {
				ids = append(ids, e.About)
			}
		}
		people, err := a.Profiles.People(ctx, ids...)
		if err != nil {
			return nil, err
		}
		out := Log{Entries: make([]LogEntry, len(log))}
		for i, e := range log {
			out.Entries[i] = LogEntry{
				ID: e.ID, At: apitypes.Millis(e.At), By: apitypes.ToPerson(people[e.By]), Action: string(e.Action),
				Seat: e.Seat, Undone: e.Undone, CanUndo: e.CanUndo,
			}
			if e.About != "" {
				about := apitypes.ToPerson(people[e.About])
				out.Entries[i].Person = &about
			}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "undo-in-room", Method: http.MethodPost, Path: "/api/rooms/{room}/log/{entry}/undo", DefaultStatus: http.StatusNoContent,
		Summary: "Hosts: take back what was done in the last ten minutes",
	}, func(ctx context.Context, in *inRoomEntry) (*httpapi.None, error) {
		return nil, a.Rooms.Undo(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Entry)
	})
}
