package search

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// Hit is a message that was found.
type Hit struct {
	Other   account.ID // of the chat
	ID      message.ID
	N       int64
	By      account.ID
	At      time.Time
	Excerpt string // around the first mark, on one line
	Marks   []Mark
}

// Query says what to search for.
type Query struct {
	Text string
	With account.ID // only in the chat with them; "": in all
	Part page.Request
}

// limits bound the cost of one request, beyond which it answers what is certain and where to
// go on.
type limits struct {
	rows      int // of the index
	bytes     int // of texts to compare
	perLookup int // rows; a lookup that finds more selects nothing
}

// maxParts is how many parts are read at once.
const maxParts = 16

// pagesAhead is how many pages of candidates are enough for a while.
const pagesAhead = 2

// skew is how much older than the message before it a message may be: clocks of nodes differ.
const skew = 10 * time.Minute

// Search returns a page of by's messages that match, newest first. A page may be shorter than
// asked for and have a next one: the cost of a request is bounded. Faults: search.empty,
// search.too_long, search.characters, chat.none, server.busy.
func (s *Service) Search(ctx context.Context, by account.ID, q Query) (_ []Hit, next page.Cursor, err error) {
	defer fault.Wrap(&err, "search of %s", by)
	terms, err := parse(q.Text)
	if err != nil {
		return nil, next, err
	}
	leave, ok := s.mine.Enter(by, mineAtOnce)
	if !ok {
		return nil, next, errBusy
	}
	defer leave()
	if err := s.acquire(ctx); err != nil {
		return nil, next, err
	}
	defer func() { <-s.slots }()
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return nil, next, err
	}
	defer func() { _ = tx.Rollback() }()
	f := &finder{tx: tx, limits: s.limits, query: terms, lookups: terms.lookups(), part: q.Part, enough: math.MinInt64, before: position{math.MaxInt64, ""}}
	if q.Part.Before != (page.Cursor{}) {
		f.before = position{q.Part.Before.At, q.Part.Before.ID}
	}
	_, _, f.most = q.Part.Args()
	parts, err := partsOf(ctx, tx, by, q.With)
	if err != nil {
		return nil, next, err
	}
	if len(parts) == 0 && q.With != "" {
		if err := exists(ctx, tx, by, q.With); err != nil {
			return nil, next, err
		}
	}
	return f.run(ctx, parts)
}

// acquire waits until one more may search, and takes the slot.
func (s *Service) acquire(ctx context.Context) error {
	within, stop := context.WithTimeout(ctx, s.wait)
	defer stop()
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-within.Done():
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errBusy
}

var errBusy = fault.New(fault.Unavailable, "server.busy", "There's a lot going on right now. Try again in a moment.")

// position is that of a message among all of a person: the newest first, and the id decides
// between those of one millisecond.
type position struct {
	at int64
	id string
}

// afterAll is an id behind those of all messages.
const afterAll = "~"

func (p position) compare(o position) int {
	return cmp.Or(cmp.Compare(o.at, p.at), strings.Compare(p.id, o.id))
}

func (p position) cursor() page.Cursor { return page.Cursor{At: p.at, ID: p.id} }

func (h Hit) position() position {
	return position{db.Millis(h.At), fmt.Sprintf("%s.%012d", h.Other, 999_999_999_999-h.N)}
}

// part is a part of a chat.
type part struct {
	chat  int64
	a, b  account.ID
	other account.ID
	no    int64
	at    int64 // none of its messages is newer
	older int64 // that of the part before it; 0: it is the first
}

// partsOf returns the parts of by's chats, or of one, the one with the newest message first.
func partsOf(ctx context.Context, tx *sql.Tx, by, with account.ID) ([]part, error) {
	all, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (p part, err error) {
		err = row.Scan(&p.chat, &p.a, &p.b, &p.no, &p.at)
		if p.other = p.a; by == p.a {
			p.other = p.b
		}
		return p, err
	}, `SELECT i.id, c.a_id, c.b_id, p.no, p.at FROM chats c JOIN search_chats i ON i.a_id = c.a_id AND i.b_id = c.b_id
			JOIN search_parts p ON p.chat_id = i.id WHERE c.a_id = $1 AND (c.b_id = $2 OR $2 = '') AND c.asked IN ('', 'a')
		UNION ALL SELECT i.id, c.a_id, c.b_id, p.no, p.at FROM chats c JOIN search_chats i ON i.a_id = c.a_id AND i.b_id = c.b_id
			JOIN search_parts p ON p.chat_id = i.id WHERE c.b_id = $1 AND (c.a_id = $2 OR $2 = '') AND c.asked IN ('', 'b')`, string(by), string(with))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.chat, b.chat), cmp.Compare(b.no, a.no))
	})
	older := map[[2]int64]int64{}
	for _, p := range all {
		older[[2]int64{p.chat, p.no}] = p.at
	}
	for i := range all {
		all[i].older = older[[2]int64{all[i].chat, all[i].no - 1}]
	}
	return all, nil
}

// exists fails with chat.none unless by has a chat with other.
func exists(ctx context.Context, tx *sql.Tx, by, other account.ID) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM chats WHERE a_id = $1 AND b_id = $2 AND asked IN ('', 'a'))
		+ (SELECT count(*) FROM chats WHERE a_id = $2 AND b_id = $1 AND asked IN ('', 'b'))`, string(by), string(other)).Scan(&n)
	if err == nil && n == 0 {
		return message.ErrNone
	}
	return err
}

// block is a block of messages, some of which may match.
type block struct {
	part  *part
	no    int64
	hits  uint64
	at    int64 // none of them is newer
	older bool  // the newer ones were read
}

// queue has the block with the newest message first.
type queue []block

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at > q[j].at }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(b any)        { *q = append(*q, b.(block)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// candidate is a message to compare with the query.
type candidate struct {
	Hit
	where position
	text  string
}

// size is about what a candidate takes in memory.
func (c *candidate) size() int { return 64 + len(c.text) }

// candidates have the newest first.
type candidates []*candidate

func (q candidates) Len() int           { return len(q) }
func (q candidates) Less(i, j int) bool { return q[i].where.compare(q[j].where) < 0 }
func (q candidates) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *candidates) Push(c any)        { *q = append(*q, c.(*candidate)) }
func (q *candidates) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// finder answers one request.
type finder struct {
	tx      *sql.Tx
	limits  limits
	query   query
	lookups []lookup
	part    page.Request
	before  position
	most    int // hits; one more than the page has

	blocks      queue
	waiting     candidates // what is left of blocks and parts may come before them
	size        int        // of waiting
	enough      int64      // there are some pages of candidates that are not older
	counted     int        // candidates when enough was found
	cut         position   // of the newest candidate for which there was no room
	compared    position   // the last one; all before it are done
	hits        []Hit      // in order
	rows, bytes int
}

// run reads parts and blocks from the newest on, until nothing that is left can be on the
// page.
func (f *finder) run(ctx context.Context, parts []part) ([]Hit, page.Cursor, error) {
	parts = slices.DeleteFunc(parts, func(p part) bool { return f.isPassed(p.older) })
	for atOnce := 1; len(f.hits) < f.most; {
		newest := int64(math.MinInt64) // of what is left
		if len(parts) > 0 {
			newest = parts[0].at
		}
		if len(f.blocks) > 0 {
			newest = max(newest, f.blocks[0].at)
		}
		if len(f.waiting) > 0 && f.waiting[0].where.at > newest {
			if f.bytes > f.limits.bytes {
				return f.hits, f.compared.cursor(), nil
			}
			f.compare()
			continue
		}
		if len(f.waiting) == 0 && f.cut != (position{}) {
			return f.hits, f.compared.cursor(), nil
		}
		if len(parts) == 0 && len(f.blocks) == 0 {
			break
		}
		// What a page before has read in part must be read again, so it costs nothing here:
		// each page comes further. Texts are not compared again.
		if (f.rows > f.limits.rows || f.bytes > f.limits.bytes) && newest+1 < f.before.at {
			return f.hits, page.Cursor{At: newest + 1, ID: afterAll}, nil
		}
		if len(f.blocks) > 0 && f.blocks[0].at == newest {
			if err := f.read(ctx, heap.Pop(&f.blocks).(block)); err != nil {
				return nil, page.Cursor{}, err
			}
			continue
		}
		some := parts[:min(len(parts), atOnce)]
		parts, atOnce = parts[len(some):], min(2*atOnce, maxParts)
		if err := f.look(ctx, some); err != nil {
			return nil, page.Cursor{}, err
		}
	}
	hits, next := page.Cut(f.part, f.hits, func(h Hit) page.Cursor { return h.position().cursor() })
	return hits, next, nil
}

// isPassed reports whether what comes after a message of a chat is all on pages before.
func (f *finder) isPassed(older int64) bool {
	return f.before.at != math.MaxInt64 && older-skew.Milliseconds() > f.before.at
}

// look reads the index for some parts, and adds the blocks that have every word.
func (f *finder) look(ctx context.Context, some []part) error {
	left := make(map[int64]*part, len(some)) // parts that have every word so far
	for i := range some {
		left[partOf(some[i].chat, some[i].no)] = &some[i]
	}
	var found map[[2]int64]block // by part and number; nil: any block
	for _, l := range f.lookups {
		blocks, selects, err := f.lookUp(ctx, left, l)
		if err != nil {
			return err
		}
		if !selects {
			continue
		}
		for k, b := range blocks {
			if was, ok := found[k]; found != nil {
				b.hits &= was.hits
				b.at = min(b.at, was.at)
				if !ok || b.hits == 0 {
					delete(blocks, k)
					continue
				}
				blocks[k] = b
			}
		}
		found = blocks
		if len(found) == 0 {
			return nil
		}
		clear(left)
		for k, b := range found {
			left[k[0]] = b.part
		}
	}
	for key, p := range left {
		older := p.older
		for no := range int64(1 << (partBits - blockBits)) {
			b, ok := block{part: p, no: no, hits: math.MaxUint64, at: p.at}, true
			if found != nil {
				b, ok = found[[2]int64{key, no}]
			}
			if !ok {
				continue
			}
			if !f.isPassed(older) {
				heap.Push(&f.blocks, b)
			}
			if found != nil {
				older = b.at
			}
		}
	}
	return nil
}

// lookUp returns the blocks of some parts that have a word of a range. selects is false if
// those are too many to be read.
func (f *finder) lookUp(ctx context.Context, in map[int64]*part, l lookup) (_ map[[2]int64]block, selects bool, err error) {
	args := make([]any, 0, len(in)+3)
	for key := range in {
		args = append(args, key)
	}
	n := len(args)
	args = append(args, []byte(l.from), []byte(l.below), f.limits.perLookup)
	rows, err := f.tx.QueryContext(ctx, `SELECT part, block, hits, at FROM search_words WHERE part IN (`+db.Placeholders(1, n)+
		fmt.Sprintf(`) AND word >= $%d AND word < $%d LIMIT $%d`, n+1, n+2, n+3), args...)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = rows.Close() }()
	blocks, read := map[[2]int64]block{}, 0
	for ; rows.Next(); read++ {
		var key, no, hits, at int64
		if err := rows.Scan(&key, &no, &hits, &at); err != nil {
			return nil, false, err
		}
		b := blocks[[2]int64{key, no}]
		blocks[[2]int64{key, no}] = block{part: in[key], no: no, hits: b.hits | uint64(hits), at: max(b.at, at)}
	}
	f.rows += read + n
	return blocks, read < f.limits.perLookup, rows.Err()
}

// read adds the messages of a block to those that wait. Where enough wait already, it takes
// those that may come before them, and leaves the others for later: of many chats, there is a
// block of each.
func (f *finder) read(ctx context.Context, b block) error {
	above, upTo := int64(math.MinInt64), int64(math.MaxInt64)
	if b.older {
		upTo = b.at
	} else {
		above = f.floor(b.at)
	}
	if above != math.MinInt64 {
		rest := b
		rest.at, rest.older = above, true
		heap.Push(&f.blocks, rest)
	}
	first := b.part.no<<partBits + b.no<<blockBits + 1
	rows, err := f.tx.QueryContext(ctx, `SELECT n, id, by_id, at, text FROM messages WHERE a_id = $1 AND b_id = $2 AND n >= $3 AND n <= $4 AND at > $5 AND at <= $6`,
		string(b.part.a), string(b.part.b), first+int64(bits.TrailingZeros64(b.hits)), first+63-int64(bits.LeadingZeros64(b.hits)), above, upTo)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var some []*candidate
	for rows.Next() {
		var at int64
		c := &candidate{Hit: Hit{Other: b.part.other}}
		if err := rows.Scan(&c.N, &c.ID, &c.By, &at, &c.text); err != nil {
			return err
		}
		c.At = time.UnixMilli(at)
		c.where = c.position()
		if b.hits>>(c.N-first)&1 == 0 || c.where.compare(f.before) <= 0 || f.cut != (position{}) && c.where.compare(f.cut) >= 0 {
			continue
		}
		some = append(some, c)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	f.add(some)
	return nil
}

// floor is a time before that of a block, which is older than enough of those that wait; or
// math.MinInt64.
func (f *finder) floor(of int64) int64 {
	n := len(f.waiting)
	if n < pagesAhead*f.most {
		return math.MinInt64
	}
	if n < f.counted+f.most && f.enough < of {
		return f.enough
	}
	times := make([]int64, n)
	for i, c := range f.waiting {
		times[i] = c.where.at
	}
	slices.Sort(times)
	f.enough, f.counted = times[n-f.most]-1, n
	return f.enough
}

// add adds to those that wait. Of many, it keeps the newest half: there may be a block of
// each chat, and the page will end before the others.
func (f *finder) add(some []*candidate) {
	for _, c := range some {
		heap.Push(&f.waiting, c)
		f.size += c.size()
	}
	most := 4 * f.limits.bytes
	if f.size <= most {
		return
	}
	slices.SortFunc(f.waiting, func(a, b *candidate) int { return a.where.compare(b.where) }) // a heap too
	for last := len(f.waiting) - 1; last > 0 && f.size > most/2; last-- {
		f.cut = f.waiting[last].where
		f.size -= f.waiting[last].size()
		f.waiting[last], f.waiting = nil, f.waiting[:last]
	}
}

// compare takes the first of those that wait, and adds it to the page if it matches.
func (f *finder) compare() {
	c := heap.Pop(&f.waiting).(*candidate)
	f.size -= c.size()
	f.bytes += len(c.text)
	f.compared = c.where
	if spans := f.query.match(c.text); spans != nil {
		c.Excerpt, c.Marks = excerpt(c.text, spans)
		f.hits = append(f.hits, c.Hit)
	}
}
