package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
	"heyy/internal/talk/search"
)

const (
	otherChats   = 200 // of the person with the long conversation
	shortHistory = 20  // messages of each of them
	wordsKnown   = 20_000
	rareEvery    = 9973 // messages with the rare word
	missedFew    = 50   // changes that are read at once
)

// history measures a long conversation: opening, paging and searching it.
func (c RealtimeConfig) history(ctx context.Context, s *Server, d *db.DB, f *Figures) error {
	tokens, err := s.keyed(ctx, "history", 2+otherChats)
	if err != nil {
		return err
	}
	if err := Members(ctx, d, tokens, 1); err != nil {
		return err
	}
	begun := time.Now()
	w := newWriter()
	if err := w.write(ctx, d, tokens[0], tokens[1], c.History); err != nil {
		return err
	}
	chats := message.New(d, nil, nil, func() {})
	for _, other := range tokens[2:] {
		if err := d.Tx(ctx, func(tx *sql.Tx) error {
			return chats.Open(ctx, tx, account.ID(tokens[0].Account), account.ID(other.Account), time.Now())
		}); err != nil {
			return err
		}
		if err := w.write(ctx, d, tokens[0], other, shortHistory); err != nil {
			return err
		}
	}
	f.Add("history_messages", float64(c.History))
	f.Add("history_seeding_s", time.Since(begun).Seconds())
	begun = time.Now()
	index := search.New(d)
	for _, other := range tokens[1:] {
		a, b := account.ID(tokens[0].Account), account.ID(other.Account)
		if err := index.CatchUp(ctx, min(a, b), max(a, b)); err != nil {
			return err
		}
	}
	f.Add("history_indexing_s", time.Since(begun).Seconds())
	if d.Engine == db.Postgres { // what autovacuum does by itself, a while later
		if _, err := d.ExecContext(ctx, "ANALYZE"); err != nil {
			return err
		}
	}
	crowd, err := NewCrowd(s.BaseURL, tokens[:2], 1, webConns)
	if err != nil {
		return err
	}
	defer crowd.Close()
	return c.readAll(ctx, crowd, w, f)
}

func (c RealtimeConfig) readAll(ctx context.Context, crowd *Crowd, w *historyWriter, f *Figures) error {
	messages := func(query string) func(*LiveClient) string {
		return func(by *LiveClient) string { return "/api/chats/" + by.partner.Account + "/messages?limit=50" + query }
	}
	find := func(q string, everywhere bool) func(*LiveClient) string {
		return func(by *LiveClient) string {
			path := "/api/chats/search?limit=30&q=" + url.QueryEscape(q)
			if !everywhere {
				path += "&person=" + by.partner.Account
			}
			return path
		}
	}
	for _, one := range []struct {
		name  string
		alone bool // only the first has the other chats
		path  func(*LiveClient) string
	}{
		{"open", false, messages("")},
		{"middle", false, func(by *LiveClient) string {
			return messages(fmt.Sprintf("&around=%d", 1+w.chance.IntN(c.History)))(by)
		}},
		{"changes", false, func(by *LiveClient) string {
			return fmt.Sprintf("/api/chats/%s/changes?since=%d", by.partner.Account, max(0, c.History-missedFew))
		}},
		{"chats", true, func(*LiveClient) string { return "/api/chats?limit=50" }},
		{"search_rare", false, find("lighthouse", false)},
		{"search_frequent", false, find("everywhere", false)},
		{"search_none", false, find("zzzzzz", false)},
		{"search_two_frequent", false, find(w.vocabulary[0]+" everywhere", false)},
		{"search_frequent_and_rare", false, find("everywhere lighthouse", false)},
		{"search_beginning", false, find("e", false)},
		{"search_at_random", false, func(by *LiveClient) string {
			words := []string{w.word(), w.word(), w.word()}[:1+w.chance.IntN(3)]
			return find(strings.Join(words, " "), false)(by)
		}},
		{"search_all_rare", true, find("lighthouse", true)},
		{"search_all_frequent", true, find("everywhere", true)},
		{"search_all_beginning", true, find(w.vocabulary[min(700, len(w.vocabulary)-1)][:2], true)},
	} {
		var times []time.Duration
		for i := range c.Repeats {
			by := crowd.Clients[i%2]
			if one.alone {
				by = crowd.Clients[0]
			}
			took, err := timed(ctx, by, one.path(by))
			if err != nil {
				return err
			}
			times = append(times, took)
		}
		name := func(what string) string { return fmt.Sprintf("history_%s_%s_ms", one.name, what) }
		f.Add(name("p50"), Millis(Percentile(times, 50)))
		f.Add(name("p99"), Millis(Percentile(times, 99)))
		f.Add(name("max"), Millis(Percentile(times, 100)))
	}
	return c.pageBack(ctx, crowd.Clients[0], f)
}

// pageBack follows the cursors of pages from the newest message on.
func (c RealtimeConfig) pageBack(ctx context.Context, by *LiveClient, f *Figures) error {
	var times []time.Duration
	before := ""
	for range min(c.Repeats, c.History/100) {
		path := "/api/chats/" + by.partner.Account + "/messages?limit=100" + before
		var page struct{ Next string }
		var took time.Duration
		for {
			begun := time.Now()
			err := by.Get(ctx, path, &page)
			took = time.Since(begun)
			if err == nil {
				break
			}
			if err := patience(ctx, err); err != nil {
				return err
			}
		}
		times = append(times, took)
		before = "&before=" + url.QueryEscape(page.Next)
	}
	f.Add("history_page_of_100_p50_ms", Millis(Percentile(times, 50)))
	f.Add("history_page_of_100_p99_ms", Millis(Percentile(times, 99)))
	return nil
}

// timed is one read. One that the limit of reads refuses is not counted.
func timed(ctx context.Context, by *LiveClient, path string) (time.Duration, error) {
	for {
		begun := time.Now()
		err := by.Get(ctx, path, nil)
		if took := time.Since(begun); err == nil {
			return took, nil
		}
		if err := patience(ctx, err); err != nil {
			return 0, err
		}
	}
}

// patience waits if err is the limit of reads of one person.
func patience(ctx context.Context, err error) error {
	if !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "rate.limited") {
		return err
	}
	return Wait(ctx, time.Second)
}

// historyWriter invents messages, the same ones each time.
type historyWriter struct {
	chance     *rand.Rand
	zipf       *rand.Zipf
	vocabulary []string
}

func newWriter() *historyWriter {
	chance := rand.New(rand.NewPCG(1, 2))
	w := &historyWriter{chance: chance, vocabulary: make([]string, wordsKnown)}
	for i := range w.vocabulary {
		letters := make([]byte, 2+chance.IntN(9))
		for j := range letters {
			letters[j] = "etaoinshrdlucmfwypvbgkjqxz"[min(chance.IntN(26), chance.IntN(26))]
		}
		w.vocabulary[i] = string(letters)
	}
	w.zipf = rand.NewZipf(chance, 1.1, 5, wordsKnown-1)
	return w
}

func (w *historyWriter) word() string { return w.vocabulary[w.zipf.Uint64()] }

// text is what message n says: words as frequent as those of a language, one of them in every
// second message, and a rare one.
func (w *historyWriter) text(n int) string {
	words := make([]string, 2+w.chance.IntN(14))
	for i := range words {
		words[i] = w.word()
	}
	if n%rareEvery == 0 {
		words[0] = "lighthouse"
	}
	if n%2 == 0 {
		words = append(words, "everywhere")
	}
	return strings.Join(words, " ")
}

// write adds n messages to the empty chat of two, one a minute until now.
func (w *historyWriter) write(ctx context.Context, d *db.DB, one, other Token, n int) error {
	a, b := min(one.Account, other.Account), max(one.Account, other.Account)
	begun := db.Millis(time.Now().Add(-time.Duration(n) * time.Minute))
	at := func(i int) int64 { return begun + int64(i)*time.Minute.Milliseconds() }
	for from := 1; from <= n; from += seedTx {
		if err := d.Tx(ctx, func(tx *sql.Tx) error {
			t := rows{head: `INSERT INTO messages (a_id, b_id, n, id, by_id, text, at, seq) VALUES `, width: 8}
			for i := from; i < min(from+seedTx, n+1); i++ {
				by := a
				if i%2 == 0 {
					by = b
				}
				t.add(a, b, i, id.New(), by, w.text(i), at(i), i)
				if len(t.args) == seedRows*t.width {
					if err := t.insert(ctx, tx); err != nil {
						return err
					}
				}
			}
			if err := t.insert(ctx, tx); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `UPDATE chats SET seq = $1, last_n = $1, at = $2, a_read_n = $1, b_read_n = $1 WHERE a_id = $3 AND b_id = $4`, n, at(n), a, b)
			return err
		}); err != nil {
			return fmt.Errorf("bench: write messages: %w", err)
		}
	}
	return nil
}
