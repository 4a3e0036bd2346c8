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
	var c *bot.Client
	for sleep(ctx, meetEvery/2+rand.N(meetEvery)) {
		var err error
		if c == nil {
			c, err = bot.Dial(ctx, base, token)
		}
		if err == nil {
			err = likeMembers(ctx, c)
		}
		if errors.Is(err, bot.ErrSignedOut) {
			return
		}
		if err != nil && ctx.Err() == nil {
			log.Debug("resident: discover", "err", err)
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
