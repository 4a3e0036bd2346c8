package calls_test

import (
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/calls"
)

// A ring answers for anybody in a room and takes 30 seconds: it would be the way to ask for the
// age of each, who is blocked by whom, and who wants to be called by whom.
func TestPeopleInOneRoomAreOfferedAPrivateTalk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, me := h.Fits(t, "Anna", "woman")
		bob, him := h.Fits(t, "Bob", "man")
		cleo, her := h.Member(t, "Cleo")
		ring := func(of string) string { return "/api/people/" + of + "/call" }
		anna.Want(http.StatusNotFound, "person.unknown", "POST", ring(him.ID), "")
		var room apitypes.Room
		anna.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		anna.Want(http.StatusNotFound, "person.unknown", "POST", ring(him.ID), "") // before he is here
		for _, who := range []*apitest.Visitor{bob, cleo} {
			who.Want(http.StatusOK, "", "POST", "/api/rooms/"+room.ID+"/join", "")
		}
		cleo.Want(http.StatusConflict, "match.incomplete", "POST", ring(him.ID), "")

		var c calls.Call
		reply := anna.Want(http.StatusOK, "", "POST", ring(him.ID), "")
		reply.Into(t, &c)
		if !c.Offered || !c.Mine || c.Kind != "direct" || c.State != "proposed" || c.AgeFrom != 0 || c.AgeTo != 0 || len(reply.Body) > 2048 {
			t.Fatalf("%+v", c)
		}
		if his := queueStatus(bob).Call; his == nil || !his.Offered || his.Person.ID != me.ID {
			t.Fatalf("%+v", his)
		}
		bob.Want(http.StatusOK, "", "POST", "/api/calls/"+c.ID+"/decline", "")
		anna.Want(http.StatusOK, "", "GET", "/api/calls/"+c.ID, "").Into(t, &c)
		if c.State != "proposed" {
			t.Fatalf("Anna learns that he declined: %+v", c)
		}
		anna.Want(http.StatusOK, "", "POST", "/api/calls/"+c.ID+"/leave", "")
		anna.Want(http.StatusTooManyRequests, "call.rings", "POST", ring(him.ID), "")
		if l := queueStatus(bob); len(l.Missed) != 0 {
			t.Errorf("an offer is kept: %+v", l.Missed)
		}
		var list struct{ Notifications []struct{ Kind string } }
		bob.Want(http.StatusOK, "", "GET", "/api/notifications", "").Into(t, &list)
		for _, n := range list.Notifications {
			if strings.HasPrefix(n.Kind, "call") {
				t.Errorf("an offer is kept: %+v", n)
			}
		}

		// Whoever has no preferences yet is not called by strangers, and by friends.
		c = calls.Call{}
		anna.Want(http.StatusOK, "", "POST", ring(her.ID), "").Into(t, &c)
		if c.State != "proposed" || queueStatus(anna).Call == nil {
			t.Fatalf("%+v", c)
		}
		if hers := queueStatus(cleo).Call; hers != nil {
			t.Fatalf("a stranger rings at hers: %+v", hers)
		}
		anna.Want(http.StatusOK, "", "POST", "/api/calls/"+c.ID+"/leave", "")
		cleo.Want(http.StatusGone, "call.ended", "POST", "/api/calls/"+c.ID+"/join", "")

		// Accepted: neither is in the room any more.
		bob.Want(http.StatusOK, "", "POST", ring(me.ID), "").Into(t, &c)
		anna.Want(http.StatusOK, "", "POST", "/api/calls/"+c.ID+"/accept", "").Into(t, &c)
		if c.State != "connecting" {
			t.Fatalf("%+v", c)
		}
		cleo.Want(http.StatusOK, "", "GET", "/api/rooms/"+room.ID, "").Into(t, &room)
		for _, m := range room.Members {
			if m.Present && m.Person.ID != her.ID {
				t.Errorf("still in the room: %+v", m)
			}
		}
		bob.Want(http.StatusOK, "", "POST", "/api/calls/"+c.ID+"/leave", "")

		// A block is like not being there.
		for _, who := range []*apitest.Visitor{anna, bob} {
			who.Want(http.StatusOK, "", "POST", "/api/rooms/"+room.ID+"/join", "")
		}
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+me.ID+"/block", "")
		anna.Want(http.StatusNotFound, "person.unknown", "POST", ring(him.ID), "")
	})
}
