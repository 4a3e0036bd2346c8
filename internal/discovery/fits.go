package discovery

import (
	"math/bits"
	"time"

	"heyy/internal/account"
	"heyy/internal/profile"
	"heyy/internal/region"
)

// Day is a date as a number: year, month and day in 23, 4 and 5 bits, so that
// the whole years between two days are the difference without its lowest nine
// bits. Zero: not said.
type Day uint32

// DayOf is the date of t in UTC.
func DayOf(t time.Time) Day {
	y, m, d := t.UTC().Date()
	return Day(y<<9 | int(m)<<5 | d)
}

// age is in whole years on the day today. Who was born on 29 February is a year
// older on 1 March of other years, as account.Age has it.
func (d Day) age(today Day) int { return int(int32(today-d) >> 9) }

// interests is a set of profile.Interests, by their places in the list.
type interests [3]uint64

func (s *interests) add(i int)             { s[i>>6] |= 1 << (i & 63) }
func (s interests) none() bool             { return s[0]|s[1]|s[2] == 0 }
func (s interests) meets(o interests) bool { return s[0]&o[0]|s[1]&o[1]|s[2]&o[2] != 0 }
func (s interests) both(o interests) interests {
	return interests{s[0] & o[0], s[1] & o[1], s[2] & o[2]}
}
func (s interests) count() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2])
}

// core is what most pairs fail by. It lies row by row in memory, 24 bytes each.
type core struct {
	languages uint64 // of profile.Spoken
	born      Day
	from, to  uint8 // years
	gender    uint8 // one bit of profile.Genders
	meet      uint8 // of profile.Genders
	intents   uint8 // of profile.Intents: what they are here for
	sought    uint8 // and what of it they look for now: intents within wish_intents
	flags     uint8
	esteem    int8 // see esteemOf
}

const (
	isVerified = 1 << iota
	wantsVerified
	wantsMore // has wishes for languages or interests
	isResident
)

// rare are wishes that most people do not have.
type rare struct {
	languages uint64
	interests interests
}

// Person is what Fits looks at, and what a card is made of: one row as it was
// read. The zero Person fits nobody.
type Person struct {
	ID       account.ID
	Resident bool
	Cell     region.Cell // where they are shown to be; 0: nowhere
	Seen     time.Time   // last used Heyy, to within ten minutes
	Since    time.Time   // the account was made
	Voice    *profile.Voice

	core
	interests interests
	wish      rare
	whole     bool // nothing is missing, and not paused
	paused    bool
}

// seenWithin is how long somebody who does not come back is still shown.
const seenWithin = 30 * 24 * time.Hour

// Shown reports whether p may be shown to anybody at all: the profile is whole,
// not paused, and they were here within 30 days.
func (p *Person) Shown(now time.Time) bool { return p.whole && now.Sub(p.Seen) < seenWithin }

// Age is in whole years on the day today.
func (p *Person) Age(today Day) int { return p.born.age(today) }

// filters are the wishes of a person that another does not meet, one bit for
// each of Filters. beyond stands for what no wish of one's own can change.
type filters uint8

// Filters are the keys of the wishes that narrow a choice, in their bits' order.
var Filters = []string{"meet", "ages", "intents", "languages", "interests", "verified_only"}

const (
	byMeet filters = 1 << iota
	byAges
	byIntents
	byLanguages
	byInterests
	byVerified
	beyond
)

// misses are the wishes of a that b does not meet, by their cores alone.
func (a *core) misses(b *core, today Day) (f filters) {
	if a.meet&b.gender == 0 {
		f |= byMeet
	}
	if age := b.born.age(today); age < int(a.from) || age > int(a.to) {
		f |= byAges
	}
	if a.sought&b.sought == 0 {
		f |= byIntents
		if a.intents&b.sought == 0 {
			f |= beyond
		}
	}
	if a.flags&wantsVerified != 0 && b.flags&isVerified == 0 {
		f |= byVerified
	}
	if a.languages&b.languages == 0 {
		f |= beyond
	}
	return f
}

// misses are the wishes of somebody that a person who speaks languages and likes
// interests does not meet.
func (r *rare) misses(languages uint64, likes *interests) (f filters) {
	if r.languages != 0 && r.languages&languages == 0 {
		f |= byLanguages
	}
	if !r.interests.none() && !r.interests.meets(*likes) {
		f |= byInterests
	}
	return f
}

func (a *Person) misses(b *Person, today Day) filters {
	return a.core.misses(&b.core, today) | a.wish.misses(b.languages, &b.interests)
}

// Fits reports whether a and b may meet: each is of a gender, of an age, of the
// interests and as verified as the other wishes, they share a language and an
// intent that both look for now, and they are two. Fits(a, b) is Fits(b, a).
// Whether either is Shown is asked apart.
func Fits(a, b *Person, today Day) bool {
	return a.ID != b.ID && a.misses(b, today) == 0 && b.misses(a, today) == 0
}

// wants is p with other wishes.
func (p *Person) wants(w profile.Wishes) {
	p.from, p.to = years(w.From), years(w.To)
	p.meet = uint8(setOf(genderPlace, w.Meet))
	p.sought = p.intents
	if len(w.Intents) > 0 {
		p.sought &= uint8(setOf(intentPlace, w.Intents))
	}
	p.flags &^= wantsVerified
	if w.VerifiedOnly {
		p.flags |= wantsVerified
	}
	p.wish = rare{languages: setOf(languagePlace, w.Languages)}
	for _, k := range w.Interests {
		if i, ok := interestPlace[k]; ok {
			p.wish.interests.add(i)
		}
	}
	p.more()
}

// more keeps wantsMore in step with wish.
func (p *Person) more() {
	p.flags &^= wantsMore
	if p.wish != (rare{}) {
		p.flags |= wantsMore
	}
}

func years(n int) uint8 { return uint8(max(0, min(n, 255))) }

// Places of keys in the fixed lists of package profile.
var (
	genderPlace   = places(profile.Genders)
	intentPlace   = places(profile.Intents)
	languagePlace = places(profile.Spoken)
	interestPlace = places(profile.Interests)
)

func places(list []string) map[string]int {
	m := make(map[string]int, len(list))
	for i, k := range list {
		m[k] = i
	}
	return m
}

func setOf(place map[string]int, keys []string) (set uint64) {
	for _, k := range keys {
		if i, ok := place[k]; ok {
			set |= 1 << i
		}
	}
	return set
}
