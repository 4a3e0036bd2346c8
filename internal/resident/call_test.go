package resident_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"heyy/internal/bench"
	"heyy/internal/bot"
	"heyy/internal/resident"
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

// Somebody who is alone on a new machine is talked to within the first minute,
// and matched after it, twice.
func TestWhoIsAloneIsTalkedTo(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	binary, err := bench.Build(ctx, "../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server, err := bench.Start(ctx, binary, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	cast := load(t)
	cast.Rooms = cast.Rooms[:1]
	keys := cast.Callers()
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
		if err := c.Introduce(ctx, bot.Profile{
			Gender: r.Gender, Languages: []string{r.Language}, Interests: r.Interests, Intents: []string{"friends"}, Settled: true,
			Wishes: bot.Wishes{Meet: []string{"woman", "man", "nonbinary"}, From: 18, To: 120, Intents: []string{}, Languages: []string{}, Interests: []string{}},
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
		key = talk(t, ctx, person, names, clients)
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
		if l, err := c.Lounge(ctx); err != nil || l.Waiting {
			t.Errorf("%s: %+v, %v", key, l, err)
		}
	}
}

// talk is one call of a person with whichever resident they are given.
func talk(t *testing.T, ctx context.Context, person *bot.Client, names map[string]string, clients map[string]*bot.Client) (key string) {
	t.Helper()
	if _, err := person.Queue(ctx); err != nil {
		t.Fatal(err)
	}
	now := func() bot.Call {
		t.Helper()
		l, err := person.Lounge(ctx)
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
	key = names[call.Person.ID]
	if key == "" || !call.Person.Resident {
		t.Fatalf("proposed: %+v", call.Person)
	}
	h := &heard{accounts: names}
	line, err := person.Pick(ctx, call.ID, bot.Options{OnAudio: h.packet})
	if err != nil {
		t.Fatal(err)
	}
	defer line.HangUp()
	if _, err := person.Accept(ctx, call.ID); err != nil {
		t.Fatal(err)
	}
	within(t, 15*time.Second, "both are on the line", func() bool { return now().Together() })
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
	if _, err := person.Hears(ctx, call.ID); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "the call is live", func() bool { return now().State == "live" })
	time.Sleep(2 * time.Second)
	if who := h.since(time.Time{}); len(who) != 0 {
		t.Errorf("%v talks into somebody's word", who)
	}
	quiet()
	within(t, 15*time.Second, "the resident is heard", func() bool { return slices.Equal(h.since(time.Time{}), []string{key}) })
	if _, err := person.More(ctx, call.ID); err != nil {
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
		l, err := clients[key].Lounge(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return l.Waiting
	})
	return key
}
