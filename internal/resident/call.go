package resident

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"heyy/internal/bot"
	"heyy/internal/voice"
)

// callersEach is how many of each language wait for calls.
const callersEach = 2

// Callers are the keys of those who wait for calls: they sit on no stage, where
// nobody can be called away from.
func (c Cast) Callers() (keys []string) {
	each := map[string]int{}
	for _, room := range c.Rooms {
		for _, key := range room.Listeners {
			r, ok := c.Resident(key)
			if ok && each[r.Language] < callersEach && !slices.Contains(keys, key) {
				each[r.Language]++
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// sayings are what somebody can say to one person alone: who they are, then
// what else there is of them.
func (c Cast) sayings(key string) (all []voice.Recording, err error) {
	r, _ := c.Resident(key)
	clips := []Clip{r.Intro}
	for _, room := range c.Rooms {
		for _, scene := range room.Scenes {
			for _, line := range scene.Lines {
				if line.Who == key {
					clips = append(clips, line.Clip)
				}
			}
		}
	}
	for _, clip := range clips {
		data, err := clip.Bytes()
		if err != nil {
			return nil, err
		}
		rec, err := voice.Parse(data)
		if err != nil {
			return nil, err
		}
		all = append(all, rec)
	}
	return all, nil
}

// caller is a resident who waits for calls and takes them.
type caller struct {
	base, token string
	sayings     []voice.Recording
	log         *slog.Logger
	busy        atomic.Bool // in a call: nobody is in two places
}

const (
	callLookEvery = time.Second
	callFollow    = 300 * time.Millisecond // while something is about to happen
	stillEvery    = 20 * time.Second
	unheardTime   = 3 * time.Second // somebody muted is not waited for longer
)

// live waits and talks until ctx ends or the session is revoked.
func (c *caller) live(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		begun := time.Now()
		err := c.evening(ctx)
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

// evening is call after call, until something fails.
func (c *caller) evening(ctx context.Context) error {
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
		if err := client.Unqueue(goodbye); err != nil {
			c.log.Debug("resident: left the queue without a word", "err", err)
		}
	}()
	still := time.Now()
	l, err := client.Lounge(ctx)
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

func (c *caller) look(ctx context.Context, client *bot.Client, still *time.Time) (bot.Lounge, error) {
	if time.Since(*still) < stillEvery {
		return client.Lounge(ctx)
	}
	*still = time.Now()
	l, err := client.StillHere(ctx)
	if bot.Code(err) == "match.not_waiting" {
		return client.Lounge(ctx)
	}
	return l, err
}

// call is one conversation, from the proposal to its end, with all the ways
// back to it. They never hang up first, but when they leave for good.
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
	for again := false; ; again = true {
		e := &ear{}
		line, err := client.Pick(ctx, call.ID, bot.Options{OnAudio: e.packet})
		if bot.Code(err) == "call.ended" {
			return nil
		}
		if err != nil {
			return err
		}
		open, err := c.onLine(ctx, client, call, line, e, again)
		line.HangUp()
		if err != nil || !open {
			return err
		}
		if !sleep(ctx, firstWait) {
			return nil
		}
	}
}

// onLine talks while the line holds; open says that the call goes on without it.
func (c *caller) onLine(ctx context.Context, client *bot.Client, call bot.Call, line *bot.Talk, e *ear, again bool) (open bool, err error) {
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
	said, speaks := false, time.Time{}
	for {
		l, err := client.Lounge(ctx)
		if err != nil {
			return false, err
		}
		if l.Call == nil || l.Call.ID != call.ID || l.Call.State == "ended" {
			return false, nil
		}
		now, wait := *l.Call, callFollow
		switch {
		case !now.Together():
		case speaks.IsZero():
			mic, err := line.Mic(ctx)
			if err != nil {
				return true, nil //nolint:nilerr // the line is gone; there is another try
			}
			speaks = time.Now()
			voices.Go(func() { c.speak(talking, mic, e, again) })
		case !said && (!e.heard().IsZero() || time.Since(speaks) > unheardTime):
			if _, err := client.Hears(ctx, call.ID); err != nil {
				return false, over(err)
			}
			said = true
		case now.MoreTheirs && !now.MoreMine:
			if _, err := client.More(ctx, call.ID); err != nil {
				return false, over(err)
			}
		case said:
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

// over is nil for a call that was over by then.
func over(err error) error {
	if code := bot.Code(err); code == "call.ended" || code == "call.not_found" {
		return nil
	}
	return err
}

const (
	breath   = 800 * time.Millisecond // before the first word, and after the other's last one
	patience = 8 * time.Second        // for a first word that the other may have
	listens  = 12 * time.Second       // after having spoken
	thinks   = 4 * time.Second        // after the other has
	longest  = 40 * time.Second       // without a word of either
)

// speak says who they are, listens, and says more when the other has been quiet
// for a while.
func (c *caller) speak(ctx context.Context, mic *bot.Mic, e *ear, again bool) {
	pause := func(least, after, most time.Duration) bool {
		begun := time.Now()
		for time.Since(begun) < least || time.Since(begun) < most && time.Since(e.lastVoice()) < after {
			if !sleep(ctx, 100*time.Millisecond) {
				return false
			}
		}
		return true
	}
	next := 0
	if again && len(c.sayings) > 1 {
		next = 1 + rand.N(len(c.sayings)-1)
	}
	if !pause(breath, breath, patience) {
		return
	}
	for {
		if err := mic.Play(ctx, c.sayings[next%len(c.sayings)]); err != nil {
			return
		}
		next++
		if !pause(listens+rand.N(listens), thinks, longest) {
			return
		}
	}
}

// ear knows when the other was heard, and keeps nothing of what.
type ear struct {
	mu      sync.Mutex
	decoder *voice.Decoder
	first   time.Time // any sound
	voice   time.Time // last above the noise of a room
}

const speech = 0.02 // RMS of full scale

func (e *ear) packet(h bot.Heard) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.first.IsZero() {
		e.first = h.At
	}
	if e.decoder == nil {
		var err error
		if e.decoder, err = voice.NewDecoder(); err != nil {
			return
		}
	}
	samples, err := e.decoder.Decode(h.Payload)
	if err != nil {
		return // a broken packet is silence
	}
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	if math.Sqrt(sum/float64(max(1, len(samples)))) > speech {
		e.voice = h.At
	}
}

func (e *ear) heard() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.first
}

// lastVoice is when the other spoke last; who never did, before the call.
func (e *ear) lastVoice() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.voice
}
