package people

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/page"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
)

// Bonds are the people that are something to the asking person. They mark people wherever
// those are shown, in rooms too, so no other answer repeats it.
type Bonds struct {
	Following []string `json:"following" doc:"All whom you follow"`
	Friends   []string `json:"friends" doc:"With a match, or who follow you as you follow them; the last 2,000"`
}

func (a *api) followOperations() {
	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "follow", Method: http.MethodPut, Path: "/api/people/{person}/follow", DefaultStatus: http.StatusNoContent,
		Summary: "Follow somebody; they are told",
	}), func(ctx context.Context, in *OfPerson) (*httpapi.None, error) {
		if err := a.Budgets.TakeFollow(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		return nil, a.Follows.Follow(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "unfollow", Method: http.MethodDelete, Path: "/api/people/{person}/follow", DefaultStatus: http.StatusNoContent,
		Summary: "Do not follow somebody any more; they are not told",
	}), func(ctx context.Context, in *OfPerson) (*httpapi.None, error) {
		return nil, a.Follows.Unfollow(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "remove-follower", Method: http.MethodDelete, Path: "/api/me/followers/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "Let somebody follow you no more; they are not told, and may follow you again",
	}), func(ctx context.Context, in *OfPerson) (*httpapi.None, error) {
		return nil, a.Follows.RemoveFollower(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-bonds", Method: http.MethodGet, Path: "/api/me/bonds",
		Summary: "Whom you follow, and who your friends are, by their ids",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Bonds], error) {
		following, err := a.Follows.AllFollowing(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		friends, err := a.Follows.Friends(ctx, httpapi.Actor(ctx))
		return httpapi.Answer(Bonds{Following: texts(following), Friends: texts(friends)}), err
	})

	for _, list := range []struct {
		id, path, summary string
		read              func(context.Context, account.ID, page.Request) ([]account.ID, page.Cursor, error)
	}{
		{"list-following", "/api/me/following", "Whom you follow, the last first", a.Follows.Following},
		{"list-followers", "/api/me/followers", "Who follows you, the last first", a.Follows.Followers},
		{"list-friends", "/api/me/friends", "With whom you have a match, and who follow you as you follow them, the last first", a.Follows.FriendsPage},
	} {
		httpapi.Register(a.API, httpapi.Member, huma.Operation{OperationID: list.id, Method: http.MethodGet, Path: list.path, Summary: list.summary},
			func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[People], error) {
				part, err := in.Request()
				if err != nil {
					return nil, err
				}
				ids, next, err := list.read(ctx, httpapi.Actor(ctx), part)
				if err != nil {
					return nil, err
				}
				return a.people(ctx, ids, next)
			})
	}
}

func texts(ids []account.ID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

// people shapes a page of a list.
func (a *api) people(ctx context.Context, ids []account.ID, next page.Cursor) (*httpapi.Body[People], error) {
	known, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := People{People: make([]apitypes.Person, 0, len(ids)), Next: next.String()}
	for _, id := range ids {
		if p, ok := known[id]; ok {
			out.People = append(out.People, apitypes.ToPerson(p))
		}
	}
	return httpapi.Answer(out), nil
}
