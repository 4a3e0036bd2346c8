package bot

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Moment is a moment, one's own or somebody else's.
type Moment struct {
	ID   string `json:"id"`
	At   int64  `json:"at"` // Unix milliseconds
	Ms   int    `json:"ms"`
	Text string `json:"text"`
}

// Since: the time since the moment was posted.
func (m Moment) Since() time.Duration { return time.Since(time.UnixMilli(m.At)) }

// MomentAuthor is somebody with live moments.
type MomentAuthor struct {
	Person  Person   `json:"person"`
	Moments []Moment `json:"moments"` // the oldest first
}

// Moments returns the client's own moments, the oldest first, and those of matches and of
// people the client follows.
func (c *Client) Moments(ctx context.Context) (mine []Moment, people []MomentAuthor, err error) {
	var out struct {
		Mine   []Moment       `json:"mine"`
		People []MomentAuthor `json:"people"`
	}
	if err := c.do(ctx, http.MethodGet, "/api/moments", nil, &out); err != nil {
		return nil, nil, fmt.Errorf("bot: moments: %w", err)
	}
	return out.Mine, out.People, nil
}

// PostMoment posts a moment to an audience; text is its text alternative.
func (c *Client) PostMoment(ctx context.Context, audience, text string, ogg []byte) (m Moment, err error) {
	if err := c.sendForm(ctx, "/api/moments/"+uuid.NewString(), ogg, map[string]string{"audience": audience, "text": text}, &m); err != nil {
		return m, fmt.Errorf("bot: post a moment: %w", err)
	}
	return m, nil
}
