package httpapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/httpapi"
	"heyy/internal/id"
)

// spoken is a recording of eight seconds.
func spoken(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../resident/voices/intro/maya.opus")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (v *visitor) publish(place int) httpapi.Me {
	v.t.Helper()
	var me httpapi.Me
	v.want(http.StatusOK, "", "PUT", fmt.Sprintf("/api/me/clips/%d?prompt=best_sound", place), spoken(v.t), "Content-Type", "audio/ogg").into(v.t, &me)
	return me
}

func (v *visitor) card(of string) (c httpapi.PersonCard) {
	v.t.Helper()
	v.want(http.StatusOK, "", "GET", "/api/people/"+of, "").into(v.t, &c)
	return c
}

func TestAClipIsHeardByWhomItsAddressWasMadeFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		anna, bob, cleo, stranger := h.visitor(t), h.visitor(t), h.visitor(t), h.visitor(t)
		me, him := anna.signIn("anna@example.org"), bob.signIn("bob@example.org")
		cleo.signIn("cleo@example.org")
		anna.begin("Anna")
		bob.begin("Bob")
		cleo.begin("Cleo")
		if c := bob.card(me.ID); len(c.Clips) != 0 || c.Voice != nil || c.Interests == nil {
			t.Fatalf("%+v", c)
		}
		own := anna.publish(0)
		anna.publish(2)
		if len(own.Clips) != 1 || own.Clips[0].Ms < 7000 || len(own.Clips[0].Peaks) != 64 || own.Voice == nil {
			t.Fatalf("%+v", own)
		}
		card := bob.card(me.ID)
		if len(card.Clips) != 2 || card.Clips[1].Place != 2 || card.Clips[0].Prompt != "best_sound" || card.Voice == nil {
			t.Fatalf("%+v", card)
		}
		url := card.Clips[0].URL
		whole := bob.want(http.StatusOK, "", "GET", url, "")
		for name, want := range map[string]string{
			"Content-Type": "audio/ogg", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=300", "Accept-Ranges": "bytes",
			"Content-Length": fmt.Sprint(len(whole.body)),
		} {
			if got := whole.header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if !strings.HasPrefix(whole.body, "OggS") || !strings.Contains(whole.body, "OpusTags\x04\x00\x00\x00heyy") {
			t.Errorf("%.80q", whole.body)
		}
		if part := bob.want(http.StatusPartialContent, "", "GET", url, "", "Range", "bytes=4-7"); part.body != whole.body[4:8] {
			t.Errorf("%q", part.body)
		}
		bob.want(http.StatusNotModified, "", "GET", url, "", "If-None-Match", whole.header.Get("ETag"))
		cleo.want(http.StatusNotFound, "ticket.wrong", "GET", url, "")
		stranger.want(http.StatusUnauthorized, "session.none", "GET", url, "")
		bob.want(http.StatusNotFound, "ticket.wrong", "GET", strings.Replace(url, "ticket=", "ticket=x", 1), "")
		bob.want(http.StatusUnprocessableEntity, "", "GET", "/api/clips/..%2f..%2fsecret?ticket=x", "")
		h.ahead = 5*time.Minute + time.Second
		bob.want(http.StatusGone, "ticket.stale", "GET", url, "")
		h.ahead = 0

		// A block works both ways at once, and neither is told.
		anna.want(http.StatusNoContent, "", "PUT", "/api/people/"+him.ID+"/block", "")
		bob.want(http.StatusNotFound, "person.unknown", "GET", "/api/people/"+me.ID, "")
		bob.want(http.StatusNotFound, "person.unknown", "GET", url, "")
		anna.want(http.StatusNotFound, "person.unknown", "GET", "/api/people/"+him.ID, "")
		var blocked httpapi.People
		anna.want(http.StatusOK, "", "GET", "/api/me/blocked", "").into(t, &blocked)
		if len(blocked.People) != 1 || blocked.People[0].Name != "Bob" {
			t.Errorf("%+v", blocked)
		}
		anna.want(http.StatusNoContent, "", "DELETE", "/api/people/"+him.ID+"/block", "")
		bob.want(http.StatusOK, "", "GET", url, "")
		anna.want(http.StatusNoContent, "", "POST", "/api/people/"+him.ID+"/report", `{"reason":"spam","note":"","place":"discover"}`)
		anna.want(http.StatusNoContent, "", "DELETE", "/api/people/"+him.ID+"/block", "")
		bob.want(http.StatusNotFound, "person.unknown", "GET", url, "")
		bob.want(http.StatusNotFound, "person.unknown", "GET", "/api/people/"+id.New(), "")
	})
}

func TestABadUploadLeavesWhatWasThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		anna := h.visitor(t)
		anna.signIn("anna@example.org")
		anna.begin("Anna")
		good := spoken(t)
		before := anna.publish(0).Clips[0]
		at := "/api/me/clips/0?prompt=best_sound"
		two := []byte(good)
		two[28+9] = 2 // channels, with a checksum that no longer fits
		for _, c := range []struct {
			what   string
			status int
			code   string
			path   string
			body   string
			media  string
		}{
			{"empty", 400, "request.malformed", at, "", "audio/ogg"},
			{"cut off", 422, "voice.damaged", at, good[:len(good)/2], "audio/ogg"},
			{"forged", 422, "voice.damaged", at, string(two), "audio/ogg"},
			{"a web page", 422, "voice.format", at, "<html><script>alert(1)</script>", "audio/ogg"},
			{"too large", 413, "request.too_large", at, strings.Repeat("OggS", 1<<18) + "!", "audio/ogg"},
			{"not said what it is", 413, "request.too_large", at, good + strings.Repeat(" ", 64<<10), "application/json"},
			{"no card", 422, "request.invalid", "/api/me/clips/0", good, "audio/ogg"},
			{"another card", 422, "list.unknown", "/api/me/clips/0?prompt=nope", good, "audio/ogg"},
			{"no such place", 422, "request.invalid", "/api/me/clips/4?prompt=best_sound", good, "audio/ogg"},
		} {
			r := anna.ask("PUT", c.path, c.body, "Content-Type", c.media)
			if r.status != c.status || !strings.Contains(r.body, `"code":"`+c.code+`"`) {
				t.Errorf("%s: %d %s", c.what, r.status, r.body)
			}
		}
		var me httpapi.Me
		anna.want(http.StatusOK, "", "GET", "/api/me", "").into(t, &me)
		if len(me.Clips) != 1 || strings.Split(me.Clips[0].URL, "?")[0] != strings.Split(before.URL, "?")[0] {
			t.Errorf("%+v", me.Clips)
		}
		anna.want(http.StatusOK, "", "GET", me.Clips[0].URL, "")
	})
}

// Content-Length that lies is answered, or the connection ends; other members
// are served meanwhile.
func TestALyingLengthHoldsNobodyUp(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	anna, bob := h.visitor(t), h.visitor(t)
	anna.signIn("anna@example.org")
	anna.begin("Anna")
	bob.signIn("bob@example.org")
	bob.begin("Bob")
	cookies := anna.http.Jar.Cookies(mustURL(t, h.URL))
	body := spoken(t)
	for _, says := range []int{len(body) * 2, 10, 1 << 40, -1} {
		conn, err := net.Dial("tcp", h.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = fmt.Fprintf(conn, "PUT /api/me/clips/0?prompt=best_sound HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nIdempotency-Key: %s\r\nContent-Type: audio/ogg\r\nContent-Length: %d\r\n\r\n",
			h.Listener.Addr(), cookies[0], id.New(), says)
		_, _ = conn.Write([]byte(body))
		bob.want(http.StatusOK, "", "GET", "/api/me", "")
		_ = conn.(*net.TCPConn).CloseWrite() // what was promised never comes
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			if resp.StatusCode < 400 {
				t.Errorf("Content-Length %d: %s", says, resp.Status)
			}
			_ = resp.Body.Close()
		}
		_ = conn.Close()
	}
	var me httpapi.Me
	anna.want(http.StatusOK, "", "GET", "/api/me", "").into(t, &me)
	if len(me.Clips) != 0 {
		t.Errorf("%+v", me.Clips)
	}
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
