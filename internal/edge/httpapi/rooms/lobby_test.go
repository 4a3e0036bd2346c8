package rooms_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
)

func TestTheLobbyIsSearched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, _ := h.Member(t, "Zak")
		guest, _ := h.Member(t, "Guest")
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Caffè e due parole","category":"talk","language":"en"}`).Into(t, &room)
		_, err := d.Exec(`UPDATE rooms SET live_at = 1 WHERE id = $1`, room.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Lobby.CatchUp(context.Background(), time.Now()); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{"caffe": 1, "żak": 1, "chiacch": 1, "karaoke": 0} {
			var found struct {
				Rooms []apitypes.Card `json:"rooms"`
			}
			guest.Want(http.StatusOK, "", "GET", "/api/rooms?q="+url.QueryEscape(query), "").Into(t, &found)
			if len(found.Rooms) != want {
				t.Errorf("%q finds %d rooms", query, len(found.Rooms))
			}
		}
		guest.Want(http.StatusUnprocessableEntity, "search.empty", "GET", "/api/rooms?q=+", "")
	})
}

func TestHandsAndSeatsAreBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, _ := h.Member(t, "Host")
		guest, _ := h.Member(t, "Guest")
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en","shape":"stage"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		guest.Want(http.StatusOK, "", "POST", at+"/join", "")
		for range 15 {
			guest.Want(http.StatusOK, "", "PUT", at+"/hand", `{}`)
			guest.Want(http.StatusOK, "", "DELETE", at+"/hand", "")
		}
		guest.Want(http.StatusTooManyRequests, "rate.limited", "PUT", at+"/hand", `{}`)
		guest.Want(http.StatusTooManyRequests, "rate.limited", "PUT", at+"/seat", `{}`)
		host.Want(http.StatusOK, "", "PUT", at+"/seat", `{"seat":2}`)
	})
}
