package discovery

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"time"

	"heyy/internal/profile"
	"heyy/internal/region"
)

// The parts of a score and their weights, which add up to one.
const (
	byShared    = 0.35 // interests in common
	bySpeech    = 0.10 // languages in common
	byPurpose   = 0.10 // intents in common
	byYears     = 0.10 // how far from the middle of the wished ages
	byRegion    = 0.10
	byVoice     = 0.20 // the voices that one likes
	byFreshness = 0.05 // here lately

	shuffled = 0.12 // by how much chance moves a score in all, anew each day
	fond     = 0.10 // how much better somebody thinks of it who likes the viewer already
	esteemed = 0.15 // by how much what was said of somebody moves a score at most
	doubt    = 30   // words, before what was said of somebody counts for half
	audience = 1    // below the audience of one, nobody counts as shown
)

// leaning is how much a cares to meet b, by what is known of both: 0 to
// byShared+bySpeech+byPurpose+byYears.
func leaning(a, b *core, likesA, likesB *interests, today Day) float64 {
	shared := likesA.both(*likesB).count()
	s := byShared * min(1, float64(shared)/float64(max(1, min(likesA.count(), 5))))
	s += bySpeech * share(a.languages&b.languages, a.languages)
	s += byPurpose * share(uint64(a.sought&b.sought), uint64(a.sought))
	half := max(1, float64(int(a.to)-int(a.from))/2)
	off := float64(b.born.age(today)) - float64(a.from) - half
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

// esteemOf is what people said of somebody in private after calls, -100 to 100,
// as a mean that starts from nothing said: a few words move little.
func esteemOf(good, bad int64) int8 { return int8(100 * (good - bad) / (good + bad + doubt)) }

// worth is the factor that the esteem of somebody has on a score.
func (c *core) worth() float64 { return 1 + esteemed*float64(c.esteem)/100 }

// score is how early the person in row comes: the harmonic mean of what both
// would think of it, so that a liking of one side does not make up for the
// other's lack of it (RECON; Pizzato et al. 2010), times how little of an
// audience they had, what others said of calls with them, and a little chance. Who likes the viewer already thinks
// somewhat better of it; the chance keeps that from being read off the order.
func (x *index) score(l *look, row uint32, k key, w region.Where) float32 {
	c, m := &x.cores[row], &x.more[row]
	here := byRegion * closeness(w)
	mine := leaning(&l.me.core, c, &l.me.interests, &m.likes, l.today) + here + byVoice*l.taste.of(m.voice)
	if m.seen > l.aweek {
		mine += byFreshness
	}
	theirs := leaning(c, &l.me.core, &m.likes, &l.me.interests, l.today) + here + byVoice/2 + byFreshness
	if len(l.fans) > 0 && has(l.fans, k) {
		theirs += fond
	}
	harmonic := 2 * mine * theirs / (mine + theirs)
	fair := 1 / (1 + m.shown.value()/l.mean)
	chance := float64(mix(l.seed^binary.BigEndian.Uint64(k[8:]))>>11) / (1 << 53)
	return float32(harmonic * fair * c.worth() * (1 + shuffled*(chance-0.5)))
}

// Reason is one true word on why somebody is shown.
type Reason struct {
	Kind string   // "interests", "voice", "language", "region", "intent", "new"
	Keys []string // interests, languages, intents; "same" or "nearby"; else none
}

const (
	reasonsMost = 3
	keysMost    = 3
	newFor      = 7 * 24 * time.Hour
)

// reasons are why b is shown to a: three at most, the most particular first.
func (x *index) reasons(a, b *Person, t *taste, w region.Where, now time.Time) (all []Reason) {
	if shared := x.rarest(a.interests.both(b.interests)); len(shared) > 0 {
		all = append(all, Reason{"interests", shared})
	}
	if t.likes(timbreOf(b.Voice)) {
		all = append(all, Reason{"voice", nil})
	}
	var tongues []string
	for i := range bitsOf(a.languages & b.languages) {
		tongues = append(tongues, profile.Spoken[i])
	}
	uncommon := len(tongues) > 1 || uint64(x.spokenBy(a.languages&b.languages))*5 < uint64(len(x.rows))
	if uncommon {
		all = append(all, Reason{"language", tongues[:min(len(tongues), keysMost)]})
	}
	if w == region.Same || w == region.Nearby {
		all = append(all, Reason{"region", []string{string(w)}})
	}
	if now.Sub(b.Since) < newFor {
		all = append(all, Reason{"new", nil})
	}
	var purposes []string
	for i := range bitsOf(uint64(a.sought & b.sought)) {
		purposes = append(purposes, profile.Intents[i])
	}
	all = append(all, Reason{"intent", purposes})
	if !uncommon {
		all = append(all, Reason{"language", tongues})
	}
	return all[:min(len(all), reasonsMost)]
}

// rarest are the keys of some interests, those that few people have first.
func (x *index) rarest(of interests) (list []string) {
	var places []int
	for w, set := range of {
		for b := range bitsOf(set) {
			places = append(places, w<<6|b)
		}
	}
	slices.SortStableFunc(places, func(a, b int) int { return int(x.fans[a]) - int(x.fans[b]) })
	for _, p := range places[:min(len(places), keysMost)] {
		list = append(list, profile.Interests[p])
	}
	return list
}

// spokenBy is how many people speak the language that fewest of these speak.
func (x *index) spokenBy(languages uint64) uint32 {
	fewest := ^uint32(0)
	for i := range bitsOf(languages) {
		fewest = min(fewest, x.speak[i])
	}
	return fewest
}
