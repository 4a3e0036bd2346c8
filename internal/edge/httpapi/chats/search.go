package chats

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/people/account"
	"heyy/internal/talk/search"
)

// Found is a message that was found.
type Found struct {
	Person  apitypes.Person `json:"person" doc:"Of the chat"`
	ID      string          `json:"id"`
	N       int64           `json:"n"`
	Mine    bool            `json:"mine"`
	At      int64           `json:"at"`
	Excerpt string          `json:"excerpt" doc:"Of the text, around what was found, on one line"`
	Marks   []Range         `json:"marks" doc:"What was found, in the excerpt"`
}

// Range is a range of a text, in UTF-16 code units.
type Range struct {
	From int `json:"from"`
	To   int `json:"to" doc:"The unit after the last one"`
}

// FoundMessages are a page of messages that were found, the newest first.
type FoundMessages struct {
	Found []Found `json:"found" doc:"The newest first; a page may be short, and have a next one"`
	Next  string  `json:"next,omitempty" doc:"Send it as before for the rest; none: this is the end"`
}

func (a *api) searchOperation() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "search-messages", Method: http.MethodGet, Path: "/api/chats/search",
		Summary: "Your messages that have all words of a query; the last one may be the beginning of a word",
	}, func(ctx context.Context, in *struct {
		Q      string `query:"q" required:"true"`
		Person string `query:"person" format:"uuid" doc:"Only in the chat with them"`
		httpapi.Page
	}) (*httpapi.Body[FoundMessages], error) {
		by := httpapi.Actor(ctx)
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		hits, next, err := a.Services.Search.Search(ctx, by, search.Query{Text: in.Q, With: account.ID(in.Person), Part: part})
		if err != nil {
			return nil, err
		}
		out := FoundMessages{Next: next.String()}
		out.Found, err = a.found(ctx, by, hits)
		return httpapi.Answer(out), err
	})
}

func (a *api) found(ctx context.Context, by account.ID, hits []search.Hit) ([]Found, error) {
	others := make([]account.ID, 0, len(hits))
	for _, h := range hits {
		others = append(others, h.Other)
	}
	known, err := a.Profiles.People(ctx, others...)
	if err != nil {
		return nil, err
	}
	out := make([]Found, 0, len(hits))
	for _, h := range hits {
		p, ok := known[h.Other]
		if !ok {
			continue // the account was deleted meanwhile
		}
		one := Found{Person: apitypes.ToPerson(p), ID: string(h.ID), N: h.N, Mine: h.By == by, At: h.At.UnixMilli(), Excerpt: h.Excerpt, Marks: []Range{}}
		for _, m := range h.Marks {
			one.Marks = append(one.Marks, Range(m))
		}
		out = append(out, one)
	}
	return out, nil
}
