package events_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/events"
)

// planned plans an event in some minutes.
func planned(t *testing.T, by *apitest.Visitor, minutes int, more string) (e events.EventPage, at string) {
	t.Helper()
	by.Want(http.StatusCreated, "", "POST", "/api/events", fmt.Sprintf(`{"title":"Jazz at night","category":"music","language":"en","zone":"Europe/Rome","starts_at":%d,"minutes":60%s}`,
		time.Now().Add(time.Duration(minutes)*time.Minute).UnixMilli(), more)).Into(t, &e)
	return e, "/api/events/" + e.ID
}

func TestAnEventFromThePlanToItsRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, hostID := h.Member(t, "Host")
		guest, guestID := h.Member(t, "Guest")
		goer, goerID := h.Member(t, "Goer")
		host.Want(http.StatusUnprocessableEntity, "event.too_soon", "POST", "/api/events",
			fmt.Sprintf(`{"title":"Now","category":"music","language":"en","zone":"UTC","starts_at":%d,"minutes":60}`, time.Now().UnixMilli()))
		e, at := planned(t, host, 20, `,"shape":"stage","about":"Come and listen."`)
		if e.Host.Name != "Host" || e.StartsAt%60_000 != 0 || !e.CanStart || e.Shape != "stage" || e.State != "planned" {
			t.Errorf("planned: %+v", e)
		}
		host.Want(http.StatusNoContent, "", "PUT", at+"/people/"+guestID.ID, `{"part":"speaker"}`)
		host.Want(http.StatusUnprocessableEntity, "", "PUT", at+"/people/"+guestID.ID, `{"part":"host"}`)
		guest.Want(http.StatusNoContent, "", "PUT", at+"/answer", `{"accept":true}`)
		goer.Want(http.StatusConflict, "event.not_invited", "PUT", at+"/answer", `{"accept":true}`)
		goer.Want(http.StatusNoContent, "", "PUT", at+"/going", "")
		guest.Want(http.StatusNoContent, "", "PUT", "/api/people/"+goerID.ID+"/follow", "")
		var page events.EventPage
		guest.Want(http.StatusOK, "", "GET", at, "").Into(t, &page)
		if len(page.People) != 1 || page.People[0].Person.Name != "Guest" || page.Goers != 1 || len(page.Known) != 1 || page.Known[0].Name != "Goer" || page.Part != "speaker" || page.CanStart {
			t.Errorf("the page: %+v", page)
		}
		var list events.Events
		goer.Want(http.StatusOK, "", "GET", "/api/events", "").Into(t, &list)
		if len(list.Events) != 1 || !list.Events[0].Going || list.Events[0].Host.ID != hostID.ID {
			t.Errorf("upcoming: %+v", list)
		}
		goer.Want(http.StatusOK, "", "GET", "/api/events?mine=true&limit=1", "").Into(t, &list)
		goer.Want(http.StatusUnprocessableEntity, "page.cursor_wrong", "GET", "/api/events?after=nonsense", "")
		goer.Want(http.StatusForbidden, "event.host_only", "POST", at+"/start", "")
		goer.Want(http.StatusForbidden, "event.host_only", "POST", at+"/cancel", "")

		var start, again events.EventStart
		host.Want(http.StatusOK, "", "POST", at+"/start", "").Into(t, &start)
		host.Want(http.StatusOK, "", "POST", at+"/start", "").Into(t, &again)
		if start.RoomID == "" || again != start {
			t.Errorf("started: %+v, %+v", start, again)
		}
		goer.Want(http.StatusOK, "", "GET", at, "").Into(t, &page)
		if page.State != "live" || page.RoomID != start.RoomID {
			t.Errorf("live: %+v", page)
		}
		goer.Want(http.StatusOK, "", "GET", "/api/rooms/"+start.RoomID, "")

		// Whoever is blocked goes no more, and the event is not there for them.
		blocked, blockedID := h.Member(t, "Blocked")
		open, link := planned(t, host, 100, "")
		blocked.Want(http.StatusNoContent, "", "PUT", link+"/going", "")
		host.Want(http.StatusNoContent, "", "PUT", "/api/people/"+blockedID.ID+"/block", "")
		blocked.Want(http.StatusNotFound, "event.not_found", "GET", link, "")
		blocked.Want(http.StatusNotFound, "event.not_found", "GET", link+"/calendar", "")
		host.Want(http.StatusOK, "", "GET", link, "").Into(t, &page)
		if page.Goers != 0 || page.ID != open.ID {
			t.Errorf("after a block: %+v", page)
		}

		gone, at := planned(t, host, 200, `,"weekly":true`)
		host.Want(http.StatusNoContent, "", "POST", at+"/cancel", "")
		host.Want(http.StatusOK, "", "GET", at, "").Into(t, &page)
		if page.State != "cancelled" || gone.ID != page.ID || !page.Weekly {
			t.Errorf("cancelled: %+v", page)
		}
	})
}

func TestACalendarIsReadWithItsAddressAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		host, _ := h.Member(t, "Host")
		_, at := planned(t, host, 60, "")
		file := host.Want(http.StatusOK, "", "GET", at+"/calendar", "")
		if !strings.Contains(file.Body, "SUMMARY:Jazz at night\r\n") || file.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Errorf("the file: %v, %s", file.Header, file.Body)
		}
		var link events.EventCalendarLink
		host.Want(http.StatusCreated, "", "POST", "/api/me/calendar", "").Into(t, &link)
		path := link.URL[strings.Index(link.URL, "/api/"):]
		read := func(path, tag string) *http.Response {
			t.Helper()
			r, err := http.NewRequest("GET", h.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("If-None-Match", tag)
			answer, err := h.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			return answer
		}
		first := read(path, "")
		tag := first.Header.Get("ETag")
		if first.StatusCode != http.StatusOK || first.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || tag == "" {
			t.Fatalf("the feed: %d %v", first.StatusCode, first.Header)
		}
		if again := read(path, tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("unchanged: %d", again.StatusCode)
		}
		planned(t, host, 90, "")
		if changed := read(path, tag); changed.StatusCode != http.StatusOK {
			t.Errorf("changed: %d", changed.StatusCode)
		}
		for _, wrong := range []string{strings.TrimSuffix(path, ".ics"), "/api/calendars/nonsense.ics", "/api/calendars/.ics", path + "x"} {
			if r := read(wrong, ""); r.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d", wrong, r.StatusCode)
			}
		}
		host.Want(http.StatusNoContent, "", "DELETE", "/api/me/calendar", "")
		if r := read(path, tag); r.StatusCode != http.StatusNotFound {
			t.Errorf("revoked: %d", r.StatusCode)
		}
		var now events.EventCalendar
		host.Want(http.StatusOK, "", "GET", "/api/me/calendar", "").Into(t, &now)
		if now.MadeAt != 0 {
			t.Errorf("revoked: %+v", now)
		}
	})
}
