package clubs

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/page"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/room"
)

// InClub names the club that an operation is about.
type InClub struct {
	Club string `path:"club" format:"uuid"`
}

func (in InClub) id() club.ID { return club.ID(in.Club) }

// InClubPerson names a person, too.
type InClubPerson struct {
	InClub
	Person string `path:"person" format:"uuid"`
}

// InClubPage asks for a page of a list of a club.
type InClubPage struct {
	InClub
	httpapi.Page
}

// Services holds the dependencies of the operations of clubs.
type Services struct {
	Clubs    *club.Service
	Rooms    *room.Service
	Profiles *profile.Service
	Safety   *safety.Service
}

type api struct {
	*httpapi.API
	Services
	views *people.Views
}

// Register adds the operations of clubs.
func Register(core *httpapi.API, s Services, views *people.Views) {
	a := &api{API: core, Services: s, views: views}
	a.clubOperations()
	a.membershipOperations()
	a.listOperations()
	a.linkOperations()
	a.leaderOperations()
}

func (a *api) clubOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "find-clubs", Method: http.MethodGet, Path: "/api/clubs",
		Summary: "Clubs to join without a link, the newest first",
	}, func(ctx context.Context, in *struct {
		httpapi.Page
		Q        string            `query:"q" maxLength:"1600" doc:"Words of the name; the last one may be a beginning"`
		Category apitypes.Category `query:"category"`
		Language apitypes.Language `query:"language"`
	}) (*httpapi.Body[ClubCards], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Clubs.Find(ctx, httpapi.Actor(ctx), club.Filter{Query: in.Q, Category: string(in.Category), Language: string(in.Language)}, part)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(toCards(all, next)), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-own-clubs", Method: http.MethodGet, Path: "/api/me/clubs",
		Summary: "The clubs that you belong to or follow, the last joined first; 50 at most",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[ClubCards], error) {
		all, err := a.Clubs.Mine(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(toCards(all, page.Cursor{})), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "found-club", Method: http.MethodPost, Path: "/api/clubs", DefaultStatus: http.StatusCreated,
		Summary: "Found a club",
	}, func(ctx context.Context, in *httpapi.Body[wishes]) (*httpapi.Body[Club], error) {
		c, err := a.Clubs.Found(ctx, httpapi.Actor(ctx), in.Body.plan())
		return a.shown(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-club", Method: http.MethodGet, Path: "/api/clubs/{club}",
		Summary: "A club",
	}, func(ctx context.Context, in *struct {
		InClub
		Invite string `query:"invite" maxLength:"100" doc:"The token of a link, which shows a club that takes in by links alone"`
	}) (*httpapi.Body[Club], error) {
		c, err := a.Clubs.Get(ctx, httpapi.Actor(ctx), in.id(), in.Invite)
		return a.shown(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "edit-club", Method: http.MethodPut, Path: "/api/clubs/{club}",
		Summary: "Admins: change what a club is; members are asked to accept changed rules",
	}, func(ctx context.Context, in *struct {
		InClub
		Body wishes
	}) (*httpapi.Body[Club], error) {
		c, err := a.Clubs.Edit(ctx, httpapi.Actor(ctx), in.id(), func(p *club.Plan) { *p = in.Body.plan() })
		return a.shown(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "close-club", Method: http.MethodPost, Path: "/api/clubs/{club}/close", DefaultStatus: http.StatusNoContent,
		Summary: "Founder: close the club for all",
	}, func(ctx context.Context, in *InClub) (*httpapi.None, error) {
		return nil, a.Clubs.Close(ctx, httpapi.Actor(ctx), in.id())
	})
}

// shown shapes a club for who asks.
func (a *api) shown(ctx context.Context, c club.Club, err error) (_ *httpapi.Body[Club], _ error) {
	if err != nil {
		return nil, err
	}
	leaders, err := a.members(ctx, c.Leaders)
	if err != nil {
		return nil, err
	}
	return httpapi.Answer(Club{
		ClubCard: toCard(c), Rules: c.Rules, RulesVersion: c.RulesVersion, MembersInvite: c.MembersInvite, CreatedAt: c.CreatedAt.UnixMilli(), Followers: c.Followers,
		Leaders: leaders, Asked: c.Asked, Banned: c.Banned, CanInvite: c.CanInvite, Requests: c.Requests,
	}), nil
}

// members shapes people of a club; whose account is gone meanwhile is left out.
func (a *api) members(ctx context.Context, all []club.Member) ([]ClubMember, error) {
	known, err := a.Profiles.People(ctx, accounts(all)...)
	if err != nil {
		return nil, err
	}
	out := make([]ClubMember, 0, len(all))
	for _, m := range all {
		if p, ok := known[m.Account]; ok {
			out = append(out, ClubMember{Person: apitypes.ToPerson(p), Role: string(m.Role), JoinedAt: m.JoinedAt.UnixMilli()})
		}
	}
	return out, nil
}

func accounts(all []club.Member) []account.ID {
	ids := make([]account.ID, len(all))
	for i, m := range all {
		ids[i] = m.Account
	}
	return ids
}

func (a *api) membershipOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "join-club", Method: http.MethodPost, Path: "/api/clubs/{club}/join",
		Summary: "Become a member, of an open club or by a link, and accept the rules",
	}, func(ctx context.Context, in *struct {
		InClub
		Body struct {
			Rules  int64  `json:"rules_version,omitempty" minimum:"0" doc:"The version that you accept"`
			Invite string `json:"invite,omitempty" maxLength:"100" doc:"The token of a link"`
		}
	}) (*httpapi.Body[Club], error) {
		c, err := a.Clubs.Join(ctx, httpapi.Actor(ctx), in.id(), club.Entrance{Rules: in.Body.Rules, Token: in.Body.Invite})
		return a.shown(ctx, c, err)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "ask-to-join-club", Method: http.MethodPut, Path: "/api/clubs/{club}/request", DefaultStatus: http.StatusNoContent,
		Summary: "Ask to join, and accept the rules; admins are told",
	}, func(ctx context.Context, in *struct {
		InClub
		Body struct {
			Rules int64  `json:"rules_version,omitempty" minimum:"0" doc:"The version that you accept"`
			Note  string `json:"note,omitempty" maxLength:"1000" doc:"One line, up to 200 characters"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Clubs.Ask(ctx, httpapi.Actor(ctx), in.id(), in.Body.Rules, in.Body.Note)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "accept-club-rules", Method: http.MethodPut, Path: "/api/clubs/{club}/rules", DefaultStatus: http.StatusNoContent,
		Summary: "Accept the rules that have changed",
	}, func(ctx context.Context, in *struct {
		InClub
		Body struct {
			Version int64 `json:"rules_version" minimum:"1"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Clubs.AcceptRules(ctx, httpapi.Actor(ctx), in.id(), in.Body.Version)
	})

	for _, c := range []struct {
		id, method, path, summary string
		do                        func(context.Context, account.ID, club.ID) error
	}{
		{"withdraw-club-request", http.MethodDelete, "/request", "Take a request back", a.Clubs.Withdraw},
		{"follow-club", http.MethodPut, "/follow", "Be told of what a club does, without joining", a.Clubs.Follow},
		{"unfollow-club", http.MethodDelete, "/follow", "Follow a club no more", a.Clubs.Unfollow},
		{"leave-club", http.MethodPost, "/leave", "Leave a club; nobody is told", a.Clubs.Leave},
	} {
		httpapi.Register(a.API, httpapi.Member, huma.Operation{
			OperationID: c.id, Method: c.method, Path: "/api/clubs/{club}" + c.path, DefaultStatus: http.StatusNoContent, Summary: c.summary,
		}, func(ctx context.Context, in *InClub) (*httpapi.None, error) {
			return nil, c.do(ctx, httpapi.Actor(ctx), in.id())
		})
	}
}
