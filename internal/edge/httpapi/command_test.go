package httpapi_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/people/account"
)

// edge is the API for one program with a token.
type edge struct {
	*apitest.Server
	token string
}

func newEdge(t *testing.T, d *db.DB) *edge {
	t.Helper()
	e := &edge{Server: apitest.New(t, d)}
	who, err := e.Accounts.EnsureResident(t.Context(), account.ResidentPlan{Key: "one", Name: "One", BirthDate: "1990-01-01", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	if e.token, err = e.Accounts.IssueToken(t.Context(), who, "test"); err != nil {
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
	if err := e.DB.QueryRow(`SELECT COUNT(*) FROM rooms`).Scan(&n); err != nil {
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
		replies := make([]string, 12)
		for i := range replies {
			all.Go(func() {
				var status int
				if status, replies[i] = e.send(t, "POST", "/api/rooms", key, aRoom); status != http.StatusCreated {
					t.Errorf("%d %s", status, replies[i])
				}
			})
		}
		all.Wait()
		if same := slices.Compact(replies); len(same) != 1 {
			t.Errorf("the same command was answered in %d ways", len(same))
		}
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

func TestWhatIsKeptOfAReplyOnlyItsRetryCanRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := newEdge(t, d)
		key := id.New()
		_, opened := e.send(t, "POST", "/api/rooms", key, aRoom)
		var room struct{ ID string }
		if err := json.Unmarshal([]byte(opened), &room); err != nil {
			t.Fatal(err)
		}
		_, joined := e.send(t, "POST", "/api/rooms/"+room.ID+"/join", id.New(), "")
		if !strings.Contains(joined, `"token"`) {
			t.Fatal(joined)
		}
		rows, err := d.Query(`SELECT key, status, reply FROM commands`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		n := 0
		for rows.Next() {
			var kept, reply string
			var status int
			if err := rows.Scan(&kept, &status, &reply); err != nil {
				t.Fatal(err)
			}
			n++
			plain, err := base64.RawStdEncoding.DecodeString(reply)
			if err != nil || strings.ContainsAny(reply, "{\"") || strings.Contains(string(plain), room.ID) || kept == key || status/100 != 2 {
				t.Errorf("a row can be read: %s %d %s", kept, status, reply)
			}
		}
		if n != 2 || rows.Err() != nil {
			t.Fatalf("%d rows, %v", n, rows.Err())
		}
		if _, again := e.send(t, "POST", "/api/rooms", key, aRoom); again != opened {
			t.Errorf("the retry reads %s", again)
		}
	})
}

func TestARetryAcrossAnUpdateFindsTheKeyThatStoodThereItself(t *testing.T) {
	e := newEdge(t, dbtest.SQLite(t))
	key := id.New()
	e.send(t, "POST", "/api/rooms", key, aRoom)
	if _, err := e.DB.Exec(`UPDATE commands SET key = $1, status = NULL, reply = NULL`, key); err != nil { // as the version before left it
		t.Fatal(err)
	}
	if status, reply := e.send(t, "POST", "/api/rooms", key, aRoom); status != http.StatusConflict || !strings.Contains(reply, "command.applied") || e.rooms(t) != 1 {
		t.Errorf("%d %s, %d rooms", status, reply, e.rooms(t))
	}
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

// A heartbeat comes every 20 s for as long as somebody waits, each with a key of its own:
// stored replies were most of the table.
func TestACommandThatMayBeRepeatedIsNotStored(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := apitest.New(t, d)
		anna, _ := h.Fits(t, "Anna", "woman")
		anna.Want(http.StatusOK, "", "POST", "/api/call/queue", `{"intents":[],"languages":[]}`)
		stored := func() (n int) {
			t.Helper()
			if err := h.DB.QueryRow(`SELECT COUNT(*) FROM commands`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := stored()
		key := id.New()
		for range 3 {
			anna.Want(http.StatusOK, "", "PUT", "/api/call/queue", "", "Idempotency-Key", key)
			anna.Want(http.StatusOK, "", "PUT", "/api/call/queue", "")
		}
		if n := stored() - before; n != 0 {
			t.Errorf("%d of six heartbeats are stored", n)
		}
		for _, method := range []string{"PUT", "DELETE"} {
			anna.Want(http.StatusUnprocessableEntity, "command.key_missing", method, "/api/call/queue", "", "Idempotency-Key", "")
		}
	})
}
