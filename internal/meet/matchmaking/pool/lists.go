package pool

import (
	"math/bits"

	"heyy/internal/meet/discovery"
)

// listKey is the key of a list: language, intent, gender, resident or not.
// Everybody who fits a ticket is in one of the lists that its scan reads.
type listKey uint16

func listOf(language, intent, gender int, resident bool) listKey {
	l := listKey(language)<<5 | listKey(intent&7)<<2 | listKey(gender&3)
	if resident {
		l |= 1 << 15
	}
	return l
}

// entry is one ticket in a list, with the fields by which most candidates fail,
// so that a scan rejects them without reading the slot.
type entry struct {
	slot          int32
	ordinal       uint16
	age, from, to uint8 // years: the age when the ticket was put, and the preferred ages
	meet          uint8
}

// mayFit reports whether two tickets may fit by age and gender. It allows for a
// birthday since the ticket was put.
func (e *entry) mayFit(o *entry, gender uint8) bool {
	// Each term is negative if one is too old or too young for the other. Branch
	// prediction fails on ages, so there is one branch instead of four.
	age, other := int32(e.age), int32(o.age)
	within := (int32(e.to) - other) | (other - int32(e.from)) | (int32(o.to) - age) | (age + 1 - int32(o.from))
	return within >= 0 && e.meet&gender != 0
}

// entryOf returns the entry of s for its lists, without the ordinal.
func entryOf(i int32, s *slot, today discovery.Day) entry {
	return entry{
		slot: i, age: years(s.Person.Age(today)), from: years(s.AgeFrom), to: years(s.AgeTo), meet: s.Person.Traits().Meet,
	}
}

func years(n int) uint8 { return uint8(max(0, min(n, 250))) }

// listsOf visits the keys of the lists that s belongs to.
func listsOf(s *slot, visit func(nth uint16, l listKey)) {
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
	listsOf(s, func(nth uint16, l listKey) {
		e.ordinal = nth
		s.positions = append(s.positions, int32(len(p.lists[l])))
		p.lists[l] = append(p.lists[l], e)
	})
	if s.Person.Resident {
		p.residents++
	}
}

func (p *Pool) unlist(i int32) {
	s := &p.slots[i]
	if len(s.positions) == 0 {
		return
	}
	listsOf(s, func(nth uint16, l listKey) {
		all, at := p.lists[l], s.positions[nth]
		last := all[len(all)-1]
		all[at] = last
		p.slots[last.slot].positions[last.ordinal] = at
		if all = all[:len(all)-1]; len(all) == 0 {
			delete(p.lists, l)
		} else {
			p.lists[l] = all
		}
	})
	s.positions = s.positions[:0]
	if s.Person.Resident {
		p.residents--
	}
}

// span is a list that is scanned once around, from a start within it.
type span struct {
	all  []entry
	next int
	left int
}

// spansOf returns the lists that hold everybody who could fit s, each with a
// start: from, as a fraction of 2^32.
func (p *Pool) spansOf(s *slot, from uint32) []span {
	t := s.Person.Traits()
	p.spans = p.spans[:0]
	for _, residents := range []bool{false, true} {
		if residents && (s.Person.Resident || !s.residentsAllowed) {
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
