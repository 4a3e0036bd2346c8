package signin_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/edge/httpapi/signin"
	"heyy/internal/people/account"
)

func TestFromACodeToAMember(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := apitest.New(t, d).Visitor(t)
		v.Want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "")
		me := v.SignIn("anna@example.org")
		if me.Complete || me.Email != "anna@example.org" || me.Name != "" || me.BirthDate != "" || me.Interests == nil {
			t.Fatalf("before the beginning: %+v", me)
		}
		v.Want(http.StatusForbidden, "account.incomplete", "PATCH", "/api/me", `{"name":"Anna"}`)
		v.Want(http.StatusForbidden, "account.incomplete", "GET", "/api/people/"+me.ID, "")
		v.Want(http.StatusUnprocessableEntity, "account.birth_date_wrong", "POST", "/api/me/sign-up", `{"birth_date":"yesterday","name":"Anna","language":"it"}`)
		me = v.Begin("Anna")
		if !me.Complete || me.Name != "Anna" || me.Language != "it" || me.BirthDate != "1990-05-17" {
			t.Fatalf("after it: %+v", me)
		}
		v.Want(http.StatusOK, "", "PATCH", "/api/me", `{"interests":["jazz","hiking"]}`).Into(t, &me)
		if fmt.Sprint(me.Interests) != "[jazz hiking]" || me.Name != "Anna" {
			t.Fatalf("after an edit: %+v", me)
		}
		bad := v.Want(http.StatusUnprocessableEntity, "list.unknown", "PATCH", "/api/me", `{"interests":["money"],"name":"Bob"}`)
		if !strings.Contains(bad.Body, `"field":"body.interests"`) {
			t.Errorf("the field is not named: %s", bad.Body)
		}
		v.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
		if me.Name != "Anna" {
			t.Error("half an edit was written")
		}
	})
}

func TestTheCookieIsForTheServerOnly(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	v.Want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"anna@example.org","language":"en"}`)
	r := v.Want(http.StatusOK, "", "POST", "/api/sign-in", `{"email":"anna@example.org","code":"`+h.Code(t, "anna@example.org")+`"}`)
	if strings.Contains(r.Body, "token") {
		t.Errorf("a browser was told the token: %s", r.Body)
	}
	all := r.Header.Values("Set-Cookie")
	if len(all) != 2 || !strings.HasPrefix(all[0], "heyy_browser=") || !strings.HasPrefix(all[1], "heyy_session=") {
		t.Fatalf("cookies: %q", all)
	}
	for _, c := range all {
		for _, part := range []string{"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age="} {
			if !strings.Contains(c, part) {
				t.Errorf("the cookie lacks %s: %s", part, c)
			}
		}
	}
	out := v.Want(http.StatusNoContent, "", "POST", "/api/sign-out", "")
	if gone := out.Header.Values("Set-Cookie"); len(gone) != 1 || !strings.HasPrefix(gone[0], "heyy_session=;") || !strings.Contains(gone[0], "Max-Age=0") {
		t.Errorf("the cookie stays: %s", out.Header.Get("Set-Cookie"))
	}
	v.Want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "")
}

func TestAProgramGetsATokenThatIsNotKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		v := h.Visitor(t)
		v.Agent = "heyy-bench/1"
		v.SignIn("first@example.org") // a living session in the same request
		v.Want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"anna@example.org","language":"en"}`)
		var in signin.SignedIn
		r := v.Want(http.StatusOK, "", "POST", "/api/sign-in", `{"email":"anna@example.org","code":"`+h.Code(t, "anna@example.org")+`","bearer":true}`)
		r.Into(t, &in)
		if len(in.Token) != 43 || strings.Contains(fmt.Sprint(r.Header.Values("Set-Cookie")), "heyy_session") {
			t.Fatalf("token %q, cookie %q", in.Token, r.Header.Get("Set-Cookie"))
		}
		var kept int
		if err := d.QueryRow(`SELECT COUNT(*) FROM commands`).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("%d replies to sign-ins are kept, %v", kept, err)
		}
		p := h.Visitor(t)
		p.Token = in.Token
		var me people.Me
		p.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
		if me.Email != "anna@example.org" {
			t.Errorf("%+v", me)
		}
	})
}

func TestSignInTellsNothingAboutAddresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		h.Visitor(t).SignIn("known@example.org")
		v := h.Visitor(t)
		strip := regexp.MustCompile(`"request_id":"[^"]*"`)
		for _, each := range []struct{ path, body string }{
			{"/api/sign-in/code", `{"email":"%s","language":"en"}`},
			{"/api/sign-in", `{"email":"%s","code":"000000"}`},
		} {
			known := v.Ask("POST", each.path, fmt.Sprintf(each.body, "known@example.org"))
			unknown := v.Ask("POST", each.path, fmt.Sprintf(each.body, "unknown@example.org"))
			if known.Status != unknown.Status || strip.ReplaceAllString(known.Body, "") != strip.ReplaceAllString(unknown.Body, "") {
				t.Errorf("%s: known %d %s, unknown %d %s", each.path, known.Status, known.Body, unknown.Status, unknown.Body)
			}
		}
	})
}

func TestUnderEighteenIsOutForGood(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		v := h.Visitor(t)
		v.SignIn("kid@example.org")
		born := time.Now().UTC().AddDate(-18, 0, 1).Format(time.DateOnly)
		v.Want(http.StatusForbidden, "account.too_young", "POST", "/api/me/sign-up", `{"birth_date":"`+born+`","name":"Kid","language":"en"}`)
		v.Want(http.StatusUnauthorized, "session.none", "POST", "/api/me/sign-up", `{"birth_date":"1980-01-01","name":"Kid","language":"en"}`)
		v.Want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"kid@example.org","language":"en"}`)
		r := v.Want(http.StatusForbidden, "account.too_young", "POST", "/api/sign-in", `{"email":"kid@example.org","code":"`+h.Code(t, "kid@example.org")+`"}`)
		if r.Header.Get("Set-Cookie") != "" {
			t.Error("a session all the same")
		}
	})
}

func TestDevicesAreListedAndSignedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		here, there := h.Visitor(t), h.Visitor(t)
		there.Agent = "heyy-bench/1"
		me := here.SignIn("anna@example.org")
		token, err := h.Accounts.IssueToken(t.Context(), account.ID(me.ID), "Tablet")
		if err != nil {
			t.Fatal(err)
		}
		there.Token = token
		var list signin.Sessions
		here.Want(http.StatusOK, "", "GET", "/api/me/sessions", "").Into(t, &list)
		if len(list.Sessions) != 2 {
			t.Fatalf("%+v", list)
		}
		var other signin.Session
		for _, s := range list.Sessions {
			if s.Current != (s.Device == "Chrome on Android") {
				t.Errorf("%+v", s)
			}
			if !s.Current {
				other = s
			}
		}
		here.Want(http.StatusNoContent, "", "DELETE", "/api/me/sessions/"+other.ID, "")
		there.Want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "")
		here.Want(http.StatusNotFound, "session.unknown", "DELETE", "/api/me/sessions/"+other.ID, "")
		here.Want(http.StatusUnprocessableEntity, "", "DELETE", "/api/me/sessions/1", "")
		here.Want(http.StatusOK, "", "GET", "/api/me", "")
	})
}

func TestPasskeyCeremoniesAreSpokenOverHTTP(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	var c signin.Ceremony
	v.Want(http.StatusOK, "", "POST", "/api/sign-in/passkey/start", "").Into(t, &c)
	var get struct{ Challenge, RpID string }
	apitest.Reply{Body: apitest.JSON(t, c.Options)}.Into(t, &get)
	if !id.Valid(c.Ceremony) || get.Challenge == "" || get.RpID != "localhost" {
		t.Errorf("%+v, %+v", c, get)
	}
	v.Want(http.StatusUnprocessableEntity, "passkey.malformed", "POST", "/api/sign-in/passkey/finish", `{"ceremony":"`+c.Ceremony+`","credential":{"id":"a"}}`)
	v.Want(http.StatusUnprocessableEntity, "request.invalid", "POST", "/api/sign-in/passkey/finish", `{"ceremony":"`+c.Ceremony+`","credential":"x"}`)
	v.Want(http.StatusUnauthorized, "session.none", "POST", "/api/me/passkeys/start", "")
	v.SignIn("anna@example.org")
	v.Want(http.StatusOK, "", "POST", "/api/me/passkeys/start", "").Into(t, &c)
	var create struct{ User struct{ Name string } }
	apitest.Reply{Body: apitest.JSON(t, c.Options)}.Into(t, &create)
	if create.User.Name != "anna@example.org" {
		t.Errorf("%s", apitest.JSON(t, c.Options))
	}
	v.Want(http.StatusUnprocessableEntity, "passkey.malformed", "POST", "/api/me/passkeys/finish", `{"ceremony":"`+c.Ceremony+`","name":"phone","credential":{}}`)
	if r := v.Want(http.StatusOK, "", "GET", "/api/me/passkeys", ""); strings.TrimSpace(r.Body) != `{"passkeys":[]}` {
		t.Errorf("%s", r.Body)
	}
	v.Want(http.StatusNotFound, "passkey.unknown", "DELETE", "/api/me/passkeys/"+id.New(), "")
}
