package cards

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/fault"
	"heyy/internal/base/language"
	"heyy/internal/base/page"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/talk/card"
)

// media is the type of vCards (RFC 6350, 10.1).
const media = "text/vcard; charset=utf-8"

// maxExported is the number of cards in one file: some megabytes at most.
const maxExported = 5000

// vcfFile is an answer in vCard.
type vcfFile struct {
	Type string `header:"Content-Type"`
	Name string `header:"Content-Disposition"`
	Body []byte
}

// InZone says where the asking person is, for the day on which they met somebody.
type InZone struct {
	Zone string `query:"zone" maxLength:"100" default:"UTC" doc:"Time zone of the dates, an IANA name such as Europe/Rome"`
}

// place is the location of a zone.
func (z InZone) place() (*time.Location, error) {
	place, err := time.LoadLocation(z.Zone)
	if err != nil || z.Zone == "Local" {
		return nil, fault.At("query.zone", "card.zone_unknown", "This time zone isn't known.")
	}
	return place, nil
}

func (a *api) exportOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "export-card", Method: http.MethodGet, Path: "/api/me/cards/{person}/vcard",
		Summary: "A card you have, for an address book (RFC 6350)", Responses: httpapi.Binary("vCard", "text/vcard"),
	}, func(ctx context.Context, in *struct {
		people.OfPerson
		InZone
	}) (*vcfFile, error) {
		place, err := in.place()
		if err != nil {
			return nil, err
		}
		c, err := a.Cards.Has(ctx, httpapi.Actor(ctx), account.ID(in.Person))
		if err != nil {
			return nil, err
		}
		return a.file(ctx, []card.Card{c}, "heyy-card.vcf", place)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "export-cards", Method: http.MethodGet, Path: "/api/me/cards/vcard",
		Summary: "The last 5,000 cards you have, for an address book (RFC 6350)", Responses: httpapi.Binary("vCards", "text/vcard"),
	}, func(ctx context.Context, in *InZone) (*vcfFile, error) {
		place, err := in.place()
		if err != nil {
			return nil, err
		}
		var all []card.Card
		for part := (page.Request{Limit: page.Most}); len(all) < maxExported; {
			some, next, err := a.Cards.List(ctx, httpapi.Actor(ctx), part)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
			if next == (page.Cursor{}) {
				break
			}
			part.Before = next
		}
		return a.file(ctx, all, "heyy-cards.vcf", place)
	})
}

// file writes cards as vCards, in the language of the asking person. They have no id: what leaves
// Heyy is given to other programs.
func (a *api) file(ctx context.Context, all []card.Card, name string, place *time.Location) (*vcfFile, error) {
	by := httpapi.Actor(ctx)
	known, err := a.Profiles.GetMany(ctx, append(ids(all), by)...)
	if err != nil {
		return nil, err
	}
	words := language.In(known[by].Language).Card
	body := []byte{}
	for _, c := range all {
		p, ok := known[c.Of]
		if !ok {
			continue // the account was deleted meanwhile
		}
		met := words.Met
		if c.Place != "" {
			met = words.MetIn
		}
		note := []string{strings.NewReplacer("{room}", c.Place, "{date}", c.At.In(place).Format(time.DateOnly)).Replace(met)}
		out := card.Contact{Name: p.Name}
		if w := p.Work; w != nil {
			out.Role, out.Company, out.Links = w.Role, w.Company, w.Links
			var open []string
			for _, key := range w.OpenTo {
				open = append(open, words.Open[key])
			}
			if len(open) > 0 {
				note = append(note, strings.ReplaceAll(words.OpenTo, "{list}", strings.Join(open, words.Comma)))
			}
		}
		out.Note = strings.Join(note, "\n")
		body = card.AppendVCard(body, out)
	}
	return &vcfFile{Type: media, Name: `attachment; filename="` + name + `"`, Body: body}, nil
}
