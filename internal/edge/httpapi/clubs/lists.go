package clubs

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
	"heyy/internal/rooms/club"
)

func (a *api) listOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-members", Method: http.MethodGet, Path: "/api/clubs/{club}/members",
		Summary: "Members: who belongs to the club, the last joined first; its followers for admins",
	}, func(ctx context.Context, in *struct {
		InClubPage
		Role string `query:"role" enum:"member,follower" default:"member" doc:"The founder and admins come with the club"`
	}) (*httpapi.Body[ClubMembers], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Clubs.Members(ctx, httpapi.Actor(ctx), in.id(), club.Role(in.Role), part)
		if err != nil {
			return nil, err
		}
		shown, err := a.members(ctx, all)
		return httpapi.Answer(ClubMembers{Members: shown, Next: next.String()}), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-voices", Method: http.MethodGet, Path: "/api/clubs/{club}/voices",
		Summary: "Members: the intros of those who belong to the club, the last joined first",
	}, func(ctx context.Context, in *InClubPage) (*httpapi.Body[ClubVoices], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		viewer := httpapi.Actor(ctx)
		all, next, err := a.Clubs.Voices(ctx, viewer, in.id(), part)
		if err != nil {
			return nil, err
		}
		ids := accounts(all)
		known, err := a.Profiles.People(ctx, ids...)
		if err != nil {
			return nil, err
		}
		clips, err := a.Profiles.Clips(ctx, ids...)
		if err != nil {
			return nil, err
		}
		out := ClubVoices{Voices: []ClubVoice{}, Next: next.String()}
		for _, who := range ids {
			if of := clips[who]; len(of) > 0 && of[0].Place == 0 {
				if p, ok := known[who]; ok {
					out.Voices = append(out.Voices, ClubVoice{Person: apitypes.ToPerson(p), Clip: a.views.Clip(viewer, of[0])})
				}
			}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-rooms", Method: http.MethodGet, Path: "/api/clubs/{club}/rooms",
		Summary: "The rooms of a club that are open now, as the lobby shows them",
	}, func(ctx context.Context, in *InClub) (*httpapi.Body[ClubRooms], error) {
		viewer := httpapi.Actor(ctx)
		if _, err := a.Clubs.Get(ctx, viewer, in.id(), ""); err != nil {
			return nil, err
		}
		rooms, err := a.Rooms.OfClub(ctx, viewer, in.id())
		if err != nil {
			return nil, err
		}
		known, err := a.Profiles.People(ctx, apitypes.In(rooms...)...)
		if err != nil {
			return nil, err
		}
		out := ClubRooms{Rooms: make([]apitypes.Card, len(rooms))}
		for i, r := range rooms {
			out.Rooms[i] = apitypes.ToCard(r, known)
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-requests", Method: http.MethodGet, Path: "/api/clubs/{club}/requests",
		Summary: "Admins: who asks to join, the oldest first",
	}, func(ctx context.Context, in *InClubPage) (*httpapi.Body[ClubRequests], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Clubs.Requests(ctx, httpapi.Actor(ctx), in.id(), part)
		if err != nil {
			return nil, err
		}
		ids := make([]account.ID, len(all))
		for i, r := range all {
			ids[i] = r.Account
		}
		known, err := a.Profiles.People(ctx, ids...)
		if err != nil {
			return nil, err
		}
		out := ClubRequests{Requests: []ClubRequest{}, Next: next.String()}
		for _, r := range all {
			if p, ok := known[r.Account]; ok {
				out.Requests = append(out.Requests, ClubRequest{Person: apitypes.ToPerson(p), Note: r.Note, At: r.At.UnixMilli()})
			}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-bans", Method: http.MethodGet, Path: "/api/clubs/{club}/bans",
		Summary: "Admins: who cannot join, the last first",
	}, func(ctx context.Context, in *InClubPage) (*httpapi.Body[ClubBans], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Clubs.Bans(ctx, httpapi.Actor(ctx), in.id(), part)
		if err != nil {
			return nil, err
		}
		shown, err := a.members(ctx, all)
		if err != nil {
			return nil, err
		}
		out := ClubBans{Bans: make([]ClubBan, len(shown)), Next: next.String()}
		for i, m := range shown {
			out.Bans[i] = ClubBan{Person: m.Person, At: m.JoinedAt}
		}
		return httpapi.Answer(out), nil
	})
}
