package resident

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"heyy/internal/lab/bot"
)

const (
	meetEvery = 20 * time.Second
	lookAt    = 3 // cards at a time; members come before residents
)

// meet lets a resident look for people until ctx ends: they like every member
// whom they are shown, so that somebody new who likes one of them sees what a
// match is. Residents do not choose each other.
func meet(ctx context.Context, log *slog.Logger, base, token string) {
	routine(ctx, log, base, token, meetEvery, likeMembers)
}

// routine does something as a client, about once in a period, until ctx ends or the session
// is revoked. Residents do not all act at once.
func routine(ctx context.Context, log *slog.Logger, base, token string, period time.Duration, do func(context.Context, *bot.Client) error) {
	var c *bot.Client
	for sleep(ctx, period/2+rand.N(period)) {
		var err error
		if c == nil {
			c, err = bot.Dial(ctx, base, token)
		}
		if err == nil {
			err = do(ctx, c)
		}
		if errors.Is(err, bot.ErrSignedOut) {
			return
		}
		if err != nil && ctx.Err() == nil {
			log.Debug("resident: will try again", "err", err)
		}
	}
}

func likeMembers(ctx context.Context, c *bot.Client) error {
	deck, err := c.Deck(ctx, lookAt)
	if err != nil {
		return err
	}
	for _, card := range deck {
		if card.Person.Resident {
			return nil
		}
		if _, err := c.Like(ctx, card); err != nil {
			return err
		}
	}
	return nil
}
