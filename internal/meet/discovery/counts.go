package discovery

import (
	"context"
	"encoding/binary"
	"math/bits"
	"runtime"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

// Counts estimates how many people fit, and how many more would with one preference
// relaxed, among those on whom the viewer has not decided; see roundCount. Blocks and
// passes of others do not show.
type Counts struct {
	People  int            // people who fit
	Without map[string]int // by key of Filters: people who would fit without that preference
	Relax   *Relax         // the preference whose removal helps most, if few people fit; else nil
}

// Relax is a preference to drop.
type Relax struct {
	Key    string // of Filters
	People int    // people who would fit then
}

// relaxBelow: with fewer people, Counts suggests a preference to relax.
const relaxBelow = 5

// countStep is the granularity of counts.
const countStep = 5

// roundCount subtracts a secret number below countStep from n and rounds down to a multiple
// of countStep. An exact count would single people out: with preferences that only one
// known person could meet, it reveals their age, gender and intents. So one to four people
// always count as none. The secret is a function of the counted set: the same people give
// the same count however the question is phrased, so that averaging over phrasings gains
// nothing, and nobody knows at which number of accounts of their own the count would tip.
func roundCount(n int, secret uint64) int {
	return max(0, n-int(secret%countStep)) / countStep * countStep
}

// Counts estimates how many people fit viewer with preferences w, or with the stored ones
// if w is nil. The others' preferences always apply. Faults: discover.incomplete,
// discover.paused, discover.waking, and rate.limited after too many different questions
// today.
func (s *Service) Counts(ctx context.Context, viewer account.ID, w *profile.Preferences) (_ Counts, err error) {
	return s.counts(ctx, viewer, w, roundCount)
}

func (s *Service) counts(ctx context.Context, viewer account.ID, w *profile.Preferences, round func(n int, secret uint64) int) (_ Counts, err error) {
	defer fault.Wrap(&err, "counts for %s", viewer)
	me, _, err := s.viewer(ctx, viewer)
	if err != nil {
		return Counts{}, err
	}
	if !s.ready(ctx) {
		return Counts{}, starting()
	}
	m, err := s.session(ctx, viewer)
	if err != nil {
		return Counts{}, err
	}
	if w != nil {
		me.setPreferences(*w)
	}
	today := DayOf(s.now())
	if !s.questionLog.allow(viewer, today, questionOf(me)) {
		return Counts{}, errTooManyQuestions
	}
	t := s.tally(me, m, today)
	c := Counts{People: round(t.fit.n, t.fit.secret()), Without: make(map[string]int, len(Filters))}
	for i, k := range Filters {
		more := t.fit.plus(t.but[i])
		// Each set has its own secret, so a larger set could round to less; max hides that.
		n := max(c.People, round(more.n, more.secret()))
		c.Without[k] = n
		if c.People < relaxBelow && n > c.People && (c.Relax == nil || n > c.Relax.People) {
			c.Relax = &Relax{k, n}
		}
	}
	return c, nil
}

// countedSet is a set of people as its size and the sum of a secret number per person,
// independent of order.
type countedSet struct {
	n   int
	sum uint64
}

func (c countedSet) plus(o countedSet) countedSet { return countedSet{c.n + o.n, c.sum + o.sum} }

func (c countedSet) secret() uint64 { return splitmix64(c.sum) }

// secretNumber is a number per person, seeded by viewer and day.
func secretNumber(k *key, seed uint64) uint64 {
	return splitmix64(splitmix64(seed^binary.BigEndian.Uint64(k[:8])) ^ binary.BigEndian.Uint64(k[8:]))
}

// tally counts people who fit, and people who fit but for one preference.
type tally struct {
	fit countedSet
	but [6]countedSet
}

// of returns the set that somebody with these unmet preferences belongs to; nil for none.
func (t *tally) of(f filters) *countedSet {
	switch {
	case f == 0:
		return &t.fit
	case f&notRelaxable == 0 && f&(f-1) == 0:
		return &t.but[bits.TrailingZeros8(uint8(f))]
	}
	return nil
}

func (s *Service) tally(me *Person, m *session, today Day) (sum tally) {
	m.mu.Lock()
	defer m.mu.Unlock()
	mine, known := keyOf(me.ID)
	seed := s.seedOf(mine, today, 'c') // another seed than the deck's
	x := s.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	parts := make([]tally, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() {
			var t tally
			for row := len(x.cores) * i / len(parts); row < len(x.cores)*(i+1)/len(parts); row++ {
				if c := t.of(x.unmet(me, uint32(row), today)); c != nil {
					c.n++
					c.sum += secretNumber(&x.details[row].key, seed)
				}
			}
			parts[i] = t
		})
	}
	all.Wait()
	for _, t := range parts {
		sum.fit = sum.fit.plus(t.fit)
		for i, c := range t.but {
			sum.but[i] = sum.but[i].plus(c)
		}
	}
	without := func(k key) {
		row, ok := x.rows[k]
		if !ok {
			return
		}
		if c := sum.of(x.unmet(me, row, today)); c != nil {
			c.n--
			c.sum -= secretNumber(&k, seed)
		}
	}
	for k := range m.decided {
		without(k)
	}
	if known && !has(m.decided, mine) {
		without(mine)
	}
	return sum
}

// Different questions per person and day: each is a sample of other people's
// data. Moving the sliders stays far below. Kept in memory, for the people who
// asked most recently.
const (
	maxQuestions = 300
	maxAskers    = 10_000
)

var errTooManyQuestions = fault.New(fault.TooMany, "rate.limited", "That was a lot at once. Wait a minute and try again.")

// question is everything about the viewer that a count depends on: their preferences, and
// the attributes that others have preferences about.
type question struct {
	core core
	rare rareFilters
}

func questionOf(me *Person) question {
	q := question{me.core, me.rare}
	q.core.reputation = 0 // changes independently of the viewer
	return q
}

// questionLog holds today's questions by viewer. A repeated question is free: its answer is
// the same.
type questionLog struct {
	mu sync.Mutex
	of *lru.Cache[account.ID, *questions]
}

type questions struct {
	day  Day
	seen map[question]struct{}
}

func newQuestionLog() *questionLog {
	of, err := lru.New[account.ID, *questions](maxAskers)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &questionLog{of: of}
}

// allow reports whether who may ask q today, and records it.
func (a *questionLog) allow(who account.ID, today Day, q question) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	of, ok := a.of.Get(who)
	if !ok || of.day != today {
		of = &questions{today, map[question]struct{}{}}
		a.of.Add(who, of)
	}
	if _, again := of.seen[q]; !again && len(of.seen) >= maxQuestions {
		return false
	}
	of.seen[q] = struct{}{}
	return true
}

// unmet returns the preferences of me that the person in a row does not meet; notRelaxable
// if me does not meet theirs, or more than one is unmet.
func (x *index) unmet(me *Person, row uint32, today Day) filters {
	c := &x.cores[row]
	if c.meet&me.gender == 0 || c.languages&me.languages == 0 || c.seeking&me.intents == 0 || c.gender == 0 {
		return notRelaxable
	}
	f := me.core.unmet(c, today)
	if f&(f-1) != 0 {
		return notRelaxable // more than one
	}
	// Intents are symmetric and were checked above, so they do not count again as
	// an unmet preference of the other.
	if c.unmet(&me.core, today)&^(byIntents|notRelaxable) != 0 {
		return notRelaxable
	}
	if c.flags&hasRareFilters != 0 {
		if x.rares[x.details[row].rare].unmet(me.languages, &me.interests) != 0 {
			return notRelaxable
		}
	}
	if me.flags&hasRareFilters != 0 {
		f |= me.rare.unmet(c.languages, &x.details[row].likes)
	}
	return f
}
