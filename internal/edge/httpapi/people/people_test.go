package people_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/people"
)

func TestAClipIsHeardByWhomItsAddressWasMadeFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, bob, cleo, stranger := h.Visitor(t), h.Visitor(t), h.Visitor(t), h.Visitor(t)
		me, him := anna.SignIn("anna@example.org"), bob.SignIn("bob@example.org")
		cleo.SignIn("cleo@example.org")
		anna.Begin("Anna")
		bob.Begin("Bob")
		cleo.Begin("Cleo")
		if c := bob.Card(me.ID); len(c.Clips) != 0 || c.Voice != nil || c.Interests == nil {
			t.Fatalf("%+v", c)
		}
		own := anna.Publish(0)
		anna.Publish(2)
		if len(own.Clips) != 1 || own.Clips[0].Ms < 7000 || len(own.Clips[0].Peaks) != 64 || own.Voice == nil {
			t.Fatalf("%+v", own)
		}
		card := bob.Card(me.ID)
		if len(card.Clips) != 2 || card.Clips[1].Place != 2 || card.Clips[0].Prompt != "best_sound" || card.Voice == nil {
			t.Fatalf("%+v", card)
		}
		url := card.Clips[0].URL
		whole := bob.Want(http.StatusOK, "", "GET", url, "")
		for name, want := range map[string]string{
			"Content-Type": "audio/ogg", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=300", "Accept-Ranges": "bytes",
			"Content-Length": fmt.Sprint(len(whole.Body)),
		} {
			if got := whole.Header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if !strings.HasPrefix(whole.Body, "OggS") || !strings.Contains(whole.Body, "OpusTags\x04\x00\x00\x00heyy") {
			t.Errorf("%.80q", whole.Body)
		}
		if part := bob.Want(http.StatusPartialContent, "", "GET", url, "", "Range", "bytes=4-7"); part.Body != whole.Body[4:8] {
			t.Errorf("%q", part.Body)
		}
		bob.Want(http.StatusNotModified, "", "GET", url, "", "If-None-Match", whole.Header.Get("ETag"))
		cleo.Want(http.StatusNotFound, "ticket.wrong", "GET", url, "")
		stranger.Want(http.StatusUnauthorized, "session.none", "GET", url, "")
		bob.Want(http.StatusNotFound, "ticket.wrong", "GET", strings.Replace(url, "ticket=", "ticket=x", 1), "")
		bob.Want(http.StatusUnprocessableEntity, "", "GET", "/api/clips/..%2f..%2fsecret?ticket=x", "")
		h.Ahead = 5*time.Minute + time.Second
		bob.Want(http.StatusGone, "ticket.stale", "GET", url, "")
		h.Ahead = 0

		// A block works both ways at once, and neither is told.
		anna.Want(http.StatusNoContent, "", "PUT", "/api/people/"+him.ID+"/block", "")
		bob.Want(http.StatusNotFound, "person.unknown", "GET", "/api/people/"+me.ID, "")
		unheard := bob.Want(http.StatusNotFound, "clip.unknown", "GET", url, "")
		anna.Want(http.StatusNotFound, "person.unknown", "GET", "/api/people/"+him.ID, "")
		var blocked people.People
		anna.Want(http.StatusOK, "", "GET", "/api/me/blocked", "").Into(t, &blocked)
		if len(blocked.People) != 1 || blocked.People[0].Name != "Bob" {
			t.Errorf("%+v", blocked)
		}
		anna.Want(http.StatusNoContent, "", "DELETE", "/api/people/"+him.ID+"/block", "")
		bob.Want(http.StatusOK, "", "GET", url, "")
		anna.Want(http.StatusNoContent, "", "POST", "/api/people/"+him.ID+"/report", `{"reason":"spam","note":"","place":"discover"}`)
		anna.Want(http.StatusNoContent, "", "DELETE", "/api/people/"+him.ID+"/block", "")
		bob.Want(http.StatusNotFound, "clip.unknown", "GET", url, "")
		bob.Want(http.StatusNotFound, "person.unknown", "GET", "/api/people/"+id.New(), "")
		// A recording that was taken away is answered as one of somebody who blocked.
		other := cleo.Card(me.ID).Clips[1].URL
		anna.Want(http.StatusOK, "", "DELETE", "/api/me/clips/2", "")
		if taken := cleo.Want(http.StatusNotFound, "clip.unknown", "GET", other, ""); apitest.WithoutID(taken.Body) != apitest.WithoutID(unheard.Body) {
			t.Errorf("taken away: %s, kept apart: %s", taken.Body, unheard.Body)
		}
	})
}
