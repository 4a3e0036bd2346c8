package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
)

// Two tabs of one browser, one for each account: the cookie is of the last.
func TestATabOfOneAccountDoesNotActAsAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		v := h.Visitor(t)
		v.SignIn("anna@example.org")
		anna := v.Begin("Anna")
		v.SignIn("bob@example.org")
		bob := v.Begin("Bob")

		for _, c := range [][3]string{
			{"GET", "/api/me", ""},
			{"GET", "/api/me/sessions", ""},
			{"PATCH", "/api/me", `{"name":"Anna the second"}`},
			{"POST", "/api/me/passkeys/start", ""},
			{"POST", "/api/sign-out", ""},
			{"PUT", "/api/me/clips/0?prompt=best_sound", `{}`},
			{"POST", "/api/call/queue", `{"intents":[],"languages":[]}`},
		} {
			v.Want(http.StatusConflict, "session.other_account", c[0], c[1], c[2], "Heyy-Account", anna.ID)
		}
		var kept int
		if err := d.QueryRow(`SELECT COUNT(*) FROM commands WHERE account_id = $1`, bob.ID).Scan(&kept); err != nil || kept != 1 {
			t.Errorf("%d commands took effect, %v", kept, err) // of Bob, his beginning
		}
		var me people.Me
		v.Want(http.StatusOK, "", "GET", "/api/me", "", "Heyy-Account", bob.ID).Into(t, &me)
		if me.Name != "Bob" {
			t.Errorf("%+v", me)
		}
		v.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)

		// Anna's session ended with Bob's coming; her other device stays.
		var left int
		if err := d.QueryRow(`SELECT COUNT(*) FROM sessions`).Scan(&left); err != nil || left != 1 {
			t.Errorf("%d sessions, %v", left, err)
		}
		v.Want(http.StatusNoContent, "", "POST", "/api/sign-out", "", "Heyy-Account", bob.ID)
		v.Want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "", "Heyy-Account", bob.ID)
		// Signing in is for whoever it turns out to be.
		v.Want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"carl@example.org","language":"en"}`, "Heyy-Account", bob.ID)
	})
}

// One tab signs in while another still asks with the cookie of the session that
// this ends: the answer to the second must not take the new cookie away.
func TestAnEndedSessionTakesNoCookieAway(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	me := v.SignIn("anna@example.org")
	if err := h.Accounts.EndAll(t.Context(), account.ID(me.ID)); err != nil {
		t.Fatal(err)
	}
	r := v.Want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "")
	if c := r.Header.Values("Set-Cookie"); len(c) != 0 {
		t.Errorf("it sets %q", c)
	}
}

func TestAProgramsSignInEndsNoSession(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	v.SignIn("anna@example.org")
	v.Want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"bob@example.org","language":"en"}`)
	v.Want(http.StatusOK, "", "POST", "/api/sign-in", `{"email":"bob@example.org","code":"`+h.Code(t, "bob@example.org")+`","bearer":true}`)
	v.Want(http.StatusOK, "", "GET", "/api/me", "")
}

func TestASocketIsForTheAccountThatItsTabShows(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	api := httpapi.New(httpapi.Config{DB: h.DB, Accounts: h.Accounts, Origins: []string{"http://localhost:8080"}})
	who, err := h.Accounts.EnsureResident(t.Context(), account.ResidentPlan{Key: "one", Name: "One", BirthDate: "1990-01-01", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.Accounts.IssueToken(t.Context(), who, "test")
	if err != nil {
		t.Fatal(err)
	}
	for claims, ok := range map[string]bool{"": true, string(who): true, "another": false} {
		r := httptest.NewRequest("GET", "/realtime?"+url.Values{"account": {claims}}.Encode(), nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if is, err := api.Authenticate(r); (err == nil) != ok || ok && is != string(who) {
			t.Errorf("%q: %q, %v", claims, is, err)
		}
	}
}
