package simulation

import (
	"slices"
	"time"

	"heyy/internal/people/account"
)

// Fits is the hard rule, implemented independently and as plainly as possible
// from what was written about two people: each meets the preferences of the
// other.
func Fits(a, b *SyntheticPerson, now time.Time) bool {
	return a.accepts(b, now) && b.accepts(a, now)
}

func (s *SyntheticPerson) accepts(o *SyntheticPerson, now time.Time) bool {
	age, err := account.Age(o.Born, now)
	return err == nil && s.From <= age && age <= s.To &&
		slices.Contains(s.Meet, o.Gender) &&
		overlap(s.Languages, o.Languages) && overlap(s.Intents, o.Intents) &&
		(len(s.WishLanguages) == 0 || overlap(s.WishLanguages, o.Languages)) &&
		(len(s.WishInterests) == 0 || overlap(s.WishInterests, o.Interests)) &&
		(o.Verified || !s.VerifiedOnly && !s.CallsVerified)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(k string) bool { return slices.Contains(b, k) })
}
