package notify_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/outbox"
	"heyy/internal/edge/httpapi/apitest"
	notifyapi "heyy/internal/edge/httpapi/notify"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/talk/notify"
)

// subscription is what a browser sends.
func subscription(t *testing.T, endpoint string) string {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return apitest.JSON(t, map[string]string{
		"endpoint": endpoint, "p256dh": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), "auth": base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
	})
}

func settings(t *testing.T, v *apitest.Visitor) (s notifyapi.OwnNotificationSettings) {
	t.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/me/notifications", "").Into(t, &s)
	return s
}

func TestABrowserSubscribesUntilItsSessionEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, _ := h.Member(t, "Anna")
		var key notifyapi.PushKey
		anna.Want(http.StatusOK, "", "GET", "/api/push-key", "").Into(t, &key)
		if point, err := base64.RawURLEncoding.DecodeString(key.Key); err != nil || len(point) != 65 || point[0] != 4 {
			t.Errorf("the key is %q", key.Key)
		}
		const put, path = "PUT", "/api/me/push"
		anna.Want(http.StatusNoContent, "", put, path, subscription(t, "https://localhost:1/push"))
		if !settings(t, anna).Subscribed {
			t.Error("she is not subscribed")
		}
		anna.Want(http.StatusNoContent, "", "DELETE", path, "")
		if settings(t, anna).Subscribed {
			t.Error("she still is")
		}
		anna.Want(http.StatusUnprocessableEntity, "push.endpoint", put, path, subscription(t, "https://10.0.0.1/push"))
		anna.Want(http.StatusUnprocessableEntity, "push.keys", put, path, `{"endpoint":"https://localhost:1/push","p256dh":"AAAA","auth":"AAAA"}`)
		anna.Want(http.StatusUnprocessableEntity, "", put, path, subscription(t, "https://localhost/"+strings.Repeat("x", 1000)))
		anna.Want(http.StatusNoContent, "", put, path, subscription(t, "https://localhost:1/push"))
		anna.Want(http.StatusNoContent, "", "POST", "/api/sign-out", "")
		var left int
		if err := d.QueryRow(`SELECT COUNT(*) FROM push_subscriptions`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d subscriptions after she signed out; %v", left, err)
		}
		anna.Want(http.StatusUnauthorized, "session.none", put, path, subscription(t, "https://localhost:1/push"))
	})
}

func TestSettingsAreChosen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, _ := h.Member(t, "Anna")
		s := settings(t, anna).NotificationSettings
		if len(s.Push) != len(notify.Kinds) || !s.Push["match"] || s.PrivateContent || !s.Email {
			t.Errorf("by default they are %+v", s)
		}
		s.Push["match"], s.TimeZone, s.QuietFrom, s.QuietTo, s.DailyCap, s.PrivateContent, s.Email = false, "Europe/Rome", 1320, 420, 5, true, false
		anna.Want(http.StatusOK, "", "PUT", "/api/me/notifications", apitest.JSON(t, s))
		if got := settings(t, anna); got.Push["match"] || !got.Push["fits"] || got.TimeZone != "Europe/Rome" || got.DailyCap != 5 || got.QuietFrom != 1320 || !got.PrivateContent || got.Email {
			t.Errorf("they are %+v", got)
		}
		for code, change := range map[string]func(*notifyapi.NotificationSettings){
			"notifications.time_zone": func(s *notifyapi.NotificationSettings) { s.TimeZone = "Local" },
			"notifications.kind":      func(s *notifyapi.NotificationSettings) { s.Push = map[string]bool{"more": true} },
			"request.invalid":         func(s *notifyapi.NotificationSettings) { s.DailyCap = 0 },
		} {
			bad := s
			change(&bad)
			anna.Want(http.StatusUnprocessableEntity, code, "PUT", "/api/me/notifications", apitest.JSON(t, bad))
		}
	})
}

func TestTheCentreIsReadAndSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, me := h.Member(t, "Anna")
		_, bob := h.Member(t, "Bob")
		take := h.Notify.Listener().Take
		for _, r := range []outbox.Record{
			{ID: "f1", At: time.Now(), Kind: discovery.KindMatched, Data: []byte(apitest.JSON(t, discovery.Matched{A: account.ID(me.ID), B: account.ID(bob.ID)}))},
			{ID: "f2", At: time.Now(), Kind: discovery.KindSomebodyFits, Data: []byte(apitest.JSON(t, discovery.SomebodyFits{Account: account.ID(me.ID)}))},
		} {
			if err := take(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		var page, second notifyapi.Notifications
		anna.Want(http.StatusOK, "", "GET", "/api/notifications?limit=1", "").Into(t, &page)
		if page.Unseen != 2 || len(page.Notifications) != 1 || page.Next == "" {
			t.Fatalf("the first page is %+v", page)
		}
		newest := page.Notifications[0]
		anna.Want(http.StatusOK, "", "GET", "/api/notifications?limit=1&before="+page.Next, "").Into(t, &second)
		for _, n := range append(second.Notifications, newest) {
			if (n.Kind == "match") != (n.Person != nil) || n.Person != nil && (n.Person.ID != bob.ID || n.Person.Name != "Bob") || n.Seen {
				t.Errorf("one is %+v", n)
			}
		}
		var left notifyapi.Unseen
		anna.Want(http.StatusOK, "", "PUT", "/api/notifications/seen", `{"up_to":"`+newest.ID+`"}`).Into(t, &left)
		if left.Unseen != 0 {
			t.Errorf("%d unseen", left.Unseen)
		}
		anna.Want(http.StatusNotFound, "notification.unknown", "PUT", "/api/notifications/seen", `{"up_to":"`+bob.ID+`"}`)
		anna.Want(http.StatusUnprocessableEntity, "page.cursor_wrong", "GET", "/api/notifications?before=x", "")

		// Whom she blocks is not named any more.
		anna.Want(http.StatusNoContent, "", "PUT", "/api/people/"+bob.ID+"/block", "")
		page = notifyapi.Notifications{}
		anna.Want(http.StatusOK, "", "GET", "/api/notifications", "").Into(t, &page)
		if len(page.Notifications) != 1 || page.Notifications[0].Person != nil {
			t.Errorf("after a block it is %+v", page)
		}
	})
}
