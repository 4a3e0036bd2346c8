package db_test

import (
	"context"
	"os"
	"testing"

	"github.com/pressly/goose/v3"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

// upgrade is a database as a release left it, with rows in it, that was brought from
// one version to another.
type upgrade struct {
	*db.DB
	t    *testing.T
	back func() error
}

// one is the only value that a query finds, as text.
func (u *upgrade) one(query string) (got string) {
	u.t.Helper()
	if err := u.QueryRow(query).Scan(&got); err != nil {
		u.t.Fatalf("%s: %v", query, err)
	}
	return got
}

// upgraded runs check on an upgrade of each engine.
func upgraded(t *testing.T, from, to int64, rows []string, check func(t *testing.T, u *upgrade)) {
	t.Helper()
	ctx := context.Background()
	run := func(t *testing.T, dialect goose.Dialect, dir, source string) {
		d, err := db.Open(ctx, dir, source)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		p, err := goose.NewProvider(dialect, d.DB, os.DirFS("migrations"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.UpTo(ctx, from); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if _, err := d.Exec(row); err != nil {
				t.Fatalf("%s: %v", row, err)
			}
		}
		if _, err := p.UpTo(ctx, to); err != nil {
			t.Fatal(err)
		}
		check(t, &upgrade{DB: d, t: t, back: func() error { _, err := p.DownTo(ctx, from); return err }})
	}
	t.Run("sqlite", func(t *testing.T) { run(t, goose.DialectSQLite3, t.TempDir(), "") })
	t.Run("postgres", func(t *testing.T) { run(t, goose.DialectPostgres, "", dbtest.PostgresURL(t)) })
}

func TestRoomsAndReportsSurviveTheirRebuild(t *testing.T) {
	upgraded(t, 9, 10, []string{
		`INSERT INTO accounts (id, kind, created_at) VALUES ('ada', 'member', 0), ('bob', 'member', 0)`,
		`INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at) VALUES ('r1', 'talk', 'Old', 'en', 'ada', 11, 5, 100), ('r2', 'talk', 'New', 'en', 'ada', 11, 7, 200), ('r3', 'talk', 'Other', 'en', 'bob', 11, 2, 300)`,
		`INSERT INTO room_members (room_id, account_id, seat, muted, may_sit, join_id, joined_at) VALUES ('r1', 'bob', 2, FALSE, TRUE, 'j1', 1), ('r2', 'ada', 1, TRUE, TRUE, 'j2', 1)`,
		`INSERT INTO reports (id, by_id, on_id, reason, note, place, created_at) VALUES ('p1', 'ada', 'bob', 'spam', 'x', 'profile', 1), ('p2', 'ada', 'bob', 'hate', 'y', 'profile', 2), ('p3', 'bob', 'ada', 'fake', '', 'profile', 3)`,
	}, func(t *testing.T, u *upgrade) {
		for query, want := range map[string]string{
			`SELECT COUNT(*) FROM rooms`:                                      "3",
			`SELECT id FROM rooms WHERE host_id = 'ada' AND ended_at IS NULL`: "r2",
			`SELECT ended_why FROM rooms WHERE id = 'r1'`:                     "host",
			`SELECT live_at FROM rooms WHERE id = 'r3'`:                       "300",
			`SELECT account_id FROM room_members WHERE join_id IS NOT NULL`:   "ada",
			`SELECT COUNT(*) FROM room_members`:                               "2",
			`SELECT COUNT(*) FROM reports WHERE closed_at IS NULL`:            "2",
			`SELECT id FROM reports WHERE closed_at IS NOT NULL`:              "p1",
		} {
			if got := u.one(query); got != want {
				t.Errorf("%s: %s, not %s", query, got, want)
			}
		}
		membersGoWithTheirHost(t, u)
	})
}

// Members refer to the table of rooms that there is now.
func membersGoWithTheirHost(t *testing.T, u *upgrade) {
	t.Helper()
	if _, err := u.Exec(`DELETE FROM accounts WHERE id = 'ada'`); err != nil {
		t.Fatal(err)
	}
	if n := u.one(`SELECT COUNT(*) FROM room_members WHERE room_id IN ('r1', 'r2')`); n != "0" {
		t.Errorf("%s members of rooms that are gone", n)
	}
}

// A relay of the release before may have died before it told them.
func TestFactsThatWaitAreToldAfterTheUpgrade(t *testing.T) {
	upgraded(t, 14, 24, []string{
		`INSERT INTO outbox (id, scope, seq, kind, data, created_at) VALUES ('f', 'room:r', 3, 'room.ended', '{}', 5)`,
	}, func(t *testing.T, u *upgrade) {
		waits, head := u.one(`SELECT COUNT(*) FROM outbox WHERE n IS NULL`), u.one(`SELECT n FROM outbox_head`)
		if waits != "1" || head != "0" {
			t.Errorf("%s facts wait for a number after %s", waits, head)
		}
	})
}

// Before roles were rows, they followed from the host of a room and from seats.
func TestRolesAreWhatTheyFollowedFrom(t *testing.T) {
	upgraded(t, 23, 25, []string{
		`INSERT INTO accounts (id, kind, created_at) VALUES ('ada', 'member', 0), ('bob', 'member', 0), ('eve', 'member', 0), ('ida', 'member', 0), ('kim', 'member', 0)`,
		`INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at) VALUES ('r1', 'talk', 'Open', 'en', 'ada', 11, 5, 100), ('r3', 'talk', 'Left', 'en', 'bob', 11, 9, 300)`,
		`INSERT INTO rooms (id, category, title, language, host_id, seats, seq, created_at, ended_at, ended_why) VALUES ('r2', 'talk', 'Over', 'en', 'ada', 11, 7, 50, 60, 'host')`,
		`INSERT INTO room_members (room_id, account_id, seat, muted, may_sit, join_id, joined_at, deadline_at, removed_at) VALUES
			('r1', 'ada', 1, TRUE, TRUE, 'j1', 11, NULL, NULL),
			('r1', 'bob', 4, FALSE, TRUE, 'j2', 12, 99, NULL),
			('r1', 'eve', NULL, TRUE, FALSE, 'j3', 13, NULL, NULL),
			('r1', 'ida', NULL, TRUE, TRUE, NULL, 14, NULL, 15),
			('r2', 'ada', NULL, TRUE, TRUE, NULL, 16, NULL, NULL),
			('r2', 'bob', NULL, TRUE, TRUE, NULL, 17, NULL, NULL),
			('r3', 'bob', NULL, TRUE, TRUE, NULL, 18, NULL, NULL),
			('r3', 'kim', 3, TRUE, TRUE, NULL, 19, NULL, NULL)`, // a seat of nobody who is there was never to be
		`INSERT INTO outbox (id, scope, seq, kind, data, created_at) VALUES ('f', 'room:r1', 5, 'room.changed',
			'{"room":"r1","seq":5,"at":"2026-11-01T20:00:00Z","cause":"let_sit","role":"listener","member":{"account":"eve","seat":0,"muted":true,"may_sit":true,"here":true}}', 5)`,
	}, func(t *testing.T, u *upgrade) {
		row := func(r, who, columns string) string {
			return u.one(`SELECT ` + columns + ` FROM room_members WHERE room_id = '` + r + `' AND account_id = '` + who + `'`)
		}
		const all = `role || ' ' || COALESCE(CAST(seat AS TEXT), '-') || ' ' || CASE WHEN muted THEN 'muted' ELSE 'open' END || ' ' ||
			CASE WHEN can_speak THEN 'may' ELSE 'may-not' END || ' ' || COALESCE(join_id, '-') || ' ' || CAST(joined_at AS TEXT) || ' ' ||
			COALESCE(CAST(deadline_at AS TEXT), '-') || ' ' || COALESCE(CAST(removed_at AS TEXT), '-') || ' ' || COALESCE(CAST(hand_seq AS TEXT), '-')`
		for _, c := range [][3]string{
			{"r1", "ada", "host 1 muted may j1 11 - - -"},
			{"r1", "bob", "speaker 4 open may j2 12 99 - -"},
			{"r1", "eve", "listener - muted may-not j3 13 - - -"},
			{"r1", "ida", "listener - muted may - 14 - 15 -"},
			{"r2", "ada", "host - muted may - 16 - - -"},
			{"r2", "bob", "listener - muted may - 17 - - -"},
			{"r3", "bob", "host - muted may - 18 - - -"},
			{"r3", "kim", "listener - muted may - 19 - - -"},
		} {
			if got := row(c[0], c[1], all); got != c[2] {
				t.Errorf("%s in %s: %s, not %s", c[1], c[0], got, c[2])
			}
		}
		for query, want := range map[string]string{
			`SELECT COUNT(*) FROM room_members`:                                      "8",
			`SELECT COUNT(*) FROM rooms WHERE shape = 'lounge' AND locked_seats = 0`: "3",
			`SELECT seq FROM rooms WHERE id = 'r1'`:                                  "5",
			// What was not told yet is told in the new words.
			`SELECT data FROM outbox`: `{"room":"r1","seq":5,"at":"2026-11-01T20:00:00Z","cause":"allowed_to_speak","member":{"role":"listener","account":"eve","seat":0,"muted":true,"can_speak":true,"present":true}}`,
		} {
			if got := u.one(query); got != want {
				t.Errorf("%s: %s, not %s", query, got, want)
			}
		}
		if err := u.back(); err != nil {
			t.Fatal(err)
		}
		if got := row("r1", "bob", `CAST(seat AS TEXT) || CASE WHEN may_sit THEN ' may' ELSE '' END`); got != "4 may" {
			t.Errorf("taken back, bob is %s", got)
		}
		membersGoWithTheirHost(t, u)
	})
}

func TestWhoHidReadMarksStaysHiddenInWhatTheyHeard(t *testing.T) {
	upgraded(t, 40, 41, []string{
		`INSERT INTO accounts (id, kind, created_at) VALUES ('ada', 'member', 0), ('bob', 'member', 0), ('eve', 'member', 0)`,
		`INSERT INTO read_marks (account_id, shown) VALUES ('bob', FALSE), ('eve', TRUE)`,
		`INSERT INTO moments (id, account_id, audience, text, audio_key, ms, at, expires_at) VALUES ('m1', 'ada', 'everyone', '', 'k', 9, 0, 9)`,
		`INSERT INTO moments_heard (moment_id, account_id) VALUES ('m1', 'bob'), ('m1', 'eve')`,
		`INSERT INTO message_blobs (key, account_id, ms, at) VALUES ('b1', 'ada', 9, 0)`,
		`INSERT INTO chats (a_id, b_id, at, seq, last_n) VALUES ('ada', 'bob', 0, 1, 1)`,
		`INSERT INTO messages (a_id, b_id, n, id, by_id, text, at, seq) VALUES ('ada', 'bob', 1, 'x', 'ada', 'Hello', 0, 1)`,
		`INSERT INTO search_chats (id, a_id, b_id, seq, last_n, clean_at) VALUES (1, 'ada', 'bob', 1, 1, 7)`,
	}, func(t *testing.T, u *upgrade) {
		for query, want := range map[string]string{
			`SELECT account_id FROM moments_heard WHERE hidden`:    "bob",
			`SELECT COUNT(*) FROM moments_heard`:                   "2",
			`SELECT key FROM message_blobs`:                        "b1",
			`SELECT COUNT(*) FROM messages WHERE text_seq IS NULL`: "1",
			`SELECT seq FROM search_chats WHERE whole = 0`:         "1",
			`SELECT COUNT(*) FROM message_quotas`:                  "0",
			`SELECT COUNT(*) FROM search_chats WHERE late`:         "0",
			`SELECT COUNT(*) FROM moments_heard WHERE NOT hidden`:  "1",
		} {
			if got := u.one(query); got != want {
				t.Errorf("%s: %s, not %s", query, got, want)
			}
		}
		if err := u.back(); err != nil {
			t.Fatal(err)
		}
		if got := u.one(`SELECT COUNT(*) FROM message_blobs WHERE ms = 0`); got != "1" {
			t.Errorf("%s recordings after the way back", got)
		}
	})
}
