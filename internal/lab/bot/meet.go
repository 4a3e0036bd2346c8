package bot

import (
	"context"
	"fmt"
	"net/http"
)

// DeckCard is a person in Discover, with the ticket that a choice needs.
type DeckCard struct {
	Person Person `json:"person"`
	Ticket string `json:"ticket"`
}

// Deck returns the next cards of Discover, at most n.
func (c *Client) Deck(ctx context.Context, n int) ([]DeckCard, error) {
	var out struct {
		Cards []DeckCard `json:"cards"`
	}
	if err := c.do(ctx, http.MethodGet, fmt.Sprintf("/api/discover?most=%d", n), nil, &out); err != nil {
		return nil, fmt.Errorf("bot: discover: %w", err)
	}
	return out.Cards, nil
}

// Like likes the person of a card, and reports whether this made a match.
func (c *Client) Like(ctx context.Context, card DeckCard) (matched bool, err error) {
	var out struct {
		Match *struct{} `json:"match"`
	}
	if err := c.do(ctx, http.MethodPut, "/api/discover/"+card.Person.ID, map[string]string{"choice": "like", "ticket": card.Ticket}, &out); err != nil {
		return false, fmt.Errorf("bot: like %s: %w", card.Person.ID, err)
	}
	return out.Match != nil, nil
}

// Profile is the part of a profile that EditProfile sets.
type Profile struct {
	Gender      string      `json:"gender"`
	Languages   []string    `json:"languages"`
	Interests   []string    `json:"interests"`
	Intents     []string    `json:"intents"`
	Preferences Preferences `json:"preferences"`
	Onboarded   bool        `json:"onboarded"`
}

// Preferences are a person's filters for others.
type Preferences struct {
	Meet         []string `json:"meet"`
	From         int      `json:"from"`
	To           int      `json:"to"`
	Intents      []string `json:"intents"`
	Languages    []string `json:"languages"`
	Interests    []string `json:"interests"`
	VerifiedOnly bool     `json:"verified_only"`
}

// EditProfile sets the profile.
func (c *Client) EditProfile(ctx context.Context, p Profile) error {
	if err := c.do(ctx, http.MethodPatch, "/api/me", p, nil); err != nil {
		return fmt.Errorf("bot: introduce: %w", err)
	}
	return nil
}

// Publish puts a recording at a place of the profile (0: the intro); prompt is the id of
// the prompt that it answers.
func (c *Client) Publish(ctx context.Context, place int, prompt string, ogg []byte) error {
	path := fmt.Sprintf("/api/me/clips/%d?prompt=%s", place, prompt)
	if err := c.send(ctx, http.MethodPut, path, "audio/ogg", ogg, nil); err != nil {
		return fmt.Errorf("bot: publish: %w", err)
	}
	return nil
}
