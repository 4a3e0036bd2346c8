package resident

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"heyy/internal/lab/bot"
)

// Config is the server and the accounts of residents.
type Config struct {
	BaseURL string            // "http://localhost:8080"
	Tokens  map[string]string // bearer token of each resident, by key; a resident without one does not take part
	Cast    Cast              // the zero Cast: the one that Load gives
}

// Run runs the residents in their rooms, and those who take calls, until ctx ends; then
// they leave within two seconds and it returns nil. It also returns nil when the sessions
// of all residents are revoked. It waits for a server that is not reachable.
func Run(ctx context.Context, log *slog.Logger, c Config) error {
	if len(c.Cast.Rooms) == 0 {
		var err error
		if c.Cast, err = Load(); err != nil {
			return err
		}
	}
	// A resident whose session is revoked in one place leaves all of them.
	lives, leave := map[string]context.Context{}, map[string]context.CancelFunc{}
	for key := range c.Tokens {
		lives[key], leave[key] = context.WithCancel(ctx)
		defer leave[key]()
	}
	callers := map[string]*caller{}
	for _, key := range c.Cast.Callers() {
		if c.Tokens[key] == "" {
			continue
		}
		r, _ := c.Cast.Resident(key)
		lines, err := r.script()
		if err != nil {
			return err
		}
		callers[key] = &caller{base: c.BaseURL, token: c.Tokens[key], script: lines, log: log.With("resident", key)}
	}
	var stages []*stage
	for _, room := range c.Cast.Rooms {
		s, err := newStage(room, c, log.With("room", room.Key))
		if err != nil {
			return err
		}
		for _, a := range s.actors {
			a.calls, a.leave = callers[a.key], leave[a.key]
		}
		stages = append(stages, s)
	}
	var all errgroup.Group
	for key, one := range callers {
		all.Go(func() error { one.live(lives[key]); return nil })
	}
	for _, s := range stages {
		all.Go(func() error { s.run(ctx); return nil })
	}
	for key, token := range c.Tokens {
		all.Go(func() error { meet(lives[key], log.With("resident", key), c.BaseURL, token); return nil })
		r, _ := c.Cast.Resident(key)
		all.Go(func() error { post(lives[key], log.With("resident", key), c.BaseURL, token, r); return nil })
		all.Go(func() error { reply(lives[key], log.With("resident", key), c.BaseURL, token, r); return nil })
	}
	return all.Wait()
}

const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
	lookEvery   = 5 * time.Second
	goodbyeTime = 1500 * time.Millisecond
)

var (
	errRemoved  = errors.New("removed by the host")
	errRoomLost = errors.New("the room is gone")
)

// actor is one resident in a room, and their connection, if any.
type actor struct {
	key    string
	token  string
	speaks bool
	host   bool
	stage  *stage
	calls  *caller // nil for most
	leave  func()  // everywhere
	log    *slog.Logger

	handAt time.Time // when a listener raises or lowers their hand next; of the goroutine of live

	mu      sync.Mutex
	account string // "" before the first connection
	stay    *bot.RoomConn
	mic     *bot.Mic // nil without a seat
	open    bool     // the microphone is on
}

// live keeps the resident in the room until ctx ends, they are removed, or their session
// is revoked.
func (a *actor) live(ctx context.Context) {
	wait := firstWait
	for {
		for a.calls != nil && a.calls.busy.Load() { // their room has them back after the call
			if !sleep(ctx, firstWait) {
				return
			}
		}
		began := time.Now()
		err := a.visit(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, bot.ErrSignedOut):
			a.log.Info("resident: told to leave")
			a.leave()
			return
		case errors.Is(err, errRemoved):
			a.log.Info("resident: removed by the host, stays away")
			return
		}
		if time.Since(began) > longestWait {
			wait = firstWait
		}
		a.log.Debug("resident: comes back", "in", wait, "err", err)
		// Random, so that the residents do not all reconnect to a restarted server at once.
		if !sleep(ctx, wait/2+rand.N(wait)) {
			return
		}
		wait = min(2*wait, longestWait)
	}
}

// visit is one connection to the room, from finding it to losing it.
func (a *actor) visit(ctx context.Context) error {
	c, err := bot.Dial(ctx, a.stage.base, a.token)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.account = c.ID
	a.mu.Unlock()
	var room string
	if a.host {
		room, err = a.stage.find(ctx, c)
	} else {
		room, err = a.stage.wait(ctx)
	}
	if err != nil {
		return err
	}
	stay, err := c.Join(ctx, room, bot.Options{Deaf: true})
	if err != nil {
		return a.classify(room, err)
	}
	defer a.out(ctx, stay)
	a.mu.Lock()
	a.stay, a.mic, a.open = stay, nil, false
	a.mu.Unlock()

	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		now, err := stay.Get(ctx)
		if err != nil {
			return a.classify(room, err)
		}
		if now.EndedAt != 0 {
			return a.classify(room, errRoomLost)
		}
		if now.You == nil {
			return errors.New("counted as away")
		}
		err = a.ensureSeat(ctx, now)
		if err == nil && now.Shape == stageShape {
			err = a.wave(ctx, room, *now.You)
		}
		if err == nil && a.host {
			err = a.stage.own.attend(ctx, c, now, a.stage.speakers())
		}
		if errors.Is(err, errMoved) {
			return a.classify(room, errRoomLost)
		}
		if err != nil {
			return a.classify(room, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-stay.Done():
			return stay.Err()
		case <-look.C:
		}
	}
}

// ensureSeat takes a seat and publishes a microphone, for a resident who speaks and may.
// On a stage they raise a hand, and come up when the host asks them.
func (a *actor) ensureSeat(ctx context.Context, now bot.Room) error {
	if !a.speaks {
		return nil
	}
	me := *now.You
	if me.Seat == 0 {
		a.mu.Lock()
		a.mic, a.open = nil, false
		a.mu.Unlock()
		var err error
		switch {
		case me.CanSpeak:
			_, err = a.stay.Sit(ctx, 0)
		case now.Invited:
			err = a.stay.Client.AcceptInvitation(ctx, now.ID)
		case now.Shape == stageShape && me.Hand == 0:
			return a.stay.Client.RaiseHand(ctx, now.ID, "")
		default:
			return nil // moved to the audience: listen until allowed to speak again
		}
		switch bot.Code(err) {
		case "room.seats_full", "room.seat_refused":
			return nil // people come first
		}
		if err != nil {
			return err
		}
	}
	mic, err := a.stay.Mic(ctx)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.mic = mic
	return nil
}

const (
	firstHand  = 8 * time.Second // after a listener has come
	handUp     = 25 * time.Second
	handPause  = 90 * time.Second
	handSpread = 20 * time.Second
)

// wave raises the hand of a listener of a stage now and then, and takes it down after a while:
// they have recordings for calls, not for rooms.
func (a *actor) wave(ctx context.Context, room string, me bot.Member) error {
	notes := a.stage.hands
	switch {
	case a.speaks || len(notes) == 0 || time.Now().Before(a.handAt):
		return nil
	case a.handAt.IsZero():
		a.handAt = time.Now().Add(firstHand + rand.N(handSpread))
		return nil
	case me.Hand != 0:
		a.handAt = time.Now().Add(handPause + rand.N(handPause))
		return a.stay.Client.LowerHand(ctx, room)
	}
	a.handAt = time.Now().Add(handUp)
	return a.stay.Client.RaiseHand(ctx, room, notes[rand.N(len(notes))])
}

// classify wraps an error as errRemoved or errRoomLost if it means that.
func (a *actor) classify(room string, err error) error {
	switch code := bot.Code(err); {
	case code == "room.removed":
		return fmt.Errorf("%w: %w", errRemoved, err)
	case code == "room.ended", code == "room.not_found", errors.Is(err, errRoomLost):
		a.stage.lose(room)
		return fmt.Errorf("%w: %w", errRoomLost, err)
	}
	return err
}

// out ends a connection. It leaves the room if ctx has ended; otherwise the resident will
// reconnect.
func (a *actor) out(ctx context.Context, stay *bot.RoomConn) {
	a.mu.Lock()
	a.stay, a.mic, a.open = nil, nil, false
	a.mu.Unlock()
	if ctx.Err() == nil {
		stay.HangUp()
		return
	}
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTime)
	defer cancel()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := stay.Leave(goodbye); err != nil {
			a.log.Debug("resident: left without a goodbye", "err", err)
		}
	}()
	select {
	case <-gone:
	case <-goodbye.Done():
	}
}

// ready reports whether the resident has a microphone.
func (a *actor) ready() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.mic != nil
}

// say unmutes and plays one line. It returns an error if ctx or the server interrupts it.
func (a *actor) say(ctx context.Context, l spoken) error {
	a.mu.Lock()
	stay, mic, open := a.stay, a.mic, a.open
	a.mu.Unlock()
	if mic == nil {
		return bot.ErrNoMic
	}
	if !open {
		if err := stay.Unmute(ctx); err != nil {
			return err
		}
		a.setOpen(mic, true)
	}
	err := mic.Play(ctx, l.voice)
	if errors.Is(err, bot.ErrNoMic) {
		a.mu.Lock()
		if a.mic == mic {
			a.mic, a.open = nil, false
		}
		a.mu.Unlock()
	}
	return err
}

// mute mutes the microphone, as people do when it is not their turn.
func (a *actor) mute(ctx context.Context) {
	a.mu.Lock()
	stay, mic, open := a.stay, a.mic, a.open
	a.mu.Unlock()
	if mic == nil || !open {
		return
	}
	if err := stay.Mute(ctx); err != nil {
		a.log.Debug("resident: mute", "err", err)
		return
	}
	a.setOpen(mic, false)
}

func (a *actor) setOpen(mic *bot.Mic, open bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mic == mic {
		a.open = open
	}
}

// sleep waits for d; false means that ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
