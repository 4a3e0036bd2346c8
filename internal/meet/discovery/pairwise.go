package discovery

import (
	"context"
	"math/bits"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
)

// This file serves other ways of pairing people than cards (matchmaking, direct
// calls): rule, score and rows for a single pair.

// Paused reports whether p is hidden from Discover by choice.
func (p *Person) Paused() bool { return p.paused }

// Verified reports whether p is verified.
func (p *Person) Verified() bool { return p.flags&isVerified != 0 }

// Traits are the hard criteria that reject most pairs, as bit sets of profile.Spoken,
// profile.Intents (those looked for) and profile.Genders.
type Traits struct {
	Languages             uint64
	Intents, Gender, Meet uint8
}

// Traits returns those of p.
func (p *Person) Traits() Traits { return Traits{p.languages, p.seeking, p.gender, p.meet} }

// Narrow returns p restricted to some of their intents and languages, each named once; an
// empty list means as in the profile. ok is false if p does not have one of them.
func (p *Person) Narrow(intents, languages []string) (_ Person, ok bool) {
	o := *p
	if len(intents) > 0 {
		o.seeking = uint8(setOf(intentPlace, intents))
	}
	if len(languages) > 0 {
		o.languages = setOf(languagePlace, languages)
	}
	known := func(set uint64, keys []string) bool { return len(keys) == 0 || bits.OnesCount64(set) == len(keys) }
	ok = o.seeking&^p.intents == 0 && o.languages&^p.languages == 0 && known(uint64(o.seeking), intents) && known(o.languages, languages)
	return o, ok
}

// Welcomes reports whether by meets p's preferences of people: gender, age, verification and
// rare filters. It asks neither for a common intent nor a common language, nor what by prefers.
func (p *Person) Welcomes(by *Person, today Day) bool {
	return p.ID != by.ID && p.unmet(by, today)&^(byIntents|notRelaxable) == 0
}

// Affinity is the symmetric score of a fitting pair, 0 to 1: the harmonic mean of the two
// directed scores (RECON; Pizzato et al. 2010) over interests, languages, intents, ages and
// regions, times both reputations.
func Affinity(a, b *Person, today Day) float64 {
	here := byRegion * closeness(region.Near(a.Cell, b.Cell))
	x := directedScore(&a.core, &b.core, &a.interests, &b.interests, today) + here
	y := directedScore(&b.core, &a.core, &b.interests, &a.interests, today) + here
	const most = byShared + bySpeech + byPurpose + byYears + byRegion
	if x+y <= 0 {
		return 0
	}
	return min(1, 2*x*y/(x+y)/most*a.reputationFactor()*b.reputationFactor())
}

// SharedInterests returns the common interests, in the order of profile.Interests.
func SharedInterests(a, b *Person) (keys []string) {
	for w, set := range a.interests.both(b.interests) {
		for i := range bitsOf(set) {
			keys = append(keys, profile.Interests[w<<6|i])
		}
	}
	return keys
}

// ReadPair reads a and b within q, and whether they may be brought together: no block or
// report, no match (ended ones included), and no pass within passCooldown. A like does not
// matter. A missing profile is nil.
func (s *Service) ReadPair(ctx context.Context, q db.Querier, a, b account.ID, now time.Time) (x, y *Person, free bool, err error) {
	defer fault.Wrap(&err, "read %s and %s", a, b)
	rows, err := q.QueryContext(ctx, `SELECT `+personColumns+personTables+`WHERE p.account_id IN ($1, $2)`, string(a), string(b))
	if _, err = s.scanPersons(rows, err, nil, func(p *Person) {
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
	err = q.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM apart WHERE a_id = $1 AND b_id = $2)
		+ (SELECT count(*) FROM pairs WHERE a_id = $1 AND b_id = $2
			AND (matched_at IS NOT NULL OR a_choice = 'pass' AND a_at > $3 OR b_choice = 'pass' AND b_at > $3))`,
		string(first), string(second), db.Millis(now.Add(-passCooldown))).Scan(&n)
	return x, y, n == 0, err
}
