package resident_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/lab/bot"
	"heyy/internal/lab/resident"
)

// The residents' stage, club and events on a real server, over a restart and through an event;
// the steps build on each other.
func TestAClubAndItsEveningsArePlannedOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute) // with the building of the program
	defer cancel()
	server, data := startIn(t, ctx)
	cast := load(t)
	cast.Rooms = cast.Rooms[:2]
	stage, lounge := cast.Rooms[0], cast.Rooms[1]
	if stage.Shape != "stage" || lounge.Club == nil || len(stage.Events) != 1 || len(lounge.Events) != 1 {
		t.Fatalf("not the rooms that this test is about: %+v, %+v", stage, lounge)
	}
	keys := append(stage.People(), lounge.People()...)
	given, err := server.Tokens(ctx, len(keys))
	if err != nil {
		t.Fatal(err)
	}
	tokens, accounts := map[string]string{}, map[string]string{}
	for i, key := range keys {
		tokens[key], accounts[given[i].Account] = given[i].Token, key
	}
	live := func() (stop func()) {
		life, end := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := resident.Run(life, slog.New(slog.DiscardHandler), resident.Config{BaseURL: server.BaseURL, Tokens: tokens, Cast: cast}); err != nil {
				t.Error(err)
			}
		}()
		return func() { end(); <-done }
	}
	stop := live()

	t.Log("they let each other and a person up on a stage")
	person, token := memberWith(t, ctx, server.BaseURL)
	id := find(t, ctx, person, stage.Title)
	stay, err := person.Join(ctx, id, bot.Options{Deaf: true})
	if err != nil {
		t.Fatal(err)
	}
	room := func() bot.Room {
		now, err := stay.Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	seated := func(now bot.Room) (keys []string) {
		for _, m := range now.Members {
			if m.Seat != 0 && m.Present && accounts[m.Person.ID] != "" {
				keys = append(keys, accounts[m.Person.ID])
			}
		}
		return keys
	}
	within(t, 40*time.Second, "all speakers are on stage", func() bool { return len(seated(room())) == 1+len(stage.Speakers) })
	if now := room(); now.Shape != "stage" {
		t.Errorf("the room is a %s", now.Shape)
	}
	within(t, 50*time.Second, "a listener raises a hand", func() bool {
		return slices.ContainsFunc(room().Members, func(m bot.Member) bool { return m.Hand != 0 && slices.Contains(stage.Listeners, accounts[m.Person.ID]) })
	})
	if err := person.RaiseHand(ctx, id, "Me too"); err != nil {
		t.Fatal(err)
	}
	within(t, 15*time.Second, "the person is asked up", func() bool { return room().Invited })
	if err := person.AcceptInvitation(ctx, id); err != nil {
		t.Fatal(err)
	}
	for _, who := range seated(room()) {
		if slices.Contains(stage.Listeners, who) {
			t.Errorf("%s has nothing to say, and is on stage", who)
		}
	}

	t.Log("they founded a club and planned evenings, with people in both")
	var clubs struct{ Clubs []bot.Club }
	var events struct{ Events []bot.Event }
	look := func() {
		clubs.Clubs, events.Events = nil, nil // or what was read before changes with it
		call(t, ctx, server.BaseURL, http.MethodGet, "/api/clubs", token, nil, &clubs)
		call(t, ctx, server.BaseURL, http.MethodGet, "/api/events", token, nil, &events)
	}
	present := 0 // of the members, those who are in the two rooms
	for _, key := range lounge.Club.Members {
		if tokens[key] != "" {
			present++
		}
	}
	within(t, 30*time.Second, "the club has its members, and both events their people", func() bool {
		look()
		return len(clubs.Clubs) == 1 && clubs.Clubs[0].Members == 1+present && len(events.Events) == 2 && events.Events[0].Goers > 1 && events.Events[1].Goers > 1
	})
	for _, e := range events.Events {
		one, err := person.GetEvent(ctx, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if e.Weekly != (e.Title == lounge.Events[0].Title) || len(one.People) != 3 {
			t.Errorf("%+v", one)
		}
		if d := time.Until(time.UnixMilli(e.StartsAt)); d < 0 || d > 8*24*time.Hour {
			t.Errorf("%s begins in %v", e.Title, d)
		}
	}
	if find(t, ctx, person, lounge.Title); clubRoom(t, ctx, person, lounge.Title) != clubs.Clubs[0].ID {
		t.Error("the club has no room of its own")
	}

	t.Log("a second start finds all of it there")
	before := events.Events
	club := clubs.Clubs[0]
	stop()
	stop = live()
	within(t, 40*time.Second, "they are on stage again", func() bool { return len(seated(room())) == 1+len(stage.Speakers) })
	time.Sleep(3 * time.Second) // hosts look at once; what they plan twice would be there by now
	look()
	if len(clubs.Clubs) != 1 || clubs.Clubs[0] != club || len(events.Events) != 2 || events.Events[0].ID != before[0].ID || events.Events[1].ID != before[1].ID {
		t.Errorf("after a restart: %+v, %+v", clubs.Clubs, events.Events)
	}

	t.Log("an event begins when its time has come, but not over a person on stage")
	rows, err := db.Open(ctx, data, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	begin := func(ago time.Duration) {
		if _, err := rows.Exec(`UPDATE events SET starts_at = $1 WHERE title = $2`, db.Millis(time.Now().Add(-ago)), stage.Events[0].Title); err != nil {
			t.Fatal(err)
		}
	}
	begin(0)
	time.Sleep(26 * time.Second) // longer than a host looks
	if now := room(); now.EndedAt != 0 {
		t.Error("the room ended under a person on stage")
	}
	if _, err := stay.Stand(ctx); err != nil {
		t.Fatal(err)
	}
	evening := findWithin(t, ctx, person, stage.Events[0].Title, 45*time.Second)
	if stay, err = person.Join(ctx, evening, bot.Options{Deaf: true}); err != nil {
		t.Fatal(err)
	}
	within(t, 40*time.Second, "its speakers are there", func() bool { return len(seated(room())) == 1+len(stage.Speakers) })

	t.Log("after its end the room of every day is back, and the next evening is planned")
	begin(time.Duration(stage.Events[0].Minutes)*time.Minute + time.Second)
	id = findWithin(t, ctx, person, stage.Title, 45*time.Second)
	if id == evening {
		t.Error("the room of the event is still there")
	}
	within(t, 45*time.Second, "another evening is planned", func() bool {
		look()
		return slices.ContainsFunc(events.Events, func(e bot.Event) bool {
			return e.Title == stage.Events[0].Title && e.ID != before[0].ID && e.ID != before[1].ID && e.StartsAt > time.Now().UnixMilli()
		})
	})
	stop()
}

func clubRoom(t *testing.T, ctx context.Context, c *bot.Client, title string) string {
	t.Helper()
	rooms, err := c.Rooms(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		if r.Title == title && r.Club != nil {
			return r.Club.ID
		}
	}
	return ""
}

func TestTheNextEveningIsFarEnoughAheadAndOnItsDay(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, rome) }
	daily := resident.Event{Zone: "Europe/Rome", At: "21:00"}
	weekly := resident.Event{Zone: "Europe/Rome", At: "21:00", Weekday: "Monday"}
	for _, one := range []struct {
		of        resident.Event
		now, want time.Time
	}{
		{daily, at(22, 12, 0), at(22, 21, 0)},
		{daily, at(22, 20, 50), at(22, 21, 0)},
		{daily, at(22, 20, 51), at(23, 21, 0)},
		{daily, at(24, 22, 0), at(25, 21, 0)}, // the clocks change in between
		{weekly, at(22, 12, 0), at(26, 21, 0)},
		{weekly, at(26, 12, 0), at(26, 21, 0)},
		{weekly, at(26, 21, 0), time.Date(2026, 11, 2, 21, 0, 0, 0, rome)},
	} {
		got, err := one.of.Next(one.now.UTC())
		if err != nil || !got.Equal(one.want) {
			t.Errorf("%s %s at %v: %v, not %v (%v)", one.of.Weekday, one.of.At, one.now, got, one.want, err)
		}
	}
	for _, wrong := range []resident.Event{{Zone: "Mars", At: "21:00"}, {Zone: "Europe/Rome", At: "9 pm"}, {Zone: "Europe/Rome", At: "21:00", Weekday: "Mittwoch"}} {
		if _, err := wrong.Next(at(22, 12, 0)); err == nil {
			t.Errorf("%+v has a date", wrong)
		}
	}
}

func TestClubsAndEveningsAreCast(t *testing.T) {
	cast := load(t)
	stages, tonight, weekly, clubs := 0, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, room := range cast.Rooms {
		known := func(where string, keys ...string) {
			for _, key := range keys {
				if _, there := cast.Resident(key); !there || key == room.Host {
					t.Errorf("%s, %s: %q", room.Key, where, key)
				}
			}
		}
		if room.Shape == "stage" {
			stages++
			if len(room.Hands) == 0 {
				t.Errorf("%s: nobody raises a hand", room.Key)
			}
		}
		if c := room.Club; c != nil {
			clubs[room.Language] = true
			known("club", c.Members...)
			if c.Name == "" || c.About == "" || c.Rules == "" || len(c.Members) < 3 {
				t.Errorf("%s: a club of little: %+v", room.Key, c)
			}
		}
		for _, e := range room.Events {
			known(e.Title, e.Speakers...)
			known(e.Title, e.Goers...)
			if len(e.Speakers) == 0 || len(e.Goers) == 0 || e.About == "" || e.Minutes < 15 {
				t.Errorf("%s: an event of little: %+v", room.Key, e)
			}
			for _, key := range e.Speakers {
				if !slices.Contains(room.Speakers, key) || slices.Contains(e.Goers, key) {
					t.Errorf("%s: %s speaks at %s", room.Key, key, e.Title)
				}
			}
			if e.Weekday == "" {
				tonight[room.Language] = true
			} else {
				weekly[room.Language] = true
			}
		}
	}
	if stages != 1 || len(clubs) != 3 || len(tonight) != 3 || len(weekly) != 3 {
		t.Errorf("%d stages, clubs %v, evenings %v, weekly %v", stages, clubs, tonight, weekly)
	}
}
