package discovery

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"time"

	"heyy/internal/people/profile"
	"heyy/internal/people/region"
)

// The parts of a score and their weights, which add up to one.
const (
	byShared    = 0.35 // interests in common
	bySpeech    = 0.10 // languages in common
	byPurpose   = 0.10 // intents in common
	byYears     = 0.10 // distance from the middle of the preferred ages
	byRegion    = 0.10
	byVoice     = 0.20 // taste in voices
	byFreshness = 0.05 // active within a week

	shuffleWeight    = 0.12 // range of the daily random factor
	likedBonus       = 0.10 // added to the directed score of somebody who likes the viewer
	reputationWeight = 0.15 // largest effect of reputation on a score
	reputationPrior  = 30   // pseudo-count: with so many feedback entries, reputation has half its weight
	minExposure      = 1    // lower bound of the mean exposure
)

// directedScore is how well b suits a, without region and voice: 0 to
// byShared+bySpeech+byPurpose+byYears.
func directedScore(a, b *core, likesA, likesB *interests, today Day) float64 {
	shared := likesA.both(*likesB).count()
	s := byShared * min(1, float64(shared)/float64(max(1, min(likesA.count(), 5))))
	s += bySpeech * share(a.languages&b.languages, a.languages)
	s += byPurpose * share(uint64(a.seeking&b.seeking), uint64(a.seeking))
	half := max(1, float64(int(a.to)-int(a.from))/2)
	off := float64(b.birthDate.age(today)) - float64(a.from) - half
	return s + byYears*(1-min(1, max(off, -off)/half)/2)
}

func share(part, whole uint64) float64 {
	return float64(bits.OnesCount64(part)) / float64(max(1, bits.OnesCount64(whole)))
}

func closeness(w region.Where) float64 {
	switch w {
	case region.Same:
		return 1
	case region.Nearby:
		return 0.6
	case region.Farther:
		return 0.1
	default:
		return 0.3
	}
}

// reputationOf is the mean of private feedback after calls, -100 to 100, shrunk towards 0
// by reputationPrior entries.
func reputationOf(good, bad int64) int8 {
	return int8(100 * (good - bad) / (good + bad + reputationPrior))
}

// reputationFactor is the factor of a person's reputation on a score.
func (c *core) reputationFactor() float64 { return 1 + reputationWeight*float64(c.reputation)/100 }

// score orders candidates: the harmonic mean of the two directed scores, so that one side's
// interest does not outweigh the other's lack of it (RECON; Pizzato et al. 2010), times a
// factor against over-exposure, the reputation, and a daily random factor. Somebody who
// already likes the viewer gets likedBonus; the random factor hides that in the order.
func (x *index) score(l *scan, row uint32, k key, w region.Where) float32 {
	c, m := &x.cores[row], &x.details[row]
	here := byRegion * closeness(w)
	mine := directedScore(&l.me.core, c, &l.me.interests, &m.likes, l.today) + here + byVoice*l.taste.score(m.voice)
	if m.seen > l.weekAgo {
		mine += byFreshness
	}
	theirs := directedScore(c, &l.me.core, &m.likes, &l.me.interests, l.today) + here + byVoice/2 + byFreshness
	if len(l.likedBy) > 0 && has(l.likedBy, k) {
		theirs += likedBonus
	}
	harmonic := 2 * mine * theirs / (mine + theirs)
	fair := 1 / (1 + m.exposure.value()/l.meanExposure)
	chance := float64(splitmix64(l.seed^binary.BigEndian.Uint64(k[8:]))>>11) / (1 << 53)
	return float32(harmonic * fair * c.reputationFactor() * (1 + shuffleWeight*(chance-0.5)))
}

// Reason tells the viewer why somebody is shown. It is always true.
type Reason struct {
	Kind string   // "interests", "voice", "language", "region", "intent", "new"
	Keys []string // interests, languages, intents; "same" or "nearby"; else none
}

const (
	maxReasons = 3
	maxKeys    = 3
	newFor     = 7 * 24 * time.Hour
)

// reasons returns at most maxReasons reasons to show b to a, most specific first.
func (x *index) reasons(a, b *Person, t *taste, w region.Where, now time.Time) (all []Reason) {
	if shared := x.rarest(a.interests.both(b.interests)); len(shared) > 0 {
		all = append(all, Reason{"interests", shared})
	}
	if t.likes(voiceVectorOf(b.Voice)) {
		all = append(all, Reason{"voice", nil})
	}
	var tongues []string
	for i := range bitsOf(a.languages & b.languages) {
		tongues = append(tongues, profile.Spoken[i])
	}
	uncommon := len(tongues) > 1 || uint64(x.spokenBy(a.languages&b.languages))*5 < uint64(len(x.rows))
	if uncommon {
		all = append(all, Reason{"language", tongues[:min(len(tongues), maxKeys)]})
	}
	if w == region.Same || w == region.Nearby {
		all = append(all, Reason{"region", []string{string(w)}})
	}
	if now.Sub(b.Since) < newFor {
		all = append(all, Reason{"new", nil})
	}
	var purposes []string
	for i := range bitsOf(uint64(a.seeking & b.seeking)) {
		purposes = append(purposes, profile.Intents[i])
	}
	all = append(all, Reason{"intent", purposes})
	if !uncommon {
		all = append(all, Reason{"language", tongues})
	}
	return all[:min(len(all), maxReasons)]
}

// rarest returns the keys of some interests, least common first.
func (x *index) rarest(of interests) (list []string) {
	var places []int
	for w, set := range of {
		for b := range bitsOf(set) {
			places = append(places, w<<6|b)
		}
	}
	slices.SortStableFunc(places, func(a, b int) int { return int(x.interestCounts[a]) - int(x.interestCounts[b]) })
	for _, p := range places[:min(len(places), maxKeys)] {
		list = append(list, profile.Interests[p])
	}
	return list
}

// spokenBy is the number of speakers of the least common of these languages.
func (x *index) spokenBy(languages uint64) uint32 {
	fewest := ^uint32(0)
	for i := range bitsOf(languages) {
		fewest = min(fewest, x.languageCounts[i])
	}
	return fewest
}
