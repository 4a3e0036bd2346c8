package discover_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/discover"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/profile"
)

func TestTwoPeopleMeet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		newcomer := h.Visitor(t)
		newcomer.SignIn("new@example.org")
		newcomer.Begin("Newcomer")
		newcomer.Want(http.StatusConflict, "discover.incomplete", "GET", "/api/discover", "")
		anna, me := h.Fits(t, "Anna", "woman")
		bob, him := h.Fits(t, "Bob", "man")
		if !me.Shown || fmt.Sprint(me.Needs) != "[home]" {
			t.Errorf("shown %v, needs %v", me.Shown, me.Needs)
		}
		card := bob.Sees(me.ID)
		if card.Person.Name != "Anna" || card.Age < 18 || len(card.Person.Clips) != 1 || len(card.Reasons) == 0 || fmt.Sprint(card.Intents) != "[dating friends]" || card.Region != nil {
			t.Fatalf("%+v", card)
		}
		bob.Want(http.StatusOK, "", "GET", card.Person.Clips[0].URL, "")
		bob.Want(http.StatusNoContent, "", "PUT", "/api/discover/"+me.ID+"/heard", `{"share":1,"ticket":"`+card.Ticket+`"}`)

		// A like is a secret, and can be taken back.
		before := anna.Want(http.StatusOK, "", "GET", "/api/matches", "").Body
		var chosen discover.Chosen
		choose(bob, card, "like").Into(t, &chosen)
		if chosen.Match != nil || chosen.LikesLeft != 49 {
			t.Errorf("%+v", chosen)
		}
		if now := anna.Want(http.StatusOK, "", "GET", "/api/matches", "").Body; now != before {
			t.Errorf("somebody can see that they were liked: %s", now)
		}
		if len(bob.Deck().Cards) != 0 || bob.Deck().Thin == nil {
			t.Errorf("chosen, and shown again: %+v", bob.Deck())
		}
		var undone discover.Undone
		bob.Want(http.StatusOK, "", "POST", "/api/discover/undo", "").Into(t, &undone)
		if undone.PersonID != me.ID {
			t.Errorf("%+v", undone)
		}
		choose(bob, bob.Sees(me.ID), "like")
		his := anna.Sees(him.ID)
		chosen = discover.Chosen{}
		choose(anna, his, "like").Into(t, &chosen)
		if chosen.Match == nil || chosen.Match.Person.Name != "Bob" || chosen.Match.Reveal.Mine {
			t.Fatalf("%+v", chosen)
		}

		// Photos: hidden until both have offered theirs.
		var mine people.Me
		anna.Want(http.StatusConflict, "photo.none", "PUT", "/api/matches/"+him.ID+"/reveal", "")
		for _, v := range []*apitest.Visitor{anna, bob} {
			v.Want(http.StatusOK, "", "POST", "/api/me/photos", apitest.Picture(t), "Content-Type", "image/jpeg").Into(t, &mine)
			if len(mine.Photos) != 1 || mine.Photos[0].Blurhash == "" {
				t.Fatalf("%+v", mine.Photos)
			}
			v.Want(http.StatusOK, "", "GET", mine.Photos[0].URL, "")
		}
		bobs := mine.Photos[0].URL
		anna.Want(http.StatusNotFound, "ticket.wrong", "GET", bobs, "")
		var m discover.Match
		anna.Want(http.StatusOK, "", "PUT", "/api/matches/"+him.ID+"/reveal", "").Into(t, &m)
		if !m.Reveal.Mine || m.Reveal.Theirs || m.Reveal.OpenedAt != 0 || len(m.Reveal.Photos) != 0 {
			t.Errorf("%+v", m.Reveal)
		}
		bob.Want(http.StatusOK, "", "PUT", "/api/matches/"+me.ID+"/reveal", "").Into(t, &m)
		if m.Reveal.OpenedAt == 0 || len(m.Reveal.Photos) != 1 {
			t.Fatalf("%+v", m.Reveal)
		}
		url := m.Reveal.Photos[0].URL
		picture := bob.Want(http.StatusOK, "", "GET", url, "")
		if picture.Header.Get("Content-Type") != "image/jpeg" || picture.Header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%v", picture.Header)
		}
		anna.Want(http.StatusOK, "", "DELETE", "/api/matches/"+him.ID+"/reveal", "")
		bob.Want(http.StatusNotFound, "photo.unknown", "GET", url, "")

		// A block ends it for both.
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
		for _, v := range []*apitest.Visitor{anna, bob} {
			var left discover.Matches
			v.Want(http.StatusOK, "", "GET", "/api/matches", "").Into(t, &left)
			if len(left.Matches) != 0 || len(v.Deck().Cards) != 0 {
				t.Errorf("after a block: %+v", left)
			}
		}
		chosen = discover.Chosen{}
		if choose(anna, his, "pass").Into(t, &chosen); chosen.Match != nil {
			t.Errorf("%+v", chosen)
		}
		anna.Want(http.StatusNotFound, "match.none", "PUT", "/api/matches/"+him.ID+"/reveal", "")
	})
}

func TestWishesAreCountedBeforeTheyAreKept(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	anna, me := h.Fits(t, "Anna", "woman")
	for i := range 12 { // six women and six men
		_, other := h.Fits(t, fmt.Sprintf("Robin%d", i), profile.Genders[i%2])
		anna.Sees(other.ID)
	}
	var c discover.Counts
	anna.Want(http.StatusOK, "", "GET", "/api/discover/counts?meet=man", "").Into(t, &c)
	if c.People != 0 && c.People != 5 || c.Without["meet"] != 5 && c.Without["meet"] != 10 { // rounded down
		t.Errorf("%+v", c)
	}
	anna.Want(http.StatusOK, "", "GET", "/api/discover/counts?meet=man,woman&from=90&to=99", "").Into(t, &c)
	if c.People != 0 || c.Without["ages"] != 5 && c.Without["ages"] != 10 || c.Relax != "ages" {
		t.Errorf("%+v", c)
	}
	var kept people.Me
	anna.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &kept)
	if a, b := apitest.JSON(t, me.Preferences), apitest.JSON(t, kept.Preferences); a != b {
		t.Errorf("counting kept them: %s", b)
	}
	anna.Want(http.StatusNoContent, "", "PUT", "/api/discover/alert", `{"on":true}`)
	if !anna.Deck().Alert {
		t.Error("no alert")
	}
}

// With nothing but an account's id, choices read gender, wished genders, exact
// age and intents of anybody: they said person.unknown of those who do not fit.
// Now nothing about the other is looked at before a card of theirs was served.
func TestNothingIsLearntOfSomebodyWhoseCardWasNotServed(t *testing.T) {
	d := dbtest.SQLite(t)
	h := apitest.New(t, d)
	anna, _ := h.Fits(t, "Anna", "woman")
	bob, him := h.Fits(t, "Bob", "man")
	cleo, her := h.Fits(t, "Cleo", "woman")
	cleo.Want(http.StatusOK, "", "PATCH", "/api/me", `{"preferences":{"meet":["woman"],"from":18,"to":120,"intents":[],"languages":[],"interests":[],"verified_only":false}}`)
	dan, blocked := h.Fits(t, "Dan", "man")
	var me people.Me
	anna.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
	card := anna.Sees(him.ID)
	bobs := bob.Sees(me.ID)
	dan.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
	const nobody = "00000000-0000-7000-8000-000000000000"
	type told struct {
		status int
		body   string
	}
	said := map[told][]string{}
	ask := func(what, path, body string) {
		r := anna.Ask("PUT", "/api/discover/"+path, body)
		said[told{r.Status, apitest.WithoutID(r.Body)}] = append(said[told{r.Status, apitest.WithoutID(r.Body)}], what)
	}
	for who, id := range map[string]string{"fits": him.ID, "does not fit": her.ID, "blocked": blocked.ID, "nobody": nobody, "myself": me.ID} {
		for what, ticket := range map[string]string{"none": "", "wrong": "x.y", "of another card": card.Ticket, "of another viewer": bobs.Ticket} {
			if id == him.ID && what == "of another card" {
				continue
			}
			ask(who+", ticket "+what, id, `{"choice":"like","ticket":"`+ticket+`"}`)
			ask(who+", heard, ticket "+what, id+"/heard", `{"share":1,"ticket":"`+ticket+`"}`)
		}
	}
	if len(said) != 1 {
		t.Errorf("they are told apart: %v", said)
	}
	anna.Want(http.StatusGone, "card.stale", "PUT", "/api/discover/"+him.ID, `{"choice":"like","ticket":""}`)
	anna.Want(http.StatusUnprocessableEntity, "", "PUT", "/api/discover/"+him.ID, `{"choice":"like"}`)
	h.Ahead = 31 * time.Minute
	anna.Want(http.StatusGone, "card.stale", "PUT", "/api/discover/"+him.ID, `{"choice":"like","ticket":"`+card.Ticket+`"}`)
	h.Ahead = 0
	// Misses are choices of the day, and no more than those are taken.
	var misses int
	if err := d.QueryRow(`SELECT count(*) FROM choices WHERE by_id = $1`, me.ID).Scan(&misses); err != nil {
		t.Fatal(err)
	}
	if want := (5*4-1)*2 + 2; misses != want {
		t.Errorf("%d misses were counted, want %d", misses, want)
	}
}

// choose says like or pass to a card.
func choose(v *apitest.Visitor, card discover.DiscoverCard, choice string) apitest.Reply {
	v.T.Helper()
	return v.Want(http.StatusOK, "", "PUT", "/api/discover/"+card.Person.ID, `{"choice":"`+choice+`","ticket":"`+card.Ticket+`"}`)
}
