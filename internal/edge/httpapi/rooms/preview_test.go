package rooms_test

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
)

func TestALinkToASharedRoomShowsWhatAnybodySeesOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, hostIs := h.Member(t, "Quibblehost")
		speaker, speakerIs := h.Member(t, "Quibblespeaker")
		anybody := h.Visitor(t)
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late <b>\"talk\"","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		for _, who := range []*apitest.Visitor{host, speaker} {
			who.Want(http.StatusOK, "", "POST", at+"/join", "")
		}
		speaker.Want(http.StatusOK, "", "PUT", at+"/seat", `{}`)
		speaker.Publish(0)
		speaker.Want(http.StatusOK, "", "PATCH", "/api/me", `{"public":true}`)

		page := func(path string) string {
			t.Helper()
			return anybody.Want(http.StatusOK, "", "GET", path, "").Body
		}
		none := page("/rooms/01a23134-73d3-712b-98ec-a46d439f7128")
		if !strings.Contains(none, `<meta property="og:title" content="Heyy">`) || !strings.Contains(none, `<meta property="og:image" content="http://localhost:8080/icons/icon-512.png">`) {
			t.Errorf("of no room: %s", none)
		}
		secret := func() {
			t.Helper()
			for _, path := range []string{"/rooms/" + room.ID, "/events/01a23134-73d3-712b-98ec-a46d439f7128"} {
				if got := page(path); got != none {
					t.Errorf("of %s: %s; of no room: %s", path, got, none)
				}
			}
			anybody.Want(http.StatusNotFound, "room.not_found", "GET", at+"/public/picture", "")
		}
		secret()
		if home := page("/"); strings.Contains(home, "og:") {
			t.Errorf("the lobby is served as it was built, not %s", home)
		}

		host.Want(http.StatusOK, "", "PUT", at+"/sharing", `{"shared":true}`)
		shared := page("/rooms/" + room.ID)
		for _, want := range []string{
			`<meta property="og:title" content="Late &lt;b&gt;&#34;talk&#34;">`, `content="On stage: Quibblespeaker. Listen in without an account.">`,
			`<meta property="og:image" content="http://localhost:8080` + at + `/public/picture">`, `content="summary_large_image"></head>`,
		} {
			if !strings.Contains(shared, want) {
				t.Errorf("without %s: %s", want, shared)
			}
		}
		for _, private := range []string{"Quibblehost", hostIs.ID, speakerIs.ID} {
			if strings.Contains(shared, private) {
				t.Errorf("tells %s: %s", private, shared)
			}
		}
		picture := func() string {
			t.Helper()
			r := anybody.Want(http.StatusOK, "", "GET", at+"/public/picture", "")
			if kind, cache := r.Header.Get("Content-Type"), r.Header.Get("Cache-Control"); kind != "image/png" || cache != "no-store" {
				t.Errorf("%s, %s", kind, cache)
			}
			if c, err := png.DecodeConfig(bytes.NewReader([]byte(r.Body))); err != nil || c.Width != 1200 || c.Height != 630 {
				t.Errorf("%+v, %v", c, err)
			}
			return r.Body
		}
		named := picture()
		if picture() != named {
			t.Error("the same stage looks different")
		}
		// Of people who do not let theirs be seen there are rings, which are of nobody.
		speaker.Want(http.StatusOK, "", "PATCH", "/api/me", `{"public":false}`)
		if picture() == named {
			t.Error("the aura is still there")
		}
		if got := page("/rooms/" + room.ID); strings.Contains(got, "Quibble") || !strings.Contains(got, "Someone is talking live.") {
			t.Errorf("%s", got)
		}
		host.Want(http.StatusOK, "", "PUT", at+"/sharing", `{"shared":false}`)
		secret()
	})
}
