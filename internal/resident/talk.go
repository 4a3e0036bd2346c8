package resident

import (
	"context"
	"sync"
	"time"

	"heyy/internal/bot"
	"heyy/internal/voice"
)

// standing is how it stands with a call, as the server last said.
type standing struct {
	mu     sync.Mutex
	live   time.Time // since when it is; zero: not yet
	ends   time.Time
	muted  bool
	away   bool
	given  int
	asked  bool
	wishes bool // to be asked for: more time
}

// set takes what the server says, and gives back whether more time is to be
// asked for, once.
func (s *standing) set(c bot.Call) (wishes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.State == "live" {
		if s.live.IsZero() {
			s.live = time.Now()
		}
		s.ends = time.Now().Add(time.Duration(c.DeadlineAt-c.Now) * time.Millisecond)
	}
	s.muted, s.away, s.given, s.asked = c.TheyMuted, c.TheyAway, c.More, c.MoreMine || c.MoreTheirs
	wishes, s.wishes = s.wishes, false
	return wishes
}

func (s *standing) wish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wishes = true
}

// now is this moment, but for what the ear knows; ok is false before both hear
// each other.
func (s *standing) now() (t moment, since time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t = moment{now: time.Now(), left: time.Until(s.ends), muted: s.muted, away: s.away, given: s.given, asked: s.asked}
	return t, s.live, !s.live.IsZero()
}

// mouth is a bot.Mic.
type mouth interface {
	Play(ctx context.Context, rec voice.Recording) error
}

const (
	attends = 40 * time.Millisecond  // how often it is looked whether to speak, or to stop
	almost  = 300 * time.Millisecond // who has so little left to say finishes it
)

// speak talks with the other until ctx ends or the microphone is gone: what m
// thinks of, and never for long while the other does.
func speak(ctx context.Context, mic mouth, e *ear, m *mind, s *standing, again bool) {
	// The other can say that they hear only when something comes.
	hush := voice.Recording{Packets: [][]byte{silence}}
	for {
		if _, _, live := s.now(); live {
			break
		}
		if mic.Play(ctx, hush) != nil {
			return
		}
	}
	m.lost = again && m.met
	quiet := time.Now()
	for sleep(ctx, attends) {
		t, since, _ := s.now()
		var spoken time.Time
		spoken, t.spoke = e.words()
		for _, at := range []time.Time{since, spoken} {
			if at.After(quiet) {
				quiet = at
			}
		}
		t.quiet = t.now.Sub(quiet)
		l := m.next(t)
		if l == nil {
			continue
		}
		if l.kind == Wish {
			s.wish()
		}
		e.forget()
		upTo, err := say(ctx, mic, e, l)
		if err != nil {
			return
		}
		m.done(l, t, upTo)
		quiet = time.Now()
	}
}

// silence is a frame of it.
var silence = []byte{0xf8, 0xff, 0xfe}

// say plays a line up to where the other begins to speak and goes on doing so.
func say(ctx context.Context, mic mouth, e *ear, l *line) (upTo time.Duration, err error) {
	playing, stop := context.WithCancel(ctx)
	defer stop()
	begun := time.Now()
	go func() {
		for time.Since(begun) < l.length-almost && sleep(playing, frame) {
			if e.insists() {
				stop()
			}
		}
	}()
	err = mic.Play(playing, l.voice)
	if err != nil && (ctx.Err() != nil || playing.Err() == nil) {
		return 0, err
	}
	if err != nil {
		return time.Since(begun), nil
	}
	return l.length, nil
}
