package resident

import (
	"context"
	"sync"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

// callState is the last known state of a call.
type callState struct {
	mu     sync.Mutex
	live   time.Time // since when it is; zero: not yet
	ends   time.Time
	muted  bool
	away   bool
	given  int
	asked  bool
	wishes bool // to be asked for: more time
}

// set stores the state that the server returned. It reports, once, whether to ask for more
// time.
func (s *callState) set(c bot.Call) (wishes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.State == "live" {
		if s.live.IsZero() {
			s.live = time.Now()
		}
		s.ends = time.Now().Add(time.Duration(c.DeadlineAt-c.Now) * time.Millisecond)
	}
	s.muted, s.away, s.given, s.asked = c.TheyMuted, c.TheyAway, c.More, c.ExtendMine || c.ExtendTheirs
	wishes, s.wishes = s.wishes, false
	return wishes
}

func (s *callState) wish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wishes = true
}

// now returns the current moment, without what the voice detector knows; ok is false before
// the call is live.
func (s *callState) now() (t moment, since time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t = moment{now: time.Now(), left: time.Until(s.ends), muted: s.muted, away: s.away, given: s.given, asked: s.asked}
	return t, s.live, !s.live.IsZero()
}

// player plays recordings; bot.Mic implements it.
type player interface {
	Play(ctx context.Context, rec audio.Recording) error
}

const (
	attends = 40 * time.Millisecond  // how often it is looked whether to speak, or to stop
	almost  = 300 * time.Millisecond // who has so little left to say finishes it
)

// speak plays the lines of dialogue m until ctx ends or the microphone is gone. It stops a
// line when the partner speaks.
func speak(ctx context.Context, mic player, e *voiceDetector, m *dialogue, s *callState, again bool) {
	// The partner reports received audio only when packets arrive.
	hush := audio.Recording{Packets: [][]byte{silence}}
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

// silence is an Opus frame of silence.
var silence = []byte{0xf8, 0xff, 0xfe}

// say plays a line until the partner insists on speaking, and returns up to where.
func say(ctx context.Context, mic player, e *voiceDetector, l *line) (upTo time.Duration, err error) {
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
