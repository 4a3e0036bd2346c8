package search

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/keylock"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

const (
	blockBits = 6  // messages of a block, as a power of two
	partBits  = 10 // messages of a part
	partsBits = 20 // parts of a chat

	maxChatID = 1<<(63-partsBits) - 2 // a part has the id of its chat in its own, and the next chat's is needed

	atOnce = 200 // messages that one transaction indexes
	swept  = 2000

	// A transaction of the index holds the only writer of SQLite, so it also ends after so
	// many postings or messages taken out.
	postingsAtOnce = 5000
	clearsAtOnce   = 8
	fewGone        = 8 // words of a message that are taken out one by one

	searchesAtOnce = 4 // of all people; each may keep a core busy
	mineAtOnce     = 2 // of one, so that nobody takes all of them
	maxWait        = 5 * time.Second
)

// Service indexes messages and searches them. Create it with New.
type Service struct {
	db     *db.DB
	limits limits
	slots  chan struct{} // semaphore of searches
	mine   keylock.Count[account.ID]
	wait   time.Duration // for a slot
}

// New returns a Service.
func New(d *db.DB) *Service {
	return &Service{
		db: d, limits: limits{rows: 30_000, bytes: 256 << 10, perLookup: 6000},
		slots: make(chan struct{}, searchesAtOnce), wait: maxWait,
	}
}

// Listener returns the outbox listener, which indexes new and changed messages.
func (s *Service) Listener() outbox.Listener {
	return outbox.Listener{Name: "search", Take: func(ctx context.Context, r outbox.Record) error {
		if r.Kind != message.KindChanged {
			return nil
		}
		f, err := outbox.Read[message.Changed](r)
		if err != nil {
			return err
		}
		known, late, err := s.known(ctx, f.A, f.B)
		switch {
		case err != nil || known >= f.Seq:
			return err
		case f.New || known == 0:
			return s.CatchUp(ctx, f.A, f.B)
		case late:
			return nil
		}
		return s.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE search_chats SET late = TRUE WHERE a_id = $1 AND b_id = $2`, string(f.A), string(f.B))
			return err
		})
	}}
}

// known returns the seq of a chat up to which it is indexed, and whether CatchUpLate will
// index more of it.
func (s *Service) known(ctx context.Context, a, b account.ID) (seq int64, late bool, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT seq, late FROM search_chats WHERE a_id = $1 AND b_id = $2`, string(a), string(b)).Scan(&seq, &late)
	if db.IsNone(err) {
		return 0, false, nil
	}
	return seq, late, err
}

// CatchUpLate indexes the chats in which something was edited, deleted or reacted to since it
// ran last: many changes of a chat are one pass. Run it every few seconds, on one server.
func (s *Service) CatchUpLate(ctx context.Context, _ time.Time) (err error) {
	defer fault.Wrap(&err, "index changed chats")
	var late [][2]account.ID
	// Committed before the chats are read: what changes from now on makes them late again.
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		late, err = db.Select(ctx, tx, scanPair, `UPDATE search_chats SET late = FALSE WHERE late AND a_id IS NOT NULL RETURNING a_id, b_id`)
		return err
	})
	for _, p := range late {
		err = errors.Join(err, s.CatchUp(ctx, p[0], p[1]))
	}
	return err
}

func scanPair(row interface{ Scan(...any) error }) (p [2]account.ID, err error) {
	err = row.Scan(&p[0], &p[1])
	return p, err
}

// CatchUp indexes the new and changed messages of a chat; a is the smaller id. Without the chat,
// it does nothing.
func (s *Service) CatchUp(ctx context.Context, a, b account.ID) (err error) {
	defer fault.Wrap(&err, "index chat of %s and %s", a, b)
	clashes := 0
	for more := true; more; {
		err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
			more, err = catchUp(ctx, tx, a, b)
			return err
		})
		if db.IsUnique(err) && clashes < maxClashes { // another node inserted the row
			clashes++
			more = true
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const maxClashes = 3

// CatchUpAll indexes the chats whose facts were lost or are older than the index.
func (s *Service) CatchUpAll(ctx context.Context, _ time.Time) (err error) {
	defer fault.Wrap(&err, "index all chats")
	const some = 100
	for {
		behind, err := db.Select(ctx, s.db, scanPair, `SELECT c.a_id, c.b_id FROM chats c LEFT JOIN search_chats i ON i.a_id = c.a_id AND i.b_id = c.b_id
			WHERE c.seq > COALESCE(i.seq, 0) LIMIT $1`, some)
		if err != nil {
			return err
		}
		for _, p := range behind {
			if err := s.CatchUp(ctx, p[0], p[1]); err != nil {
				return err
			}
		}
		if len(behind) < some {
			return nil
		}
	}
}

// chatRow is a row of search_chats.
type chatRow struct {
	id, seq, lastN int64
	whole          int64 // the seq at which all texts were indexed
}

// lockChat returns the row of a chat, locked until the commit. It is inserted if there is
// none; ok is false without the chat.
func lockChat(ctx context.Context, tx *sql.Tx, a, b account.ID) (c chatRow, ok bool, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE search_chats SET seq = seq WHERE a_id = $1 AND b_id = $2 RETURNING id, seq, last_n, whole`, string(a), string(b)).
		Scan(&c.id, &c.seq, &c.lastN, &c.whole)
	if !db.IsNone(err) {
		return c, err == nil, err
	}
	// Of two nodes that begin with a chat at the same time one fails, and is tried again by
	// CatchUp. Ids are random, so that others do not meet.
	err = tx.QueryRowContext(ctx, `INSERT INTO search_chats (id, a_id, b_id, seq, last_n)
		SELECT $1, c.a_id, c.b_id, 0, 0 FROM chats c WHERE c.a_id = $2 AND c.b_id = $3 RETURNING id`,
		rand.Int64N(maxChatID)+1, string(a), string(b)).Scan(&c.id)
	if db.IsNone(err) {
		return c, false, nil
	}
	return c, err == nil, err
}

// changed is a message to index.
type changed struct {
	n, at, seq int64
	text       string
	textSeq    int64 // the seq at which the text changed last, at most
	rewritten  bool  // it was edited or deleted
}

// place is that of a word in the index.
type place struct {
	part  int64
	word  string
	block int64
}

// posting is the value of the index at a place: the messages of the block that have the word.
type posting struct{ hits, at int64 }

// catchUp indexes the next messages of a chat, and reports whether there may be more.
func catchUp(ctx context.Context, tx *sql.Tx, a, b account.ID) (more bool, err error) {
	c, ok, err := lockChat(ctx, tx, a, b)
	if err != nil || !ok {
		return false, err
	}
	found, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (m changed, err error) {
		err = row.Scan(&m.n, &m.at, &m.seq, &m.text, &m.textSeq, &m.rewritten)
		return m, err
	}, `SELECT n, at, seq, text, COALESCE(text_seq, seq), edited_at IS NOT NULL OR deleted_at IS NOT NULL FROM messages WHERE a_id || b_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
		string(a)+string(b), c.seq, atOnce)
	if err != nil {
		return false, err
	}
	more = len(found) == atOnce
	clears := 0
	words := map[place]posting{}
	parts := map[int64]int64{} // at of the newest message
	for _, m := range found {
		if clears == clearsAtOnce || len(words) >= postingsAtOnce {
			more = true
			break
		}
		isKnown := m.n <= c.lastN
		c.seq, c.lastN = m.seq, max(c.lastN, m.n)
		// The seq of a message does not say that: with a reaction it passes those of messages
		// that were written later, and so may be indexed before.
		if m.textSeq <= c.whole {
			continue
		}
		no, block, bit := placeOf(m.n)
		all := indexed(m.text)
		if isKnown && m.rewritten {
			clears++
			if all, err = replace(ctx, tx, partOf(c.id, no), block, bit, all); err != nil {
				return false, err
			}
		}
		for _, w := range all {
			at := place{partOf(c.id, no), w, block}
			was := words[at]
			words[at] = posting{was.hits | bit, max(was.at, m.at)}
		}
		parts[no] = max(parts[no], m.at)
	}
	if err := write(ctx, tx, words); err != nil {
		return false, err
	}
	for _, no := range slices.Sorted(maps.Keys(parts)) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO search_parts (chat_id, no, at) VALUES ($1, $2, $3)
			ON CONFLICT (chat_id, no) DO UPDATE SET at = excluded.at WHERE search_parts.at < excluded.at`, c.id, no, parts[no]); err != nil {
			return false, err
		}
	}
	if !more {
		c.whole = c.seq
	}
	_, err = tx.ExecContext(ctx, `UPDATE search_chats SET seq = $1, last_n = $2, whole = $3 WHERE id = $4`, c.seq, c.lastN, c.whole, c.id)
	return more, err
}

// placeOf returns where message n is: the number of its part, its block there, its bit.
func placeOf(n int64) (no, block, bit int64) {
	i := n - 1
	return i >> partBits, i >> blockBits & (1<<(partBits-blockBits) - 1), 1 << (i & (1<<blockBits - 1))
}

// partOf returns the key of a part.
func partOf(chat, no int64) int64 { return chat<<partsBits | no }

// replace takes the words out of the index that a message has no more, and returns those that
// are to be added. It reads the block of the message: only an edit or a deletion does that. An
// edit mostly changes a word or two, and the others are not written again.
func replace(ctx context.Context, tx *sql.Tx, part, block, bit int64, words []string) (added []string, err error) {
	had, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (w []byte, err error) {
		err = row.Scan(&w)
		return w, err
	}, `SELECT word FROM search_words WHERE part = $1 AND block = $2 AND hits & $3 <> 0`, part, block, bit)
	if err != nil {
		return nil, err
	}
	isNew := make(map[string]bool, len(words))
	for _, w := range words {
		isNew[w] = true
	}
	var gone [][]byte
	for _, w := range had {
		if !isNew[string(w)] {
			gone = append(gone, w)
		}
		delete(isNew, string(w))
	}
	if len(gone) > fewGone {
		return words, clearBit(ctx, tx, part, block, bit)
	}
	for _, w := range gone {
		if _, err := tx.ExecContext(ctx, `DELETE FROM search_words WHERE part = $1 AND word = $2 AND block = $3 AND hits = $4`, part, w, block, bit); err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE search_words SET hits = hits & $1 WHERE part = $2 AND word = $3 AND block = $4`, ^bit, part, w, block); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(words, func(w string) bool { return !isNew[w] }), nil
}

// clearBit takes a message out of the index.
func clearBit(ctx context.Context, tx *sql.Tx, part, block, bit int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM search_words WHERE part = $1 AND block = $2 AND hits = $3`, part, block, bit); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE search_words SET hits = hits & $1 WHERE part = $2 AND block = $3 AND hits & $4 <> 0`, ^bit, part, block, bit)
	return err
}

// write adds postings, in one order so that no two lock each other out, and in statements of
// few different texts, so that engines keep their plans.
func write(ctx context.Context, tx *sql.Tx, words map[place]posting) error {
	rest := slices.SortedFunc(maps.Keys(words), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.part, b.part), strings.Compare(a.word, b.word), cmp.Compare(a.block, b.block))
	})
	for len(rest) > 0 {
		some := rest[:min(len(rest), 64)]
		if len(some) < 64 {
			some = some[:min(len(some), 8)]
		}
		if len(some) < 8 {
			some = some[:1]
		}
		rest = rest[len(some):]
		args := make([]any, 0, 5*len(some))
		for _, at := range some {
			p := words[at]
			args = append(args, at.part, []byte(at.word), at.block, p.hits, p.at)
		}
		if _, err := tx.ExecContext(ctx, insertWords[len(some)], args...); err != nil {
			return err
		}
	}
	return nil
}

// insertWords are the statements that insert some rows, by their number. Rows that say it
// already are not written again.
var insertWords = map[int]string{1: insertOf(1), 8: insertOf(8), 64: insertOf(64)}

func insertOf(rows int) string {
	values := make([]string, rows)
	for i := range values {
		values[i] = `(` + db.Placeholders(5*i+1, 5) + `)`
	}
	return `INSERT INTO search_words (part, word, block, hits, at) VALUES ` + strings.Join(values, ", ") + `
		ON CONFLICT (part, word, block) DO UPDATE SET hits = search_words.hits | excluded.hits,
			at = CASE WHEN search_words.at < excluded.at THEN excluded.at ELSE search_words.at END
		WHERE search_words.hits | excluded.hits <> search_words.hits`
}

// Sweep deletes the index of chats that have ended. Nothing finds it any more.
func (s *Service) Sweep(ctx context.Context, _ time.Time) (err error) {
	defer fault.Wrap(&err, "sweep search index")
	ended, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (id int64, err error) {
		err = row.Scan(&id)
		return id, err
	}, `SELECT id FROM search_chats WHERE a_id IS NULL ORDER BY id`)
	if err != nil {
		return err
	}
	for _, id := range ended {
		for more := true; more; {
			if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
				gone, err := tx.ExecContext(ctx, `DELETE FROM search_words WHERE (part, word, block) IN (
					SELECT part, word, block FROM search_words WHERE part >= $1 AND part < $2 LIMIT $3)`, partOf(id, 0), partOf(id+1, 0), swept)
				if err != nil {
					return err
				}
				n, err := gone.RowsAffected()
				if more = n == swept; err != nil || more {
					return err
				}
				if _, err := tx.ExecContext(ctx, `DELETE FROM search_parts WHERE chat_id = $1`, id); err != nil {
					return err
				}
				_, err = tx.ExecContext(ctx, `DELETE FROM search_chats WHERE id = $1`, id)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
