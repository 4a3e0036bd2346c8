package resident

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

// lips say lines to nobody, at their pace, and remember when.
type lips struct {
	names map[*byte]*line // by the last packet, which what is left of a line has, too
	mu    sync.Mutex
	lines []uttered
	sound bool // of whatever kind
}

type uttered struct {
	*line
	from, to time.Time // to is zero while it is said
	rest     bool      // goes on with what was said before
	cut      bool
}

func (l *lips) Play(ctx context.Context, rec audio.Recording) error {
	length := time.Duration(0)
	for _, p := range rec.Packets {
		length += audio.PacketDuration(p)
	}
	l.mu.Lock()
	l.sound = true
	l.mu.Unlock()
	said := l.names[&rec.Packets[len(rec.Packets)-1][0]]
	if said != nil {
		l.mu.Lock()
		l.lines = append(l.lines, uttered{line: said, from: time.Now(), rest: len(rec.Packets) < len(said.voice.Packets)})
		l.mu.Unlock()
		defer func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.lines[len(l.lines)-1].to = time.Now()
		}()
	}
	if !sleep(ctx, length) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if said != nil {
			l.lines[len(l.lines)-1].cut = true
		}
		return ctx.Err()
	}
	return nil
}

func (l *lips) now() (last uttered, any bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == 0 {
		return uttered{}, false
	}
	return l.lines[len(l.lines)-1], true
}

// person is somebody in a call: how long they speak from now on, if they begin,
// given the line heard last, how long ago it began, and how long ago it ended if
// it did.
type person func(last uttered, began, ended time.Duration) time.Duration

// people are several kinds; but for the silent ones, each speaks once to a line.
func people() map[string]person {
	once := func(begin func(n int, began, ended time.Duration) time.Duration) person {
		n := 0
		var seen time.Time
		return func(last uttered, began, ended time.Duration) time.Duration {
			if last.from.Equal(seen) {
				return 0
			}
			length := begin(n, began, ended)
			if length > 0 {
				n, seen = n+1, last.from
			}
			return length
		}
	}
	after := func(pause time.Duration, lengths ...time.Duration) person {
		return once(func(n int, _, ended time.Duration) time.Duration {
			if ended < pause {
				return 0
			}
			return lengths[n%len(lengths)]
		})
	}
	return map[string]person{
		"silent": func(uttered, time.Duration, time.Duration) time.Duration { return 0 },
		"muted":  func(uttered, time.Duration, time.Duration) time.Duration { return 0 },
		"chatty": after(600*time.Millisecond, 4*time.Second, 7*time.Second, 2*time.Second),
		"brief":  after(900*time.Millisecond, 600*time.Millisecond, 800*time.Millisecond),
		"long":   after(700*time.Millisecond, 35*time.Second),
		"late": func() person {
			var met time.Time
			return func(last uttered, _, _ time.Duration) time.Duration {
				if met.IsZero() {
					met = last.from
				}
				if at := time.Since(met); at < 6*time.Minute+34*time.Second || at > 6*time.Minute+36*time.Second {
					return 0
				}
				return 22 * time.Second
			}
		}(),
		"interrupting": once(func(n int, began, ended time.Duration) time.Duration {
			if began < 1500*time.Millisecond || ended > 0 {
				return 0
			}
			return 4 * time.Second
		}),
		"humming": once(func(n int, began, ended time.Duration) time.Duration {
			if began < 2500*time.Millisecond || ended > 0 {
				return 0
			}
			return 350 * time.Millisecond
		}),
	}
}

// spell is one stretch of a person's speech.
type spell struct{ from, to time.Time }

// evening is a whole call on a made-up clock; set is told the time since it is
// live, each 20 ms, and may change how it stands.
func evening(t *testing.T, lines script, call string, other person, set func(at time.Duration, s *callState)) (begun time.Time, said []uttered, spoke []spell) {
	t.Helper()
	l := &lips{names: map[*byte]*line{}}
	for _, kind := range lines {
		for _, one := range kind {
			l.names[&one.voice.Packets[len(one.voice.Packets)-1][0]] = one
		}
	}
	e, m, s := &voiceDetector{}, newDialogue(lines, call), &callState{}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		speak(ctx, l, e, m, s, false)
	}()
	time.Sleep(time.Second)
	l.mu.Lock()
	hushed := l.sound && len(l.lines) == 0
	l.mu.Unlock()
	if !hushed {
		t.Error("speaks before the other can hear, or gives nothing to hear")
	}
	begun = time.Now()
	s.set(bot.Call{State: "live", DeadlineAt: (7 * time.Minute).Milliseconds()})
	from, until := begun, begun
	for {
		now := time.Now()
		set(now.Sub(begun), s)
		if !now.Before(s.ends) {
			break
		}
		last, any := l.now()
		if any && !now.Before(until) {
			ended := time.Duration(0)
			if !last.to.IsZero() {
				ended = now.Sub(last.to)
			}
			if length := other(last, now.Sub(last.from), ended); length > 0 {
				from, until = now, now.Add(length)
				spoke = append(spoke, spell{now, until})
			}
		}
		level := 0.001
		if now.Before(until) {
			level = 0.1
			if now.Sub(from)%(500*time.Millisecond) > 340*time.Millisecond { // between words
				level = 0.004
			}
		}
		e.mu.Lock()
		e.level(now, level)
		e.mu.Unlock()
		time.Sleep(frame)
	}
	stop()
	<-done
	return begun, l.lines, spoke
}

func TestACallIsAConversationWithWhomeverItIs(t *testing.T) {
	cast, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range cast.Callers() {
		for kind := range people() {
			if i%2 == 1 && (kind == "humming" || kind == "interrupting") {
				continue // one of each language: lines that are cut off cost time
			}
			t.Run(key+" with somebody "+kind, func(t *testing.T) {
				t.Parallel()
				r, _ := cast.Resident(key)
				lines, err := r.script()
				if err != nil {
					t.Fatal(err)
				}
				synctest.Test(t, func(t *testing.T) {
					begun, said, spoke := evening(t, lines, "a call of "+key, people()[kind], func(_ time.Duration, s *callState) {
						s.mu.Lock()
						defer s.mu.Unlock()
						s.muted = kind == "muted"
					})
					isPolite(t, begun, said, spoke)
					isSevenMinutes(t, kind, begun, said, spoke)
				})
			})
		}
	}
}

// isPolite holds what is true of whatever a resident says.
func isPolite(t *testing.T, begun time.Time, said []uttered, spoke []spell) {
	t.Helper()
	when := func(at time.Time) string { return fmt.Sprint(at.Sub(begun).Round(10 * time.Millisecond)) }
	lately := map[*line]time.Time{}
	for i, u := range said {
		heard := begun
		if i > 0 {
			heard = said[i-1].to
			if gap := u.from.Sub(heard); gap < 700*time.Millisecond {
				t.Errorf("%s: only %v after their own word", when(u.from), gap)
			}
		}
		answers, sound := false, heard
		for _, s := range spoke {
			if u.from.Sub(s.from) > 300*time.Millisecond && u.from.Sub(s.to) < 500*time.Millisecond {
				t.Errorf("%s: begins when the other speaks until %s", when(u.from), when(s.to))
			}
			over := s.to
			if u.to.Before(over) {
				over = u.to
			}
			most := 300 * time.Millisecond // to be stopped
			if !u.cut {
				most += almost // to finish
			}
			if s.from.After(u.from) && over.Sub(s.from) > most {
				t.Errorf("%s: talks for %v into the other's word", when(s.from), over.Sub(s.from))
			}
			if s.to.Before(u.from) && s.to.After(sound) {
				sound = s.to
			}
			answers = answers || s.to.After(heard.Add(-almost-frame)) && s.to.Before(u.from)
		}
		again := fresh
		if u.from.Sub(sound) > longQuiet-500*time.Millisecond { // the last word ends in a pause
			again = stale
		}
		takenUp := i > 0 && said[i-1].cut && said[i-1].line == u.line
		if at, before := lately[u.line]; before && !takenUp && u.from.Sub(at) < again && u.kind != Made {
			t.Errorf("%s: %s again, said at %s", when(u.from), u.kind, when(at))
		}
		if !u.cut {
			lately[u.line] = u.from
		}
		if u.kind == React && !answers {
			t.Errorf("%s: reacts to nothing", when(u.from))
		}
		if u.kind == Quiet && answers && u.from.Sub(heard) < 2*time.Second {
			t.Errorf("%s: calls it silence", when(u.from))
		}
	}
}

// isSevenMinutes holds what a call of which nobody asks for more has.
func isSevenMinutes(t *testing.T, kind string, begun time.Time, said []uttered, spoke []spell) {
	t.Helper()
	var kinds []Kind
	own, rest, gap := time.Duration(0), time.Duration(0), time.Duration(0)
	at := map[Kind]time.Duration{}
	different := map[*line]bool{}
	heard := begun
	for _, u := range said {
		kinds = append(kinds, u.kind)
		if _, before := at[u.kind]; !before {
			at[u.kind] = u.from.Sub(begun)
		}
		different[u.line] = true
		own += u.to.Sub(u.from)
		if u.rest {
			rest += u.to.Sub(u.from)
		}
		silent := u.from.Sub(heard)
		for _, s := range spoke {
			if s.to.After(heard) && s.to.Before(u.from) {
				silent = u.from.Sub(s.to)
			}
		}
		gap = max(gap, silent)
		heard = u.to
	}
	if kinds[0] != Hello || at[Hello] > 1500*time.Millisecond {
		t.Errorf("%s after %v comes first", kinds[0], at[Hello])
	}
	last := said[len(said)-1]
	noRoom := kind == "long" || kind == "late" || kind == "interrupting" || kind == "humming" // for a goodbye, or all of it
	if ends := last.to.Sub(begun); ends > 7*time.Minute-byeRest/2 || !noRoom && (last.kind != Bye || last.cut || ends < 7*time.Minute-15*time.Second) {
		t.Errorf("%s comes last, until %v", last.kind, last.to.Sub(begun))
	}
	if kind != "long" { // and their words reach from here to there
		made := time.Duration(0)
		for _, u := range said {
			if u.kind == Made && u.to.Sub(begun) < 100*time.Second {
				made += u.to.Sub(u.from)
			}
		}
		if at[Made] == 0 || at[Made] > time.Minute || made < 4*time.Second {
			t.Errorf("what they are, after %v, and for %v", at[Made], made)
		}
		if minute := at[Minute]; minute < 6*time.Minute || minute > 6*time.Minute+20*time.Second {
			t.Errorf("the last minute is noticed after %v", minute)
		}
	}
	switch kind {
	case "silent":
		if kinds[1] != Quiet || slices.Contains(kinds, React) || slices.Contains(kinds, Muted) {
			t.Errorf("to somebody silent: %v", kinds)
		}
		if own < 2*time.Minute || own > 5*time.Minute {
			t.Errorf("talks for %v of seven minutes", own)
		}
	case "muted":
		if at[Muted] == 0 || at[Muted] > 30*time.Second {
			t.Errorf("to somebody muted: %v", kinds)
		}
	case "chatty":
		if !slices.Contains(kinds, React) || !slices.Contains(kinds, Ask) || !slices.Contains(kinds, Story) {
			t.Errorf("to somebody chatty: %v", kinds)
		}
		if gap > 9*time.Second {
			t.Errorf("leaves them without an answer for %v", gap)
		}
	case "humming":
		if rest == 0 {
			t.Error("never goes on after a hum")
		}
	}
	if len(different) < 12 && kind != "long" {
		t.Errorf("only %d different lines", len(different))
	}
	if gap > 25*time.Second {
		t.Errorf("a silence of %v", gap)
	}
	t.Logf("%d lines, %d different, %v of their own words, longest silence %v: %v", len(said), len(different), own.Round(time.Second), gap.Round(time.Second/10), kinds)
}

func TestMoreTimeAndALostLineAreNoticed(t *testing.T) {
	t.Parallel()
	cast, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range cast.Callers() {
		r, _ := cast.Resident(key)
		lines, err := r.script()
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			const lostFrom, lostTo, moreAt = 90 * time.Second, 110 * time.Second, 6*time.Minute + 30*time.Second
			given := false
			begun, said, spoke := evening(t, lines, "longer with "+key, people()["chatty"], func(at time.Duration, s *callState) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.away = at > lostFrom && at < lostTo
				if at > moreAt && !given {
					given, s.given, s.ends = true, 1, s.ends.Add(3*time.Minute)
				}
			})
			isPolite(t, begun, said, spoke)
			count, first := map[Kind]int{}, map[Kind]time.Duration{}
			for _, u := range said {
				at := u.from.Sub(begun)
				if count[u.kind]++; count[u.kind] == 1 {
					first[u.kind] = at
				}
				if at > lostFrom+100*time.Millisecond && at < lostTo {
					t.Errorf("%s: talks to nobody after %v", key, at)
				}
			}
			for _, u := range said {
				if u.kind == Minute && (u.line == lines[Minute][0]) != (u.from.Sub(begun) < 7*time.Minute) {
					t.Errorf("%s: speaks of the last minute as if it was another one", key)
				}
			}
			if count[Again] != 1 || first[Again] < lostTo || first[Again] > lostTo+15*time.Second {
				t.Errorf("%s: says %d times that they are back, after %v", key, count[Again], first[Again])
			}
			if count[More] != 1 || first[More] < moreAt || first[More] > moreAt+20*time.Second {
				t.Errorf("%s: is glad of more time %d times, after %v", key, count[More], first[More])
			}
			last := said[len(said)-1]
			if count[Minute] != 2 || count[Bye] != 1 || last.kind != Bye || last.to.Sub(begun) > 10*time.Minute {
				t.Errorf("%s: %v, and %s until %v", key, count, last.kind, last.to.Sub(begun))
			}
		})
	}
}

func TestANoiseThatNeverPausesIsNoVoice(t *testing.T) {
	e, at := &voiceDetector{}, time.Now()
	hear := func(d time.Duration, levels ...float64) {
		for i := range int(d / frame) {
			e.level(at, levels[i/10%len(levels)])
			at = at.Add(frame)
		}
	}
	hear(20*time.Second, 0.05)
	e.forget()
	hear(20*time.Second, 0.05)
	if _, spoke := e.words(); spoke != 0 {
		t.Errorf("a fan says words for %v", spoke)
	}
	hear(3*time.Second, 0.3, 0.05)
	if last, spoke := e.words(); spoke < time.Second || at.Sub(last) > time.Second {
		t.Errorf("whoever speaks beside it is heard for %v", spoke)
	}
	e.forget()
	hear(3*time.Second, 0.001, 0.001)
	e.level(at, 0.5)
	if _, spoke := e.words(); spoke != 0 {
		t.Error("a click is a word")
	}
}
