package discover

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/fault"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/region"
)

func (a *api) matchOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-matches", Method: http.MethodGet, Path: "/api/matches",
		Summary: "Whom you like and who likes you, the last first",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[Matches], error) {
		by := httpapi.Actor(ctx)
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Discovery.Matches(ctx, by, part)
		if err != nil {
			return nil, err
		}
		out, err := a.matches(ctx, by, all)
		return httpapi.Answer(Matches{Matches: out, Next: next.String()}), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "end-match", Method: http.MethodDelete, Path: "/api/matches/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "End a match, for both and for good",
	}, func(ctx context.Context, in *people.OfPerson) (*httpapi.None, error) {
		return nil, a.Discovery.End(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "offer-reveal", Method: http.MethodPut, Path: "/api/matches/{person}/reveal",
		Summary: "Offer your photos; when both have, both open at the same moment",
	}, func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[Match], error) {
		by, other := httpapi.Actor(ctx), account.ID(in.Person)
		if _, err := a.Photos.Offer(ctx, by, other); err != nil {
			return nil, err
		}
		m, err := a.match(ctx, by, other)
		return httpapi.Answer(m), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "withdraw-reveal", Method: http.MethodDelete, Path: "/api/matches/{person}/reveal",
		Summary: "Take your photos back; then the other's close, too",
	}, func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[Match], error) {
		by, other := httpapi.Actor(ctx), account.ID(in.Person)
		if err := a.Photos.Withdraw(ctx, by, other); err != nil {
			return nil, err
		}
		m, err := a.match(ctx, by, other)
		return httpapi.Answer(m), err
	})
}

// match is viewer's match with other.
func (a *api) match(ctx context.Context, viewer, other account.ID) (Match, error) {
	one, err := a.Discovery.Match(ctx, viewer, other)
	if err != nil {
		return Match{}, err
	}
	some, err := a.matches(ctx, viewer, []discovery.Match{one})
	if err != nil {
		return Match{}, err
	}
	if len(some) == 0 {
		return Match{}, fault.New(fault.NotFound, "match.none", "You two haven't matched.")
	}
	return some[0], nil
}

func (a *api) matches(ctx context.Context, viewer account.ID, all []discovery.Match) ([]Match, error) {
	ids := make([]account.ID, len(all))
	for i, m := range all {
		ids[i] = m.Other
	}
	seen, err := a.views.Look(ctx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	cells, err := a.Regions.Get(ctx, append(ids, viewer)...)
	if err != nil {
		return nil, err
	}
	reveals, err := a.Photos.Between(ctx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]Match, 0, len(all))
	for _, m := range all {
		p, ok := seen.People[m.Other]
		if !ok {
			continue
		}
		out = append(out, Match{
			Person: a.views.Card(viewer, p, seen.Clips[m.Other]), Age: p.Age, Intents: seen.CommonIntents(p), At: m.At.UnixMilli(),
			Region: a.views.Region(seen.Viewer, cells[m.Other], region.Near(cells[viewer], cells[m.Other])),
			Reveal: a.reveal(viewer, reveals[m.Other]),
		})
	}
	return out, nil
}

func (a *api) reveal(viewer account.ID, r photo.Reveal) Reveal {
	return Reveal{Mine: r.Mine, Theirs: r.Theirs, OpenedAt: apitypes.Millis(r.OpenedAt), Photos: a.views.PhotoList(viewer, r.Photos)}
}
