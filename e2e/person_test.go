package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// person is an account with an HTTP client.
type person struct {
	t     tb
	at    *server
	name  string
	id    string         // of their account
	token string         // bearer
	jar   http.CookieJar // a sign-in code is good where it was asked for
}

// reply is a response.
type reply struct {
	status int
	kind   string // Content-Type
	text   []byte
}

// problem is an error as every operation tells it.
type problem struct {
	Status int
	Title  string
	Code   string
	Detail string
	Field  string
}

func (r reply) problem() (p problem) {
	_ = json.Unmarshal(r.text, &p) // what is no problem document has no code
	return p
}

// word returns one string of a response.
func (r reply) word(t tb, field string) string {
	var all map[string]any
	if err := json.Unmarshal(r.text, &all); err != nil || r.status/100 != 2 {
		t.Fatalf("%d %s", r.status, r.text)
	}
	s, _ := all[field].(string)
	return s
}

type roomView struct {
	ID      string
	Title   string
	Seq     int64
	EndedAt int64  `json:"ended_at"`
	Why     string `json:"end_reason"`
	Host    struct{ ID string }
	You     *memberView
	Members []memberView
}

type memberView struct {
	Person  struct{ ID string }
	Role    string
	Seat    int
	Muted   bool
	Present bool
	Voice   uint32
}

type joined struct {
	Room   roomView
	Media  struct{ URL, Token string }  // with a seat
	Listen struct{ Answer, URL string } // without one, for an offer
}

// send makes one request. key "" is a fresh one.
func (p *person) send(method, path, body, key string) (reply, error) {
	r, err := http.NewRequest(method, p.at.url()+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	if key == "" {
		key = uuid.NewString()
	}
	r.Header.Set("Idempotency-Key", key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return doWith(p.jar, r)
}

func do(r *http.Request) (reply, error) { return doWith(nil, r) }

func doWith(jar http.CookieJar, r *http.Request) (reply, error) {
	client := *web
	client.Jar = jar
	a, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	return reply{status: a.StatusCode, kind: a.Header.Get("Content-Type"), text: text}, err
}

// try makes one request that reaches the server.
func (p *person) try(method, path string, body any) reply {
	text := ""
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			p.t.Fatalf("%v", err)
		}
		text = string(b)
	}
	r, err := p.send(method, path, text, "")
	if err != nil {
		p.t.Fatalf("%s: %s %s: %v", p.name, method, path, err)
	}
	return r
}

// do makes one request that succeeds, and reads its answer into out.
func (p *person) do(method, path string, body, out any) {
	r := p.try(method, path, body)
	if r.status/100 != 2 {
		p.t.Fatalf("%s: %s %s: %d %s", p.name, method, path, r.status, r.text)
	}
	if out == nil {
		return
	}
	if err := json.NewDecoder(bytes.NewReader(r.text)).Decode(out); err != nil {
		p.t.Fatalf("%s: %s %s: %v in %s", p.name, method, path, err, r.text)
	}
}

func plan(title string) map[string]string {
	return map[string]string{"title": title, "category": "talk", "language": "en"}
}

// open makes a room and gives its id.
func (p *person) open(title string) string {
	var r roomView
	p.do("POST", "/api/rooms", plan(title), &r)
	return r.ID
}

func (p *person) join(room string) joined {
	var j joined
	p.do("POST", "/api/rooms/"+room+"/join", nil, &j)
	return j
}

// admitted joins a room and returns the token of the join for the media server: of the seat,
// or of who is about to take one.
func (p *person) admitted(room string) (token string) {
	if token = p.join(room).Media.Token; token != "" {
		return token
	}
	var j joined
	p.do("POST", "/api/rooms/"+room+"/connect", nil, &j)
	return j.Media.Token
}

// identity returns the name of somebody in the audio of a room that they have joined: the
// identity at the media server, and the contributing source at the listening tier. The two of
// a call are a and b, in the order of their accounts.
func (p *person) identity(room string) string {
	if call, ok := strings.CutPrefix(room, "call:"); ok {
		var name string
		if err := p.at.rows(p.t).QueryRowContext(context.Background(), `SELECT CASE WHEN account_id < other_id THEN 'a' ELSE 'b' END
			FROM call_sides WHERE call_id = $1 AND account_id = $2`, call, p.id).Scan(&name); err != nil {
			p.t.Fatalf("%s is not in %s: %v", p.name, room, err)
		}
		return name
	}
	var voice int64
	err := p.at.rows(p.t).QueryRowContext(context.Background(), `SELECT voice FROM room_members WHERE room_id = $1 AND account_id = $2`, room, p.id).Scan(&voice)
	if err != nil || voice == 0 {
		p.t.Fatalf("%s never joined %s: %v", p.name, room, err)
	}
	return strconv.FormatInt(voice, 10)
}

// ofToken reads whom an audio token is for, and which room.
func ofToken(t tb, token string) (identity, room string) {
	var claims struct {
		Sub   string
		Video struct{ Room string }
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no token: %q", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil {
		t.Fatalf("no token: %v in %q", err, token)
	}
	return claims.Sub, claims.Video.Room
}

func (p *person) sit(room string) { p.do("PUT", "/api/rooms/"+room+"/seat", struct{}{}, nil) }

func (p *person) mute(room string, muted bool) {
	p.do("PUT", "/api/rooms/"+room+"/microphone", map[string]bool{"muted": muted}, nil)
}

func (p *person) leave(room string) { p.do("POST", "/api/rooms/"+room+"/leave", nil, nil) }

func (p *person) end(room string) { p.do("POST", "/api/rooms/"+room+"/end", nil, nil) }

// host makes host do what (move-to-audience, allow-to-speak, remove) to p.
func (p *person) by(host *person, what, room string) {
	host.do("POST", "/api/rooms/"+room+"/people/"+p.id+"/"+what, nil, nil)
}

func (p *person) look(room string) (r roomView) {
	p.do("GET", "/api/rooms/"+room, nil, &r)
	return r
}

// newcomer signs in with a code from the inbox, without completing the sign-up.
func (s *server) newcomer(t tb, name string) *person {
	address := strings.ToLower(name) + "-" + uuid.NewString() + "@example.org"
	p := &person{t: t, at: s, name: name}
	p.token = s.signIn(t, address)
	var me struct{ ID string }
	p.do("GET", "/api/me", nil, &me)
	p.id = me.ID
	return p
}

// signIn makes a new session for a mail address, with a code from the inbox.
func (s *server) signIn(t tb, address string) (token string) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	p := &person{t: t, at: s, name: address, jar: jar}
	inbox := func() (codes []string) { // the newest first
		var all struct {
			Mails []struct{ To, Subject, Text string }
		}
		p.do("GET", "/api/dev/inbox", nil, &all)
		for _, m := range all.Mails {
			if code := sixDigits.FindString(m.Subject); m.To == address && code != "" { // other mails have none
				codes = append(codes, code)
			}
		}
		return codes
	}
	had := len(inbox())
	p.do("POST", "/api/sign-in/code", map[string]string{"email": address, "language": "en"}, nil)
	code := ""
	eventually(t, 5*time.Second, "a code arrives", func() bool {
		codes := inbox()
		if len(codes) > had {
			code = codes[0]
		}
		return code != ""
	})
	var in struct{ Token string }
	p.do("POST", "/api/sign-in", map[string]any{"email": address, "code": code, "bearer": true}, &in)
	return in.Token
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// member is a newcomer who has completed the sign-up.
func (s *server) member(t tb, name string) *person {
	p := s.newcomer(t, name)
	p.do("POST", "/api/me/sign-up", map[string]string{"birth_date": "1990-01-01", "name": name, "language": "en"}, nil)
	return p
}
