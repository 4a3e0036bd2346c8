package discover

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/fault"
	"heyy/internal/base/signedurl"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
	"heyy/internal/talk/message"
)

// Services holds the dependencies of the Discover operations.
type Services struct {
	Discovery *discovery.Service
	Profiles  *profile.Service
	Photos    *photo.Service
	Regions   *region.Service
	Tickets   *signedurl.Signer
	Messages  *message.Service
}

type api struct {
	*httpapi.API
	Services
	views *people.Views
}

// Register adds the operations of Discover.
func Register(core *httpapi.API, s Services, views *people.Views) {
	a := &api{API: core, Services: s, views: views}
	a.discoverOperations()
	a.matchOperations()
}

func (a *api) discoverOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "discover", Method: http.MethodGet, Path: "/api/discover",
		Summary: "Who fits you, and whom you fit; the same people until you choose",
	}, func(ctx context.Context, in *struct {
		Most int `query:"most" minimum:"1" maximum:"20" default:"20"`
	}) (*httpapi.Body[Deck], error) {
		by := httpapi.Actor(ctx)
		deck, err := a.Discovery.Cards(ctx, by, in.Most)
		if err != nil {
			return nil, err
		}
		if !deck.Loaded {
			return nil, errWaking
		}
		out := Deck{LikesLeft: deck.LikesLeft}
		if out.Cards, err = a.cards(ctx, by, deck.Cards); err != nil {
			return nil, err
		}
		if out.Alert, err = a.Discovery.HasAlert(ctx, by); err != nil {
			return nil, err
		}
		switch err := a.Messages.CheckLimit(ctx, by); {
		case errors.Is(err, message.ErrLimit):
			out.Limited = true
		case err != nil:
			return nil, err
		}
		if len(out.Cards) < in.Most {
			switch thin, err := a.counts(ctx, nil); {
			case err == nil:
				out.Thin = &thin
			case !fault.Is(err, "rate.limited"): // the cards come without numbers then
				return nil, err
			}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "choose", Method: http.MethodPut, Path: "/api/discover/{person}",
		Summary: "Like or pass; the other learns of a like only if it is mutual, and never of a pass",
	}, func(ctx context.Context, in *struct {
		people.OfPerson
		Body struct {
			Choice string `json:"choice" enum:"like,pass"`
			Ticket string `json:"ticket" maxLength:"200" doc:"Of the card"`
		}
	}) (*httpapi.Body[Chosen], error) {
		by, on := httpapi.Actor(ctx), account.ID(in.Person)
		if err := a.served(ctx, by, on, in.Body.Ticket); err != nil {
			return nil, err
		}
		if discovery.Choice(in.Body.Choice) == discovery.Like {
			if err := a.Messages.CheckLimit(ctx, by); err != nil {
				return nil, err
			}
		}
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
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "undo-choice", Method: http.MethodPost, Path: "/api/discover/undo",
		Summary: "Take the last choice back, within ten minutes; a match stays",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Undone], error) {
		on, err := a.Discovery.Undo(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(Undone{PersonID: string(on)}), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "heard", Method: http.MethodPut, Path: "/api/discover/{person}/heard", DefaultStatus: http.StatusNoContent,
		Summary: "Say how much of an intro you let play; only the order of what comes learns from it",
	}, func(ctx context.Context, in *struct {
		people.OfPerson
		Body struct {
			Share  float64 `json:"share" minimum:"0" maximum:"1"`
			Ticket string  `json:"ticket" maxLength:"200" doc:"Of the card"`
		}
	}) (*httpapi.None, error) {
		by, on := httpapi.Actor(ctx), account.ID(in.Person)
		if err := a.served(ctx, by, on, in.Body.Ticket); err != nil {
			return nil, err
		}
		return nil, a.Discovery.RecordListening(ctx, by, on, in.Body.Share)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "count-people", Method: http.MethodGet, Path: "/api/discover/counts",
		Summary: "About how many people wishes would leave, before you keep them",
	}, func(ctx context.Context, in *struct {
		Meet         []string `query:"meet" maxItems:"10" maxLength:"100"`
		From         int      `query:"from" minimum:"18" maximum:"120" default:"18"`
		To           int      `query:"to" minimum:"18" maximum:"120" default:"120"`
		Intents      []string `query:"intents" maxItems:"10" maxLength:"100"`
		Languages    []string `query:"languages" maxItems:"100" maxLength:"100"`
		Interests    []string `query:"interests" maxItems:"100" maxLength:"100"`
		VerifiedOnly bool     `query:"verified_only"`
	}) (*httpapi.Body[Counts], error) {
		c, err := a.counts(ctx, &profile.Preferences{
			Meet: in.Meet, From: in.From, To: in.To, Intents: in.Intents, Languages: in.Languages, Interests: in.Interests, VerifiedOnly: in.VerifiedOnly,
		})
		return httpapi.Answer(c), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-alert", Method: http.MethodPut, Path: "/api/discover/alert", DefaultStatus: http.StatusNoContent,
		Summary: "Be told once when somebody new fits",
	}, func(ctx context.Context, in *struct {
		Body struct {
			On bool `json:"on"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Discovery.SetAlert(ctx, httpapi.Actor(ctx), in.Body.On)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-my-card", Method: http.MethodGet, Path: "/api/me/card",
		Summary: "Yourself, as others see you",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[DiscoverCard], error) {
		cards, err := a.cards(ctx, httpapi.Actor(ctx), []discovery.Card{{Person: httpapi.Actor(ctx)}})
		if err != nil {
			return nil, err
		}
		mine, err := a.Profiles.Get(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		home, err := a.Regions.Home(ctx, httpapi.Actor(ctx), mine.Language)
		if err != nil {
			return nil, err
		}
		cards[0].Age, cards[0].Region = mine.Age, people.ToRegion(home.Shown, "")
		return httpapi.Answer(cards[0]), nil
	})
}

// cardTime is how long a card that was served can be chosen about.
const cardTime = 30 * time.Minute

func cardOf(id account.ID) string { return "card/" + string(id) }

// served fails with card.stale unless ticket came with a card of on that was
// served to by a moment ago. Nothing about on is looked at: a choice on somebody
// whose id is all that one has must tell nothing about them.
func (a *api) served(ctx context.Context, by, on account.ID, ticket string) error {
	if a.Tickets.Check(string(by), cardOf(on), ticket) == nil {
		return nil
	}
	if err := a.Discovery.CountMiss(ctx, by); err != nil {
		return err
	}
	return fault.New(fault.Gone, "card.stale", "This card was open for too long. Here's who's next.")
}

var errWaking = fault.New(fault.Unavailable, "discover.waking", "Heyy has just started and isn't quite ready. Try again in a moment.")

// counts are how many people w leaves the asking person; nil is what they keep.
func (a *api) counts(ctx context.Context, w *profile.Preferences) (Counts, error) {
	c, err := a.Discovery.Counts(ctx, httpapi.Actor(ctx), w)
	if err != nil {
		return Counts{}, err
	}
	out := Counts{People: c.People, Without: c.Without}
	if c.Relax != nil {
		out.Relax = c.Relax.Key
	}
	return out, nil
}

// cards fills cards with what viewer may see of each; who is gone
// meanwhile is left out.
func (a *api) cards(ctx context.Context, viewer account.ID, cards []discovery.Card) ([]DiscoverCard, error) {
	ids := make([]account.ID, len(cards))
	for i, c := range cards {
		ids[i] = c.Person
	}
	if err := a.Budgets.TakeCards(viewer, ids...); err != nil {
		return nil, err
	}
	seen, err := a.views.Look(ctx, viewer, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]DiscoverCard, 0, len(cards))
	for _, c := range cards {
		p, ok := seen.People[c.Person]
		if !ok {
			continue
		}
		card := DiscoverCard{
			Person: a.views.Card(viewer, p, seen.Clips[c.Person]), Age: c.Age, Intents: seen.CommonIntents(p),
			Region: a.views.Region(seen.Viewer, c.Cell, c.Where), Reasons: make([]Reason, len(c.Reasons)),
			Aura:   a.views.AuraURL(c.Person, cardTime),
			Ticket: a.Tickets.SignFor(string(viewer), cardOf(c.Person), cardTime),
		}
		for i, r := range c.Reasons {
			card.Reasons[i] = Reason{Kind: r.Kind, Keys: apitypes.List(r.Keys)}
		}
		out = append(out, card)
	}
	return out, nil
}
