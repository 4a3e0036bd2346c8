package me

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/region"
)

const townsMost = 12

// Town is a town to choose as home.
type Town struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Area    string `json:"area"`
	Country string `json:"country" doc:"ISO 3166"`
}

// Towns are those found, the best first.
type Towns struct {
	Towns []Town `json:"towns"`
}

func (a *api) homeOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "find-towns", Method: http.MethodGet, Path: "/api/towns",
		Summary: "Towns by the beginning of one of their names, in any script, the likeliest first",
	}, func(ctx context.Context, in *struct {
		Q        string            `query:"q" maxLength:"200" required:"true"`
		Language apitypes.Language `query:"language" default:"en" doc:"Of the names in the answer"`
	}) (*httpapi.Body[Towns], error) {
		me, err := a.Profiles.Get(ctx, httpapi.Actor(ctx))
		if err != nil {
			return nil, err
		}
		found := a.Towns.Search(region.Search{Query: in.Q, Language: string(in.Language), Spoken: append(me.Languages, string(in.Language)), Most: townsMost})
		out := Towns{Towns: make([]Town, len(found))}
		for i, t := range found {
			out.Towns[i] = Town{ID: t.ID, Name: t.Name, Area: t.Area, Country: t.Country}
		}
		return httpapi.Answer(out), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "set-home", Method: http.MethodPut, Path: "/api/me/home",
		Summary: "Say where you live; four times a day at most, and later changes show late",
	}, func(ctx context.Context, in *struct {
		httpapi.Caller
		Body struct {
			Town string `json:"town" maxLength:"20" doc:"Id of a town that was found; only its region is kept"`
		}
	}) (*httpapi.Body[people.Me], error) {
		if _, err := a.Regions.Move(ctx, httpapi.Actor(ctx), in.Body.Town, "en", a.Accounts.Network(in.Address())); err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})
}
