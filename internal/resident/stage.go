package resident

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"heyy/internal/bot"
	"heyy/internal/voice"
)

// stage is one room: the actors, where they meet, and the talk.
type stage struct {
	base   string
	plan   bot.Plan
	actors []*actor
	scenes []scene
	yield  spoken
	log    *slog.Logger

	mu      sync.Mutex
	room    string        // "" while there is none
	changed chan struct{} // closed when room changes
}

// spoken is a line ready to be played.
type spoken struct {
	who   *actor
	voice voice.Recording
	pause time.Duration
}

type scene struct {
	first, last bool
	lines       []spoken
}

func newStage(r Room, c Config, log *slog.Logger) (*stage, error) {
	s := &stage{
		base: c.BaseURL, plan: bot.Plan{Title: r.Title, Category: r.Category, Language: r.Language},
		log: log, changed: make(chan struct{}),
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
		rec, err := voice.Parse(data)
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

// run returns when every actor is gone for good.
func (s *stage) run(ctx context.Context) {
	talk, stop := context.WithCancel(ctx)
	var living, talking sync.WaitGroup
	for _, a := range s.actors {
		living.Go(func() { a.live(ctx) })
	}
	f := &floor{changed: make(chan struct{})}
	talking.Go(func() { s.watch(talk, f) })
	talking.Go(func() { s.talk(talk, f) })
	living.Wait()
	stop()
	talking.Wait()
}

// find gives the room, which the host opens unless it is open already.
func (s *stage) find(ctx context.Context, host *bot.Client) (string, error) {
	open, err := host.Rooms(ctx, s.plan.Category)
	if err != nil {
		return "", err
	}
	for _, card := range open {
		if card.Host.ID == host.ID && card.Title == s.plan.Title {
			s.set(card.ID)
			return card.ID, nil
		}
	}
	room, err := host.Open(ctx, s.plan)
	if err != nil {
		return "", err
	}
	s.log.Info("resident: opened a room", "title", s.plan.Title, "id", room.ID)
	s.set(room.ID)
	return room.ID, nil
}

// wait waits until there is a room.
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

// lose forgets a room that is over, unless there is a newer one already.
func (s *stage) lose(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.room == room {
		s.room = ""
	}
}

// floor is whether people who are no residents have it.
type floor struct {
	mu      sync.Mutex
	seated  int // how many of them sit
	talking int // how many of those have their microphone on
	changed chan struct{}
}

func (f *floor) set(seated, talking int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seated == seated && f.talking == talking {
		return
	}
	f.seated, f.talking = seated, talking
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *floor) now() (seated, talking int, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seated, f.talking, f.changed
}

const watchEvery = time.Second

// watch looks who sits in the room, through whichever actor is there.
func (s *stage) watch(ctx context.Context, f *floor) {
	for sleep(ctx, watchEvery) {
		var stay *bot.Stay
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
		room, err := stay.Look(ctx)
		if err != nil {
			continue // what it means is the actors' to find out
		}
		seated, talking := 0, 0
		for _, m := range room.Members {
			if m.Here && m.Seat != 0 && !m.Person.Resident {
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
	// After people have talked their silence may only be a breath.
	afterPeople = 12 * time.Second
	// Whoever came last is heard soon, but not before they can hear.
	gathering = 4 * time.Second
	// How often somebody switches off between scenes.
	hushShare = 0.4
)

// talk plays round after round, in an order of its own each time.
func (s *stage) talk(ctx context.Context, f *floor) {
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
				if !s.yieldFloor(ctx, f, &greeted) {
					return
				}
				if !s.line(ctx, f, l) {
					return
				}
			}
			for _, a := range s.actors {
				if rand.Float64() < hushShare {
					a.hush(ctx)
				}
			}
		}
		if !played && !sleep(ctx, time.Second) {
			return
		}
	}
}

// round is the scenes in an order in which they can follow each other.
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

// ready reports whether everybody of the scene is there; without one of them it
// makes no sense.
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

// line says one line and keeps the silence after it, a little different each
// time. It is cut short when people start to talk; false means ctx has ended.
func (s *stage) line(ctx context.Context, f *floor, l spoken) bool {
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

// yieldFloor greets whoever has sat down since, and then waits while people
// talk, all microphones off. False means that ctx has ended.
func (s *stage) yieldFloor(ctx context.Context, f *floor, greeted *int) bool {
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
		a.hush(ctx)
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
