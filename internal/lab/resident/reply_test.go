package resident_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyy/internal/lab/bot"
	"heyy/internal/lab/resident"
)

// Somebody new writes to a resident, and is read and answered in the resident's language,
// first of all with what residents are.
func TestAResidentAnswersAMessage(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server := start(t, ctx)
	cast := load(t)
	chiara, ok := cast.Resident("chiara")
	if !ok {
		t.Fatal("Chiara has moved")
	}
	given, err := server.Tokens(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	voice, err := chiara.Intro.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	her, err := bot.Dial(ctx, server.BaseURL, given[0].Token)
	if err != nil {
		t.Fatal(err)
	}
	me := member(t, ctx, server.BaseURL)
	for _, one := range []struct {
		c      *bot.Client
		gender string
	}{{her, "woman"}, {me, "man"}} {
		if err := one.c.EditProfile(ctx, bot.Profile{
			Gender: one.gender, Languages: []string{"en"}, Interests: []string{"jazz"}, Intents: []string{"friends"}, Onboarded: true,
			Preferences: bot.Preferences{Meet: []string{"woman", "man", "nonbinary"}, From: 18, To: 120, Intents: []string{}, Languages: []string{}, Interests: []string{}},
		}); err != nil {
			t.Fatal(err)
		}
		if err := one.c.Publish(ctx, 0, "best_sound", voice); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []*bot.Client{her, me} {
		within(t, 10*time.Second, "they are shown to each other", func() bool {
			deck, err := c.Deck(ctx, 3)
			if err != nil || len(deck) == 0 {
				return false
			}
			_, err = c.Like(ctx, deck[0])
			return err == nil
		})
	}
	chats, err := me.Chats(ctx, 10)
	if err != nil || len(chats) != 1 {
		t.Fatalf("%+v, %v", chats, err)
	}
	with := chats[0].Person.ID

	cast.Rooms = cast.Rooms[:1]
	life, end := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		done <- resident.Run(life, slog.New(slog.DiscardHandler), resident.Config{BaseURL: server.BaseURL, Tokens: map[string]string{"chiara": given[0].Token}, Cast: cast})
	}()
	defer func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	var heard []bot.Message
	answered := func(n int) (texts []string) {
		within(t, 25*time.Second, "an answer", func() bool {
			some, err := me.Messages(ctx, with, 50)
			if err != nil {
				return false
			}
			texts, heard = nil, nil
			for _, m := range some {
				if !m.Mine {
					texts, heard = append(texts, m.Text), append(heard, m)
				}
			}
			return len(texts) >= n
		})
		return texts
	}
	// She has posted something, in her own voice and with its text, that a match hears.
	within(t, time.Minute, "a moment", func() bool {
		_, people, err := me.Moments(ctx)
		return err == nil && len(people) == 1 && people[0].Person.ID == with && len(people[0].Moments) == 1 && people[0].Moments[0].Text != ""
	})
	if _, err := me.Send(ctx, with, "Which tram is that behind you?"); err != nil {
		t.Fatal(err)
	}
	first := answered(1)[0]
	if !strings.Contains(first, "residente") {
		t.Errorf("she answers %q", first)
	}
	say := func(text string, spoken bool) { // the id decides how it is answered
		t.Helper()
		id := uuid.NewString()
		for resident.Speaks(id) != spoken {
			id = uuid.NewString()
		}
		if _, err := me.SendAs(ctx, with, id, text); err != nil {
			t.Fatal(err)
		}
	}
	say("I see", true)
	say("And which one is your favourite?", false) // one answer for both
	if all := answered(2); len(all) != 2 || all[0] == first || heard[0].Voice != nil {
		t.Errorf("she answers %q", all)
	}
	say("Say it again", true)
	answered(3)
	if m := heard[0]; m.Voice == nil || m.Voice.Ms < 1000 || m.Text == "" {
		t.Errorf("she answers %+v", m)
	}
}
