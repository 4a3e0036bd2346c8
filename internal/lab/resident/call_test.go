package resident_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/lab/resident"
	"heyy/internal/media/audio"
)

func TestTwoOfEachLanguageWaitForCallsAndNobodyFromAStage(t *testing.T) {
	cast := load(t)
	each := map[string]int{}
	for _, key := range cast.Callers() {
		r, ok := cast.Resident(key)
		if !ok {
			t.Fatalf("nobody is called %s", key)
		}
		each[r.Language]++
		for _, room := range cast.Rooms {
			if room.Host == key || slices.Contains(room.Speakers, key) {
				t.Errorf("%s is called away from a stage", key)
			}
		}
	}
	if each["en"] != 2 || each["it"] != 2 || each["zh"] != 2 || len(each) != 3 {
		t.Errorf("waiting: %v", each)
	}
}

// Somebody who is alone on a new machine is talked with within the first minute,
// and matched after it, twice.
func TestWhoIsAloneIsTalkedTo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server := start(t, ctx)
	cast := load(t)
	cast.Rooms = cast.Rooms[:1]
	keys := slices.DeleteFunc(cast.Callers(), func(key string) bool { return !slices.Contains(cast.Rooms[0].Listeners, key) })
	given, err := server.Tokens(ctx, len(keys))
	if err != nil {
		t.Fatal(err)
	}
	present := func(c *bot.Client, r resident.Resident) {
		t.Helper()
		intro, err := r.Intro.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.EditProfile(ctx, bot.Profile{
			Gender: r.Gender, Languages: []string{r.Language}, Interests: r.Interests, Intents: []string{"friends"}, Onboarded: true,
			Preferences: bot.Preferences{Meet: []string{"woman", "man", "nonbinary"}, From: 18, To: 120, Intents: []string{}, Languages: []string{}, Interests: []string{}},
		}); err != nil {
			t.Fatal(err)
		}
		if err := c.Publish(ctx, 0, "best_sound", intro); err != nil {
			t.Fatal(err)
		}
	}
	tokens, names := map[string]string{}, map[string]string{}
	clients := map[string]*bot.Client{}
	for i, key := range keys {
		tokens[key], names[given[i].Account] = given[i].Token, key
		if clients[key], err = bot.Dial(ctx, server.BaseURL, given[i].Token); err != nil {
			t.Fatal(err)
		}
		r, _ := cast.Resident(key)
		present(clients[key], r)
	}
	life, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := resident.Run(life, slog.New(slog.DiscardHandler), resident.Config{BaseURL: server.BaseURL, Tokens: tokens, Cast: cast}); err != nil {
			t.Error(err)
		}
	}()
	person := member(t, ctx, server.BaseURL)
	maya, _ := cast.Resident("maya")
	present(person, maya)

	met := map[string]bool{}
	var key string
	for range 2 {
		arrived := time.Now()
		key = talk(t, ctx, cast, person, names, clients, len(met) == 0)
		if met[key] {
			t.Errorf("%s was met twice", key)
		}
		met[key] = true
		t.Logf("%s was met within %v", key, time.Since(arrived).Round(time.Second))
	}

	t.Log("they leave politely and at once, and nothing of them waits on")
	begun := time.Now()
	end()
	<-done
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("leaving took %v", took)
	}
	for key, c := range clients {
		if l, err := c.QueueStatus(ctx); err != nil || l.Waiting {
			t.Errorf("%s: %+v, %v", key, l, err)
		}
	}
}

// talk is one call of a person with whichever resident they are given, who is
// interrupted and listened to if it is long.
func talk(t *testing.T, ctx context.Context, cast resident.Cast, person *bot.Client, names map[string]string, clients map[string]*bot.Client, long bool) (key string) {
	t.Helper()
	if _, err := person.Queue(ctx); err != nil {
		t.Fatal(err)
	}
	now := func() bot.Call {
		t.Helper()
		l, err := person.QueueStatus(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if l.Call == nil {
			return bot.Call{}
		}
		return *l.Call
	}
	within(t, 30*time.Second, "a resident is proposed", func() bool { return now().State == "proposed" })
	call := now()
	// Who it is shows once both have said yes; the resident knows before.
	for k, c := range clients {
		if l, err := c.QueueStatus(ctx); err == nil && l.Call != nil && l.Call.ID == call.ID {
			key = k
		}
	}
	if key == "" || !call.Person.Resident || call.Person.ID != "" {
		t.Fatalf("proposed: %+v", call.Person)
	}
	r, _ := cast.Resident(key)
	h := newListener(t, r)
	line, err := person.JoinCall(ctx, call.ID, bot.Options{OnAudio: h.packet})
	if err != nil {
		t.Fatal(err)
	}
	defer line.HangUp()
	if _, err := person.Accept(ctx, call.ID); err != nil {
		t.Fatal(err)
	}
	within(t, 15*time.Second, "both are on the line", func() bool { return now().Together() })
	if got := names[now().Person.ID]; got != key {
		t.Errorf("on the line: %q, proposed was %q", got, key)
	}
	mic, err := line.Mic(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tone, err := bot.Tone(440)
	if err != nil {
		t.Fatal(err)
	}
	speaking, quiet := context.WithCancel(ctx)
	go func() { _ = mic.Loop(speaking, tone) }()
	if _, err := person.ReportAudioReceived(ctx, call.ID); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "the call is live", func() bool { return now().State == "live" })
	time.Sleep(2 * time.Second)
	if said := h.since(time.Time{}); len(said) != 0 {
		t.Errorf("says %v into somebody's word", said)
	}
	quiet()
	within(t, 15*time.Second, "the resident says hello", func() bool { return len(h.since(time.Time{})) > 0 })
	if said := h.since(time.Time{}); said[0].Kind != resident.Hello {
		t.Errorf("says %v first", said)
	}
	if long {
		time.Sleep(time.Second)
		speaking, quiet := context.WithCancel(ctx)
		go func() { _ = mic.Loop(speaking, tone) }()
		time.Sleep(time.Second) // a third of it to be noticed, and the way there and back
		silent := time.Now()
		time.Sleep(2 * time.Second)
		if said := h.since(silent); len(said) != 0 {
			t.Errorf("goes on with %v when interrupted", said)
		}
		quiet()
		begun := time.Now()
		within(t, 8*time.Second, "they take their turn", func() bool { return len(h.since(begun)) > 0 })
		within(t, 40*time.Second, "they have said three different things", func() bool { return len(h.since(time.Time{})) >= 3 })
		said := h.since(time.Time{})
		if !slices.ContainsFunc(said, func(s resident.Saying) bool { return s.Kind == resident.Made }) {
			t.Errorf("nothing of who speaks in %v", said)
		}
	}
	if _, err := person.Extend(ctx, call.ID); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "they would like to go on, too", func() bool { return now().More == 1 })

	if _, err := person.EndCall(ctx, call.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := person.Choose(ctx, call.ID, "heart"); err != nil {
		t.Fatal(err)
	}
	within(t, 15*time.Second, "the resident waits for the next call", func() bool {
		l, err := clients[key].QueueStatus(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return l.Waiting
	})
	return key
}

// listener knows which of a resident's lines it hears, and when.
type listener struct {
	lines map[string]resident.Saying // by packets that are in no other
	mu    sync.Mutex
	said  []resident.Saying // the different ones, in their order
	last  map[string]time.Time
}

func newListener(t *testing.T, r resident.Resident) *listener {
	t.Helper()
	l := &listener{lines: map[string]resident.Saying{}, last: map[string]time.Time{}}
	many := map[string]bool{}
	for _, s := range r.Calls {
		data, err := s.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		rec, err := audio.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range rec.Packets {
			other, taken := l.lines[string(p)]
			many[string(p)] = many[string(p)] || taken && other.File != s.File
			l.lines[string(p)] = s
		}
	}
	for p := range many {
		if many[p] {
			delete(l.lines, p)
		}
	}
	return l
}

func (l *listener) packet(h bot.AudioPacket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, known := l.lines[string(h.Payload)]
	if !known {
		return
	}
	if _, before := l.last[s.File]; !before {
		l.said = append(l.said, s)
	}
	l.last[s.File] = h.At
}

// since are the lines of which something was heard after a time.
func (l *listener) since(t time.Time) (said []resident.Saying) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.said {
		if l.last[s.File].After(t) {
			said = append(said, s)
		}
	}
	return said
}
