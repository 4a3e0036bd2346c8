package clubs

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
	"heyy/internal/rooms/club"
)

func (a *api) linkOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-links", Method: http.MethodGet, Path: "/api/clubs/{club}/links",
		Summary: "Links that let people in: for admins all, for members their own",
	}, func(ctx context.Context, in *InClub) (*httpapi.Body[ClubLinks], error) {
		viewer := httpapi.Actor(ctx)
		all, err := a.Clubs.Links(ctx, viewer, in.id())
		if err != nil {
			return nil, err
		}
		out := ClubLinks{Links: make([]ClubLink, len(all))}
		for i, l := range all {
			if out.Links[i], err = a.link(ctx, viewer, l); err != nil {
				return nil, err
			}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "make-club-link", Method: http.MethodPost, Path: "/api/clubs/{club}/links", DefaultStatus: http.StatusCreated,
		Summary: "Make a link that lets people in; its secret is told once",
	}, func(ctx context.Context, in *struct {
		InClub
		Body struct {
			Hours int `json:"hours" enum:"1,24,168"`
			Most  int `json:"most" minimum:"1" maximum:"1000" doc:"How many it lets in"`
		}
	}) (*httpapi.Body[ClubLink], error) {
		viewer := httpapi.Actor(ctx)
		l, token, err := a.Clubs.MakeLink(ctx, viewer, in.id(), time.Duration(in.Body.Hours)*time.Hour, in.Body.Most)
		if err != nil {
			return nil, err
		}
		out, err := a.link(ctx, viewer, l)
		out.Token = token
		return httpapi.Answer(out), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "revoke-club-link", Method: http.MethodDelete, Path: "/api/clubs/{club}/links/{link}", DefaultStatus: http.StatusNoContent,
		Summary: "Turn a link off: one's own, or as an admin any",
	}, func(ctx context.Context, in *struct {
		InClub
		Link string `path:"link" format:"uuid"`
	}) (*httpapi.None, error) {
		return nil, a.Clubs.Revoke(ctx, httpapi.Actor(ctx), in.id(), club.InviteID(in.Link))
	})
}

// link shapes a link. Who made it is named unless they are apart from viewer.
func (a *api) link(ctx context.Context, viewer account.ID, l club.Link) (ClubLink, error) {
	out := ClubLink{ID: string(l.ID), ExpiresAt: l.ExpiresAt.UnixMilli(), Most: l.Most, Uses: l.Uses}
	excluded, err := a.Safety.Excluded(ctx, viewer, l.By)
	if err != nil || excluded {
		return out, err
	}
	known, err := a.Profiles.People(ctx, l.By)
	if p, ok := known[l.By]; ok {
		by := apitypes.ToPerson(p)
		out.By = &by
	}
	return out, err
}

func (a *api) leaderOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "answer-club-request", Method: http.MethodPost, Path: "/api/clubs/{club}/requests/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "Admins: let somebody in who asked, or not; they are told",
	}, func(ctx context.Context, in *struct {
		InClubPerson
		Body struct {
			Accept bool `json:"accept"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Clubs.Answer(ctx, httpapi.Actor(ctx), in.id(), account.ID(in.Person), in.Body.Accept)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "ban-from-club", Method: http.MethodPut, Path: "/api/clubs/{club}/bans/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "Admins: out of the club and its rooms, and no way back",
	}, func(ctx context.Context, in *InClubPerson) (*httpapi.None, error) {
		if err := a.Clubs.Ban(ctx, httpapi.Actor(ctx), in.id(), account.ID(in.Person)); err != nil {
			return nil, err
		}
		return nil, a.Rooms.Expel(ctx, in.id(), account.ID(in.Person))
	})

	for _, c := range []struct {
		id, method, path, summary string
		do                        func(context.Context, account.ID, club.ID, account.ID) error
	}{
		{"lift-club-ban", http.MethodDelete, "/bans/{person}", "Admins: let somebody join again who was banned", a.Clubs.LiftBan},
		{"remove-from-club", http.MethodDelete, "/members/{person}", "Admins: out of the club; they may come again", a.Clubs.Remove},
		{"make-club-admin", http.MethodPut, "/admins/{person}", "Founder: make a member an admin", a.Clubs.MakeAdmin},
		{"unmake-club-admin", http.MethodDelete, "/admins/{person}", "Founder: make an admin a member again", a.Clubs.UnmakeAdmin},
		{"hand-over-club", http.MethodPut, "/founder/{person}", "Founder: make a member the founder; you become an admin", a.Clubs.HandOver},
	} {
		httpapi.Register(a.API, httpapi.Member, huma.Operation{
			OperationID: c.id, Method: c.method, Path: "/api/clubs/{club}" + c.path, DefaultStatus: http.StatusNoContent, Summary: c.summary,
		}, func(ctx context.Context, in *InClubPerson) (*httpapi.None, error) {
			return nil, c.do(ctx, httpapi.Actor(ctx), in.id(), account.ID(in.Person))
		})
	}
}
