package discovery

import (
	"math/bits"
	"time"

	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
)

// Day is a date as a number: year, month and day in 23, 4 and 5 bits, so that the age in
// whole years is the difference shifted right by nine. Zero: unknown.
type Day uint32

// DayOf returns the date of t in UTC.
func DayOf(t time.Time) Day {
	y, m, d := t.UTC().Date()
	return Day(y<<9 | int(m)<<5 | d)
}

// age is in whole years on the day today. A person born on 29 February has their birthday
// on 1 March of other years, as in account.Age.
func (d Day) age(today Day) int { return int(int32(today-d) >> 9) }

// interests is a bit set of profile.Interests.
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

// core holds what most pairs fail by: 24 bytes, contiguous by row.
type core struct {
	languages  uint64 // of profile.Spoken
	birthDate  Day
	from, to   uint8 // years
	gender     uint8 // one bit, of profile.Genders
	meet       uint8 // of profile.Genders
	intents    uint8 // of profile.Intents: all of the person's
	seeking    uint8 // the subset they look for now: intents within wish_intents
	flags      uint8
	reputation int8 // see reputationOf
}

const (
	isVerified = 1 << iota
	wantsVerified
	hasRareFilters // rare is not empty
	isResident
)

// rareFilters are preferences that few people set, stored apart to keep core small.
type rareFilters struct {
	languages uint64
	interests interests
}

// Person is the input of Fits and of a card: one row as read. The zero Person fits nobody.
type Person struct {
	ID       account.ID
	Resident bool
	Cell     region.Cell // the region shown; 0: none
	Seen     time.Time   // last used Heyy, to within ten minutes
	Since    time.Time   // creation of the account
	Voice    *profile.Voice

	core
	interests interests
	rare      rareFilters
	complete  bool // every required field is set, and not paused
	paused    bool
}

// activeWindow is how long an absent person is still shown.
const activeWindow = 30 * 24 * time.Hour

// Shown reports whether p can be shown at all: complete, not paused, and active within
// activeWindow.
func (p *Person) Shown(now time.Time) bool { return p.complete && now.Sub(p.Seen) < activeWindow }

// Age is in whole years on the day today.
func (p *Person) Age(today Day) int { return p.birthDate.age(today) }

// filters is a bit set of unmet preferences, in the order of Filters. notRelaxable stands
// for what no change of one's own preferences can fix.
type filters uint8

// Filters are the keys of preferences that narrow a search, in bit order.
var Filters = []string{"meet", "ages", "intents", "languages", "interests", "verified_only"}

const (
	byMeet filters = 1 << iota
	byAges
	byIntents
	byLanguages
	byInterests
	byVerified
	notRelaxable
)

// unmet returns the preferences of a that b does not meet, by cores alone.
func (a *core) unmet(b *core, today Day) (f filters) {
	if a.meet&b.gender == 0 {
		f |= byMeet
	}
	if age := b.birthDate.age(today); age < int(a.from) || age > int(a.to) {
		f |= byAges
	}
	if a.seeking&b.seeking == 0 {
		f |= byIntents
		if a.intents&b.seeking == 0 {
			f |= notRelaxable
		}
	}
	if a.flags&wantsVerified != 0 && b.flags&isVerified == 0 {
		f |= byVerified
	}
	if a.languages&b.languages == 0 {
		f |= notRelaxable
	}
	return f
}

// unmet returns the rare filters that a person with these languages and interests does not
// meet.
func (r *rareFilters) unmet(languages uint64, likes *interests) (f filters) {
	if r.languages != 0 && r.languages&languages == 0 {
		f |= byLanguages
	}
	if !r.interests.none() && !r.interests.meets(*likes) {
		f |= byInterests
	}
	return f
}

func (a *Person) unmet(b *Person, today Day) filters {
	return a.core.unmet(&b.core, today) | a.rare.unmet(b.languages, &b.interests)
}

// Fits reports whether a and b may meet: each meets the other's preferences (gender, age,
// verification, rare filters), they share a language and an intent that both look for now,
// and they are different people. It is symmetric: Fits(a, b) == Fits(b, a). It does not
// check Shown.
func Fits(a, b *Person, today Day) bool {
	return a.ID != b.ID && a.unmet(b, today) == 0 && b.unmet(a, today) == 0
}

// setPreferences replaces p's preferences.
func (p *Person) setPreferences(w profile.Preferences) {
	p.from, p.to = years(w.From), years(w.To)
	p.meet = uint8(setOf(genderPlace, w.Meet))
	p.seeking = p.intents
	if len(w.Intents) > 0 {
		p.seeking &= uint8(setOf(intentPlace, w.Intents))
	}
	p.flags &^= wantsVerified
	if w.VerifiedOnly {
		p.flags |= wantsVerified
	}
	p.rare = rareFilters{languages: setOf(languagePlace, w.Languages)}
	for _, k := range w.Interests {
		if i, ok := interestPlace[k]; ok {
			p.rare.interests.add(i)
		}
	}
	p.updateFlags()
}

// updateFlags derives hasRareFilters from rare.
func (p *Person) updateFlags() {
	p.flags &^= hasRareFilters
	if p.rare != (rareFilters{}) {
		p.flags |= hasRareFilters
	}
}

func years(n int) uint8 { return uint8(max(0, min(n, 255))) }

// Bit positions of keys, in the lists of package profile.
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
