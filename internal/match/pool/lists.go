package pool

import (
	"math/bits"

	"heyy/internal/discovery"
)

// list names those who speak a language, look for an intent, are of a gender,
// and are residents or not: whoever fits somebody stands in one of the lists
// that this one looks through.
type list uint16

func listOf(language, intent, gender int, resident bool) list {
	l := list(language)<<5 | list(intent&7)<<2 | list(gender&3)
	if resident {
		l |= 1 << 15
	}
	return l
}

// entry is somebody in a list: which of their lists this is, and what most of
// the others there fail by, so that these cost no more than reading on.
type entry struct {
	slot          int32
	nth           uint16
	age, from, to uint8 // years: theirs when they were put, and wished
	meet          uint8
}

// could reports whether a person in the list and somebody of an age, with wishes,
// may fit by age and gender. Since they were put they may have had a birthday.
func (e *entry) could(o *entry, gender uint8) bool {
	// Each of these is below zero where one is too old or too young for the
	// other. No processor guesses ages, so there is one branch, not four.
	age, other := int32(e.age), int32(o.age)
	within := (int32(e.to) - other) | (other - int32(e.from)) | (int32(o.to) - age) | (age + 1 - int32(o.from))
	return within >= 0 && e.meet&gender != 0
}

// entryOf is what s has in each list.
func entryOf(i int32, s *slot, today discovery.Day) entry {
	return entry{
		slot: i, age: years(s.Person.Age(today)), from: years(s.From), to: years(s.To), meet: s.Person.Traits().Meet,
	}
}

func years(n int) uint8 { return uint8(max(0, min(n, 250))) }

// listsOf are the lists that s stands in.
func listsOf(s *slot, visit func(nth uint16, l list)) {
	t := s.Person.Traits()
	gender := bits.TrailingZeros8(t.Gender)
	var nth uint16
	for langs := t.Languages; langs != 0; langs &= langs - 1 {
		for intents := t.Intents; intents != 0; intents &= intents - 1 {
			visit(nth, listOf(bits.TrailingZeros64(langs), bits.TrailingZeros8(intents), gender, s.Person.Resident))
			nth++
		}
	}
}

func (p *Pool) enlist(i int32, today discovery.Day) {
	s := &p.slots[i]
	e := entryOf(i, s, today)
	listsOf(s, func(nth uint16, l list) {
		e.nth = nth
		s.places = append(s.places, int32(len(p.lists[l])))
		p.lists[l] = append(p.lists[l], e)
	})
	if s.Person.Resident {
		p.residents++
	}
}

func (p *Pool) unlist(i int32) {
	s := &p.slots[i]
	if len(s.places) == 0 {
		return
	}
	listsOf(s, func(nth uint16, l list) {
		all, at := p.lists[l], s.places[nth]
		last := all[len(all)-1]
		all[at] = last
		p.slots[last.slot].places[last.nth] = at
		if all = all[:len(all)-1]; len(all) == 0 {
			delete(p.lists, l)
		} else {
			p.lists[l] = all
		}
	})
	s.places = s.places[:0]
	if s.Person.Resident {
		p.residents--
	}
}

// span is a list that is looked through from somewhere in it, round to there.
type span struct {
	all  []entry
	next int
	left int
}

// spansOf are the lists in which those stand who could fit s, each from a place
// on, in shares of 2^32.
func (p *Pool) spansOf(s *slot, from uint32) []span {
	t := s.Person.Traits()
	p.spans = p.spans[:0]
	for _, residents := range []bool{false, true} {
		if residents && (s.Person.Resident || !s.alone) {
			continue
		}
		for langs := t.Languages; langs != 0; langs &= langs - 1 {
			for intents := t.Intents; intents != 0; intents &= intents - 1 {
				for meet := t.Meet; meet != 0; meet &= meet - 1 {
					l := listOf(bits.TrailingZeros64(langs), bits.TrailingZeros8(intents), bits.TrailingZeros8(meet), residents)
					if all := p.lists[l]; len(all) > 0 {
						p.spans = append(p.spans, span{all, int(uint64(from) * uint64(len(all)) >> 32), len(all)})
					}
				}
			}
		}
	}
	return p.spans
}
