package me_test

import (
	"net/http"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/people"
)

func TestABadUploadLeavesWhatWasThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna := h.Visitor(t)
		anna.SignIn("anna@example.org")
		anna.Begin("Anna")
		good := apitest.Recording(t)
		before := anna.Publish(0).Clips[0]
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
			r := anna.Ask("PUT", c.path, c.body, "Content-Type", c.media)
			if r.Status != c.status || !strings.Contains(r.Body, `"code":"`+c.code+`"`) {
				t.Errorf("%s: %d %s", c.what, r.Status, r.Body)
			}
		}
		var me people.Me
		anna.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
		if len(me.Clips) != 1 || strings.Split(me.Clips[0].URL, "?")[0] != strings.Split(before.URL, "?")[0] {
			t.Errorf("%+v", me.Clips)
		}
		anna.Want(http.StatusOK, "", "GET", me.Clips[0].URL, "")
	})
}
