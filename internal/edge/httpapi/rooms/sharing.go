package rooms

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/media/aura"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// SharingChange is the answer to allowing people without an account to listen, or stopping it.
type SharingChange struct {
	Seq    int64 `json:"seq" doc:"Of the room, after the command"`
	At     int64 `json:"at,omitempty" doc:"Missing if it was so already"`
	Shared bool  `json:"shared"`
}

// PublicRoom is a shared room as anybody sees it, without an account: no ids of people, and
// nothing of those who listen.
type PublicRoom struct {
	Title    string            `json:"title"`
	Category apitypes.Category `json:"category"`
	Language apitypes.Language `json:"language"`
	Recorded bool              `json:"recorded,omitempty" doc:"The voices of those who agree are kept for a replay"`
	Stage    []PublicSpeaker   `json:"stage" maxItems:"100" doc:"Those with a seat, by seat"`
}

// PublicSpeaker is somebody with a seat in a shared room. Name and aura are missing unless they
// let them be seen.
type PublicSpeaker struct {
	Name  string      `json:"name,omitempty"`
	Aura  *PublicAura `json:"aura,omitempty"`
	Voice int64       `json:"voice" minimum:"0" maximum:"4294967295" doc:"The CSRC of their packets; of this room alone"`
	Muted bool        `json:"muted"`
}

// PublicAura has the parameters of an aura, for drawing it.
type PublicAura struct {
	Seed  uint32          `json:"seed"`
	Voice *apitypes.Voice `json:"voice,omitempty" doc:"Rounded; missing without an intro"`
}

func (a *api) sharingOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "share-room", Method: http.MethodPut, Path: "/api/rooms/{room}/sharing",
		Summary: "Host: let anybody with the link listen, without an account, or stop that",
	}, func(ctx context.Context, in *struct {
		InRoom
		Body struct {
			Shared bool `json:"shared"`
		}
	}) (*httpapi.Body[SharingChange], error) {
		s, err := a.Rooms.Share(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Body.Shared)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(SharingChange{Seq: s.Seq, At: apitypes.Millis(s.At), Shared: s.Shared}), nil
	})

	httpapi.Register(a.API, httpapi.Anyone, huma.Operation{
		OperationID: "read-public-room", Method: http.MethodGet, Path: "/api/rooms/{room}/public",
		Summary: "A shared room, for people without an account; any other is room.not_found",
	}, func(ctx context.Context, in *InRoom) (*httpapi.Body[PublicRoom], error) {
		if err := a.TakeFromAnybody(ctx, false); err != nil {
			return nil, err
		}
		out, err := a.public(ctx, in.Room)
		return httpapi.Answer(out), err
	})
}

// public is a shared room as anybody sees it.
func (a *api) public(ctx context.Context, id string) (PublicRoom, error) {
	r, err := a.Rooms.Public(ctx, room.ID(id))
	if err != nil {
		return PublicRoom{}, err
	}
	ids := make([]account.ID, len(r.Stage))
	for i, m := range r.Stage {
		ids[i] = m.Account
	}
	people, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return PublicRoom{}, err
	}
	out := PublicRoom{Title: r.Title, Category: apitypes.Category(r.Category), Language: apitypes.Language(r.Language), Recorded: r.Recorded, Stage: make([]PublicSpeaker, len(r.Stage))}
	for i, m := range r.Stage {
		out.Stage[i] = PublicSpeaker{Voice: int64(m.Voice), Muted: m.Muted}
		if p := people[m.Account]; p.Public {
			out.Stage[i].Name = p.Name
			out.Stage[i].Aura = &PublicAura{Seed: aura.Seed(string(p.ID)), Voice: apitypes.ToPerson(p).Voice.Rounded()}
		}
	}
	return out, nil
}
