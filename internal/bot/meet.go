package bot

import (
	"context"
	"fmt"
	"net/http"
)

// Deck lists the next people whom this person could meet, n at most.
func (c *Client) Deck(ctx context.Context, n int) ([]Person, error) {
	var out struct {
		Cards []struct {
			Person Person `json:"person"`
		} `json:"cards"`
	}
	if err := c.do(ctx, http.MethodGet, fmt.Sprintf("/api/discover?most=%d", n), nil, &out); err != nil {
		return nil, fmt.Errorf("bot: discover: %w", err)
	}
	people := make([]Person, len(out.Cards))
	for i, card := range out.Cards {
		people[i] = card.Person
	}
	return people, nil
}

// Like likes somebody, and reports whether they like this person, too.
func (c *Client) Like(ctx context.Context, person string) (matched bool, err error) {
	var out struct {
		Match *struct{} `json:"match"`
	}
	if err := c.do(ctx, http.MethodPut, "/api/discover/"+person, map[string]string{"choice": "like"}, &out); err != nil {
		return false, fmt.Errorf("bot: like %s: %w", person, err)
	}
	return out.Match != nil, nil
}
