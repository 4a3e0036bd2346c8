package rooms_test

import (
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/rooms"
)

func TestADoorAnswersWithWhatOpensIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, hostIs := h.Member(t, "Quibblehost")
		guest, _ := h.Member(t, "Guest")
		const plan = `{"title":"Late talk","category":"talk","language":"en"`
		open := func(more string) (at string) {
			t.Helper()
			var r apitypes.Room
			host.Want(http.StatusCreated, "", "POST", "/api/rooms", plan+more+`}`).Into(t, &r)
			host.Want(http.StatusOK, "", "POST", "/api/rooms/"+r.ID+"/join", "")
			return "/api/rooms/" + r.ID
		}
		read := func(at string) (r apitypes.Room) {
			t.Helper()
			guest.Want(http.StatusOK, "", "GET", at, "").Into(t, &r)
			return r
		}

		at := open(`,"access":"pin","pin":"4711"`)
		if r := read(at); r.Gate != "pin" || r.Access != "pin" || len(r.Members) != 0 || r.Listeners != 0 || r.Host.ID != hostIs.ID {
			t.Errorf("%+v", r)
		}
		if body := host.Want(http.StatusOK, "", "GET", at, "").Body; strings.Contains(body, "4711") {
			t.Error("a PIN is told again")
		}
		guest.Want(http.StatusForbidden, "room.pin_needed", "POST", at+"/join", "")
		var p struct{ Left int }
		guest.Want(http.StatusForbidden, "room.pin_wrong", "POST", at+"/join", `{"pin":"0000"}`).Into(t, &p)
		if p.Left != 4 {
			t.Errorf("%d left", p.Left)
		}
		guest.Want(http.StatusForbidden, "room.pin_needed", "POST", at+"/listen?preview=true", offer, "Content-Type", "application/sdp")
		guest.Want(http.StatusOK, "", "POST", at+"/join", `{"pin":"4711"}`)
		if r := read(at); r.Gate != "" || len(r.Members) == 0 {
			t.Errorf("%+v", r)
		}
		guest.Want(http.StatusForbidden, "room.host_only", "PATCH", at+"/access", `{"access":"open"}`)
		host.Want(http.StatusUnprocessableEntity, "request.invalid", "PATCH", at+"/access", `{"access":"friends"}`)
		host.Want(http.StatusUnprocessableEntity, "room.club_missing", "PATCH", at+"/access", `{"access":"club"}`)
		host.Want(http.StatusUnprocessableEntity, "request.invalid", "PATCH", at+"/access", `{"pin":"12"}`)
		host.Want(http.StatusUnprocessableEntity, "room.women_host", "PATCH", at+"/access", `{"women_only":true}`)
		host.Want(http.StatusNoContent, "", "PATCH", at+"/access", `{"access":"open","capacity":2}`)
		if r := read(at); r.Access != "open" || r.Capacity != 2 || r.You == nil {
			t.Errorf("%+v", r)
		}
		third, _ := h.Member(t, "Third")
		third.Want(http.StatusConflict, "room.full", "POST", at+"/join", "")
		var log rooms.Log
		host.Want(http.StatusOK, "", "GET", at+"/log", "").Into(t, &log)
		if len(log.Entries) != 1 || log.Entries[0].Action != "set_access" || !log.Entries[0].CanUndo {
			t.Errorf("%+v", log)
		}

		at = open(`,"access":"followers"`)
		if r := read(at); r.Gate != "followers" || len(r.Members) != 0 || r.Host.Name != "Quibblehost" {
			t.Errorf("%+v", r)
		}
		guest.Want(http.StatusForbidden, "room.followers_only", "POST", at+"/join", "")
		host.Want(http.StatusConflict, "room.not_shareable", "PUT", at+"/sharing", `{"shared":true}`)
		guest.Want(http.StatusNoContent, "", "PUT", "/api/people/"+hostIs.ID+"/follow", "")
		guest.Want(http.StatusOK, "", "POST", at+"/join", "")

		at = open(`,"audience":false`)
		var joined rooms.Joined
		guest.Want(http.StatusOK, "", "POST", at+"/join", "").Into(t, &joined)
		if joined.Media == nil || joined.Room.You == nil || joined.Room.You.Seat != 2 || joined.Room.Audience {
			t.Errorf("%+v", joined)
		}
		var c rooms.Change
		guest.Want(http.StatusOK, "", "DELETE", at+"/seat", "").Into(t, &c)
		if c.Cause != "left" || c.Member.Present {
			t.Errorf("%+v", c)
		}

		at = open("")
		guest.Want(http.StatusNoContent, "", "PUT", "/api/people/"+hostIs.ID+"/block", "")
		guest.Want(http.StatusForbidden, "room.blocked_here", "GET", at, "")
		guest.Want(http.StatusForbidden, "room.blocked_here", "POST", at+"/join", "")
		for wrong, code := range map[string]string{
			`,"access":"pin"`: "room.pin_shape", `,"access":"pin","pin":"12a4"`: "request.invalid", `,"capacity":1`: "request.invalid",
			`,"shape":"stage","audience":false`: "room.audience_needed", `,"women_only":true`: "room.women_host",
		} {
			host.Want(http.StatusUnprocessableEntity, code, "POST", "/api/rooms", plan+wrong+`}`)
		}
	})
}
