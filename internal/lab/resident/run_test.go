package resident_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyy/internal/lab/bench"
	"heyy/internal/lab/bot"
	"heyy/internal/lab/resident"
)

// One room of the cast lives on a real server through everything that can
// happen to it; the steps build on each other.
func TestARoomLivesThroughAnEvening(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server := start(t, ctx)
	cast := load(t)
	cast.Rooms = cast.Rooms[1:2] // a lounge, with a club
	room := cast.Rooms[0]
	keys := room.People()
	given, err := server.Tokens(ctx, len(keys))
	if err != nil {
		t.Fatal(err)
	}
	tokens, accounts := map[string]string{}, map[string]string{}
	for i, key := range keys {
		tokens[key], accounts[given[i].Account] = given[i].Token, key
	}
	live := func() (stop func() time.Duration, done chan struct{}) {
		life, end := context.WithCancel(ctx)
		done = make(chan struct{})
		go func() {
			defer close(done)
			if err := resident.Run(life, slog.New(slog.DiscardHandler), resident.Config{BaseURL: server.BaseURL, Tokens: tokens, Cast: cast}); err != nil {
				t.Error(err)
			}
		}()
		return func() time.Duration {
			begun := time.Now()
			end()
			<-done
			return time.Since(begun)
		}, done
	}
	stop, _ := live()

	person := member(t, ctx, server.BaseURL)
	id := find(t, ctx, person, room.Title)
	h := &heard{accounts: accounts}
	stay, err := person.Join(ctx, id, bot.Options{OnAudio: h.packet})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("they talk, in turn")
	within(t, 25*time.Second, "two different residents are heard", func() bool { return len(h.since(time.Time{})) >= 2 })
	now, err := stay.Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seated, listening := 0, 0
	for _, m := range now.Members {
		switch {
		case accounts[m.Person.ID] == "":
		case m.Seat != 0:
			seated++
		default:
			listening++
		}
	}
	if seated != len(room.Speakers)+1 || listening != len(room.Listeners) {
		t.Errorf("%d sit and %d listen", seated, listening)
	}

	t.Log("a person sits down and is greeted; they talk and are left the floor")
	if _, err := stay.Sit(ctx, 0); err != nil {
		t.Fatal(err)
	}
	if err := stay.Unmute(ctx); err != nil {
		t.Fatal(err)
	}
	within(t, 5*time.Second, "the residents are silent and their microphones off", func() bool {
		now, err := stay.Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range now.Members {
			if accounts[m.Person.ID] != "" && !m.Muted {
				return false
			}
		}
		return len(h.since(time.Now().Add(-400*time.Millisecond))) == 0
	})
	silent := time.Now()
	time.Sleep(2 * time.Second)
	if who := h.since(silent); len(who) != 0 {
		t.Errorf("%v talk into somebody's word", who)
	}
	if err := stay.Leave(ctx); err != nil {
		t.Fatal(err)
	}

	t.Log("the server dies and comes back, and so do they")
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Again(ctx); err != nil {
		t.Fatal(err)
	}
	id = find(t, ctx, person, room.Title)
	stay, err = person.Join(ctx, id, bot.Options{OnAudio: h.packet})
	if err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	within(t, 45*time.Second, "two residents are heard again", func() bool { return len(h.since(back)) >= 2 })

	t.Log("they leave politely and at once")
	if took := stop(); took > 2*time.Second {
		t.Errorf("leaving took %v", took)
	}
	within(t, 3*time.Second, "nobody but the person is there", func() bool {
		now, err := stay.Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range now.Members {
			if m.Present && accounts[m.Person.ID] != "" {
				return false
			}
		}
		return true
	})

	t.Log("who is told to leave goes for good")
	_, done := live()
	within(t, 20*time.Second, "they are back", func() bool {
		now, err := stay.Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(now.Members) == len(keys)+1
	})
	for _, token := range tokens {
		call(t, ctx, server.BaseURL, http.MethodPost, "/api/sign-out", token, nil, nil)
	}
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		t.Error("signed out, and still running")
	}
	stay.HangUp()
}

// program is built once for all tests.
var program struct {
	once sync.Once
	dir  string
	path string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if program.dir != "" {
		_ = os.RemoveAll(program.dir)
	}
	os.Exit(code)
}

// start gives a test a server of its own.
func start(t *testing.T, ctx context.Context) *bench.Server {
	t.Helper()
	server, _ := startIn(t, ctx)
	return server
}

// startIn is start, and returns the data folder, too.
func startIn(t *testing.T, ctx context.Context) (*bench.Server, string) {
	t.Helper()
	program.once.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "heyy-resident-"); program.err == nil {
			program.path, program.err = bench.Build(ctx, "../../..", program.dir)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	data := t.TempDir()
	server, err := bench.Start(ctx, program.path, data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	return server, data
}

// heard remembers when each resident was last heard.
type heard struct {
	accounts map[string]string
	mu       sync.Mutex
	last     map[string]time.Time
}

func (h *heard) packet(p bot.AudioPacket) {
	if bytes.HasPrefix(p.Payload, []byte{0xf8, 0xff, 0xfe}) {
		return // silence, from the resident or, for a muted one, from the server
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last == nil {
		h.last = map[string]time.Time{}
	}
	h.last[h.accounts[p.Person]] = p.At
}

func (h *heard) since(t time.Time) (who []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, at := range h.last {
		if at.After(t) {
			who = append(who, key)
		}
	}
	return who
}

func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	begun := time.Now()
	for !ok() {
		if time.Since(begun) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("after %v: %s", time.Since(begun).Round(10*time.Millisecond), what)
}

func find(t *testing.T, ctx context.Context, c *bot.Client, title string) string {
	t.Helper()
	return findWithin(t, ctx, c, title, 15*time.Second)
}

func findWithin(t *testing.T, ctx context.Context, c *bot.Client, title string, limit time.Duration) (id string) {
	t.Helper()
	within(t, limit, "the room is in the lobby", func() bool {
		rooms, err := c.Rooms(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rooms {
			if r.Title == title {
				id = r.ID
			}
		}
		return id != ""
	})
	return id
}

// member signs up as people do: residents tell them from their own kind.
func member(t *testing.T, ctx context.Context, base string) *bot.Client {
	t.Helper()
	c, _ := memberWith(t, ctx, base)
	return c
}

// memberWith is member, and returns the token of the session, too.
func memberWith(t *testing.T, ctx context.Context, base string) (*bot.Client, string) {
	t.Helper()
	const email = "somebody@example.com"
	call(t, ctx, base, http.MethodPost, "/api/sign-in/code", "", map[string]any{"email": email, "language": "en"}, nil)
	var code string
	within(t, 5*time.Second, "the code is in the inbox", func() bool {
		var inbox struct {
			Mails []struct{ Text string }
		}
		call(t, ctx, base, http.MethodGet, "/api/dev/inbox", "", nil, &inbox)
		for _, m := range inbox.Mails {
			code = regexp.MustCompile(`\b\d{6}\b`).FindString(m.Text)
		}
		return code != ""
	})
	var in struct{ Token string }
	call(t, ctx, base, http.MethodPost, "/api/sign-in", "", map[string]any{"email": email, "code": code, "bearer": true}, &in)
	call(t, ctx, base, http.MethodPost, "/api/me/sign-up", in.Token, map[string]any{"birth_date": "1990-01-01", "name": "Somebody", "language": "en"}, nil)
	c, err := bot.Dial(ctx, base, in.Token)
	if err != nil {
		t.Fatal(err)
	}
	return c, in.Token
}

// browsers keep, by server, the cookie that ties a sign-in code to who asked for it. Servers of
// tests that run at once differ in their ports, and cookies know no ports.
var browsers sync.Map

func browserOf(t *testing.T, base string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser, _ := browsers.LoadOrStore(base, &http.Client{Jar: jar})
	client, ok := browser.(*http.Client)
	if !ok {
		t.Fatalf("no browser: %T", browser)
	}
	return client
}

func call(t *testing.T, ctx context.Context, base, method, path, token string, in, out any) {
	t.Helper()
	body := &bytes.Buffer{}
	if in != nil {
		if err := json.NewEncoder(body).Encode(in); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Idempotency-Key", uuid.NewString())
	}
	resp, err := browserOf(t, base).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, data)
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			t.Fatal(err)
		}
	}
}
