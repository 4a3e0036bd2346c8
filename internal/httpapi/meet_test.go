package httpapi_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/httpapi"
	"heyy/internal/verification"
)

// fits makes somebody whom everybody here fits.
func (h *door) fits(t *testing.T, name, gender string) (*visitor, httpapi.Me) {
	t.Helper()
	v := h.visitor(t)
	v.signIn(strings.ToLower(name) + "@example.org")
	v.begin(name)
	v.want(http.StatusOK, "", "PATCH", "/api/me", `{"gender":"`+gender+`","intents":["dating","friends"],"interests":["jazz","hiking"],
		"wishes":{"meet":["woman","man","nonbinary"],"from":18,"to":120,"intents":[],"languages":[],"interests":[],"verified_only":false}}`)
	return v, v.publish(0)
}

func (v *visitor) deck() (d httpapi.Deck) {
	v.t.Helper()
	v.want(http.StatusOK, "", "GET", "/api/discover", "").into(v.t, &d)
	return d
}

// sees waits until v's deck has somebody on top.
func (v *visitor) sees(who string) httpapi.DiscoverCard {
	v.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		for _, c := range v.deck().Cards {
			if c.Person.ID == who {
				return c
			}
		}
	}
	v.t.Fatalf("%s is not shown", who)
	return httpapi.DiscoverCard{}
}

func shot(t *testing.T) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	m.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTwoPeopleMeet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		newcomer := h.visitor(t)
		newcomer.signIn("new@example.org")
		newcomer.begin("Newcomer")
		newcomer.want(http.StatusConflict, "discover.incomplete", "GET", "/api/discover", "")
		anna, me := h.fits(t, "Anna", "woman")
		bob, him := h.fits(t, "Bob", "man")
		if !me.Shown || fmt.Sprint(me.Needs) != "[home]" {
			t.Errorf("shown %v, needs %v", me.Shown, me.Needs)
		}
		card := bob.sees(me.ID)
		if card.Person.Name != "Anna" || card.Age < 18 || len(card.Person.Clips) != 1 || len(card.Reasons) == 0 || fmt.Sprint(card.Intents) != "[dating friends]" || card.Region != nil {
			t.Fatalf("%+v", card)
		}
		bob.want(http.StatusOK, "", "GET", card.Person.Clips[0].URL, "")
		bob.want(http.StatusNoContent, "", "PUT", "/api/discover/"+me.ID+"/heard", `{"share":1}`)

		// A like is a secret, and can be taken back.
		before := anna.want(http.StatusOK, "", "GET", "/api/matches", "").body
		var chosen httpapi.Chosen
		bob.want(http.StatusOK, "", "PUT", "/api/discover/"+me.ID, `{"choice":"like"}`).into(t, &chosen)
		if chosen.Match != nil || chosen.LikesLeft != 49 {
			t.Errorf("%+v", chosen)
		}
		if now := anna.want(http.StatusOK, "", "GET", "/api/matches", "").body; now != before {
			t.Errorf("somebody can see that they were liked: %s", now)
		}
		if len(bob.deck().Cards) != 0 || bob.deck().Thin == nil {
			t.Errorf("chosen, and shown again: %+v", bob.deck())
		}
		var undone httpapi.Undone
		bob.want(http.StatusOK, "", "POST", "/api/discover/undo", "").into(t, &undone)
		if undone.PersonID != me.ID {
			t.Errorf("%+v", undone)
		}
		bob.sees(me.ID)
		bob.want(http.StatusOK, "", "PUT", "/api/discover/"+me.ID, `{"choice":"like"}`)
		anna.sees(him.ID)
		chosen = httpapi.Chosen{}
		anna.want(http.StatusOK, "", "PUT", "/api/discover/"+him.ID, `{"choice":"like"}`).into(t, &chosen)
		if chosen.Match == nil || chosen.Match.Person.Name != "Bob" || chosen.Match.Reveal.Mine {
			t.Fatalf("%+v", chosen)
		}

		// Photos: hidden until both have offered theirs.
		var mine httpapi.Me
		anna.want(http.StatusConflict, "photo.none", "PUT", "/api/matches/"+him.ID+"/reveal", "")
		for _, v := range []*visitor{anna, bob} {
			v.want(http.StatusOK, "", "POST", "/api/me/photos", shot(t), "Content-Type", "image/jpeg").into(t, &mine)
			if len(mine.Photos) != 1 || mine.Photos[0].Blurhash == "" {
				t.Fatalf("%+v", mine.Photos)
			}
			v.want(http.StatusOK, "", "GET", mine.Photos[0].URL, "")
		}
		bobs := mine.Photos[0].URL
		anna.want(http.StatusNotFound, "ticket.wrong", "GET", bobs, "")
		var m httpapi.Match
		anna.want(http.StatusOK, "", "PUT", "/api/matches/"+him.ID+"/reveal", "").into(t, &m)
		if !m.Reveal.Mine || m.Reveal.Theirs || m.Reveal.OpenedAt != 0 || len(m.Reveal.Photos) != 0 {
			t.Errorf("%+v", m.Reveal)
		}
		bob.want(http.StatusOK, "", "PUT", "/api/matches/"+me.ID+"/reveal", "").into(t, &m)
		if m.Reveal.OpenedAt == 0 || len(m.Reveal.Photos) != 1 {
			t.Fatalf("%+v", m.Reveal)
		}
		url := m.Reveal.Photos[0].URL
		picture := bob.want(http.StatusOK, "", "GET", url, "")
		if picture.header.Get("Content-Type") != "image/jpeg" || picture.header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%v", picture.header)
		}
		anna.want(http.StatusOK, "", "DELETE", "/api/matches/"+him.ID+"/reveal", "")
		bob.want(http.StatusNotFound, "photo.unknown", "GET", url, "")

		// A block ends it for both.
		bob.want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
		for _, v := range []*visitor{anna, bob} {
			var left httpapi.Matches
			v.want(http.StatusOK, "", "GET", "/api/matches", "").into(t, &left)
			if len(left.Matches) != 0 || len(v.deck().Cards) != 0 {
				t.Errorf("after a block: %+v", left)
			}
		}
		anna.want(http.StatusNotFound, "person.unknown", "PUT", "/api/discover/"+him.ID, `{"choice":"like"}`)
		anna.want(http.StatusNotFound, "match.none", "PUT", "/api/matches/"+him.ID+"/reveal", "")
	})
}

func TestWishesAreCountedBeforeTheyAreKept(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	anna, me := h.fits(t, "Anna", "woman")
	_, him := h.fits(t, "Bob", "man")
	_, her := h.fits(t, "Cleo", "woman")
	anna.sees(him.ID)
	anna.sees(her.ID)
	var c httpapi.Counts
	anna.want(http.StatusOK, "", "GET", "/api/discover/counts?meet=man", "").into(t, &c)
	if c.People != 1 || c.Without["meet"] != 2 {
		t.Errorf("%+v", c)
	}
	anna.want(http.StatusOK, "", "GET", "/api/discover/counts?meet=man,woman&from=90&to=99", "").into(t, &c)
	if c.People != 0 || c.Without["ages"] != 2 || c.Relax != "ages" {
		t.Errorf("%+v", c)
	}
	var kept httpapi.Me
	anna.want(http.StatusOK, "", "GET", "/api/me", "").into(t, &kept)
	if a, b := mustJSON(t, me.Wishes), mustJSON(t, kept.Wishes); a != b {
		t.Errorf("counting kept them: %s", b)
	}
	anna.want(http.StatusNoContent, "", "PUT", "/api/discover/bell", `{"on":true}`)
	if !anna.deck().Bell {
		t.Error("no bell")
	}
}

func TestAHomeIsARegion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		anna, _ := h.fits(t, "Anna", "woman")
		var found httpapi.Towns
		anna.want(http.StatusOK, "", "GET", "/api/towns?q=%E7%B1%B3%E5%85%B0&language=it", "").into(t, &found)
		if len(found.Towns) == 0 || found.Towns[0].Name != "Milano" || found.Towns[0].Country != "IT" {
			t.Fatalf("%+v", found)
		}
		var me httpapi.Me
		anna.want(http.StatusOK, "", "PUT", "/api/me/home", mustJSON(t, map[string]string{"town": found.Towns[0].ID})).into(t, &me)
		if me.Home.Region == nil || me.Home.Region.Country != "IT" || me.Home.Shown != nil || len(me.Needs) != 0 {
			t.Errorf("%+v, needs %v", me.Home, me.Needs)
		}
		anna.want(http.StatusUnprocessableEntity, "region.unknown_town", "PUT", "/api/me/home", `{"town":"1"}`)
	})
}

func TestAnybodyMaySeeAnAura(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	_, me := h.fits(t, "Anna", "woman")
	stranger := h.visitor(t)
	known := stranger.want(http.StatusOK, "", "GET", "/api/people/"+me.ID+"/aura?size=64", "")
	unknown := stranger.want(http.StatusOK, "", "GET", "/api/people/00000000-0000-7000-8000-000000000000/aura?size=64", "")
	for _, r := range []reply{known, unknown} {
		if r.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(r.body, "\x89PNG") {
			t.Errorf("%v %.20q", r.header, r.body)
		}
	}
	if known.body == unknown.body {
		t.Error("they look alike")
	}
	stranger.want(http.StatusUnprocessableEntity, "", "GET", "/api/people/"+me.ID+"/aura?size=9999", "")
}

func TestWhoIsVerifiedMayAskTheSameOfOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		anna, me := h.fits(t, "Anna", "woman")
		bob, him := h.fits(t, "Bob", "man")
		only := `{"wishes":{"meet":["man"],"from":18,"to":120,"intents":[],"languages":[],"interests":[],"verified_only":true}}`
		anna.want(http.StatusUnprocessableEntity, "wishes.verified_first", "PATCH", "/api/me", only)
		var v httpapi.Verification
		anna.want(http.StatusOK, "", "GET", "/api/me/verification", "").into(t, &v)
		if v.State != "none" {
			t.Fatalf("%+v", v)
		}
		anna.want(http.StatusOK, "", "POST", "/api/me/verification", "").into(t, &v)
		if v.State != "started" || len(v.Phrase) != 4 || v.Pose == "" {
			t.Fatalf("%+v", v)
		}
		task := "/api/me/verification/" + v.ID
		bob.want(http.StatusNotFound, "verification.none", "PUT", task+"/selfie", shot(t), "Content-Type", "image/jpeg")
		anna.want(http.StatusUnprocessableEntity, "voice.format", "PUT", task+"/phrase", "hello", "Content-Type", "audio/ogg")
		anna.want(http.StatusUnprocessableEntity, "photo.format", "PUT", task+"/selfie", "hello", "Content-Type", "image/jpeg")
		anna.want(http.StatusOK, "", "PUT", task+"/phrase", spoken(t), "Content-Type", "audio/ogg").into(t, &v)
		if v.State != "started" || !v.Said || v.Posed {
			t.Fatalf("%+v", v)
		}
		anna.want(http.StatusOK, "", "PUT", task+"/selfie", shot(t), "Content-Type", "image/jpeg").into(t, &v)
		if v.State != "waiting" {
			t.Fatalf("%+v", v)
		}
		waiting, err := h.verify.Waiting(t.Context(), 10)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%+v, %v", waiting, err)
		}
		if err := h.verify.Decide(t.Context(), waiting[0].ID, verification.Verdict{By: "Mo", Approve: true}); err != nil {
			t.Fatal(err)
		}
		if !bob.card(me.ID).Verified {
			t.Error("Bob does not see that Anna is verified")
		}
		anna.sees(him.ID)
		anna.want(http.StatusOK, "", "PATCH", "/api/me", only)
		if len(anna.deck().Cards) != 0 {
			t.Error("Bob is shown, who is not verified")
		}
		bob.want(http.StatusNotFound, "person.unknown", "PUT", "/api/discover/"+me.ID, `{"choice":"like"}`)
	})
}
