package resident

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"heyy/internal/lab/bot"
)

// Callers returns the keys of the residents who take calls: those with sayings. None of
// them speaks in a room, which a call would interrupt.
func (c Cast) Callers() (keys []string) {
	for _, r := range c.Residents {
		if len(r.Calls) > 0 {
			keys = append(keys, r.Key)
		}
	}
	return keys
}

// caller is a resident who takes calls.
type caller struct {
	base, token string
	script      script
	log         *slog.Logger
	busy        atomic.Bool // in a call, so not in a room
}

const (
	callLookEvery = time.Second
	callFollow    = 300 * time.Millisecond // while something is about to happen
	stillEvery    = 20 * time.Second
	unheardTime   = 3 * time.Second // somebody muted is not waited for longer
)

// live takes calls until ctx ends or the session is revoked.
func (c *caller) live(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		begun := time.Now()
		err := c.takeCalls(ctx)
		if ctx.Err() != nil || errors.Is(err, bot.ErrSignedOut) {
			return
		}
		if time.Since(begun) > longestWait {
			wait = firstWait
		}
		c.log.Debug("resident: looks for calls again", "in", wait, "err", err)
		if !sleep(ctx, wait/2+rand.N(wait)) {
			return
		}
		wait = min(2*wait, longestWait)
	}
}

// takeCalls queues and takes one call after another, until something fails.
func (c *caller) takeCalls(ctx context.Context) error {
	client, err := bot.Dial(ctx, c.base, c.token)
	if err != nil {
		return err
	}
	defer func() {
		if ctx.Err() == nil {
			return
		}
		goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTime)
		defer cancel()
		if err := client.LeaveQueue(goodbye); err != nil {
			c.log.Debug("resident: left the queue without a word", "err", err)
		}
	}()
	still := time.Now()
	l, err := client.QueueStatus(ctx)
	for ; err == nil; l, err = c.look(ctx, client, &still) {
		switch call := l.Call; {
		case call != nil && call.State != "ended":
			if err := c.call(ctx, client, *call); err != nil {
				return err
			}
		case call != nil && call.Choice == "" && call.ChooseBy != 0:
			if _, err := client.Choose(ctx, call.ID, "heart"); err != nil && bot.Code(err) == "" {
				return err
			}
		case !l.Waiting:
			still = time.Now()
			if _, err := client.Queue(ctx); err != nil {
				return err
			}
		}
		if !sleep(ctx, callLookEvery) {
			return nil
		}
	}
	return err
}

func (c *caller) look(ctx context.Context, client *bot.Client, still *time.Time) (bot.QueueStatus, error) {
	if time.Since(*still) < stillEvery {
		return client.QueueStatus(ctx)
	}
	*still = time.Now()
	l, err := client.Heartbeat(ctx)
	if bot.Code(err) == "match.not_waiting" {
		return client.QueueStatus(ctx)
	}
	return l, err
}

// call takes part in one call, from the proposal to its end, with reconnects. It ends the
// call itself only when ctx ends.
func (c *caller) call(ctx context.Context, client *bot.Client, call bot.Call) error {
	c.busy.Store(true)
	defer c.busy.Store(false)
	defer func() {
		if ctx.Err() == nil {
			return
		}
		goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTime)
		defer cancel()
		if _, err := client.EndCall(goodbye, call.ID); err != nil {
			c.log.Debug("resident: hung up without a word", "err", err)
		}
	}()
	m := newDialogue(c.script, call.ID)
	for again := false; ; again = true {
		e := &voiceDetector{}
		line, err := client.JoinCall(ctx, call.ID, bot.Options{OnAudio: e.packet})
		if bot.Code(err) == "call.ended" {
			return nil
		}
		if err != nil {
			return err
		}
		open, err := c.onLine(ctx, client, call, line, e, m, again)
		line.HangUp()
		if err != nil || !open {
			return err
		}
		if !sleep(ctx, firstWait) {
			return nil
		}
	}
}

// onLine talks over one connection; open reports that the connection ended before the call.
func (c *caller) onLine(ctx context.Context, client *bot.Client, call bot.Call, line *bot.CallConn, e *voiceDetector, m *dialogue, again bool) (open bool, err error) {
	talking, stop := context.WithCancel(ctx)
	var voices sync.WaitGroup
	defer voices.Wait()
	defer stop()
	if !call.Accepted && !again {
		if !sleep(ctx, time.Second/2+rand.N(time.Second)) {
			return false, nil
		}
		if _, err := client.Accept(ctx, call.ID); err != nil {
			return false, over(err)
		}
	}
	told, speaks, s := false, time.Time{}, &callState{}
	for {
		l, err := client.QueueStatus(ctx)
		if err != nil {
			return false, err
		}
		if l.Call == nil || l.Call.ID != call.ID || l.Call.State == "ended" {
			return false, nil
		}
		now, wait := *l.Call, callFollow
		wishes := s.set(now)
		switch {
		case !now.Together():
		case speaks.IsZero():
			mic, err := line.Mic(ctx)
			if err != nil {
				return true, nil //nolint:nilerr // the line is gone; there is another try
			}
			speaks = time.Now()
			voices.Go(func() { speak(talking, mic, e, m, s, again) })
		case !told && (!e.heard().IsZero() || time.Since(speaks) > unheardTime):
			if _, err := client.ReportAudioReceived(ctx, call.ID); err != nil {
				return false, over(err)
			}
			told = true
		case !now.ExtendMine && (now.ExtendTheirs || wishes):
			if _, err := client.Extend(ctx, call.ID); err != nil {
				return false, over(err)
			}
		case told && now.State == "live":
			wait = callLookEvery
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-line.Done():
			return true, nil
		case <-time.After(wait):
		}
	}
}

// over returns nil if err means that the call has ended, and err otherwise.
func over(err error) error {
	if code := bot.Code(err); code == "call.ended" || code == "call.not_found" {
		return nil
	}
	return err
}
