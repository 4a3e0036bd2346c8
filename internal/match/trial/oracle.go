package trial

import (
	"slices"
	"time"

	"heyy/internal/account"
)

// Fits is the hard rule, told anew from what was written of two people, and so
// slowly that nothing can be wrong with it: each is whom the other wishes.
func Fits(a, b *Somebody, now time.Time) bool {
	return a.accepts(b, now) && b.accepts(a, now)
}

func (s *Somebody) accepts(o *Somebody, now time.Time) bool {
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
