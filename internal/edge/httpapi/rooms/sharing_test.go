package rooms_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/rooms"
)

const unknownRoom = "/api/rooms/01a23134-73d3-712b-98ec-a46d439f7128"

// offer is an SDP offer as a browser sends it, shortened.
var offer = strings.ReplaceAll(`v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 `+strings.TrimSuffix(strings.Repeat("AB:", 32), ":")+`
a=setup:actpass
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
`, "\n", "\r\n")

func TestAnybodySeesOfASharedRoomWhatItsSpeakersAllow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, hostIs := h.Member(t, "Quibblehost")
		speaker, speakerIs := h.Member(t, "Quibblespeaker")
		listener, listenerIs := h.Member(t, "Quibblelistener")
		anybody := h.Visitor(t)
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		for _, who := range []*apitest.Visitor{host, speaker, listener} {
			who.Want(http.StatusOK, "", "POST", at+"/join", "")
		}
		speaker.Want(http.StatusOK, "", "PUT", at+"/seat", `{}`)
		speaker.Publish(0)

		private := anybody.Want(http.StatusNotFound, "room.not_found", "GET", at+"/public", "").Body
		unknown := anybody.Want(http.StatusNotFound, "room.not_found", "GET", unknownRoom+"/public", "").Body
		if a, b := alike(t, private), alike(t, unknown); a != b {
			t.Errorf("of a room that is not shared: %s; of none: %s", a, b)
		}
		speaker.Want(http.StatusForbidden, "room.host_only", "PUT", at+"/sharing", `{"shared":true}`)
		anybody.Want(http.StatusUnauthorized, "session.none", "PUT", at+"/sharing", `{"shared":true}`)
		var done rooms.SharingChange
		host.Want(http.StatusOK, "", "PUT", at+"/sharing", `{"shared":true}`).Into(t, &done)
		if !done.Shared || done.At == 0 || done.Seq == 0 {
			t.Errorf("%+v", done)
		}
		speaker.Want(http.StatusOK, "", "PATCH", "/api/me", `{"public":true}`)

		read := func() (page rooms.PublicRoom) {
			t.Helper()
			body := anybody.Want(http.StatusOK, "", "GET", at+"/public", "").Body
			for what, secret := range map[string]string{
				"the host's name": "Quibblehost", "a listener": "Quibblelistener", "an id of the host": hostIs.ID,
				"an id of the speaker": speakerIs.ID, "an id of a listener": listenerIs.ID, "the room": room.ID,
			} {
				if strings.Contains(body, secret) {
					t.Errorf("tells %s: %s", what, body)
				}
			}
			var fields map[string]json.RawMessage
			if err := json.Unmarshal([]byte(body), &fields); err != nil || len(fields) != 4 {
				t.Errorf("%v %v", fields, err)
			}
			if err := json.Unmarshal([]byte(body), &page); err != nil {
				t.Fatal(err)
			}
			return page
		}
		page := read()
		if page.Title != "Late talk" || page.Category != "talk" || page.Language != "en" || len(page.Stage) != 2 {
			t.Fatalf("%+v", page)
		}
		first, second := page.Stage[0], page.Stage[1]
		if first.Name != "" || first.Aura != nil || first.Voice == 0 || !first.Muted {
			t.Errorf("of the host: %+v", first)
		}
		if second.Name != "Quibblespeaker" || second.Aura == nil || second.Aura.Voice == nil || second.Aura.Seed == 0 || second.Voice == first.Voice {
			t.Errorf("of the speaker: %+v", second)
		}
		speaker.Want(http.StatusOK, "", "PATCH", "/api/me", `{"public":false}`)
		if page = read(); slices.ContainsFunc(page.Stage, func(s rooms.PublicSpeaker) bool { return s.Name != "" || s.Aura != nil }) {
			t.Errorf("%+v", page)
		}
		host.Want(http.StatusNoContent, "", "POST", at+"/end", "")
		ended := anybody.Want(http.StatusNotFound, "room.not_found", "GET", at+"/public", "").Body
		if a, b := alike(t, ended), alike(t, unknown); a != b {
			t.Errorf("of a room that has ended: %s; of none: %s", a, b)
		}
	})
}

// alike is a problem without what names the request.
func alike(t *testing.T, body string) string {
	t.Helper()
	var p map[string]any
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatal(err)
	}
	delete(p, "instance")
	delete(p, "request_id")
	text, _ := json.Marshal(p)
	return string(text)
}

func TestAnybodyListensToASharedRoomAndToNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, _ := h.Member(t, "Host")
		blocked, blockedIs := h.Member(t, "Blocked")
		anybody, other := h.Visitor(t), h.Visitor(t)
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		host.Want(http.StatusOK, "", "POST", at+"/join", "")
		listen := func(v *apitest.Visitor, status int, code string) (location string) {
			t.Helper()
			return v.Want(status, code, "POST", at+"/listen", offer, "Content-Type", "application/sdp").Header.Get("Location")
		}
		listen(anybody, http.StatusUnauthorized, "session.none")
		host.Want(http.StatusOK, "", "PUT", at+"/sharing", `{"shared":true}`)
		var all []string
		for range 4 { // each is an owner of its own: none closes another
			all = append(all, listen(anybody, http.StatusCreated, ""))
		}
		var now apitypes.Room
		if host.Want(http.StatusOK, "", "GET", at, "").Into(t, &now); now.Listeners != 0 || len(now.Members) != 1 {
			t.Errorf("members are told of %d listeners, and of %d members", now.Listeners, len(now.Members))
		}
		// Whoever has the address of a session is whoever listens; nobody else knows it.
		other.Want(http.StatusNotFound, "listen.not_found", "DELETE", unknownRoom+"/listen/"+all[0][strings.LastIndex(all[0], "/")+1:], "")
		anybody.Want(http.StatusNoContent, "", "DELETE", all[0], "")
		anybody.Want(http.StatusNotFound, "listen.not_found", "DELETE", all[0], "")

		// Members keep their rules.
		host.Want(http.StatusNoContent, "", "PUT", "/api/people/"+blockedIs.ID+"/block", "")
		listen(blocked, http.StatusNotFound, "room.not_found")
		mine := listen(host, http.StatusCreated, "")
		anybody.Want(http.StatusNotFound, "listen.not_found", "DELETE", mine, "")
		anybody.Want(http.StatusUnprocessableEntity, "listen.offer_invalid", "POST", at+"/listen", "v=0", "Content-Type", "application/sdp")

		host.Want(http.StatusOK, "", "PUT", at+"/sharing", `{"shared":false}`)
		for _, location := range all[1:] {
			anybody.Want(http.StatusNotFound, "listen.not_found", "DELETE", location, "")
		}
		listen(anybody, http.StatusUnauthorized, "session.none")
		host.Want(http.StatusNoContent, "", "DELETE", mine, "")

		host.Want(http.StatusOK, "", "PUT", at+"/sharing", `{"shared":true}`)
		last := listen(anybody, http.StatusCreated, "")
		host.Want(http.StatusNoContent, "", "POST", at+"/end", "")
		anybody.Want(http.StatusNotFound, "listen.not_found", "DELETE", last, "")
		listen(anybody, http.StatusUnauthorized, "session.none")
	})
}

// Without a word about it, a proxy may keep a shared room after it is shared no more, and the 404
// of one that is shared now.
func TestNoCacheKeepsWhatIsSaidOfASharedRoom(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	host, _ := h.Member(t, "Quibblehost")
	anybody := h.Visitor(t)
	var room apitypes.Room
	host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
	at := "/api/rooms/" + room.ID
	closed := anybody.Want(http.StatusNotFound, "room.not_found", "GET", at+"/public", "")
	host.Want(http.StatusOK, "", "PUT", at+"/sharing", `{"shared":true}`)
	open := anybody.Want(http.StatusOK, "", "GET", at+"/public", "")
	for name, got := range map[string]string{"not shared": closed.Header.Get("Cache-Control"), "shared": open.Header.Get("Cache-Control")} {
		if got != "no-store" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
