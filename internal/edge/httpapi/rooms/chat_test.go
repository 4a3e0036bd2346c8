package rooms_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/rooms"
)

func TestAChatOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, hostIs := h.Member(t, "Host")
		guest, guestIs := h.Member(t, "Guest")
		stranger, _ := h.Member(t, "Stranger")
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		guest.Want(http.StatusOK, "", "POST", at+"/join", "")

		message := at + "/messages/" + id.New()
		var m, again apitypes.RoomMessage
		guest.Want(http.StatusOK, "", "PUT", message, `{"text":"Perché no?","mentions":["`+hostIs.ID+`"]}`).Into(t, &m)
		guest.Want(http.StatusOK, "", "PUT", message, `{"text":"Perché no?","mentions":["`+hostIs.ID+`"]}`).Into(t, &again)
		if m != again || m.Person.ID != guestIs.ID || m.Text != "Perché no?" || m.Mentioned {
			t.Errorf("%+v, again %+v", m, again)
		}
		stranger.Want(http.StatusConflict, "room.not_here", "PUT", at+"/messages/"+id.New(), `{"text":"Hi"}`)
		stranger.Want(http.StatusConflict, "room.not_here", "GET", at+"/messages", "")
		h.Visitor(t).Want(http.StatusUnauthorized, "", "GET", at+"/messages", "")
		guest.Want(http.StatusUnprocessableEntity, "", "PUT", at+"/messages/x", `{"text":"Hi"}`)
		guest.Want(http.StatusUnprocessableEntity, "room.message_long", "PUT", at+"/messages/"+id.New(), `{"text":"`+strings.Repeat("a", 501)+`"}`)

		var page rooms.RoomMessages
		host.Want(http.StatusOK, "", "GET", at+"/messages", "").Into(t, &page)
		if len(page.Messages) != 1 || !page.Messages[0].Mentioned || page.Next != "" {
			t.Errorf("%+v", page)
		}
		host.Want(http.StatusOK, "", "GET", at+"/messages/search?q="+url.QueryEscape("perche"), "").Into(t, &page)
		if len(page.Messages) != 1 {
			t.Errorf("%+v", page)
		}
		host.Want(http.StatusUnprocessableEntity, "search.empty", "GET", at+"/messages/search?q=+", "")

		guest.Want(http.StatusForbidden, "room.host_only", "PUT", at+"/chat", `{"chat":"off","slow_seconds":0}`)
		host.Want(http.StatusUnprocessableEntity, "", "PUT", at+"/chat", `{"chat":"on","slow_seconds":5}`)
		host.Want(http.StatusNoContent, "", "PUT", at+"/chat", `{"chat":"on","slow_seconds":60}`)
		if r := guest.Want(http.StatusTooManyRequests, "room.slow", "PUT", at+"/messages/"+id.New(), `{"text":"And?"}`); r.Header.Get("Retry-After") != "60" && r.Header.Get("Retry-After") != "59" && r.Header.Get("Retry-After") != "58" {
			t.Errorf("to wait: %q", r.Header.Get("Retry-After"))
		}
		host.Want(http.StatusNoContent, "", "DELETE", message, "")
		host.Want(http.StatusOK, "", "GET", at+"/messages", "").Into(t, &page)
		if len(page.Messages) != 1 || page.Messages[0].Deleted != "host" || page.Messages[0].Text != "" {
			t.Errorf("%+v", page)
		}
		var change rooms.Change
		host.Want(http.StatusOK, "", "POST", at+"/people/"+guestIs.ID+"/mute-chat", "").Into(t, &change)
		if change.Cause != "chat_muted" || !change.Member.ChatMuted {
			t.Errorf("%+v", change)
		}
		guest.Want(http.StatusForbidden, "room.chat_muted", "PUT", at+"/messages/"+id.New(), `{"text":"And?"}`)
		guest.Want(http.StatusForbidden, "room.chat_muted", "POST", at+"/reaction", `{"emoji":"🔥"}`)

		guest.Want(http.StatusForbidden, "room.host_only", "PATCH", at, `{"title":"Mine"}`)
		host.Want(http.StatusUnprocessableEntity, "room.link_invalid", "PATCH", at, `{"link":"http://example.org"}`)
		host.Want(http.StatusNoContent, "", "PATCH", at, `{"title":"Night talk","category":"music","link":"https://example.org/a"}`)
		guest.Want(http.StatusOK, "", "GET", at, "").Into(t, &room)
		if room.Title != "Night talk" || room.Category != "music" || room.Link != "https://example.org/a" || room.Slow != 60 || room.Chat != "on" {
			t.Errorf("%+v", room)
		}
	})
}

func TestReactionsAreBounded(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	host, _ := h.Member(t, "Host")
	stranger, _ := h.Member(t, "Stranger")
	var room apitypes.Room
	host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
	at := "/api/rooms/" + room.ID + "/reaction"
	stranger.Want(http.StatusConflict, "room.not_here", "POST", at, `{"emoji":"👏"}`)
	host.Want(http.StatusUnprocessableEntity, "", "POST", at, `{"emoji":"💩"}`)
	refused := 0
	for range 40 {
		if r := host.Ask("POST", at, `{"emoji":"👏"}`); r.Status == http.StatusTooManyRequests {
			refused++
			if r.Header.Get("Retry-After") == "" {
				t.Error("not for how long")
			}
		}
	}
	if refused < 10 {
		t.Errorf("%d of 40 at once were refused", refused)
	}
}
