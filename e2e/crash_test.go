package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the same driver as the server's
)

// write is one command and its result.
type write struct {
	by     *person
	method string
	path   string
	body   string
	key    string
	title  string // of the room or name of the person that it asks for
	acked  bool
}

// kills is how often the server is killed while people write: enough to interrupt writes;
// 200 with `make soak`.
func kills() int {
	if os.Getenv("HEYY_SOAK") != "" {
		return 200
	}
	return 10
}

func TestEveryAcknowledgedWriteSurvivesKill9(t *testing.T) {
	t.Parallel()
	s := start(t)
	names := make([]string, 6)
	for i := range names {
		names[i] = fmt.Sprintf("Writer %d", i+1)
	}
	people := s.people(t, "crash", names...)
	db := openRows(t, s)

	acked, lost, applied := 0, 0, 0
	var all []*write
	for round := range kills() {
		writes := writeUntilKilled(s, people, round)
		s.run(t)
		for _, w := range writes {
			if w.acked {
				acked++
				continue
			}
			lost++
			// Nobody knows whether it took effect. The same command again has one
			// effect in any case.
			r, err := w.by.send(w.method, w.path, w.body, w.key)
			switch {
			case err != nil:
				t.Fatalf("round %d: retry: %v", round, err)
			case r.problem().Code == "command.applied":
				applied++
			case r.status != 201:
				t.Fatalf("round %d: retry of %s: %d %s", round, w.path, r.status, r.text)
			}
		}
		all = append(all, writes...)
		for _, w := range writes {
			var rooms, members, seated int
			db.one(t, []any{&rooms, &members, &seated}, `SELECT COUNT(*),
				(SELECT COUNT(*) FROM room_members m JOIN rooms r ON r.id = m.room_id WHERE r.title = $1 AND m.account_id = r.host_id),
				(SELECT COUNT(*) FROM room_members m JOIN rooms r ON r.id = m.room_id WHERE r.title = $1 AND m.seat IS NOT NULL AND m.join_id IS NULL)
				FROM rooms WHERE title = $1`, w.title)
			if rooms != 1 || members != 1 || seated != 0 {
				t.Fatalf("round %d: %q (acknowledged: %t) stands in %d rooms, with %d hosts in it, %d of them sitting without being there", round, w.title, w.acked, rooms, members, seated)
			}
		}
		db.whole(t, round)
	}
	if acked == 0 || lost == 0 {
		t.Fatalf("nothing was proven: %d writes acknowledged, %d cut off", acked, lost)
	}
	var rooms int
	db.one(t, []any{&rooms}, `SELECT COUNT(*) FROM rooms`)
	if rooms != len(all) {
		t.Errorf("%d rooms for %d commands", rooms, len(all))
	}
	t.Logf("%d kills: %d acknowledged writes, all there; %d cut off, %d of them had taken effect", kills(), acked, lost, applied)
}

// writeUntilKilled makes everybody write as fast as possible, and kills the server.
func writeUntilKilled(s *server, people []*person, round int) (all []*write) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, p := range people {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := 0; ; n++ {
				w := &write{
					by: p, method: "POST", path: "/api/rooms", key: uuid.NewString(),
					title: fmt.Sprintf("%s, round %d, %d", p.name, round+1, n+1),
				}
				w.body = fmt.Sprintf(`{"title":%q,"category":"talk","language":"en"}`, w.title)
				mu.Lock()
				all = append(all, w)
				mu.Unlock()
				r, err := w.by.send(w.method, w.path, w.body, w.key)
				if err != nil || r.status != 201 {
					return
				}
				w.acked = true
			}
		}()
	}
	time.Sleep(time.Duration(20+rand.IntN(100)) * time.Millisecond)
	s.kill()
	wg.Wait()
	return all
}

func TestARetryAfterKill9HasOneEffect(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada := s.people(t, "retry", "Ada")[0]
	body, key := `{"title":"Once","category":"talk","language":"en"}`, uuid.NewString()
	first, err := ada.send("POST", "/api/rooms", body, key)
	if err != nil || first.status != 201 {
		t.Fatalf("open: %v %d %s", err, first.status, first.text)
	}
	s.kill()
	s.run(t)
	again, err := ada.send("POST", "/api/rooms", body, key)
	if err != nil {
		t.Fatal(err)
	}
	if again.status != first.status || string(again.text) != string(first.text) {
		t.Errorf("the reply was %d %s and is %d %s", first.status, first.text, again.status, again.text)
	}
	other, err := ada.send("POST", "/api/rooms", `{"title":"Twice","category":"talk","language":"en"}`, key)
	if err != nil || other.problem().Code != "command.key_reused" {
		t.Errorf("the key for another request: %v %d %s", err, other.status, other.text)
	}
	var rooms int
	openRows(t, s).one(t, []any{&rooms}, `SELECT COUNT(*) FROM rooms`)
	if rooms != 1 {
		t.Errorf("%d rooms", rooms)
	}
}

// rows opens the database of a running server.
type rows struct{ *sql.DB }

func openRows(t *testing.T, s *server) rows {
	t.Helper()
	d, err := readRows(s.data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return rows{d}
}

// readRows opens the database of a server's data to be read.
func readRows(data string) (*sql.DB, error) {
	files, err := filepath.Glob(filepath.Join(data, "*.db"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("which is the database? %v %w", files, err)
	}
	return sql.Open("sqlite", "file:"+files[0]+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)")
}

func (d rows) one(t *testing.T, into []any, query string, args ...any) {
	t.Helper()
	if err := d.QueryRowContext(context.Background(), query, args...).Scan(into...); err != nil {
		t.Fatal(err)
	}
}

// whole checks the rows for traces of incomplete transactions.
func (d rows) whole(t *testing.T, round int) {
	t.Helper()
	var check string
	d.one(t, []any{&check}, `PRAGMA quick_check`)
	if check != "ok" {
		t.Fatalf("round %d: the database is damaged: %s", round, check)
	}
	for what, query := range map[string]string{
		"rooms without their host":                      `SELECT COUNT(*) FROM rooms r WHERE NOT EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.account_id = r.host_id)`,
		"people in two rooms at once":                   `SELECT COUNT(*) FROM (SELECT 1 FROM room_members WHERE join_id IS NOT NULL GROUP BY account_id HAVING COUNT(*) > 1)`,
		"rooms with nobody in them that will never end": `SELECT COUNT(*) FROM rooms r WHERE ended_at IS NULL AND deadline_at IS NULL AND NOT EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL)`,
		"rooms whose events have no number":             `SELECT COUNT(*) FROM rooms WHERE seq < 2`,
	} {
		var n int
		d.one(t, []any{&n}, query)
		if n != 0 {
			t.Fatalf("round %d: %d %s", round, n, what)
		}
	}
}
