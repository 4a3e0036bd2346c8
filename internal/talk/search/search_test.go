package search_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
	"heyy/internal/talk/search"
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
)

// fixture is both services on a real database.
type fixture struct {
	*message.Service
	index *search.Service
	db    *db.DB
	clock *testkit.Clock
}

func newFixture(d *db.DB) *fixture {
	clock := testkit.NewClock(time.UnixMilli(1_800_000_000_000))
	index := search.New(d)
	return &fixture{message.New(d, nil, clock.Now, func() {}), index, d, clock}
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newFixture(d)) })
}

func (x *fixture) tx(t testing.TB, f func(tx *sql.Tx) error) {
	t.Helper()
	must(t, x.db.Tx(ctx, f))
}

func (x *fixture) member(t testing.TB) account.ID {
	t.Helper()
	who := account.ID(id.Opaque())
	x.tx(t, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
		return err
	})
	return who
}

func (x *fixture) match(t testing.TB, a, b account.ID) {
	t.Helper()
	x.tx(t, func(tx *sql.Tx) error { return x.Open(ctx, tx, a, b, x.clock.Now()) })
}

func (x *fixture) couple(t testing.TB) (ada, bob account.ID) {
	t.Helper()
	ada, bob = x.member(t), x.member(t)
	x.match(t, ada, bob)
	return ada, bob
}

func (x *fixture) end(t testing.TB, a, b account.ID) {
	t.Helper()
	x.tx(t, func(tx *sql.Tx) error { return x.Close(ctx, tx, a, b) })
}

func (x *fixture) say(t testing.TB, by, to account.ID, text string) message.Message {
	t.Helper()
	x.clock.Advance(time.Second)
	m, err := x.Send(ctx, by, to, message.Draft{ID: message.ID(id.Opaque()), Text: text})
	must(t, err)
	return m
}

func (x *fixture) catchUp(t testing.TB) {
	t.Helper()
	must(t, x.index.CatchUpAll(ctx, x.clock.Now()))
}

// find returns all that a person finds, page by page.
func (x *fixture) find(t testing.TB, by, with account.ID, text string, limit int) (all []search.Hit) {
	t.Helper()
	part := page.Request{Limit: limit}
	for pages := 0; ; pages++ {
		hits, next, err := x.index.Search(ctx, by, search.Query{Text: text, With: with, Part: part})
		must(t, err)
		all = append(all, hits...)
		if next == (page.Cursor{}) {
			return all
		}
		if pages > 5000 {
			t.Fatalf("%q has no end", text)
		}
		again, err := page.Parse(next.String()) // as a client sends it
		must(t, err)
		part.Before = again
	}
}

func (x *fixture) count(t testing.TB, query string) (n int) {
	t.Helper()
	must(t, x.db.QueryRowContext(ctx, query).Scan(&n))
	return n
}

// vocabulary has words that begin alike, and some in two scripts.
var vocabulary = []string{"tram", "trams", "tramonto", "Night", "nightly", "perché", "no", "n", "song", "Bologna", "你好", "你好吗", "好天气", "👍🏽", "🎵"}

// scan is a search by reading all messages; it returns their numbers.
func (x *fixture) scan(t testing.TB, by, with account.ID, words []string) (all []int64) {
	t.Helper()
	part := page.Request{}
	for {
		p, err := x.History(ctx, by, with, part)
		must(t, err)
		for _, m := range p.Messages {
			if has(m.Text, words) {
				all = append(all, m.N)
			}
		}
		if p.Next == (page.Cursor{}) {
			return all
		}
		part.Before = p.Next
	}
}

// has is a simple form of the rule, for texts made of vocabulary.
func has(text string, words []string) bool {
	said := strings.Fields(plain.Replace(strings.ToLower(text)))
	for i, w := range words {
		w = plain.Replace(strings.ToLower(w))
		if !slices.ContainsFunc(said, func(one string) bool {
			if w[0] < 0x80 {
				return one == w || i == len(words)-1 && strings.HasPrefix(one, w)
			}
			return strings.Contains(one, w)
		}) {
			return false
		}
	}
	return true
}

var plain = strings.NewReplacer("é", "e", "👍🏽", "👍")

func TestASearchFindsWhatReadingEverythingFinds(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for round := range 3 {
			rng := rand.New(rand.NewPCG(uint64(round), 7)) //nolint:gosec // the same each time
			ada := x.member(t)
			others := []account.ID{x.member(t), x.member(t), x.member(t)}
			for _, o := range others {
				x.match(t, ada, o)
			}
			text := func() string {
				words := make([]string, 1+rng.IntN(5))
				for i := range words {
					words[i] = vocabulary[rng.IntN(len(vocabulary))]
				}
				return strings.Join(words, " ") + " one two" // more than a greeting
			}
			mine := map[account.ID][]message.ID{}
			for range 420 {
				o := others[min(rng.IntN(5), 2)]
				switch known := mine[o]; {
				case len(known) == 0 || rng.IntN(10) < 7:
					mine[o] = append(known, x.say(t, ada, o, text()).ID)
					must(t, x.MarkRead(ctx, o, ada, int64(len(mine[o]))))
				case rng.IntN(3) == 0:
					_, err := x.Delete(ctx, ada, o, known[rng.IntN(len(known))])
					must(t, err)
				case rng.IntN(2) == 0:
					_, err := x.React(ctx, o, ada, known[rng.IntN(len(known))], "👍")
					if err != nil {
						wantCode(t, err, "message.deleted")
					}
				default:
					_, err := x.Edit(ctx, ada, o, known[rng.IntN(len(known))], text())
					if err != nil && !strings.Contains(err.Error(), "deleted") {
						wantCode(t, err, "message.too_late")
					}
				}
				if rng.IntN(40) == 0 {
					x.catchUp(t)
				}
			}
			x.catchUp(t)
			if round == 2 {
				x.index.Tight()
			}
			for range 60 {
				words := make([]string, 1+rng.IntN(3))
				for i := range words {
					words[i] = vocabulary[rng.IntN(len(vocabulary))]
				}
				if last := &words[len(words)-1]; (*last)[0] < 0x80 && rng.IntN(2) == 0 {
					*last = (*last)[:1+rng.IntN(len(*last))]
					if strings.HasSuffix(*last, "\xc3") {
						*last = "perch"
					}
				}
				q := strings.Join(words, " ")
				total := 0
				for _, o := range others {
					want := x.scan(t, ada, o, words)
					total += len(want)
					var got []int64
					for _, h := range x.find(t, ada, o, q, 1+rng.IntN(60)) {
						got = append(got, h.N)
						if len(h.Marks) == 0 || h.Other != o || h.By != ada {
							t.Fatalf("%q: %+v", q, h)
						}
					}
					if !slices.Equal(got, want) {
						t.Fatalf("round %d, %q: found %v, there are %v", round, q, got, want)
					}
				}
				all := x.find(t, ada, "", q, 1+rng.IntN(60))
				if len(all) != total || !slices.IsSortedFunc(all, func(a, b search.Hit) int { return b.At.Compare(a.At) }) {
					t.Fatalf("round %d, %q: %d found in all, want %d by time", round, q, len(all), total)
				}
			}
		}
	})
}

// A long conversation has several parts, and pages of what is frequent join.
func TestPagesOfALongConversationJoin(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		const n = 5000
		fill(t, x, ada, bob, n, func(i int64) string {
			if i%777 == 0 {
				return "rare words"
			}
			return "frequent words of a chat"
		})
		x.catchUp(t)
		for q, want := range map[string]int{"frequent": n - n/777, "rare": n / 777, "wor": n, "rare frequent": 0, "words chat": n - n/777} {
			got := x.find(t, ada, bob, q, 100)
			if len(got) != want {
				t.Errorf("%q: %d found, want %d", q, len(got), want)
			}
			for i := 1; i < len(got); i++ {
				if got[i].N >= got[i-1].N {
					t.Fatalf("%q: %d after %d", q, got[i].N, got[i-1].N)
				}
			}
		}
	})
}

// fill inserts n messages as they would have been sent.
func fill(t testing.TB, x *fixture, ada, bob account.ID, n int64, text func(i int64) string) {
	t.Helper()
	a, b := ada, bob
	if b < a {
		a, b = b, a
	}
	at := x.clock.Now().UnixMilli() - n*60_000
	for from := int64(1); from <= n; from += 500 {
		x.tx(t, func(tx *sql.Tx) error {
			for i := from; i < min(from+500, n+1); i++ {
				by := ada
				if i%2 == 0 {
					by = bob
				}
				if _, err := tx.ExecContext(ctx, `INSERT INTO messages (a_id, b_id, n, id, by_id, text, at, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
					string(a), string(b), i, id.Opaque(), string(by), text(i), at+i*60_000, i); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, `UPDATE chats SET seq = $1, last_n = $1, at = $2 WHERE a_id = $3 AND b_id = $4`, n, at+n*60_000, string(a), string(b))
			return err
		})
	}
}

func TestWhatHasEndedIsNotFoundAndLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		cleo := x.member(t)
		x.match(t, ada, cleo)
		x.say(t, bob, ada, "The lighthouse is yours")
		x.say(t, cleo, ada, "Which lighthouse is that?")
		x.catchUp(t)
		if n := len(x.find(t, ada, "", "lighthouse", 10)); n != 2 {
			t.Fatalf("%d found", n)
		}
		x.end(t, ada, bob)
		if got := x.find(t, ada, "", "lighthouse", 10); len(got) != 1 || got[0].Other != cleo {
			t.Errorf("after the end: %+v", got)
		}
		for _, who := range []account.ID{bob, account.ID(id.Opaque()), ada} {
			_, _, err := x.index.Search(ctx, ada, search.Query{Text: "lighthouse", With: who})
			wantCode(t, err, "chat.none")
		}
		// The same two again: what they said before is not theirs any more.
		x.match(t, ada, bob)
		x.say(t, bob, ada, "Something else this time")
		x.catchUp(t)
		if got := x.find(t, ada, bob, "lighthouse", 10); len(got) != 0 {
			t.Errorf("from before the end: %+v", got)
		}
		if got := x.find(t, ada, bob, "something", 10); len(got) != 1 {
			t.Errorf("the new one: %+v", got)
		}
		x.tx(t, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM accounts WHERE id = $1`, string(ada))
			return err
		})
		must(t, x.index.Sweep(ctx, x.clock.Now()))
		for _, rows := range []string{"search_chats", "search_parts", "search_words"} {
			if n := x.count(t, `SELECT count(*) FROM `+rows); n != 0 {
				t.Errorf("%d rows in %s", n, rows)
			}
		}
	})
}

// The index is late here on purpose.
func TestWhatIsDeletedOrEditedIsNotFoundHoweverLateTheIndexIs(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		secret := x.say(t, ada, bob, "My secret is chocolate")
		typo := x.say(t, ada, bob, "I like chocolade too")
		x.catchUp(t)
		_, err := x.Delete(ctx, ada, bob, secret.ID)
		must(t, err)
		_, err = x.Edit(ctx, ada, bob, typo.ID, "I like vanilla too")
		must(t, err)
		for _, q := range []string{"secret", "choco"} {
			if got := x.find(t, bob, "", q, 10); len(got) != 0 {
				t.Errorf("%q: %+v", q, got)
			}
		}
		x.catchUp(t)
		if got := x.find(t, bob, "", "vanilla", 10); len(got) != 1 || got[0].N != typo.N {
			t.Errorf("as it is now: %+v", got)
		}
		for _, w := range []string{"secret", "chocolate", "chocolade"} {
			var n int
			must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM search_words WHERE word = $1`, []byte(w)).Scan(&n))
			if n != 0 {
				t.Errorf("the index still has %q", w)
			}
		}
	})
}

// has returns in how many rows a word is in the index.
func (x *fixture) has(t testing.TB, w string) (n int) {
	t.Helper()
	must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM search_words WHERE word = $1`, []byte(w)).Scan(&n))
	return n
}

// A reaction gives a message a new seq, but leaves its text as it is.
func TestReactionsIndexNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.say(t, ada, bob, "I like chocolade too")
		x.catchUp(t)
		_, err := x.Edit(ctx, ada, bob, m.ID, "I like vanilla too")
		must(t, err)
		x.catchUp(t)
		x.tx(t, func(tx *sql.Tx) error { // a clear would take it away, and indexing would bring vanilla back
			_, err := tx.ExecContext(ctx, `UPDATE search_words SET word = $1 WHERE word = $2`, []byte("witness"), []byte("vanilla"))
			return err
		})
		for i := range 20 {
			_, err := x.React(ctx, bob, ada, m.ID, []string{"❤️", "👍"}[i%2])
			must(t, err)
			x.catchUp(t)
		}
		if x.has(t, "witness") != 1 || x.has(t, "vanilla") != 0 {
			t.Error("a reaction has indexed the message again")
		}
		_, err = x.Delete(ctx, ada, bob, m.ID)
		must(t, err)
		x.catchUp(t)
		if x.has(t, "witness") != 0 {
			t.Error("a deletion has not cleared the message")
		}
	})
}

// With a reaction, a message comes after those that were written later: they are indexed first,
// in another transaction.
func TestAReactionHidesNoMessageFromTheIndex(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		x.say(t, ada, bob, "The first of all messages")
		edited := x.say(t, ada, bob, "About a pelican")
		x.catchUp(t)
		m := x.say(t, ada, bob, "About a lighthouse")
		_, err := x.Edit(ctx, ada, bob, edited.ID, "About a heron")
		must(t, err)
		for i := range 300 { // more than one transaction of the index
			x.say(t, ada, bob, fmt.Sprintf("message %d of many", i))
		}
		for _, of := range []message.ID{m.ID, edited.ID} {
			_, err := x.React(ctx, bob, ada, of, "👍")
			must(t, err)
		}
		x.catchUp(t)
		if x.has(t, "lighthouse") != 1 || x.has(t, "heron") != 1 || x.has(t, "pelican") != 0 {
			t.Error("the message with a reaction is not indexed as it is")
		}
	})
}

func TestAnIndexAfterEditsIsAsOneMadeAnew(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		x.say(t, ada, bob, "Words of another message: tram")
		m := x.say(t, ada, bob, "I like chocolade and the tram, too")
		for _, text := range []string{"I like chocolate and the train, too", "Something else altogether, in very many other words than there were before"} {
			x.catchUp(t)
			_, err := x.Edit(ctx, ada, bob, m.ID, text)
			must(t, err)
		}
		x.catchUp(t)
		hits := func() (all []string) { // the time of a row may be later than that of its messages
			for _, row := range x.words(t) {
				all = append(all, row[:strings.LastIndexByte(row, ' ')])
			}
			return all
		}
		after := hits()
		x.tx(t, func(tx *sql.Tx) error { // an index that begins anew
			for _, rows := range []string{"search_chats", "search_parts", "search_words"} {
				if _, err := tx.ExecContext(ctx, `DELETE FROM `+rows); err != nil {
					return err
				}
			}
			return nil
		})
		x.catchUp(t)
		if anew := hits(); !slices.Equal(after, anew) {
			t.Errorf("after edits the index is %q, anew %q", after, anew)
		}
	})
}

func TestABurstOfEditsIsOnePassOfTheIndex(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.say(t, ada, bob, "I like chocolade too")
		take := x.index.Listener().Take
		from := int64(0)
		hand := func() {
			facts, err := outbox.Of(ctx, x.db, message.Changed{A: min(ada, bob), B: max(ada, bob)}.Scope(), from+1, 1000)
			must(t, err)
			for _, f := range facts {
				must(t, take(ctx, f))
			}
			from += int64(len(facts))
		}
		indexedTo := func() (seq int64) {
			must(t, x.db.QueryRowContext(ctx, `SELECT seq FROM search_chats`).Scan(&seq))
			return seq
		}
		hand()
		if x.has(t, "chocolade") != 1 || indexedTo() != 1 {
			t.Fatal("a new message is not indexed at once")
		}
		for i := range 300 {
			_, err := x.Edit(ctx, ada, bob, m.ID, fmt.Sprintf("I like vanilla %d times", i))
			must(t, err)
			hand()
		}
		if indexedTo() != 1 {
			t.Error("edits were indexed one by one")
		}
		must(t, x.index.CatchUpLate(ctx, x.clock.Now()))
		if x.has(t, "299") != 1 || x.has(t, "chocolade") != 0 || indexedTo() != 301 {
			t.Errorf("the edits are not indexed: up to %d", indexedTo())
		}
		_, err := x.React(ctx, bob, ada, m.ID, "👍")
		must(t, err)
		hand()
		x.say(t, ada, bob, "A lighthouse")
		hand()
		if x.has(t, "lighthouse") != 1 {
			t.Error("a new message waits for changes")
		}
		must(t, x.index.CatchUpLate(ctx, x.clock.Now()))
		if n := x.count(t, `SELECT count(*) FROM search_chats WHERE late`); n != 0 {
			t.Errorf("%d chats are late for ever", n)
		}
	})
}

// More words and edits than one transaction indexes.
func TestManyEditsAreIndexedInParts(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		const n = 30
		fill(t, x, ada, bob, n, func(i int64) string {
			words := make([]string, 200)
			for j := range words {
				words[j] = fmt.Sprintf("w%dx%d", i, j)
			}
			return strings.Join(words, " ")
		})
		x.catchUp(t)
		if got := x.count(t, `SELECT count(*) FROM search_words`); got != n*200 {
			t.Errorf("%d words", got)
		}
		x.tx(t, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, `UPDATE messages SET text = 'new', edited_at = $1, seq = seq + 30`, x.clock.Now().UnixMilli()); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `UPDATE chats SET seq = seq + 30`)
			return err
		})
		x.catchUp(t)
		if got := x.count(t, `SELECT count(*) FROM search_words`); got != 1 || len(x.find(t, ada, bob, "new", 10)) != n {
			t.Errorf("%d words after the edits", got)
		}
	})
}

// A cursor may be forged, so that all that is left looks newer than it.
func TestAPageEndsWhereverItBegins(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		const n = 1100
		fill(t, x, ada, bob, n, func(int64) string { return "words of one moment" })
		at := x.clock.Now().UnixMilli()
		x.tx(t, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE messages SET at = $1`, at)
			return err
		})
		x.catchUp(t)
		x.index.Tight()
		found := 0
		for part := (page.Request{Limit: 100, Before: page.Cursor{At: at, ID: " "}}); ; {
			hits, next, err := x.index.Search(ctx, ada, search.Query{Text: "words", With: bob, Part: part})
			must(t, err)
			if found += len(hits); len(hits) > 12 { // 200 bytes
				t.Fatalf("a page compares at least %d", len(hits))
			}
			if next == (page.Cursor{}) {
				break
			}
			if len(hits) == 0 {
				t.Fatal("a page that comes no further")
			}
			part.Before = next
		}
		if found != n {
			t.Errorf("%d found", found)
		}
	})
}

func TestAFewSearchesRunAtOnce(t *testing.T) {
	x := newFixture(dbtest.SQLite(t))
	ada := x.member(t)
	free := x.index.Occupy()
	_, _, err := x.index.Search(ctx, ada, search.Query{Text: "tram"})
	wantCode(t, err, "server.busy")
	free()
	for range 20 {
		if got := x.find(t, ada, "", "tram", 10); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	}
}

// words returns all rows of the index, for comparison.
func (x *fixture) words(t testing.TB) []string {
	t.Helper()
	all, err := db.Select(ctx, x.db, func(row interface{ Scan(...any) error }) (string, error) {
		var block, hits, at int64
		var word []byte
		err := row.Scan(&word, &block, &hits, &at)
		return fmt.Sprintf("%s %d %x %d", word, block, uint64(hits), at), err //nolint:gosec // bits
	}, `SELECT word, block, hits, at FROM search_words ORDER BY part, word, block`)
	must(t, err)
	return all
}

func TestTheListenerLosesAndDoublesNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		for i := range 450 { // more than two transactions of the index
			x.say(t, ada, bob, fmt.Sprintf("message %d of many", i))
			must(t, x.MarkRead(ctx, bob, ada, int64(i+1)))
		}
		facts, err := outbox.Of(ctx, x.db, message.Changed{A: min(ada, bob), B: max(ada, bob)}.Scope(), 1, 1000)
		must(t, err)
		take := x.index.Listener().Take
		for i, f := range facts {
			if i%50 == 3 { // as if the process had died before the cursor was written
				dying, die := context.WithCancel(ctx)
				die()
				if err := take(dying, f); err == nil {
					t.Fatal("taken by a process that has ended")
				}
			}
			if i%3 == 0 {
				must(t, take(ctx, f))
			}
		}
		once := x.words(t)
		var all sync.WaitGroup // two nodes, of which one has not noticed that it lost its lease
		for range 2 {
			all.Go(func() {
				for _, f := range facts {
					if err := take(ctx, f); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		x.catchUp(t)
		if !slices.Equal(x.words(t), once) {
			t.Error("repeated facts have changed the index")
		}
		x.tx(t, func(tx *sql.Tx) error { // an index that begins anew
			for _, rows := range []string{"search_chats", "search_parts", "search_words"} {
				if _, err := tx.ExecContext(ctx, `DELETE FROM `+rows); err != nil {
					return err
				}
			}
			return nil
		})
		x.catchUp(t)
		if !slices.Equal(x.words(t), once) {
			t.Error("an index of what was there before is another one")
		}
		x.end(t, ada, bob)
		must(t, take(ctx, facts[0])) // late, and about nothing
	})
}

func TestTwoNodesBeginToIndexDifferentChatsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var chats [][2]account.ID
		for range 12 {
			ada, bob := x.couple(t)
			x.say(t, ada, bob, "Which tram is in your intro?")
			chats = append(chats, [2]account.ID{min(ada, bob), max(ada, bob)})
		}
		var all sync.WaitGroup
		for _, c := range chats {
			for range 2 {
				all.Go(func() {
					if err := x.index.CatchUp(ctx, c[0], c[1]); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		for _, c := range chats {
			if got := x.find(t, c[0], "", "tram", 10); len(got) != 1 {
				t.Errorf("found %+v", got)
			}
		}
	})
}

func TestASearchNeedsAQuery(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		x.say(t, bob, ada, "Something 👍 to find")
		x.catchUp(t)
		for q, code := range map[string]string{
			"": "search.empty", " ": "search.empty", "?!…": "search.empty", "\u202e\u200b": "search.empty", "\u0301": "search.empty",
			strings.Repeat("a", 101): "search.too_long", strings.Repeat("a ", 5000): "search.too_long", "a" + strings.Repeat("\u0301", 150): "search.too_long",
			"a\x00b": "search.characters", "a\xffb": "search.characters",
		} {
			_, _, err := x.index.Search(ctx, ada, search.Query{Text: q})
			wantCode(t, err, code)
		}
		for q, want := range map[string]int{"s": 1, "👍": 1, "👍🏿": 1, "S\u0301omething": 1, "some\u202ething": 1, "x": 0, "%": -1, "_": -1, "' OR 1=1": 0, "find something 👍": 1} {
			if want < 0 {
				_, _, err := x.index.Search(ctx, ada, search.Query{Text: q})
				wantCode(t, err, "search.empty")
			} else if got := x.find(t, ada, "", q, 10); len(got) != want {
				t.Errorf("%q: %+v", q, got)
			}
		}
	})
}

func TestNobodySearchesInTheSlotsOfEverybody(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		x.say(t, bob, ada, "Something to find")
		x.catchUp(t)
		x.index.OccupyMine(ada)
		_, _, err := x.index.Search(ctx, ada, search.Query{Text: "something"})
		wantCode(t, err, "server.busy")
		if got := x.find(t, bob, "", "something", 10); len(got) != 1 {
			t.Errorf("another person found %+v", got)
		}
	})
}
