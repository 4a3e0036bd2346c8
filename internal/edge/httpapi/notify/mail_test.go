package notify_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/apitest"
	notifyapi "heyy/internal/edge/httpapi/notify"
	"heyy/internal/people/account"
)

// mailProgram is the server of somebody's mail provider: it has the link of a mail, no cookies,
// and sends forms.
func mailProgram(t *testing.T, h *apitest.Server, method, path, kind, body string, headers ...string) (int, string) {
	t.Helper()
	v := h.Visitor(t)
	r := v.Ask(method, path, body, append([]string{"Content-Type", kind, "Idempotency-Key", ""}, headers...)...)
	return r.Status, r.Body
}

const (
	form     = "application/x-www-form-urlencoded"
	oneClick = "List-Unsubscribe=One-Click"
)

func TestOneClickInAMailProgramUnsubscribes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, me := h.Member(t, "Anna")
		link := "/unsubscribe/" + h.Notify.MailToken(account.ID(me.ID))
		on := func() bool { return settings(t, anna).Email }

		for _, method := range []string{"GET", "HEAD", "OPTIONS"} { // what looks for viruses behind links
			for _, path := range []string{link, "/api/emails/" + strings.TrimPrefix(link, "/unsubscribe/")} {
				mailProgram(t, h, method, path, form, "")
			}
		}
		if !on() {
			t.Fatal("looking at the link unsubscribed her")
		}
		for _, wrong := range []string{"", "List-Unsubscribe=yes", `{"List-Unsubscribe":"One-Click"}`} {
			if status, body := mailProgram(t, h, "POST", link, form, wrong); status != http.StatusUnprocessableEntity || !strings.Contains(body, "request.form") {
				t.Errorf("%q: %d %s", wrong, status, body)
			}
		}
		if status, _ := mailProgram(t, h, "POST", link+"?"+oneClick, form, ""); status != http.StatusUnprocessableEntity || !on() {
			t.Errorf("the field belongs into the form: %d", status)
		}
		if status, _ := mailProgram(t, h, "POST", link, form, oneClick+"&x="+strings.Repeat("y", 1<<20)); status != http.StatusBadRequest {
			t.Errorf("a megabyte: %d", status)
		}
		multipart := "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
		for name, send := range map[string]func() (int, string){
			"a form": func() (int, string) { return mailProgram(t, h, "POST", link, form, oneClick) },
			"parts": func() (int, string) {
				return mailProgram(t, h, "POST", link, "multipart/form-data; boundary=b", multipart)
			},
			"another site": func() (int, string) {
				return mailProgram(t, h, "POST", link, form, oneClick, "Origin", "https://mail.example")
			},
			"a sandbox": func() (int, string) {
				return mailProgram(t, h, "POST", link, form, oneClick, "Origin", "null", "Sec-Fetch-Site", "cross-site")
			},
		} {
			for range 2 { // again changes nothing
				if status, body := send(); status != http.StatusOK || on() {
					t.Errorf("%s: %d %s, and it is on: %t", name, status, body, on())
				}
			}
			choose(t, h, link, true)
		}
	})
}

// choose is what a press on the page does, in a browser that is signed in to nothing.
func choose(t *testing.T, h *apitest.Server, link string, on bool) {
	t.Helper()
	path := "/api/emails/" + strings.TrimPrefix(link, "/unsubscribe/")
	v := h.Visitor(t)
	v.Want(http.StatusOK, "", "PUT", path, apitest.JSON(t, notifyapi.EmailChoice{On: on}))
	var is notifyapi.EmailChoice
	v.Want(http.StatusOK, "", "GET", path, "").Into(t, &is)
	if is.On != on {
		t.Errorf("after choosing %t it is %t", on, is.On)
	}
}

func TestThePageOfALinkChoosesForItsOwnerWhoeverIsSignedIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, me := h.Member(t, "Anna")
		bob, _ := h.Member(t, "Bob")
		path := "/api/emails/" + h.Notify.MailToken(account.ID(me.ID))
		bob.Want(http.StatusOK, "", "PUT", path, `{"on":false}`)
		if settings(t, anna).Email || !settings(t, bob).Email {
			t.Error("it chose for who is signed in")
		}
		choose(t, h, path[len("/api/emails"):], true)
		if s := settings(t, anna); !s.Email {
			t.Error("it cannot be switched on again")
		}
		from := h.Visitor(t)
		from.Want(http.StatusForbidden, "request.origin", "PUT", path, `{"on":false}`, "Origin", "https://evil.example")
	})
}

func TestAWrongLinkAndThatOfADeletedAccountAreTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		_, me := h.Member(t, "Anna")
		token := h.Notify.MailToken(account.ID(me.ID))
		if _, err := d.Exec(`DELETE FROM accounts WHERE id = $1`, me.ID); err != nil {
			t.Fatal(err)
		}
		v := h.Visitor(t)
		var said []string
		for _, wrong := range []string{token, h.Notify.MailToken(account.ID(id.New())), "x", strings.Repeat("A", 60), "%FF%00"} {
			for _, ask := range [][2]string{{"GET", ""}, {"PUT", `{"on":false}`}} {
				r := v.Want(http.StatusNotFound, "mail.link_unknown", ask[0], "/api/emails/"+wrong, ask[1])
				text, _, _ := strings.Cut(r.Body, `"request_id"`)
				said = append(said, text)
			}
			if status, body := mailProgram(t, h, "POST", "/unsubscribe/"+wrong, form, oneClick); status != http.StatusNotFound || !strings.Contains(body, "mail.link_unknown") {
				t.Errorf("%s: %d %s", wrong, status, body)
			}
		}
		for _, text := range said {
			if text != said[0] {
				t.Errorf("one says %s, another %s", said[0], text)
			}
		}
	})
}

// Who has a link may press it as often as they like, but the database writes only what changes,
// and what they use up is not the share of who the link is of.
func TestALinkIsNoWayToKeepTheDatabaseBusy(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	anna, me := h.Member(t, "Anna")
	path := "/api/emails/" + h.Notify.MailToken(account.ID(me.ID))
	v := h.Visitor(t)
	var mu sync.Mutex
	got := map[int]int{}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 125 {
				r := v.Ask("PUT", path, apitest.JSON(t, notifyapi.EmailChoice{On: (i+n)%2 == 0}))
				mu.Lock()
				got[r.Status]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if got[http.StatusOK] == 0 || got[http.StatusTooManyRequests] < 600 || len(got) != 2 {
		t.Errorf("a thousand at once: %v", got)
	}
	anna.Want(http.StatusOK, "", "PUT", "/api/me/notifications", apitest.JSON(t, settings(t, anna).NotificationSettings))
}
