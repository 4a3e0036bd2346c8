package message_test

import (
	"fmt"
	"testing"
	"time"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/page"
	"heyy/internal/talk/message"
)

// A page of a long chat must not read all of it. The planner of PostgreSQL did so, by statistics as
// these: many chats of few messages, and no account in many of them. SQLite goes by the number of
// columns, without statistics.
func TestAPageReadsLittleOfALongChat(t *testing.T) {
	x := newFixture(t, dbtest.Postgres(t))
	const long = 2000
	ada, bob := x.couple(t)
	var last message.Message
	for range 3 {
		last = x.say(t, ada, bob, "Which tram is that?")
	}
	for _, fill := range []string{
		numbers(long) + `INSERT INTO messages (a_id, b_id, n, id, by_id, text, reply_n, at, seq)
			SELECT a_id, b_id, n + i, id || i, by_id, text, n, at, seq + i FROM messages, numbers WHERE n = 3`,
		fmt.Sprintf(`UPDATE chats SET last_n = %d, seq = seq + %d`, 3+long, long),
		numbers(600) + `INSERT INTO accounts (id, kind, created_at) SELECT side || i, 'member', 0 FROM numbers, (VALUES ('filler-a'), ('filler-b')) s (side)`,
		numbers(600) + `INSERT INTO chats (a_id, b_id, at) SELECT 'filler-a' || i, 'filler-b' || i, 0 FROM numbers`,
		numbers(3) + `INSERT INTO messages (a_id, b_id, n, id, by_id, text, at, seq)
			SELECT a_id, b_id, i, i, a_id, 'Hm', 0, i FROM chats, numbers WHERE a_id LIKE 'filler%'`,
		`ANALYZE`,
	} {
		if _, err := x.db.ExecContext(ctx, fill); err != nil {
			t.Fatal(err)
		}
	}
	before := x.read(t)
	for range 3 {
		if got, err := x.History(ctx, ada, bob, page.Request{Limit: 20}); err != nil || len(got.Messages) != 20 || got.Messages[19].Reply == nil {
			t.Fatalf("%+v, %v", got, err)
		}
		if got, err := x.Changes(ctx, ada, bob, last.Seq+long-10); err != nil || len(got.Messages) < 10 {
			t.Fatalf("%+v, %v", got, err)
		}
		x.say(t, bob, ada, "Which one?")
	}
	// What filled the tables may be counted late; by the wrong index it is long times 300.
	if rows := x.read(t) - before; rows > 5*long {
		t.Errorf("3 pages of 20 messages, 3 of 10 and 3 new ones read %d rows of %d", rows, long)
	}
}

// numbers is the beginning of a statement that reads i = 1, 2, ... most from numbers.
func numbers(most int) string {
	return fmt.Sprintf("WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < %d) ", most)
}

// read is how many rows and entries of indexes of messages were read until now.
func (x *fixture) read(t testing.TB) (rows int64) {
	t.Helper()
	for range 2 { // counters of connections are written when they are idle, at most once a second
		time.Sleep(1100 * time.Millisecond)
		if _, err := x.db.ExecContext(ctx, `SELECT COUNT(*) FROM read_marks`); err != nil {
			t.Fatal(err)
		}
	}
	must(t, x.db.QueryRowContext(ctx, `SELECT seq_tup_read + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'messages')
		FROM pg_stat_user_tables WHERE relname = 'messages'`).Scan(&rows))
	return rows
}
