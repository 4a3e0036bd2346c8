package chats_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/chats"
)

func index(t *testing.T, h *apitest.Server) {
	t.Helper()
	if err := h.Search.CatchUpAll(context.Background(), time.Now()); err != nil {
		t.Fatal(err)
	}
}

func query(q string) string { return "/api/chats/search?q=" + url.QueryEscape(q) }

func TestBothFindWhatWasSaidAndNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		ada, bob, adas, bobs := couple(t, h)
		eve, _ := h.Fits(t, "Eve", "woman")
		ada.Want(http.StatusOK, "", "PUT", message(bobs), `{"text":"🙂 Which tram is that, at night?"}`)
		bob.Want(http.StatusOK, "", "PUT", message(adas), `{"text":"Number 3, the night tram"}`)
		index(t, h)
		var got chats.FoundMessages
		ada.Want(http.StatusOK, "", "GET", query("TRAM nig"), "").Into(t, &got)
		if len(got.Found) != 2 || got.Next != "" || got.Found[0].N != 2 || got.Found[0].Mine || !got.Found[1].Mine || got.Found[1].Person.Name != "Bob" {
			t.Fatalf("%+v", got)
		}
		// "🙂 Which tram": two units for the emoji.
		if first := got.Found[1].Marks[0]; first != (chats.Range{From: 9, To: 13}) {
			t.Errorf("%+v", first)
		}
		var part chats.FoundMessages
		ada.Want(http.StatusOK, "", "GET", query("tram")+"&limit=1&person="+bobs, "").Into(t, &part)
		if len(part.Found) != 1 || part.Next == "" {
			t.Fatalf("%+v", part)
		}
		var rest chats.FoundMessages
		ada.Want(http.StatusOK, "", "GET", query("tram")+"&limit=1&before="+part.Next, "").Into(t, &rest)
		if len(rest.Found) != 1 || rest.Found[0].N != 1 || rest.Next != "" {
			t.Errorf("%+v", rest)
		}
		for _, who := range []string{bobs, adas, id.Opaque()} {
			of := eve.Want(http.StatusNotFound, "chat.none", "GET", query("tram")+"&person="+who, "")
			if !strings.Contains(of.Body, "chat.none") {
				t.Error(of.Body)
			}
		}
		got = chats.FoundMessages{}
		eve.Want(http.StatusOK, "", "GET", query("tram"), "").Into(t, &got)
		if len(got.Found) != 0 {
			t.Errorf("Eve finds %+v", got)
		}
		bob.Want(http.StatusNoContent, "", "PUT", "/api/people/"+adas+"/block", "")
		for _, v := range []*apitest.Visitor{ada, bob} {
			got = chats.FoundMessages{}
			v.Want(http.StatusOK, "", "GET", query("tram"), "").Into(t, &got)
			if len(got.Found) != 0 {
				t.Errorf("after a block: %+v", got)
			}
		}
		ada.Want(http.StatusNotFound, "chat.none", "GET", query("tram")+"&person="+bobs, "")
	})
}

func TestBadInputOfASearch(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, _, _, bobs := couple(t, h)
	ada.Want(http.StatusOK, "", "PUT", message(bobs), `{"text":"So that there is something"}`)
	index(t, h)
	for path, code := range map[string]string{
		query(""): "request.invalid", query("?!"): "search.empty", query("\u202e"): "search.empty",
		query(strings.Repeat("a", 101)): "search.too_long", query(strings.Repeat("a ", 5000)): "search.too_long", query("a" + strings.Repeat("\u0301", 300)): "search.too_long",
		query("a\x00b"): "search.characters", query("a\xff"): "search.characters",
		query("a") + "&before=nonsense": "page.cursor_wrong",
	} {
		ada.Want(http.StatusUnprocessableEntity, code, "GET", path, "")
	}
	for _, path := range []string{"/api/chats/search", query("a") + "&person=x", query("a") + "&limit=0", query("a") + "&limit=101", query("a") + "&order=best"} {
		if r := ada.Ask("GET", path, ""); r.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
}

func TestAPageAroundAMessage(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	ada, _, _, bobs := couple(t, h)
	for n := range 30 {
		ada.Want(http.StatusOK, "", "PUT", message(bobs), fmt.Sprintf(`{"text":"This is number %d"}`, n+1))
	}
	for _, c := range []struct {
		around, limit, top, last int64
		newer, next              bool
	}{
		{15, 10, 20, 11, true, true},
		{1, 10, 6, 1, true, false},
		{28, 10, 30, 21, false, true},
		{1000, 10, 30, 21, false, true},
		{25, 10, 30, 21, false, true},
		{24, 10, 29, 20, true, true},
	} {
		var p chats.Messages
		ada.Want(http.StatusOK, "", "GET", fmt.Sprintf("/api/chats/%s/messages?around=%d&limit=%d", bobs, c.around, c.limit), "").Into(t, &p)
		if p.Messages[0].N != c.top || p.Messages[len(p.Messages)-1].N != c.last || p.Newer != c.newer || p.Next != "" != c.next {
			t.Errorf("around %d: %d to %d, newer %v, next %q", c.around, p.Messages[0].N, p.Messages[len(p.Messages)-1].N, p.Newer, p.Next)
		}
	}
	for _, bad := range []string{"0", "-1", "9223372036854775807", "x"} {
		if r := ada.Ask("GET", "/api/chats/"+bobs+"/messages?around="+bad, ""); r.Status != http.StatusUnprocessableEntity {
			t.Errorf("around %s: %d", bad, r.Status)
		}
	}
}
