package me_test

import (
	"net/http"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/me"
	"heyy/internal/people/verification"
)

func TestWhoIsVerifiedMayAskTheSameOfOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, she := h.Fits(t, "Anna", "woman")
		bob, him := h.Fits(t, "Bob", "man")
		only := `{"preferences":{"meet":["man"],"from":18,"to":120,"intents":[],"languages":[],"interests":[],"verified_only":true}}`
		anna.Want(http.StatusUnprocessableEntity, "preferences.verified_first", "PATCH", "/api/me", only)
		var v me.Verification
		anna.Want(http.StatusOK, "", "GET", "/api/me/verification", "").Into(t, &v)
		if v.State != "none" {
			t.Fatalf("%+v", v)
		}
		anna.Want(http.StatusOK, "", "POST", "/api/me/verification", "").Into(t, &v)
		if v.State != "started" || len(v.Phrase) != 4 || v.Pose == "" {
			t.Fatalf("%+v", v)
		}
		task := "/api/me/verification/" + v.ID
		bob.Want(http.StatusNotFound, "verification.none", "PUT", task+"/selfie", apitest.Picture(t), "Content-Type", "image/jpeg")
		anna.Want(http.StatusUnprocessableEntity, "voice.format", "PUT", task+"/phrase", "hello", "Content-Type", "audio/ogg")
		anna.Want(http.StatusUnprocessableEntity, "photo.format", "PUT", task+"/selfie", "hello", "Content-Type", "image/jpeg")
		anna.Want(http.StatusOK, "", "PUT", task+"/phrase", apitest.Recording(t), "Content-Type", "audio/ogg").Into(t, &v)
		if v.State != "started" || !v.Said || v.Posed {
			t.Fatalf("%+v", v)
		}
		anna.Want(http.StatusOK, "", "PUT", task+"/selfie", apitest.Picture(t), "Content-Type", "image/jpeg").Into(t, &v)
		if v.State != "waiting" {
			t.Fatalf("%+v", v)
		}
		waiting, err := h.Verification.ListWaiting(t.Context(), 10)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%+v, %v", waiting, err)
		}
		if err := h.Verification.Decide(t.Context(), waiting[0].ID, verification.Verdict{By: "Mo", Approve: true}); err != nil {
			t.Fatal(err)
		}
		if !bob.Card(she.ID).Verified {
			t.Error("Bob does not see that Anna is verified")
		}
		anna.Sees(him.ID)
		anna.Want(http.StatusOK, "", "PATCH", "/api/me", only)
		if len(anna.Deck().Cards) != 0 {
			t.Error("Bob is shown, who is not verified")
		}
	})
}
