package httpapi_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/httpapi"
	"heyy/internal/id"
	"heyy/internal/mail"
	"heyy/internal/media"
	"heyy/internal/profile"
	"heyy/internal/room"
)

// edge is the API on a real database, without audio behind it.
type edge struct {
	*httptest.Server
	db    *db.DB
	token string
}

// quiet stands where the media server stands: commands must not need it.
type quiet struct{}

func (quiet) Grant(context.Context, string, string, bool) error { return nil }
func (quiet) Remove(context.Context, string, string) error      { return nil }
func (quiet) Close(context.Context, string) error               { return nil }
func (quiet) Present(context.Context, string) (map[string]bool, error) {
	return map[string]bool{}, nil
}

func newEdge(t *testing.T, d *db.DB) *edge {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	inbox := mail.NewInbox(io.Discard)
	profiles := profile.New(d, nil, time.Now)
	accounts, err := account.New(d, mail.NewQueue(inbox, log), profiles, log, account.Config{
		Key: []byte(strings.Repeat("k", 32)), Origin: "http://localhost:8080",
	})
	if err != nil {
		t.Fatal(err)
	}
	api := httpapi.New(httpapi.Deps{
		DB: d, Accounts: accounts, Profiles: profiles, Inbox: inbox, Log: log,
		Rooms:   room.New(d, quiet{}, func() {}, time.Now, log),
		Calls:   call.New(d, log, call.Config{Voices: quiet{}}),
		Passes:  media.NewVoices("http://127.0.0.1:1", "heyy", strings.Repeat("s", 32)),
		Origins: []string{"http://localhost:8080"},
	})
	who, err := accounts.Resident(t.Context(), account.Plan{Key: "one", Name: "One", Born: "1990-01-01", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	e := &edge{db: d, Server: httptest.NewServer(api)}
	t.Cleanup(e.Close)
	if e.token, err = accounts.Token(t.Context(), who, "test"); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *edge) send(t *testing.T, method, path, key, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, e.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+e.token)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := e.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func (e *edge) rooms(t *testing.T) (n int) {
	t.Helper()
	if err := e.db.QueryRow(`SELECT COUNT(*) FROM rooms`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const aRoom = `{"title":"Late talk","category":"talk","language":"en"}`

func TestARetriedCommandHasOneEffectAndTheSameReply(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := newEdge(t, d)
		key := id.New()
		status, first := e.send(t, "POST", "/api/rooms", key, aRoom)
		if status != http.StatusCreated {
			t.Fatalf("%d %s", status, first)
		}
		for range 3 {
			again, reply := e.send(t, "POST", "/api/rooms", key, aRoom)
			if again != status || reply != first {
				t.Fatalf("retry answered %d %s", again, reply)
			}
		}
		if n := e.rooms(t); n != 1 {
			t.Fatalf("%d rooms", n)
		}
	})
}

func TestManyRetriesAtOnceHaveOneEffect(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := newEdge(t, d)
		key := id.New()
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				status, reply := e.send(t, "POST", "/api/rooms", key, aRoom)
				if status != http.StatusCreated && !strings.Contains(reply, "command.applied") {
					t.Errorf("%d %s", status, reply)
				}
			})
		}
		all.Wait()
		if n := e.rooms(t); n != 1 {
			t.Fatalf("%d rooms", n)
		}
	})
}

func TestAReplyLostInACrashIsNotAnEffectTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := newEdge(t, d)
		key := id.New()
		e.send(t, "POST", "/api/rooms", key, aRoom)
		if _, err := d.Exec(`UPDATE commands SET status = NULL, reply = NULL`); err != nil { // as kill -9 leaves it
			t.Fatal(err)
		}
		status, reply := e.send(t, "POST", "/api/rooms", key, aRoom)
		if status != http.StatusConflict || !strings.Contains(reply, `"command.applied"`) || e.rooms(t) != 1 {
			t.Fatalf("%d %s, %d rooms", status, reply, e.rooms(t))
		}
	})
}

func TestAKeyBelongsToOneRequest(t *testing.T) {
	e := newEdge(t, dbtest.SQLite(t))
	key := id.New()
	e.send(t, "POST", "/api/rooms", key, aRoom)
	status, reply := e.send(t, "POST", "/api/rooms", key, strings.Replace(aRoom, "Late", "Early", 1))
	if status != http.StatusUnprocessableEntity || !strings.Contains(reply, `"command.key_reused"`) {
		t.Fatalf("%d %s", status, reply)
	}
	for _, bad := range []string{"", "1", strings.Repeat("a", 36)} {
		status, reply = e.send(t, "POST", "/api/rooms", bad, aRoom)
		if status != http.StatusUnprocessableEntity || !strings.Contains(reply, `"command.key_missing"`) {
			t.Fatalf("key %q: %d %s", bad, status, reply)
		}
	}
}

func TestARefusedCommandCanBeRetried(t *testing.T) {
	e := newEdge(t, dbtest.SQLite(t))
	key := id.New()
	bad := strings.Replace(aRoom, "Late talk", "\\u200b", 1)
	for range 2 {
		status, reply := e.send(t, "POST", "/api/rooms", key, bad)
		if status != http.StatusUnprocessableEntity || !strings.Contains(reply, `"body.title"`) {
			t.Fatalf("%d %s", status, reply)
		}
	}
	if n := e.rooms(t); n != 0 {
		t.Fatalf("%d rooms", n)
	}
}
