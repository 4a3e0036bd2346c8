package httpapi_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/contract"
	"heyy/internal/edge/httpapi/people"
)

// hostile are bodies as large as may be, each made to cost the reader most.
func hostile() map[string]string {
	const size = 64 << 10
	fill := func(head, unit, tail string) string {
		return head + strings.TrimSuffix(strings.Repeat(unit, (size-len(head)-len(tail))/len(unit)), ",") + tail
	}
	keys := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size-40; i++ {
			fmt.Fprintf(&b, format+",", i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	return map[string]string{
		"elements":                   fill(`{"email":[`, "1,", "]}"),
		"elements below a long name": fill(`{"`+strings.Repeat("k", size/2)+`":[`, "1,", "]}"),
		"objects":                    fill(`{"email":[`, "{},", "]}"),
		"objects below a long name":  fill(`{"`+strings.Repeat("k", size/2)+`":[`, `{"a":1},`, "]}"),
		"names with dots":            "{" + keys(`"%x.x":1`) + "}",
		"unknown names":              "{" + keys(`"x%x":1`) + "}",
		"arrays in arrays":           fill("[", "[[[[[[[[[]]]]]]]]],", "]"),
		"escapes":                    fill(`{"email":"`, `\u0041`, `"}`),
		"numbers":                    fill(`{"email":[`, "1e-308,", "]}"),
		"one long number":            fill(`{"email":1`, "0", `}`),
		"one long name":              fill(`{"`, "k", `":1}`),
		"almost too many":            `{"email":[` + strings.TrimSuffix(strings.Repeat("{},", 1990), ",") + "]}",
		"almost too many names":      "{" + `"x":1` + manyNames(1990) + "}",
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"name_that_is_not_there_%d":1`, i)
	}
	return b.String()
}

func TestABodyCostsInProportionToItsSize(t *testing.T) {
	api := contract.New(httpapi.Config{Log: slog.New(slog.DiscardHandler), Origins: []string{"http://localhost:8080"}}, contract.Services{})
	const most = 4 << 20 // bytes allocated for 64 KB; a path written out for each element took 660 MB
	for name, body := range hostile() {
		cost := func() uint64 {
			r := httptest.NewRequest("POST", "/api/sign-in/code", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			api.ServeHTTP(w, r)
			runtime.ReadMemStats(&after)
			if w.Code/100 != 4 {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
			return after.TotalAlloc - before.TotalAlloc
		}
		cost() // pools are filled
		got := cost()
		t.Logf("%s: %d bytes cost %d", name, len(body), got)
		if got > most {
			t.Errorf("%s: %d bytes cost %d bytes of memory", name, len(body), got)
		}
	}
}

func TestAFieldInOtherLettersIsAnotherField(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	for _, c := range []struct{ body, field string }{
		{`{"email":"a@b.cd","EMAIL":"c@d.ef","language":"en"}`, "body.EMAIL"},
		{`{"EMAIL":"c@d.ef","language":"en"}`, ""},
		{`{"email":"a@b.cd","language":"en","Language":"it"}`, "body.Language"},
		{`{"email":"a@b.cd","lan\u0067uage":"en","\u017fanguage":"it"}`, "body"}, // the long s folds to s
	} {
		r := v.Want(http.StatusUnprocessableEntity, "request.invalid", "POST", "/api/sign-in/code", c.body)
		var p httpapi.Problem
		r.Into(t, &p)
		if c.field != "" && p.Field != c.field {
			t.Errorf("%s: %s", c.body, r.Body)
		}
	}
	v.SignIn("anna@example.org")
	v.Begin("Anna")
	v.Want(http.StatusUnprocessableEntity, "request.invalid", "PATCH", "/api/me", `{"name":"Anna","NAME":"Eve"}`)
	v.Want(http.StatusUnprocessableEntity, "request.invalid", "PATCH", "/api/me", `{"preferences":{"meet":[],"Meet":["man"],"from":18,"to":120,"intents":[],"languages":[],"interests":[],"verified_only":false}}`)
}

func TestBadInputIsRefusedByName(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	v.SignIn("anna@example.org")
	for _, c := range []struct {
		method, path, body string
		status             int
		code, field        string
	}{
		{"POST", "/api/sign-in/code", `{"email":"a@b.cd","language":"en","admin":true}`, 422, "request.invalid", "body.admin"},
		{"POST", "/api/sign-in/code", `{"email":"a@b.cd","email":"c@d.ef","language":"en"}`, 400, "request.duplicate", "body.email"},
		{"POST", "/api/sign-in/code", `{"email":"nobody","language":"en"}`, 422, "email.wrong", "body.email"},
		{"POST", "/api/sign-in/code", `{"email":"a@b.cd\r\nBcc: x@y.zz","language":"en"}`, 422, "email.wrong", "body.email"},
		{"POST", "/api/sign-in/code", `{"email":"a@b.cd","language":"xx"}`, 422, "request.invalid", "body.language"},
		{"POST", "/api/sign-in/code", `{"email":null,"language":"en"}`, 422, "request.invalid", "body.email"},
		{"POST", "/api/sign-in", `{"email":"a@b.cd","code":{}}`, 422, "request.invalid", "body.code"},
		{"POST", "/api/sign-in", `{"email":"` + strings.Repeat("a", 70<<10) + `","code":"1"}`, 413, "request.too_large", ""},
		{"POST", "/api/sign-in", `{"email":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `,"code":"1"}`, 400, "request.too_deep", "body"},
		{"POST", "/api/sign-in/passkey/finish", `{"ceremony":"x","credential":` + strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20) + `}`, 400, "request.too_deep", "body"},
		{"POST", "/api/me/sign-up", `{"birth_date":"1990-05-17","name":"\u202eannA","language":"en"}`, 422, "text.hidden", "body.name"},
		{"POST", "/api/me/sign-up", `{"birth_date":"1990-05-17","name":"` + strings.Repeat("e\u0301\u0301\u0301\u0301", 3) + `","language":"en"}`, 422, "text.marks", "body.name"},
		{"POST", "/api/me/sign-up", `{"birth_date":"1990-05-17","name":"Ѕtаff","language":"en"}`, 422, "name.reserved", "body.name"},
		{"POST", "/api/me/sign-up", `{"birth_date":"2999-01-01","name":"Anna","language":"en"}`, 422, "account.birth_date_wrong", "body.birth_date"},
		{"POST", "/api/me/sign-up", ``, 400, "", ""},
		{"POST", "/api/me/sign-up", `{"birth_date":`, 400, "request.malformed", ""},
	} {
		r := v.Want(c.status, c.code, c.method, c.path, c.body)
		var p httpapi.Problem
		r.Into(t, &p)
		if c.field != "" && p.Field != c.field || p.Status != c.status || p.Title == "" || p.Detail == "" || p.RequestID == "" {
			t.Errorf("%s %.60s: %s", c.path, c.body, r.Body)
		}
	}
	var me people.Me
	v.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
	if me.Complete {
		t.Error("something was half-written")
	}
}
