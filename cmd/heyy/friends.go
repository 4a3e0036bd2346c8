package main

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/page"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
)

// friends are matches.
type friends struct{ *discovery.Service }

func (f friends) Friends(ctx context.Context, by account.ID) (all []account.ID, err error) {
	for part := (page.Request{}); ; {
		some, next, err := f.Matches(ctx, by, part)
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			all = append(all, m.Other)
		}
		if next == (page.Cursor{}) {
			return all, nil
		}
		part.Before = next
	}
}

func (f friends) AreFriends(ctx context.Context, _ db.Querier, a, b account.ID) (bool, error) {
	return f.Matched(ctx, a, b)
}
