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

// Profile is what somebody says of themselves, and whom they would meet.
type Profile struct {
	Gender    string   `json:"gender"`
	Languages []string `json:"languages"`
	Interests []string `json:"interests"`
	Intents   []string `json:"intents"`
	Wishes    Wishes   `json:"wishes"`
	Settled   bool     `json:"settled"`
}

// Wishes are whom somebody would meet.
type Wishes struct {
	Meet         []string `json:"meet"`
	From         int      `json:"from"`
	To           int      `json:"to"`
	Intents      []string `json:"intents"`
	Languages    []string `json:"languages"`
	Interests    []string `json:"interests"`
	VerifiedOnly bool     `json:"verified_only"`
}

// Introduce says who this person is.
func (c *Client) Introduce(ctx context.Context, p Profile) error {
	if err := c.do(ctx, http.MethodPatch, "/api/me", p, nil); err != nil {
		return fmt.Errorf("bot: introduce: %w", err)
	}
	return nil
}

// Publish puts a recording at a place of the profile, of which 0 is the intro;
// prompt is the card that it answers.
func (c *Client) Publish(ctx context.Context, place int, prompt string, ogg []byte) error {
	path := fmt.Sprintf("/api/me/clips/%d?prompt=%s", place, prompt)
	if err := c.send(ctx, http.MethodPut, path, "audio/ogg", ogg, nil); err != nil {
		return fmt.Errorf("bot: publish: %w", err)
	}
	return nil
}
