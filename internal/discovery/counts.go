package discovery

import (
	"context"
	"math/bits"
	"runtime"
	"sync"

	"heyy/internal/account"
	"heyy/internal/fault"
	"heyy/internal/profile"
)

// Counts are how many people wishes leave, of those on whom nothing is decided.
type Counts struct {
	People  int            // who fit
	Without map[string]int // by key of Filters: who would fit if that one wish were dropped
	Relax   *Relax         // where few fit and dropping a wish helps: the one that helps most; else nil
}

// Relax is one wish to let go of.
type Relax struct {
	Key    string // of Filters
	People int    // who would fit then
}

// few is below how many people a wish to relax is named.
const few = 5

// Counts says how many people fit viewer with wishes w instead of the stored
// ones, or with those if w is nil. What others wish holds all the same. The
// numbers are exact but for what changed within the last second. Faults:
// discover.incomplete, discover.paused, discover.waking.
func (s *Service) Counts(ctx context.Context, viewer account.ID, w *profile.Wishes) (_ Counts, err error) {
	defer fault.Wrap(&err, "counts for %s", viewer)
	me, _, err := s.viewer(ctx, viewer)
	if err != nil {
		return Counts{}, err
	}
	if !s.ready(ctx) {
		return Counts{}, waking()
	}
	m, err := s.session(ctx, viewer)
	if err != nil {
		return Counts{}, err
	}
	if w != nil {
		me.wants(*w)
	}
	t := s.tally(me, m, DayOf(s.now()))
	c := Counts{People: t.fit, Without: make(map[string]int, len(Filters))}
	for i, k := range Filters {
		n := t.fit + t.but[i]
		c.Without[k] = n
		if t.fit < few && n > t.fit && (c.Relax == nil || n > c.Relax.People) {
			c.Relax = &Relax{k, n}
		}
	}
	return c, nil
}

// tally counts who fits, and who misses one wish only.
type tally struct {
	fit int
	but [6]int
}

func (t *tally) add(f filters, by int) {
	switch {
	case f == 0:
		t.fit += by
	case f&beyond == 0 && f&(f-1) == 0:
		t.but[bits.TrailingZeros8(uint8(f))] += by
	}
}

func (s *Service) tally(me *Person, m *session, today Day) (sum tally) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x := s.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	parts := make([]tally, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() {
			var t tally
			for row := len(x.cores) * i / len(parts); row < len(x.cores)*(i+1)/len(parts); row++ {
				t.add(x.misses(me, uint32(row), today), 1)
			}
			parts[i] = t
		})
	}
	all.Wait()
	for _, t := range parts {
		sum.fit += t.fit
		for i, n := range t.but {
			sum.but[i] += n
		}
	}
	without := func(k key) {
		if row, ok := x.rows[k]; ok {
			sum.add(x.misses(me, row, today), -1)
		}
	}
	for k := range m.out {
		without(k)
	}
	if k, ok := keyOf(me.ID); ok && !has(m.out, k) {
		without(k)
	}
	return sum
}

// misses are the wishes of me that the person in a row does not meet; beyond
// where me does not meet theirs either.
func (x *index) misses(me *Person, row uint32, today Day) filters {
	c := &x.cores[row]
	if c.meet&me.gender == 0 || c.languages&me.languages == 0 || c.sought&me.intents == 0 || c.gender == 0 {
		return beyond
	}
	f := me.core.misses(c, today)
	if f&(f-1) != 0 {
		return beyond // more than one
	}
	// Of their misses only those count that are no matter of me's own wishes:
	// the intents are one question with two sides, asked above.
	if c.misses(&me.core, today)&^(byIntents|beyond) != 0 {
		return beyond
	}
	if c.flags&wantsMore != 0 {
		if x.rares[x.more[row].rare].misses(me.languages, &me.interests) != 0 {
			return beyond
		}
	}
	if me.flags&wantsMore != 0 {
		f |= me.wish.misses(c.languages, &x.more[row].likes)
	}
	return f
}
