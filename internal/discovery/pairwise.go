package discovery

import (
	"context"
	"math/bits"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/profile"
	"heyy/internal/region"
)

// This file is for those who bring two people together by other means than
// cards: the rule, the score and the rows of just two.

// Paused reports whether p takes a break, by own wish.
func (p *Person) Paused() bool { return p.paused }

// Verified reports whether p has shown to be who they say.
func (p *Person) Verified() bool { return p.flags&isVerified != 0 }

// Traits are what most pairs fail by, as sets by the places of their keys in
// profile.Spoken, profile.Intents (those looked for) and profile.Genders.
type Traits struct {
	Languages             uint64
	Intents, Gender, Meet uint8
}

// Traits are those of p.
func (p *Person) Traits() Traits { return Traits{p.languages, p.sought, p.gender, p.meet} }

// Tonight is p who looks, for now, for some of their intents and speaks some of
// their languages, each named once; none of either means as in the profile. It
// is not ok with one that p does not have.
func (p *Person) Tonight(intents, languages []string) (_ Person, ok bool) {
	o := *p
	if len(intents) > 0 {
		o.sought = uint8(setOf(intentPlace, intents))
	}
	if len(languages) > 0 {
		o.languages = setOf(languagePlace, languages)
	}
	known := func(set uint64, keys []string) bool { return len(keys) == 0 || bits.OnesCount64(set) == len(keys) }
	ok = o.sought&^p.intents == 0 && o.languages&^p.languages == 0 && known(uint64(o.sought), intents) && known(o.languages, languages)
	return o, ok
}

// Affinity is how much two people who fit would care to meet each other, 0 to 1:
// the harmonic mean of what both would think of it (RECON; Pizzato et al. 2010),
// of interests, languages, intents, ages and regions, and what others said of
// calls with them. It is the same from both sides.
func Affinity(a, b *Person, today Day) float64 {
	here := byRegion * closeness(region.Near(a.Cell, b.Cell))
	x := leaning(&a.core, &b.core, &a.interests, &b.interests, today) + here
	y := leaning(&b.core, &a.core, &b.interests, &a.interests, today) + here
	const most = byShared + bySpeech + byPurpose + byYears + byRegion
	if x+y <= 0 {
		return 0
	}
	return min(1, 2*x*y/(x+y)/most*a.worth()*b.worth())
}

// SharedInterests are those that both have, in the order of profile.Interests.
func SharedInterests(a, b *Person) (keys []string) {
	for w, set := range a.interests.both(b.interests) {
		for i := range bitsOf(set) {
			keys = append(keys, profile.Interests[w<<6|i])
		}
	}
	return keys
}

// Two reads a and b as q sees them, and whether nothing stands between them: no
// block and no report, no match, also none that has ended, and no pass within 30
// days. A like is nothing between them. Who has no profile is nil.
func (s *Service) Two(ctx context.Context, q db.Querier, a, b account.ID, now time.Time) (x, y *Person, free bool, err error) {
	defer fault.Wrap(&err, "read %s and %s", a, b)
	rows, err := q.QueryContext(ctx, `SELECT `+personColumns+personTables+`WHERE p.account_id IN ($1, $2)`, string(a), string(b))
	if _, err = s.each(rows, err, nil, func(p *Person) {
		if p.ID == a {
			x = p
		} else {
			y = p
		}
	}); err != nil {
		return nil, nil, false, err
	}
	first, second, _ := ordered(a, b)
	var n int
	err = q.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM blocks WHERE by_id = $1 AND on_id = $2) + (SELECT count(*) FROM blocks WHERE by_id = $2 AND on_id = $1)
		+ (SELECT count(*) FROM reports WHERE by_id = $1 AND on_id = $2) + (SELECT count(*) FROM reports WHERE by_id = $2 AND on_id = $1)
		+ (SELECT count(*) FROM pairs WHERE a_id = $1 AND b_id = $2
			AND (matched_at IS NOT NULL OR a_choice = 'pass' AND a_at > $3 OR b_choice = 'pass' AND b_at > $3))`,
		string(first), string(second), db.Millis(now.Add(-silence))).Scan(&n)
	return x, y, n == 0, err
}
