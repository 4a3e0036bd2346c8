package cards

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/talk/card"
)

// Services holds the dependencies of the operations of cards.
type Services struct {
	Cards    *card.Service
	Profiles *profile.Service
}

// CardStanding is what is between the asking person and another one.
type CardStanding struct {
	State    string `json:"state" enum:"none,offered,received,exchanged" doc:"Who offers a card: offered, you do; received, they do; exchanged: you have each other's"`
	Place    string `json:"place,omitempty" doc:"Title of the room where it was offered"`
	At       int64  `json:"at,omitempty" doc:"Of the offer or the exchange"`
	Until    int64  `json:"until,omitempty" doc:"When the offer expires"`
	CanOffer bool   `json:"can_offer" doc:"You are in one room now, or friends, and nothing is offered"`
}

// ContactCard is the card of somebody with whom one has exchanged cards.
type ContactCard struct {
	Person apitypes.Person  `json:"person"`
	Work   *people.WorkCard `json:"work,omitempty" doc:"As their profile has it now"`
	Place  string           `json:"place,omitempty" doc:"Title of the room where it was offered"`
	At     int64            `json:"at" doc:"Of the exchange"`
}

// ContactCards is a page of them.
type ContactCards struct {
	Cards []ContactCard `json:"cards"`
	Next  string        `json:"next,omitempty" doc:"Send it as before for the rest; none: this is the end"`
}

// CardOffer is an open offer.
type CardOffer struct {
	Person apitypes.Person `json:"person" doc:"The other of the two"`
	Place  string          `json:"place,omitempty" doc:"Title of the room where it was offered"`
	At     int64           `json:"at"`
	Until  int64           `json:"until" doc:"When it expires"`
}

// CardOffers are the open offers of and to a person.
type CardOffers struct {
	Received []CardOffer `json:"received" maxItems:"50" doc:"The last first, without those that you ignored"`
	Given    []CardOffer `json:"given" maxItems:"50" doc:"The last first"`
}

type api struct {
	*httpapi.API
	Services
}

// Register adds the operations of cards.
func Register(core *httpapi.API, s Services) {
	a := &api{API: core, Services: s}
	a.offerOperations()
	a.listOperations()
	a.exportOperations()
}

func (a *api) offerOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-card", Method: http.MethodGet, Path: "/api/people/{person}/card",
		Summary: "Whether you and somebody offer or have each other's card",
	}, func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[CardStanding], error) {
		if err := a.Budgets.TakeCards(httpapi.Actor(ctx), account.ID(in.Person)); err != nil {
			return nil, err
		}
		return a.standing(ctx, account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "offer-card", Method: http.MethodPut, Path: "/api/people/{person}/card",
		Summary: "Offer your card to somebody, who is told, or answer their offer: then you both have the other's",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[CardStanding], error) {
		by, other := httpapi.Actor(ctx), account.ID(in.Person)
		if err := a.Budgets.TakeCard(by); err != nil {
			return nil, err
		}
		if err := a.Cards.Offer(ctx, by, other); err != nil {
			return nil, err
		}
		return a.standing(ctx, other)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "withdraw-card", Method: http.MethodDelete, Path: "/api/people/{person}/card", DefaultStatus: http.StatusNoContent,
		Summary: "Take your offer back; an exchange stays",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.None, error) {
		return nil, a.Cards.Withdraw(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-card-offers", Method: http.MethodGet, Path: "/api/me/card-offers",
		Summary: "The open offers to you and of you",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[CardOffers], error) {
		received, given, err := a.Cards.Offers(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		known, err := a.Profiles.People(ctx, append(ids(received), ids(given)...)...)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(CardOffers{Received: offers(received, known), Given: offers(given, known)}), nil
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "ignore-card", Method: http.MethodDelete, Path: "/api/me/card-offers/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "See an offer no more; they are not told, and you can still answer it",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.None, error) {
		return nil, a.Cards.Ignore(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})
}

func (a *api) listOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-cards", Method: http.MethodGet, Path: "/api/me/cards",
		Summary: "The cards you have, the last exchange first",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[ContactCards], error) {
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Cards.List(ctx, httpapi.Actor(ctx), part)
		if err != nil {
			return nil, err
		}
		known, err := a.Profiles.GetMany(ctx, ids(all)...)
		if err != nil {
			return nil, err
		}
		out := ContactCards{Cards: make([]ContactCard, 0, len(all)), Next: next.String()}
		for _, c := range all {
			p, ok := known[c.Of]
			if !ok {
				continue // the account was deleted meanwhile
			}
			one := ContactCard{Person: apitypes.ToPerson(p.Person), Place: c.Place, At: c.At.UnixMilli()}
			if w := p.Work; w != nil {
				one.Work = &people.WorkCard{Role: w.Role, Company: w.Company, Links: w.Links, OpenTo: w.OpenTo}
			}
			out.Cards = append(out.Cards, one)
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "remove-card", Method: http.MethodDelete, Path: "/api/me/cards/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "Remove somebody's card, and yours from their cards; they are not told",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.None, error) {
		return nil, a.Cards.Remove(ctx, httpapi.Actor(ctx), account.ID(in.Person))
	})
}

func (a *api) standing(ctx context.Context, other account.ID) (*httpapi.Body[CardStanding], error) {
	s, err := a.Cards.Get(ctx, httpapi.Actor(ctx), other)
	if err != nil {
		return nil, err
	}
	out := CardStanding{State: string(s.State), Place: s.Place, CanOffer: s.CanOffer}
	if s.State != card.None {
		out.At, out.Until = s.At.UnixMilli(), apitypes.Millis(s.Until)
	}
	return httpapi.Answer(out), nil
}

func ids(all []card.Card) []account.ID {
	out := make([]account.ID, len(all))
	for i, c := range all {
		out[i] = c.Of
	}
	return out
}

func offers(all []card.Card, known map[account.ID]profile.Person) []CardOffer {
	out := make([]CardOffer, 0, len(all))
	for _, c := range all {
		if p, ok := known[c.Of]; ok {
			out = append(out, CardOffer{Person: apitypes.ToPerson(p), Place: c.Place, At: c.At.UnixMilli(), Until: c.Until.UnixMilli()})
		}
	}
	return out
}
