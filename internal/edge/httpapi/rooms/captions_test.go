package rooms_test

import (
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
)

func TestCaptionsAreBounded(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	host, _ := h.Member(t, "Host")
	guest, _ := h.Member(t, "Guest")
	var room apitypes.Room
	host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
	at := "/api/rooms/" + room.ID
	guest.Want(http.StatusConflict, "room.not_here", "POST", at+"/caption", `{"line":1,"text":"Hi","typed":true}`)
	guest.Want(http.StatusOK, "", "POST", at+"/join", `{}`)
	guest.Want(http.StatusConflict, "room.no_seat", "POST", at+"/caption", `{"line":1,"text":"Hi","typed":true}`)
	guest.Want(http.StatusOK, "", "PUT", at+"/seat", `{}`)
	guest.Want(http.StatusConflict, "room.caption_muted", "POST", at+"/caption", `{"line":1,"text":"Hi"}`)
	guest.Want(http.StatusNoContent, "", "POST", at+"/caption", `{"line":1,"text":"Hi","typed":true}`)
	guest.Want(http.StatusOK, "", "PUT", at+"/microphone", `{"muted":false}`)
	guest.Want(http.StatusNoContent, "", "POST", at+"/caption", `{"line":2,"text":"`+strings.Repeat("é", 300)+`","final":true}`)
	guest.Want(http.StatusUnprocessableEntity, "room.caption_long", "POST", at+"/caption", `{"line":2,"text":"`+strings.Repeat("é", 301)+`"}`)
	// Of a thousand at once, a few are told, and nothing is kept of any.
	told, refused := 0, 0
	for range 1000 {
		switch r := guest.Ask("POST", at+"/caption", `{"line":3,"text":"Flood"}`); r.Status {
		case http.StatusNoContent:
			told++
		case http.StatusTooManyRequests:
			refused++
			if r.Header.Get("Retry-After") == "" {
				t.Fatal("not for how long")
			}
		default:
			t.Fatalf("%d", r.Status)
		}
	}
	if told > 60 || told+refused != 1000 {
		t.Errorf("%d of 1000 were told, %d refused", told, refused)
	}
}
