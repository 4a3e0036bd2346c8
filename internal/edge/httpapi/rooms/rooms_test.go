package rooms_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/rooms"
	"heyy/internal/people/profile"
)

// The answer to a command was the whole room: tens of kilobytes for a mute in a full
// one, and stored for a day.
func TestACommandIsAnsweredWithItsChangeHoweverFullTheRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, _ := h.Member(t, "Host")
		guest, me := h.Member(t, "Guest")
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		guest.Want(http.StatusOK, "", "POST", at+"/join", "")

		round := func() (size int) {
			t.Helper()
			seq := int64(0)
			for _, c := range []struct {
				who                       *apitest.Visitor
				method, what, body, cause string
			}{
				{guest, "PUT", "/seat", `{}`, "sat"},
				{guest, "PUT", "/microphone", `{"muted":false}`, "unmuted"},
				{guest, "PUT", "/microphone", `{"muted":false}`, ""},
				{guest, "PUT", "/microphone", `{"muted":true}`, "muted"},
				{guest, "DELETE", "/seat", "", "stood"},
				{host, "POST", "/people/" + me.ID + "/move-to-audience", "", "moved_to_audience"},
				{host, "POST", "/people/" + me.ID + "/allow-to-speak", "", "allowed_to_speak"},
			} {
				var got rooms.Change
				reply := c.who.Want(http.StatusOK, "", c.method, at+c.what, c.body)
				reply.Into(t, &got)
				size += len(reply.Body)
				if got.Cause != c.cause || got.Member.Person.ID != me.ID || got.Member.Person.Name != "Guest" || (c.cause != "") != (got.Seq > seq) {
					t.Errorf("%s%s after %d: %+v", c.method, c.what, seq, got)
				}
				seq = got.Seq
			}
			return size
		}
		alone := round()
		for i := range 20 {
			one, _ := h.Member(t, "Listener"+string(rune('a'+i)))
			one.Want(http.StatusOK, "", "POST", at+"/join", "")
		}
		if full := round(); full > alone+20 { // digits of seq
			t.Errorf("seven replies of %d bytes became %d", alone, full)
		}
		host.Want(http.StatusOK, "", "POST", at+"/people/"+me.ID+"/remove", "")
		guest.Want(http.StatusConflict, "room.not_here", "PUT", at+"/seat", `{}`)
	})
}

// The mark of who is new comes with the persons of the roster, and within their bounds.
func TestMembersOfARoomAreMarkedAsNew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, hostIs := h.Member(t, "Host")
		if _, err := d.Exec(`UPDATE accounts SET created_at = created_at - $1 WHERE id = $2`, profile.NewFor.Milliseconds(), hostIs.ID); err != nil {
			t.Fatal(err)
		}
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		guest, me := h.Member(t, "Guest")
		guest.Publish(0)
		guest.Want(http.StatusOK, "", "POST", at+"/join", "")
		reply := guest.Want(http.StatusOK, "", "PUT", at+"/seat", `{}`)
		var got rooms.Change
		reply.Into(t, &got)
		if !got.Member.NewHere || len(reply.Body) > 2048 {
			t.Errorf("%d bytes: %s", len(reply.Body), reply.Body)
		}
		event, err := json.Marshal(apitypes.MemberEvent{Type: "member", Seq: got.Seq, At: got.At, Cause: got.Cause, Member: got.Member})
		if err != nil || len(event) > 400 {
			t.Errorf("%d bytes: %s, %v", len(event), event, err)
		}
		guest.Want(http.StatusOK, "", "GET", at, "").Into(t, &room)
		for _, m := range room.Members {
			badge := slices.Contains(guest.Card(m.Person.ID).Badges, "new_here")
			if m.NewHere != badge || badge != (m.Person.ID == me.ID) {
				t.Errorf("%s: new %v, badge %v", m.Person.Name, m.NewHere, badge)
			}
		}
	})
}

// The attack: a host who was blocked by somebody removed them again and again, and read
// their name and voice from each answer.
func TestACommandTellsNothingOfSomebodyExcluded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, hostIs := h.Member(t, "Host")
		guest, me := h.Member(t, "Guest")
		var room apitypes.Room
		host.Want(http.StatusCreated, "", "POST", "/api/rooms", `{"title":"Late talk","category":"talk","language":"en"}`).Into(t, &room)
		at := "/api/rooms/" + room.ID
		guest.Want(http.StatusOK, "", "POST", at+"/join", "")
		guest.Publish(0)
		guest.Want(http.StatusNoContent, "", "PUT", "/api/people/"+hostIs.ID+"/block", "")
		host.Want(http.StatusNotFound, "person.unknown", "GET", "/api/people/"+me.ID, "")
		for range 2 {
			reply := host.Want(http.StatusOK, "", "POST", at+"/people/"+me.ID+"/remove", "")
			var got rooms.Change
			reply.Into(t, &got)
			if p := got.Member.Person; p.Name != "" || p.Voice != nil || got.Member.Present {
				t.Errorf("the host reads %s", reply.Body)
			}
		}
	})
}
