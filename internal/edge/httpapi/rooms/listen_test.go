package rooms_test

import (
	"net/http"
	"testing"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
)

// Previews one after another were listening without end that nobody in the room could see.
func TestPreviewsOfARoomRunOut(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	host, _ := h.Member(t, "Host")
	guest, _ := h.Member(t, "Guest")
	open := func() string {
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		return "/api/rooms/" + room.ID + "/listen?preview=true"
	}
	first := open()
	for range 3 {
		guest.Want(http.StatusUnprocessableEntity, "listen.offer_invalid", "POST", first, "v=0", "Content-Type", "application/sdp")
	}
	if r := guest.Want(http.StatusTooManyRequests, "listen.previews_spent", "POST", first, "v=0", "Content-Type", "application/sdp"); r.Header.Get("Retry-After") == "" {
		t.Error("not for how long")
	}
	guest.Want(http.StatusUnprocessableEntity, "listen.offer_invalid", "POST", open(), "v=0", "Content-Type", "application/sdp")
}

func TestTheListeningEndpointSaysWhichMethodsItHas(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v, _ := h.Member(t, "Ada")
	for path, methods := range map[string][]string{
		"/api/rooms/01a23133-f624-7d39-afd4-d7925292a36f/listen":     {"GET", "PUT", "PATCH"},
		"/api/rooms/01a23133-f624-7d39-afd4-d7925292a36f/listen/one": {"GET", "POST", "PATCH"},
	} {
		for _, method := range methods {
			if r := v.Want(http.StatusMethodNotAllowed, "request.method", method, path, ""); r.Header.Get("Allow") == "" {
				t.Errorf("%s %s: not what is allowed", method, path)
			}
		}
	}
}
