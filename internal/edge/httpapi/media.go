package httpapi

import (
	"context"
	"strings"

	"heyy/internal/live/sfu"
)

// Tokens makes tokens for the media server.
type Tokens interface {
	Token(grant sfu.JoinGrant) (string, error)
}

// Media is the address and the token of an audio connection.
type Media struct {
	URL   string `json:"url" doc:"The origin of /rtc, as a WebSocket address"`
	Token string `json:"token" doc:"Opens /rtc for this admission, for two minutes"`
}

// OpenMedia makes what the client of a request needs to connect by grant.
func OpenMedia(ctx context.Context, t Tokens, grant sfu.JoinGrant) (Media, error) {
	token, err := t.Token(grant)
	if err != nil {
		return Media{}, err
	}
	origin, _ := ctx.Value(originKey{}).(string)
	return Media{URL: "ws" + strings.TrimPrefix(origin, "http"), Token: token}, nil
}
