package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/account"
	"heyy/internal/region"
)

const townsMost = 12

func (a *API) homeOperations() {
	register(a, member, huma.Operation{
		OperationID: "find-towns", Method: http.MethodGet, Path: "/api/towns",
		Summary: "Towns by the beginning of one of their names, in any script",
	}, func(_ context.Context, in *struct {
		Q        string `query:"q" maxLength:"200" required:"true"`
		Language string `query:"language" enum:"en,it,zh" default:"en" doc:"Of the names in the answer"`
	}) (*body[Towns], error) {
		found := a.Towns.Search(in.Q, in.Language, townsMost)
		out := Towns{Towns: make([]Town, len(found))}
		for i, t := range found {
			out.Towns[i] = Town{ID: t.ID, Name: t.Name, Area: t.Area, Country: t.Country}
		}
		return &body[Towns]{out}, nil
	})

	register(a, member, huma.Operation{
		OperationID: "set-home", Method: http.MethodPut, Path: "/api/me/home",
		Summary: "Say where you live; four times a day at most, and later changes show late",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Town string `json:"town" maxLength:"20" doc:"Id of a town that was found; only its region is kept"`
		}
	}) (*body[Me], error) {
		if _, err := a.Regions.Move(ctx, who(ctx), in.Body.Town, "en"); err != nil {
			return nil, err
		}
		return a.me(ctx)
	})
}

// home is where the asking person lives, in their language.
func (a *API) home(ctx context.Context, of account.ID, language string) (Home, error) {
	h, err := a.Regions.Home(ctx, of, language)
	if err != nil {
		return Home{}, err
	}
	out := Home{Region: toRegion(h.Place, ""), Shown: toRegion(h.Shown, ""), Next: toRegion(h.Next, ""), MovesLeft: h.MovesLeft}
	if h.Next != nil {
		out.NextAt = h.NextAt.UnixMilli()
	}
	return out, nil
}

func toRegion(p *region.Place, where region.Where) *Region {
	if p == nil {
		return nil
	}
	return &Region{Name: p.Name, Country: p.Country, Size: p.Size, Where: string(where)}
}
