package resident

import (
	"context"
	"hash/fnv"
	"log/slog"
	"time"

	"heyy/internal/lab/bot"
)

const (
	postLook   = 20 * time.Second
	postLeast  = 3 * time.Hour // between two moments of one resident
	postSpread = 3 * time.Hour
)

// post lets a resident post moments for everyone until ctx ends: what they ask and tell in
// calls, with its text. Somebody new finds some within a minute of the start.
func post(ctx context.Context, log *slog.Logger, base, token string, r Resident) {
	spoken := r.spoken()
	if len(spoken) == 0 {
		return
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.Key)) // a hash never fails
	own := time.Duration(h.Sum32())
	every := postLeast + own*time.Millisecond%postSpread
	routine(ctx, log, base, token, postLook, func(ctx context.Context, c *bot.Client) error {
		mine, _, err := c.Moments(ctx)
		if err != nil || len(mine) > 0 && mine[len(mine)-1].Since() < every {
			return err
		}
		next := spoken[(time.Now().Unix()/3600+int64(own))%int64(len(spoken))]
		ogg, err := next.Bytes()
		if err == nil {
			_, err = c.PostMoment(ctx, "everyone", next.Text, ogg)
		}
		return err
	})
}

// spoken returns what a resident says of their own: questions and stories.
func (r Resident) spoken() (all []Clip) {
	for _, s := range r.Calls {
		if s.Kind == Ask || s.Kind == Story {
			all = append(all, s.Clip)
		}
	}
	return all
}
