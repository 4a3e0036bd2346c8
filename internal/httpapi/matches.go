package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
	"heyy/internal/discovery"
	"heyy/internal/fault"
	"heyy/internal/photo"
	"heyy/internal/region"
)

func (a *API) matchOperations() {
	register(a, member, huma.Operation{
		OperationID: "list-matches", Method: http.MethodGet, Path: "/api/matches",
		Summary: "Whom you like and who likes you",
	}, func(ctx context.Context, _ *struct{}) (*body[Matches], error) {
		by := who(ctx)
		all, err := a.Discovery.Matches(ctx, by)
		if err != nil {
			return nil, err
		}
		out, err := a.matches(ctx, by, all)
		return &body[Matches]{Matches{Matches: out}}, err
	})

	register(a, member, huma.Operation{
		OperationID: "end-match", Method: http.MethodDelete, Path: "/api/matches/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "End a match, for both and for good",
	}, func(ctx context.Context, in *OfPerson) (*none, error) {
		return nil, a.Discovery.End(ctx, who(ctx), account.ID(in.Person))
	})

	register(a, member, huma.Operation{
		OperationID: "offer-reveal", Method: http.MethodPut, Path: "/api/matches/{person}/reveal",
		Summary: "Offer your photos; when both have, both open at the same moment",
	}, func(ctx context.Context, in *OfPerson) (*body[Match], error) {
		by, other := who(ctx), account.ID(in.Person)
		if _, err := a.Photos.Offer(ctx, by, other); err != nil {
			return nil, err
		}
		m, err := a.match(ctx, by, other)
		return &body[Match]{m}, err
	})

	register(a, member, huma.Operation{
		OperationID: "withdraw-reveal", Method: http.MethodDelete, Path: "/api/matches/{person}/reveal",
		Summary: "Take your photos back; then the other's close, too",
	}, func(ctx context.Context, in *OfPerson) (*body[Match], error) {
		by, other := who(ctx), account.ID(in.Person)
		if err := a.Photos.Withdraw(ctx, by, other); err != nil {
			return nil, err
		}
		m, err := a.match(ctx, by, other)
		return &body[Match]{m}, err
	})
}

// match is viewer's match with other.
func (a *API) match(ctx context.Context, viewer, other account.ID) (Match, error) {
	all, err := a.Discovery.Matches(ctx, viewer)
	if err != nil {
		return Match{}, err
	}
	all = slices.DeleteFunc(all, func(m discovery.Match) bool { return m.Other != other })
	some, err := a.matches(ctx, viewer, all)
	if err != nil {
		return Match{}, err
	}
	if len(some) == 0 {
		return Match{}, fault.New(fault.NotFound, "match.none", "You two have not matched.")
	}
	return some[0], nil
}

func (a *API) matches(ctx context.Context, viewer account.ID, all []discovery.Match) ([]Match, error) {
	ids := make([]account.ID, len(all))
	for i, m := range all {
		ids[i] = m.Other
	}
	seen, err := a.look(ctx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	cells, err := a.Regions.Of(ctx, append(ids, viewer)...)
	if err != nil {
		return nil, err
	}
	reveals, err := a.Photos.Between(ctx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]Match, 0, len(all))
	for _, m := range all {
		p, ok := seen.people[m.Other]
		if !ok {
			continue
		}
		out = append(out, Match{
			Person: a.card(viewer, p, seen.clips[m.Other]), Age: p.Age, Intents: seen.common(p), At: m.At.UnixMilli(),
			Region: seen.region(a, cells[m.Other], region.Near(cells[viewer], cells[m.Other])),
			Reveal: a.reveal(viewer, reveals[m.Other]),
		})
	}
	return out, nil
}

func (a *API) reveal(viewer account.ID, r photo.Reveal) Reveal {
	return Reveal{Mine: r.Mine, Theirs: r.Theirs, OpenedAt: millis(r.OpenedAt), Photos: a.photos(viewer, r.Photos)}
}

// millis is a moment on the wire; 0 is none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
