package rooms_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
)

func TestMissedChangesHaveTheShapeOfLiveEvents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, _ := h.Member(t, "Host")
		guest, guestIs := h.Member(t, "Guest")
		stranger, strangerIs := h.Member(t, "Stranger")
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		changes := func(since int64) string { return fmt.Sprintf("%s/changes?since=%d", at, since) }
		guest.Want(http.StatusOK, "", "POST", at+"/join", "")
		guest.Want(http.StatusOK, "", "PUT", at+"/seat", `{"seat":3}`)

		var missed struct {
			Seq     int64
			Changes []struct {
				apitypes.MemberEvent
				Reason string
			}
		}
		host.Want(http.StatusOK, "", "GET", changes(room.Seq), "").Into(t, &missed)
		if len(missed.Changes) != 2 || missed.Seq != room.Seq+2 {
			t.Fatalf("%+v", missed)
		}
		if e := missed.Changes[1]; e.Type != "member" || e.Seq != missed.Seq || e.At == 0 || e.Cause != "sat" ||
			e.Member.Person.ID != guestIs.ID || e.Member.Person.Name != "Guest" || e.Member.Seat != 3 || !e.Member.Present {
			t.Errorf("%+v", e)
		}
		if r := host.Want(http.StatusOK, "", "GET", changes(missed.Seq), ""); strings.TrimSpace(r.Body) != fmt.Sprintf(`{"seq":%d,"changes":[]}`, missed.Seq) {
			t.Errorf("nothing missed: %s", r.Body)
		}

		for _, wrong := range []string{"?since=-1", "?since=x", "?since=1.5", "?since=", "?since=9223372036854775808", "", "?since=3&before=x"} {
			host.Want(http.StatusUnprocessableEntity, "request.invalid", "GET", at+"/changes"+wrong, "")
		}
		for _, unknown := range []int64{0, missed.Seq + 1, 1<<63 - 1} {
			host.Want(http.StatusGone, "live.too_old", "GET", changes(unknown), "")
		}
		h.Visitor(t).Want(http.StatusUnauthorized, "", "GET", changes(room.Seq), "")
		stranger.Want(http.StatusGone, "live.too_old", "GET", changes(room.Seq), "")
		host.Want(http.StatusNotFound, "room.not_found", "GET", "/api/rooms/"+strangerIs.ID+"/changes?since=1", "")

		// The end is the same for all who may read the room.
		seen := missed.Seq
		host.Want(http.StatusNoContent, "", "POST", at+"/end", "")
		for _, who := range []*apitest.Visitor{guest, stranger} {
			who.Want(http.StatusOK, "", "GET", changes(seen), "").Into(t, &missed)
			if len(missed.Changes) != 1 || missed.Changes[0].Type != "ended" || missed.Changes[0].Reason != "host" || missed.Changes[0].Seq != seen+1 || missed.Seq != seen+1 {
				t.Errorf("%+v", missed)
			}
		}
	})
}
