package resident

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

// stage is one room: its actors, its id on the server, and its scenes.
type stage struct {
	base   string
	plan   bot.Plan
	actors []*actor
	own    *evenings
	hands  []string
	scenes []scene
	yield  spoken
	log    *slog.Logger

	mu      sync.Mutex
	room    string        // "" while there is none
	changed chan struct{} // closed when room changes
}

// spoken is a decoded line of an actor.
type spoken struct {
	who   *actor
	voice audio.Recording
	pause time.Duration
}

type scene struct {
	first, last bool
	lines       []spoken
}

func newStage(r Room, c Config, log *slog.Logger) (*stage, error) {
	s := &stage{
		base: c.BaseURL, plan: bot.Plan{Title: r.Title, Category: r.Category, Language: r.Language, Shape: r.Shape},
		own: newEvenings(r, c, log), hands: r.Hands, log: log, changed: make(chan struct{}),
	}
	actors := map[string]*actor{}
	listeners := map[string]bool{}
	for _, key := range r.Listeners {
		listeners[key] = true
	}
	for _, key := range r.People() {
		a := &actor{key: key, token: c.Tokens[key], speaks: !listeners[key], host: key == r.Host, stage: s, log: log.With("resident", key)}
		actors[key] = a
		if a.token != "" {
			s.actors = append(s.actors, a)
		}
	}
	ready := func(l Line) (spoken, error) {
		data, err := l.Bytes()
		if err != nil {
			return spoken{}, err
		}
		rec, err := audio.Parse(data)
		if err != nil {
			return spoken{}, fmt.Errorf("%s: %w", l.File, err)
		}
		return spoken{who: actors[l.Who], voice: rec, pause: time.Duration(l.PauseMS) * time.Millisecond}, nil
	}
	var err error
	if s.yield, err = ready(r.Yield); err != nil {
		return nil, err
	}
	for _, sc := range r.Scenes {
		one := scene{first: sc.First, last: sc.Last}
		for _, l := range sc.Lines {
			line, err := ready(l)
			if err != nil {
				return nil, err
			}
			one.lines = append(one.lines, line)
		}
		s.scenes = append(s.scenes, one)
	}
	return s, nil
}

// run returns when every actor has left for good.
func (s *stage) run(ctx context.Context) {
	talk, stop := context.WithCancel(ctx)
	var living, talking sync.WaitGroup
	for _, a := range s.actors {
		living.Go(func() { a.live(ctx) })
	}
	f := &guests{changed: make(chan struct{})}
	talking.Go(func() { s.watch(talk, f) })
	talking.Go(func() { s.talk(talk, f) })
	living.Wait()
	stop()
	talking.Wait()
}

// find returns the id of the room where the host belongs now, which it opens unless it is open:
// that of an event, or that of every day.
func (s *stage) find(ctx context.Context, host *bot.Client) (string, error) {
	room, err := s.own.open(ctx, host)
	if err == nil && room == "" {
		room, err = s.everyDay(ctx, host)
	}
	if err == nil {
		s.set(room)
	}
	return room, err
}

func (s *stage) everyDay(ctx context.Context, host *bot.Client) (string, error) {
	open, err := host.Rooms(ctx, s.plan.Category)
	if err != nil {
		return "", err
	}
	plan := s.plan
	if plan.Club, err = s.own.clubID(ctx, host); err != nil {
		return "", err
	}
	for _, card := range open {
		if card.Host.ID == host.ID && card.Title == plan.Title && card.Shape == cmp.Or(plan.Shape, "lounge") && (plan.Club == "") == (card.Club == nil) {
			return card.ID, nil
		}
	}
	room, err := host.Open(ctx, plan)
	if plan.Club != "" && strings.HasPrefix(bot.Code(err), "club.") {
		s.own.leaveClub()
		plan.Club = ""
		room, err = host.Open(ctx, plan)
	}
	if err != nil {
		return "", err
	}
	s.log.Info("resident: opened a room", "title", plan.Title, "id", room.ID)
	return room.ID, nil
}

// speakers returns the accounts of the residents who speak, of those that have connected.
func (s *stage) speakers() map[string]bool {
	all := map[string]bool{}
	for _, a := range s.actors {
		a.mu.Lock()
		if a.speaks && a.account != "" {
			all[a.account] = true
		}
		a.mu.Unlock()
	}
	return all
}

// wait waits until the room is open and returns its id.
func (s *stage) wait(ctx context.Context) (string, error) {
	for {
		s.mu.Lock()
		room, changed := s.room, s.changed
		s.mu.Unlock()
		if room != "" {
			return room, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (s *stage) set(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.room == room {
		return
	}
	s.room = room
	close(s.changed)
	s.changed = make(chan struct{})
}

// lose forgets a room that ended, unless there is a newer one.
func (s *stage) lose(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.room == room {
		s.room = ""
	}
}

// guests counts the people in the room who are no residents.
type guests struct {
	mu      sync.Mutex
	seated  int // how many have a seat
	talking int // how many of those are unmuted
	changed chan struct{}
}

func (f *guests) set(seated, talking int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seated == seated && f.talking == talking {
		return
	}
	f.seated, f.talking = seated, talking
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *guests) now() (seated, talking int, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seated, f.talking, f.changed
}

const watchEvery = time.Second

// watch polls the room with any actor that is connected, and counts the guests.
func (s *stage) watch(ctx context.Context, f *guests) {
	for sleep(ctx, watchEvery) {
		var stay *bot.RoomConn
		for _, a := range s.actors {
			a.mu.Lock()
			stay = a.stay
			a.mu.Unlock()
			if stay != nil {
				break
			}
		}
		if stay == nil {
			f.set(0, 0)
			continue
		}
		room, err := stay.Get(ctx)
		if err != nil {
			continue // the actors handle it
		}
		seated, talking := 0, 0
		for _, m := range room.Members {
			if m.Present && m.Seat != 0 && !m.Person.Resident {
				seated++
				if !m.Muted {
					talking++
				}
			}
		}
		f.set(seated, talking)
	}
}

const (
	// How long guests must be silent until the residents go on.
	afterPeople = 12 * time.Second
	// How long the first round waits for all actors to connect.
	gathering = 4 * time.Second
	// Probability that an actor mutes between scenes.
	muteShare = 0.4
)

// talk plays the scenes round after round, each in a new order.
func (s *stage) talk(ctx context.Context, f *guests) {
	for begun := time.Now(); !s.complete() && time.Since(begun) < gathering; {
		if !sleep(ctx, 100*time.Millisecond) {
			return
		}
	}
	greeted := 0
	for ctx.Err() == nil {
		played := false
		for _, sc := range s.round() {
			if !sc.ready() {
				continue
			}
			played = true
			for _, l := range sc.lines {
				if !s.yieldToGuests(ctx, f, &greeted) {
					return
				}
				if !s.line(ctx, f, l) {
					return
				}
			}
			for _, a := range s.actors {
				if rand.Float64() < muteShare {
					a.mute(ctx)
				}
			}
		}
		if !played && !sleep(ctx, time.Second) {
			return
		}
	}
}

// round returns the scenes in a random valid order.
func (s *stage) round() []scene {
	var first, middle, last []scene
	for _, sc := range s.scenes {
		switch {
		case sc.first:
			first = append(first, sc)
		case sc.last:
			last = append(last, sc)
		default:
			middle = append(middle, sc)
		}
	}
	rand.Shuffle(len(middle), func(i, j int) { middle[i], middle[j] = middle[j], middle[i] })
	return append(append(first, middle...), last...)
}

// ready reports whether all actors of the scene are ready.
func (sc scene) ready() bool {
	for _, l := range sc.lines {
		if !l.who.ready() {
			return false
		}
	}
	return true
}

func (s *stage) complete() bool {
	for _, a := range s.actors {
		if a.speaks && !a.ready() {
			return false
		}
	}
	return true
}

// line plays one line and the silence after it, of random length. It stops when a guest
// unmutes; false means that ctx has ended.
func (s *stage) line(ctx context.Context, f *guests, l spoken) bool {
	speaking, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for {
			_, talking, changed := f.now()
			if talking > 0 {
				stop()
				return
			}
			select {
			case <-changed:
			case <-speaking.Done():
				return
			}
		}
	}()
	if err := l.who.say(speaking, l); err != nil && speaking.Err() == nil {
		s.log.Debug("resident: a line was lost", "who", l.who.key, "err", err)
	}
	return sleep(ctx, time.Duration(float64(l.pause)*(0.8+0.5*rand.Float64())))
}

// yieldToGuests greets new guests with a seat, then waits, muted, while guests talk. False
// means that ctx has ended.
func (s *stage) yieldToGuests(ctx context.Context, f *guests, greeted *int) bool {
	seated, talking, changed := f.now()
	if seated > *greeted && talking == 0 && s.yield.who.ready() {
		*greeted = seated
		if !s.line(ctx, f, s.yield) {
			return false
		}
		seated, talking, changed = f.now()
	}
	*greeted = seated
	if talking == 0 {
		return ctx.Err() == nil
	}
	for _, a := range s.actors {
		a.mute(ctx)
	}
	quiet := time.Time{}
	for {
		if talking > 0 {
			quiet = time.Time{}
		} else if quiet.IsZero() {
			quiet = time.Now()
		}
		var over <-chan time.Time
		if !quiet.IsZero() {
			over = time.After(time.Until(quiet.Add(afterPeople)))
		}
		select {
		case <-over:
			*greeted = seated
			return true
		case <-changed:
		case <-ctx.Done():
			return false
		}
		seated, talking, changed = f.now()
	}
}
