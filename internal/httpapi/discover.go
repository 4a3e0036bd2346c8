package httpapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
	"heyy/internal/discovery"
	"heyy/internal/fault"
	"heyy/internal/profile"
	"heyy/internal/region"
)

func (a *API) discoverOperations() {
	register(a, member, huma.Operation{
		OperationID: "discover", Method: http.MethodGet, Path: "/api/discover",
		Summary: "Who fits you, and whom you fit; the same people until you choose",
	}, func(ctx context.Context, in *struct {
		Most int `query:"most" minimum:"1" maximum:"20" default:"20"`
	}) (*body[Deck], error) {
		by := who(ctx)
		deck, err := a.Discovery.Cards(ctx, by, in.Most)
		if err != nil {
			return nil, err
		}
		if !deck.Loaded {
			return nil, errWaking
		}
		out := Deck{LikesLeft: deck.LikesLeft}
		if out.Cards, err = a.discoverCards(ctx, by, deck.Cards); err != nil {
			return nil, err
		}
		if out.Bell, err = a.Discovery.HasBell(ctx, by); err != nil {
			return nil, err
		}
		if len(out.Cards) < in.Most {
			thin, err := a.counts(ctx, nil)
			if err != nil {
				return nil, err
			}
			out.Thin = &thin
		}
		return &body[Deck]{out}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "choose", Method: http.MethodPut, Path: "/api/discover/{person}",
		Summary: "Like or pass; the other learns of a like only if it is mutual, and never of a pass",
	}, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Choice string `json:"choice" enum:"like,pass"`
		}
	}) (*body[Chosen], error) {
		by, on := who(ctx), account.ID(in.Person)
		o, err := a.Discovery.Choose(ctx, by, on, discovery.Choice(in.Body.Choice))
		if err != nil {
			return nil, err
		}
		out := Chosen{LikesLeft: o.LikesLeft}
		if o.Matched {
			m, err := a.match(ctx, by, on)
			if err != nil {
				return nil, err
			}
			out.Match = &m
		}
		return &body[Chosen]{out}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "undo-choice", Method: http.MethodPost, Path: "/api/discover/undo",
		Summary: "Take the last choice back, within ten minutes; a match stays",
	}, func(ctx context.Context, _ *struct{}) (*body[Undone], error) {
		on, err := a.Discovery.Undo(ctx, who(ctx))
		if err != nil {
			return nil, err
		}
		return &body[Undone]{Undone{PersonID: string(on)}}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "heard", Method: http.MethodPut, Path: "/api/discover/{person}/heard", DefaultStatus: http.StatusNoContent,
		Summary: "Say how much of an intro you let play; only the order of what comes learns from it",
	}, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Share float64 `json:"share" minimum:"0" maximum:"1"`
		}
	}) (*none, error) {
		return nil, a.Discovery.Heard(ctx, who(ctx), account.ID(in.Person), in.Body.Share)
	})

	register(a, member, huma.Operation{
		OperationID: "count-people", Method: http.MethodGet, Path: "/api/discover/counts",
		Summary: "How many people wishes would leave, before you keep them",
	}, func(ctx context.Context, in *struct {
		Meet         []string `query:"meet" maxItems:"10" maxLength:"100"`
		From         int      `query:"from" minimum:"18" maximum:"120" default:"18"`
		To           int      `query:"to" minimum:"18" maximum:"120" default:"120"`
		Intents      []string `query:"intents" maxItems:"10" maxLength:"100"`
		Languages    []string `query:"languages" maxItems:"100" maxLength:"100"`
		Interests    []string `query:"interests" maxItems:"100" maxLength:"100"`
		VerifiedOnly bool     `query:"verified_only"`
	}) (*body[Counts], error) {
		c, err := a.counts(ctx, &profile.Wishes{
			Meet: in.Meet, From: in.From, To: in.To, Intents: in.Intents, Languages: in.Languages, Interests: in.Interests, VerifiedOnly: in.VerifiedOnly,
		})
		return &body[Counts]{c}, err
	})

	register(a, member, huma.Operation{
		OperationID: "set-bell", Method: http.MethodPut, Path: "/api/discover/bell", DefaultStatus: http.StatusNoContent,
		Summary: "Be told once when somebody new fits",
	}, func(ctx context.Context, in *struct {
		Body struct {
			On bool `json:"on"`
		}
	}) (*none, error) {
		return nil, a.Discovery.Bell(ctx, who(ctx), in.Body.On)
	})
}

var errWaking = fault.New(fault.Unavailable, "discover.waking", "Heyy has just started and is still looking who is around. Try again in a moment.")

// counts are how many people w leaves the asking person; nil is what they keep.
func (a *API) counts(ctx context.Context, w *profile.Wishes) (Counts, error) {
	c, err := a.Discovery.Counts(ctx, who(ctx), w)
	if err != nil {
		return Counts{}, err
	}
	out := Counts{People: c.People, Without: c.Without}
	if c.Relax != nil {
		out.Relax = c.Relax.Key
	}
	return out, nil
}

// discoverCards fills cards with what viewer may see of each; who is gone
// meanwhile is left out.
func (a *API) discoverCards(ctx context.Context, viewer account.ID, cards []discovery.Card) ([]DiscoverCard, error) {
	ids := make([]account.ID, len(cards))
	for i, c := range cards {
		ids[i] = c.Person
	}
	seen, err := a.look(ctx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]DiscoverCard, 0, len(cards))
	for _, c := range cards {
		p, ok := seen.people[c.Person]
		if !ok {
			continue
		}
		card := DiscoverCard{
			Person: a.card(viewer, p, seen.clips[c.Person]), Age: c.Age, Intents: seen.common(p),
			Region: seen.region(a, c.Cell, c.Where), Reasons: make([]Reason, len(c.Reasons)),
		}
		for i, r := range c.Reasons {
			card.Reasons[i] = Reason{Kind: r.Kind, Keys: list(r.Keys)}
		}
		out = append(out, card)
	}
	return out, nil
}

// sight is what is read to show some people to one.
type sight struct {
	viewer profile.Profile
	people map[account.ID]profile.Profile
	clips  map[account.ID][]profile.Clip
}

func (a *API) look(ctx context.Context, viewer account.ID, ids ...account.ID) (s sight, err error) {
	if s.people, err = a.Profiles.All(ctx, append(ids, viewer)...); err != nil {
		return s, err
	}
	s.viewer = s.people[viewer]
	s.clips, err = a.Profiles.Clips(ctx, ids...)
	return s, err
}

// common are the intents that somebody shares with the viewer, in their order.
func (s sight) common(p profile.Profile) []string {
	both := []string{}
	for _, i := range profile.Intents {
		if slices.Contains(p.Intents, i) && slices.Contains(s.viewer.Intents, i) {
			both = append(both, i)
		}
	}
	return both
}

func (s sight) region(a *API, c region.Cell, w region.Where) *Region {
	return toRegion(a.Towns.Place(c, s.viewer.Language), w)
}
