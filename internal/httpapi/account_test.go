package httpapi_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"heyy/internal/account"
	"heyy/internal/blob"
	"heyy/internal/call"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/discovery"
	"heyy/internal/httpapi"
	"heyy/internal/id"
	"heyy/internal/mail"
	"heyy/internal/match"
	"heyy/internal/media"
	"heyy/internal/photo"
	"heyy/internal/profile"
	"heyy/internal/region"
	"heyy/internal/safety"
	"heyy/internal/shelf"
	"heyy/internal/ticket"
	"heyy/internal/verification"
)

// door is the API as people come to it, with a mail box and files.
type door struct {
	*httptest.Server
	db       *db.DB
	inbox    *mail.Inbox
	accounts *account.Service
	profiles *profile.Service
	verify   *verification.Service
	read     map[string]int // letters by address
	ahead    time.Duration  // by which the clock of tickets is
}

func newDoor(t *testing.T, d *db.DB) *door {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	h := &door{db: d, inbox: mail.NewInbox(io.Discard), profiles: profile.New(d, shelf.New(d, blobs, nil), nil), read: map[string]int{}}
	letters := mail.NewQueue(h.inbox, log)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = letters.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	h.accounts, err = account.New(d, letters, h.profiles, log, account.Config{Key: []byte(strings.Repeat("k", 32)), Origin: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	var people *discovery.Service
	var photos *photo.Service
	towns := &region.Towns{}
	var calls *call.Service
	var queue *match.Service
	safe := safety.New(d, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
		return errors.Join(queue.Part(ctx, tx, a, b), calls.Part(ctx, tx, a, b), people.Part(ctx, tx, a, b))
	}, nil, func() {})
	people = discovery.New(d, safe, log, discovery.Config{
		Forget: func(ctx context.Context, tx *sql.Tx, a, b account.ID) error { return photos.Forget(ctx, tx, a, b) },
	})
	photos = photo.New(d, shelf.New(d, blobs, nil), people, nil, func() {})
	run := make(chan struct{})
	go func() { defer close(run); _ = people.Run(ctx) }()
	t.Cleanup(func() { stop(); <-run })
	calls = call.New(d, log, call.Config{Voices: quiet{}, Pairs: pairs{people}})
	queue = match.New(d, people, proposals{calls}, "here", log, match.Config{})
	choosing := make(chan struct{})
	go func() { defer close(choosing); _ = queue.Run(ctx) }()
	t.Cleanup(func() { stop(); <-choosing })
	h.verify = verification.New(d, shelf.New(d, blobs, nil), h.profiles, nil, func() {})
	api := httpapi.New(httpapi.Deps{
		DB: d, Accounts: h.accounts, Profiles: h.profiles, Blobs: blobs, Inbox: h.inbox, Log: log,
		Safety: safe, Towns: towns, Regions: region.New(d, towns, nil), Photos: photos, Discovery: people, Key: []byte("k"),
		Verification: h.verify, Calls: calls, Queue: queue, Passes: media.NewVoices("http://127.0.0.1:1", "heyy", strings.Repeat("s", 32)),
		Tickets: ticket.New([]byte(strings.Repeat("t", 32)), func() time.Time { return time.Now().Add(h.ahead) }),
		Origins: []string{"http://localhost:8080"},
	})
	h.Server = httptest.NewServer(site(api))
	t.Cleanup(h.Close)
	return h
}

// What Call needs of the others.
type proposals struct{ calls *call.Service }

func (p proposals) Propose(ctx context.Context, tx *sql.Tx, two match.Proposal) (string, error) {
	id, err := p.calls.Propose(ctx, tx, call.Proposal{A: two.A, B: two.B, Shared: two.Shared})
	return string(id), err
}

func (p proposals) Decline(ctx context.Context, by account.ID, id string) error {
	_, err := p.calls.Decline(ctx, by, call.ID(id))
	return err
}

type pairs struct{ *discovery.Service }

func (p pairs) Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	return p.MatchedIn(ctx, tx, a, b)
}

// site puts the API where it stands in the server, with nothing beside it.
func site(api *httpapi.API) http.Handler {
	none := http.NotFoundHandler()
	return httpapi.Site{API: api, Realtime: none, Gate: none, Client: fstest.MapFS{}}.Handler()
}

// visitor is a browser with its cookies, or a program with a token.
type visitor struct {
	t     *testing.T
	at    *door
	http  *http.Client
	token string
	agent string
}

func (h *door) visitor(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, at: h, http: &http.Client{Jar: jar}, agent: "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36"}
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
}

func (v *visitor) ask(method, path, body string, headers ...string) reply {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.at.URL+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("User-Agent", v.agent)
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		r.Header.Set("Idempotency-Key", id.New())
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(b)}
}

// want asks and insists on a status; otherwise on a problem with that code.
func (v *visitor) want(status int, code, method, path, body string, headers ...string) reply {
	v.t.Helper()
	r := v.ask(method, path, body, headers...)
	if r.status != status || code != "" && !strings.Contains(r.body, `"code":"`+code+`"`) {
		v.t.Fatalf("%s %s: %d %s, want %d %s", method, path, r.status, r.body, status, code)
	}
	if status >= 400 && r.header.Get("Content-Type") != "application/problem+json" {
		v.t.Fatalf("%s %s: a problem of type %q", method, path, r.header.Get("Content-Type"))
	}
	return r
}

// code waits for the next letter to email and reads its code.
func (h *door) code(t *testing.T, email string) string {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var to []mail.Received
		for _, m := range h.inbox.All() {
			if m.To == email {
				to = append(to, m)
			}
		}
		if len(to) > h.read[email] {
			h.read[email] = len(to)
			return regexp.MustCompile(`\d{6}`).FindString(to[0].Subject)
		}
	}
	t.Fatal("no letter came")
	return ""
}

func (v *visitor) signIn(email string) httpapi.Me {
	v.t.Helper()
	v.want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"`+email+`","language":"en"}`)
	var in httpapi.SignedIn
	v.want(http.StatusOK, "", "POST", "/api/sign-in", `{"email":"`+email+`","code":"`+v.at.code(v.t, email)+`"}`).into(v.t, &in)
	return in.Me
}

func (v *visitor) begin(name string) httpapi.Me {
	v.t.Helper()
	var me httpapi.Me
	v.want(http.StatusOK, "", "POST", "/api/me/begin", `{"born":"1990-05-17","name":"`+name+`","language":"it"}`).into(v.t, &me)
	return me
}

func TestFromACodeToAMember(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		v := newDoor(t, d).visitor(t)
		v.want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "")
		me := v.signIn("anna@example.org")
		if me.Complete || me.Email != "anna@example.org" || me.Name != "" || me.Born != "" || me.Interests == nil {
			t.Fatalf("before the beginning: %+v", me)
		}
		v.want(http.StatusForbidden, "account.incomplete", "PATCH", "/api/me", `{"name":"Anna"}`)
		v.want(http.StatusForbidden, "account.incomplete", "GET", "/api/people/"+me.ID, "")
		v.want(http.StatusUnprocessableEntity, "account.born_wrong", "POST", "/api/me/begin", `{"born":"yesterday","name":"Anna","language":"it"}`)
		me = v.begin("Anna")
		if !me.Complete || me.Name != "Anna" || me.Language != "it" || me.Born != "1990-05-17" {
			t.Fatalf("after it: %+v", me)
		}
		v.want(http.StatusOK, "", "PATCH", "/api/me", `{"interests":["jazz","hiking"]}`).into(t, &me)
		if fmt.Sprint(me.Interests) != "[jazz hiking]" || me.Name != "Anna" {
			t.Fatalf("after an edit: %+v", me)
		}
		bad := v.want(http.StatusUnprocessableEntity, "list.unknown", "PATCH", "/api/me", `{"interests":["money"],"name":"Bob"}`)
		if !strings.Contains(bad.body, `"field":"body.interests"`) {
			t.Errorf("the field is not named: %s", bad.body)
		}
		v.want(http.StatusOK, "", "GET", "/api/me", "").into(t, &me)
		if me.Name != "Anna" {
			t.Error("half an edit was written")
		}
	})
}

func TestTheCookieIsForTheServerOnly(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	v := h.visitor(t)
	v.want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"anna@example.org","language":"en"}`)
	r := v.want(http.StatusOK, "", "POST", "/api/sign-in", `{"email":"anna@example.org","code":"`+h.code(t, "anna@example.org")+`"}`)
	if strings.Contains(r.body, "token") {
		t.Errorf("a browser was told the token: %s", r.body)
	}
	c := r.header.Get("Set-Cookie")
	for _, part := range []string{"heyy_session=", "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age="} {
		if !strings.Contains(c, part) {
			t.Errorf("the cookie lacks %s: %s", part, c)
		}
	}
	out := v.want(http.StatusNoContent, "", "POST", "/api/sign-out", "")
	if !strings.Contains(out.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("the cookie stays: %s", out.header.Get("Set-Cookie"))
	}
	v.want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "")
}

func TestAProgramGetsATokenThatIsNotKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		v := h.visitor(t)
		v.agent = "heyy-bench/1"
		v.signIn("first@example.org") // a living session in the same request
		v.want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"anna@example.org","language":"en"}`)
		var in httpapi.SignedIn
		r := v.want(http.StatusOK, "", "POST", "/api/sign-in", `{"email":"anna@example.org","code":"`+h.code(t, "anna@example.org")+`","bearer":true}`)
		r.into(t, &in)
		if len(in.Token) != 43 || r.header.Get("Set-Cookie") != "" {
			t.Fatalf("token %q, cookie %q", in.Token, r.header.Get("Set-Cookie"))
		}
		var kept int
		if err := d.QueryRow(`SELECT COUNT(*) FROM commands`).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("%d replies to sign-ins are kept, %v", kept, err)
		}
		p := h.visitor(t)
		p.token = in.Token
		var me httpapi.Me
		p.want(http.StatusOK, "", "GET", "/api/me", "").into(t, &me)
		if me.Email != "anna@example.org" {
			t.Errorf("%+v", me)
		}
	})
}

func TestSignInTellsNothingAboutAddresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		h.visitor(t).signIn("known@example.org")
		v := h.visitor(t)
		strip := regexp.MustCompile(`"request_id":"[^"]*"`)
		for _, each := range []struct{ path, body string }{
			{"/api/sign-in/code", `{"email":"%s","language":"en"}`},
			{"/api/sign-in", `{"email":"%s","code":"000000"}`},
		} {
			known := v.ask("POST", each.path, fmt.Sprintf(each.body, "known@example.org"))
			unknown := v.ask("POST", each.path, fmt.Sprintf(each.body, "unknown@example.org"))
			if known.status != unknown.status || strip.ReplaceAllString(known.body, "") != strip.ReplaceAllString(unknown.body, "") {
				t.Errorf("%s: known %d %s, unknown %d %s", each.path, known.status, known.body, unknown.status, unknown.body)
			}
		}
	})
}

func TestUnderEighteenIsOutForGood(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		v := h.visitor(t)
		v.signIn("kid@example.org")
		born := time.Now().UTC().AddDate(-18, 0, 1).Format(time.DateOnly)
		v.want(http.StatusForbidden, "account.too_young", "POST", "/api/me/begin", `{"born":"`+born+`","name":"Kid","language":"en"}`)
		v.want(http.StatusUnauthorized, "session.none", "POST", "/api/me/begin", `{"born":"1980-01-01","name":"Kid","language":"en"}`)
		v.want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"kid@example.org","language":"en"}`)
		r := v.want(http.StatusForbidden, "account.too_young", "POST", "/api/sign-in", `{"email":"kid@example.org","code":"`+h.code(t, "kid@example.org")+`"}`)
		if r.header.Get("Set-Cookie") != "" {
			t.Error("a session all the same")
		}
	})
}

func TestDevicesAreListedAndSignedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newDoor(t, d)
		here, there := h.visitor(t), h.visitor(t)
		there.agent = "heyy-bench/1"
		me := here.signIn("anna@example.org")
		token, err := h.accounts.Token(t.Context(), account.ID(me.ID), "Tablet")
		if err != nil {
			t.Fatal(err)
		}
		there.token = token
		var list httpapi.Sessions
		here.want(http.StatusOK, "", "GET", "/api/me/sessions", "").into(t, &list)
		if len(list.Sessions) != 2 {
			t.Fatalf("%+v", list)
		}
		var other httpapi.Session
		for _, s := range list.Sessions {
			if s.Current != (s.Device == "Chrome on Android") {
				t.Errorf("%+v", s)
			}
			if !s.Current {
				other = s
			}
		}
		here.want(http.StatusNoContent, "", "DELETE", "/api/me/sessions/"+other.ID, "")
		there.want(http.StatusUnauthorized, "session.none", "GET", "/api/me", "")
		here.want(http.StatusNotFound, "session.unknown", "DELETE", "/api/me/sessions/"+other.ID, "")
		here.want(http.StatusUnprocessableEntity, "", "DELETE", "/api/me/sessions/1", "")
		here.want(http.StatusOK, "", "GET", "/api/me", "")
	})
}

func TestPasskeyCeremoniesAreSpokenOverHTTP(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	v := h.visitor(t)
	var c httpapi.Ceremony
	v.want(http.StatusOK, "", "POST", "/api/sign-in/passkey/start", "").into(t, &c)
	var get struct{ Challenge, RpID string }
	reply{body: mustJSON(t, c.Options)}.into(t, &get)
	if !id.Valid(c.Ceremony) || get.Challenge == "" || get.RpID != "localhost" {
		t.Errorf("%+v, %+v", c, get)
	}
	v.want(http.StatusUnprocessableEntity, "passkey.malformed", "POST", "/api/sign-in/passkey/finish", `{"ceremony":"`+c.Ceremony+`","credential":{"id":"a"}}`)
	v.want(http.StatusUnprocessableEntity, "request.invalid", "POST", "/api/sign-in/passkey/finish", `{"ceremony":"`+c.Ceremony+`","credential":"x"}`)
	v.want(http.StatusUnauthorized, "session.none", "POST", "/api/me/passkeys/start", "")
	v.signIn("anna@example.org")
	v.want(http.StatusOK, "", "POST", "/api/me/passkeys/start", "").into(t, &c)
	var create struct{ User struct{ Name string } }
	reply{body: mustJSON(t, c.Options)}.into(t, &create)
	if create.User.Name != "anna@example.org" {
		t.Errorf("%s", mustJSON(t, c.Options))
	}
	v.want(http.StatusUnprocessableEntity, "passkey.malformed", "POST", "/api/me/passkeys/finish", `{"ceremony":"`+c.Ceremony+`","name":"phone","credential":{}}`)
	if r := v.want(http.StatusOK, "", "GET", "/api/me/passkeys", ""); strings.TrimSpace(r.body) != `{"passkeys":[]}` {
		t.Errorf("%s", r.body)
	}
	v.want(http.StatusNotFound, "passkey.unknown", "DELETE", "/api/me/passkeys/"+id.New(), "")
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheDevelopmentInboxIsForThisMachineOnly(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	v := h.visitor(t)
	v.signIn("anna@example.org")
	var mails httpapi.Mails
	v.want(http.StatusOK, "", "GET", "/api/dev/inbox", "").into(t, &mails)
	if len(mails.Mails) != 1 || mails.Mails[0].To != "anna@example.org" || mails.Mails[0].At == 0 {
		t.Errorf("%+v", mails)
	}
	for _, through := range []string{"X-Forwarded-For", "Forwarded"} {
		v.want(http.StatusNotFound, "request.no_such_path", "GET", "/api/dev/inbox", "", through, "203.0.113.7")
	}
	log := slog.New(slog.DiscardHandler)
	for name, c := range map[string]struct {
		inbox *mail.Inbox
		peer  string
	}{
		"from elsewhere": {h.inbox, "203.0.113.7:4000"},
		"with SMTP":      {nil, "127.0.0.1:4000"},
	} {
		alone := site(httpapi.New(httpapi.Deps{DB: h.db, Accounts: h.accounts, Inbox: c.inbox, Log: log, Origins: []string{"http://localhost:8080"}}))
		r := httptest.NewRequest("GET", "/api/dev/inbox", nil)
		r.RemoteAddr = c.peer
		w := httptest.NewRecorder()
		alone.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "anna") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestBadInputIsRefusedByName(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	v := h.visitor(t)
	v.signIn("anna@example.org")
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
		{"POST", "/api/me/begin", `{"born":"1990-05-17","name":"\u202eannA","language":"en"}`, 422, "text.hidden", "body.name"},
		{"POST", "/api/me/begin", `{"born":"1990-05-17","name":"` + strings.Repeat("e\u0301\u0301\u0301\u0301", 3) + `","language":"en"}`, 422, "text.marks", "body.name"},
		{"POST", "/api/me/begin", `{"born":"1990-05-17","name":"Ѕtаff","language":"en"}`, 422, "name.reserved", "body.name"},
		{"POST", "/api/me/begin", `{"born":"2999-01-01","name":"Anna","language":"en"}`, 422, "account.born_wrong", "body.born"},
		{"POST", "/api/me/begin", ``, 400, "", ""},
		{"POST", "/api/me/begin", `{"born":`, 400, "request.malformed", ""},
	} {
		r := v.want(c.status, c.code, c.method, c.path, c.body)
		var p httpapi.Problem
		r.into(t, &p)
		if c.field != "" && p.Field != c.field || p.Status != c.status || p.Title == "" || p.Detail == "" || p.RequestID == "" {
			t.Errorf("%s %.60s: %s", c.path, c.body, r.body)
		}
	}
	var me httpapi.Me
	v.want(http.StatusOK, "", "GET", "/api/me", "").into(t, &me)
	if me.Complete {
		t.Error("something was half-written")
	}
}

func TestAnotherSiteCannotSignSomebodyIn(t *testing.T) {
	h := newDoor(t, dbtest.SQLite(t))
	v := h.visitor(t)
	v.signIn("anna@example.org")
	for _, header := range [][2]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}} {
		v.want(http.StatusForbidden, "request.origin", "POST", "/api/sign-in", `{"email":"a@b.cd","code":"1"}`, header[0], header[1])
		v.want(http.StatusForbidden, "request.origin", "POST", "/api/sign-out", "", header[0], header[1])
	}
	v.want(http.StatusOK, "", "GET", "/api/me", "")
	u, err := url.Parse(h.URL)
	if err != nil || len(v.http.Jar.Cookies(u)) != 1 {
		t.Errorf("cookies: %v, %v", v.http.Jar.Cookies(u), err)
	}
}
