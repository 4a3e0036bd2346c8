package lobby_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/lobby"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/search"
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
)

type fixture struct {
	*lobby.Service
	db    *db.DB
	rooms *room.Service
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		blobs, err := blob.Open(t.TempDir())
		must(t, err)
		t.Cleanup(func() { _ = blobs.Close() })
		x := &fixture{db: d, rooms: room.New(d, slog.New(slog.DiscardHandler), room.Config{SFU: testkit.NewSFU(), Key: []byte("k")})}
		x.Service = lobby.New(d, x.rooms, profile.New(d, blobref.New(d, blobs, nil), nil), search.Names{})
		f(t, x)
	})
}

func (x *fixture) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	_, err := x.db.Exec(query, args...)
	must(t, err)
}

func (x *fixture) person(t *testing.T, name string) account.ID {
	t.Helper()
	who := account.ID(id.Opaque())
	x.exec(t, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'resident', 0)`, who)
	x.exec(t, `INSERT INTO profiles (account_id, name, language, interests, updated_at) VALUES ($1, $2, 'en', '[]', 0)`, who, name)
	return who
}

// live opens a room that the lobby lists.
func (x *fixture) live(t *testing.T, host account.ID, p room.Plan) room.ID {
	t.Helper()
	r, err := x.rooms.Open(ctx, host, p)
	must(t, err)
	x.exec(t, `UPDATE rooms SET live_at = 1 WHERE id = $1`, r.ID)
	return r.ID
}

func (x *fixture) speaks(t *testing.T, r room.ID, name string) account.ID {
	t.Helper()
	who := x.person(t, name)
	_, _, err := x.rooms.Join(ctx, who, r)
	must(t, err)
	_, err = x.rooms.Sit(ctx, who, r, 0)
	must(t, err)
	return who
}

func (x *fixture) find(t *testing.T, viewer account.ID, query string) (found []room.ID) {
	t.Helper()
	rooms, err := x.Find(ctx, viewer, query, "")
	must(t, err)
	for _, r := range rooms {
		found = append(found, r.ID)
	}
	return found
}

// Of a corpus of rooms in twelve languages and of queries whose right answers people would
// name: other forms of a word among them, which the index does not know.
func TestTheCorpusIsFound(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var corpus struct {
			Rooms []struct {
				ID, Title, Category, Host string
				Speakers                  []string
			}
			Queries []struct {
				Q     string
				Finds []string
			}
		}
		raw, err := os.ReadFile("testdata/corpus.json")
		must(t, err)
		must(t, json.Unmarshal(raw, &corpus))
		names := map[room.ID]string{}
		for _, c := range corpus.Rooms {
			r := x.live(t, x.person(t, c.Host), room.Plan{Title: c.Title, Category: c.Category, Language: "en"})
			for _, name := range c.Speakers {
				x.speaks(t, r, name)
			}
			names[r] = c.ID
		}
		must(t, x.CatchUp(ctx, time.Now()))
		right, wanted, given := 0, 0, 0
		for _, q := range corpus.Queries {
			var got []string
			for _, r := range x.find(t, "", q.Q) {
				got = append(got, names[r])
			}
			slices.Sort(got)
			hits := 0
			for _, g := range got {
				if slices.Contains(q.Finds, g) {
					hits++
				}
			}
			right, wanted, given = right+hits, wanted+len(q.Finds), given+len(got)
			if hits < len(q.Finds) || hits < len(got) {
				t.Logf("%q finds %v, people would name %v", q.Q, got, q.Finds)
			}
		}
		recall, precision := float64(right)/float64(wanted), float64(right)/float64(given)
		t.Logf("%d rooms, %d queries: recall %.3f, precision %.3f", len(corpus.Rooms), len(corpus.Queries), recall, precision)
		if recall < 0.95 || precision < 0.95 {
			t.Errorf("recall %.3f and precision %.3f, want 0.95", recall, precision)
		}
	})
}

func TestWhatIsNotToldIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		viewer, host := x.person(t, "Viewer"), x.person(t, "Hostess")
		r := x.live(t, host, room.Plan{Title: "Open evening", Category: "talk", Language: "en"})
		guest := x.speaks(t, r, "Guestina")
		must(t, x.Refresh(ctx, r))
		found := func(query string, want ...room.ID) {
			t.Helper()
			if got := x.find(t, viewer, query); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", query, got, want)
			}
		}
		found("guestina", r)
		found("evening hostess chiacchiere", r)
		found("guestinas")

		// Nothing of this has been indexed yet.
		_, err := x.rooms.Stand(ctx, guest, r)
		must(t, err)
		found("guestina")
		_, err = x.rooms.Sit(ctx, guest, r, 0)
		must(t, err)
		pin, access := "4711", room.AccessPIN
		must(t, x.rooms.SetEntry(ctx, host, r, room.EntryChange{Access: &access, PIN: &pin}))
		found("guestina")
		found("evening", r)
		link := room.AccessLink
		must(t, x.rooms.SetEntry(ctx, host, r, room.EntryChange{Access: &link}))
		found("evening")
		all := room.AccessOpen
		must(t, x.rooms.SetEntry(ctx, host, r, room.EntryChange{Access: &all}))
		x.exec(t, `INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 1)`, guest, viewer)
		found("evening")
		x.exec(t, `DELETE FROM blocks`)
		found("evening", r)
		must(t, x.rooms.End(ctx, host, r))
		found("evening")

		for query, code := range map[string]string{"…": "search.empty", strings.Repeat("word ", 40): "search.too_long", "a\x00b": "search.characters"} {
			_, err := x.Find(ctx, viewer, query, "")
			wantCode(t, err, code)
		}
		_, err = x.Find(ctx, viewer, "evening", "nonsense")
		wantCode(t, err, "room.category_unknown")
	})
}

func TestFactsKeepTheIndex(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		host := x.person(t, "Hostess")
		r := x.live(t, host, room.Plan{Title: "Open evening", Category: "talk", Language: "en"})
		guest := x.speaks(t, r, "Guestina")
		relay := func() {
			t.Helper()
			facts, err := db.Select(ctx, x.db, func(row interface{ Scan(...any) error }) (r outbox.Record, err error) {
				var data string
				err = row.Scan(&r.Kind, &data)
				r.Data = json.RawMessage(data)
				return r, err
			}, `SELECT kind, data FROM outbox WHERE scope LIKE '%' || $1 ORDER BY seq`, r)
			must(t, err)
			for _, f := range append(facts, facts...) { // twice, as after a crash
				must(t, x.Listener().Take(ctx, f))
			}
			x.exec(t, `DELETE FROM outbox`)
		}
		indexed := func(word string) bool {
			t.Helper()
			var n int
			must(t, x.db.QueryRow(`SELECT COUNT(*) FROM lobby_words WHERE word = $1`, []byte(word)).Scan(&n))
			return n == 1
		}
		relay()
		if !indexed("guestina") || !indexed("evening") {
			t.Error("the open room is not in the index")
		}
		_, err := x.rooms.Stand(ctx, guest, r)
		must(t, err)
		title := "Late morning"
		must(t, x.rooms.Edit(ctx, host, r, room.Edit{Title: &title}))
		relay()
		if indexed("guestina") || indexed("evening") || !indexed("morning") {
			t.Error("the index is as it was")
		}
		must(t, x.rooms.End(ctx, host, r))
		relay()
		if indexed("morning") {
			t.Error("a room that has ended is in the index")
		}
	})
}

func TestTopicsAreCalledAsInTheClient(t *testing.T) {
	topics := lobby.Topics()
	for _, language := range []string{"en", "it", "zh"} {
		raw, err := os.ReadFile("../../../web/src/i18n/" + language + ".json")
		must(t, err)
		var texts struct{ Category map[string]string }
		must(t, json.Unmarshal(raw, &texts))
		if len(texts.Category) != len(room.Categories) {
			t.Errorf("%s names %d topics", language, len(texts.Category))
		}
		for _, c := range room.Categories {
			if !slices.Contains(topics[c], texts.Category[c]) {
				t.Errorf("%s: nobody finds %s by %q", language, c, texts.Category[c])
			}
		}
	}
}
