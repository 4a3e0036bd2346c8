package apitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/discover"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/edge/httpapi/signin"
)

// Visitor is a browser with its cookies, or a program with a token.
type Visitor struct {
	T     *testing.T
	At    *Server
	HTTP  *http.Client
	Token string
	Agent string
}

// Visitor is a new browser.
func (h *Server) Visitor(t *testing.T) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{T: t, At: h, HTTP: &http.Client{Jar: jar}, Agent: "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36"}
}

// Member is a new member with a name.
func (h *Server) Member(t *testing.T, name string) (*Visitor, people.Me) {
	t.Helper()
	v := h.Visitor(t)
	v.SignIn(strings.ToLower(name) + "@example.org")
	return v, v.Begin(name)
}

// Fits is a new member whom everybody here fits.
func (h *Server) Fits(t *testing.T, name, gender string) (*Visitor, people.Me) {
	t.Helper()
	v, _ := h.Member(t, name)
	v.Want(http.StatusOK, "", "PATCH", "/api/me", `{"gender":"`+gender+`","intents":["dating","friends"],"interests":["jazz","hiking"],
		"preferences":{"meet":["woman","man","nonbinary"],"from":18,"to":120,"intents":[],"languages":[],"interests":[],"verified_only":false}}`)
	return v, v.Publish(0)
}

// Reply is the HTTP response of an operation.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Into reads the JSON of a reply.
func (r Reply) Into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.Body), v); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
}

// Ask sends a request; headers are names and values in turn.
func (v *Visitor) Ask(method, path, body string, headers ...string) Reply {
	v.T.Helper()
	r, err := http.NewRequestWithContext(v.T.Context(), method, v.At.URL+path, strings.NewReader(body))
	if err != nil {
		v.T.Fatal(err)
	}
	r.Header.Set("User-Agent", v.Agent)
	if v.Token != "" {
		r.Header.Set("Authorization", "Bearer "+v.Token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		r.Header.Set("Idempotency-Key", id.New())
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	resp, err := v.HTTP.Do(r)
	if err != nil {
		v.T.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.T.Fatal(err)
	}
	return Reply{resp.StatusCode, resp.Header, string(b)}
}

// Want asks and insists on a status; otherwise on a problem with that code.
func (v *Visitor) Want(status int, code, method, path, body string, headers ...string) Reply {
	v.T.Helper()
	r := v.Ask(method, path, body, headers...)
	if r.Status != status || code != "" && !strings.Contains(r.Body, `"code":"`+code+`"`) {
		v.T.Fatalf("%s %s: %d %s, want %d %s", method, path, r.Status, r.Body, status, code)
	}
	if status >= 400 && r.Header.Get("Content-Type") != "application/problem+json" {
		v.T.Fatalf("%s %s: a problem of type %q", method, path, r.Header.Get("Content-Type"))
	}
	return r
}

// SignIn signs in by a code that was mailed to email.
func (v *Visitor) SignIn(email string) people.Me {
	v.T.Helper()
	v.Want(http.StatusAccepted, "", "POST", "/api/sign-in/code", `{"email":"`+email+`","language":"en"}`)
	var in signin.SignedIn
	v.Want(http.StatusOK, "", "POST", "/api/sign-in", `{"email":"`+email+`","code":"`+v.At.Code(v.T, email)+`"}`).Into(v.T, &in)
	return in.Me
}

// Begin completes the sign-up.
func (v *Visitor) Begin(name string) (me people.Me) {
	v.T.Helper()
	v.Want(http.StatusOK, "", "POST", "/api/me/sign-up", `{"birth_date":"1990-05-17","name":"`+name+`","language":"it"}`).Into(v.T, &me)
	return me
}

// Publish records a clip.
func (v *Visitor) Publish(place int) (me people.Me) {
	v.T.Helper()
	v.Want(http.StatusOK, "", "PUT", fmt.Sprintf("/api/me/clips/%d?prompt=best_sound", place), Recording(v.T), "Content-Type", "audio/ogg").Into(v.T, &me)
	return me
}

// Card reads somebody's card.
func (v *Visitor) Card(of string) (c people.PersonCard) {
	v.T.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/people/"+of, "").Into(v.T, &c)
	return c
}

// Deck reads who comes next in Discover.
func (v *Visitor) Deck() (d discover.Deck) {
	v.T.Helper()
	v.Want(http.StatusOK, "", "GET", "/api/discover", "").Into(v.T, &d)
	return d
}

// Sees waits until the deck has somebody.
func (v *Visitor) Sees(who string) discover.DiscoverCard {
	v.T.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		for _, c := range v.Deck().Cards {
			if c.Person.ID == who {
				return c
			}
		}
	}
	v.T.Fatalf("%s is not shown", who)
	return discover.DiscoverCard{}
}

// Recording is a recording of eight seconds.
func Recording(t *testing.T) string {
	t.Helper()
	const maya = "lab/resident/voices/intro/maya.opus"
	data, err := os.ReadFile("../../" + maya)
	if errors.Is(err, fs.ErrNotExist) { // one folder deeper
		data, err = os.ReadFile("../../../" + maya)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Picture is a photo.
func Picture(t *testing.T) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	m.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// JSON is v as JSON.
func JSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// WithoutID is a problem without the number of its request.
func WithoutID(body string) string {
	before, _, _ := strings.Cut(body, `"request_id"`)
	return before
}
