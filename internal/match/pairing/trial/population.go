package trial

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"time"

	"heyy/internal/match/pairing"
)

// The world's sizes. Sets are bits.
const (
	genders   = 2 // 0 is the seven in ten, 1 the three in ten
	languages = 3
	intents   = 5
	regions   = 12
	interests = 40
)

// Person is somebody who may wait, with wishes.
type Person struct {
	Gender    uint8
	Wished    uint8 // genders
	Age       uint8
	From, To  uint8 // wished ages
	Languages uint8
	Intents   uint8
	Region    uint8
	Verified  bool
	Only      bool // verified people only
	Interests uint64
}

// Group is the part of the population that somebody is counted with: gender and
// the commonest language they speak. The smallest, women who speak nothing but
// the third, is 1 or 2 in 100.
func (p *Person) Group() int {
	return bits.TrailingZeros8(p.Languages)*genders + int(p.Gender)
}

const groups = languages * genders

// Population makes people, the same ones for the same source of chance: seven
// men for three women; three languages, of which the third is spoken by one in
// twelve; five intents, regions and interests, some of them much commoner than
// others.
type Population struct{ Chance *rand.Rand }

// Person makes the next one.
func (p Population) Person() Person {
	r := p.Chance
	var a Person
	if r.Float64() < 0.3 {
		a.Gender = 1
	}
	// Of ten, seven or eight wish the other gender, one their own, the rest all.
	switch x := r.Float64(); {
	case x < 0.75:
		a.Wished = 1 << (1 - a.Gender)
	case x < 0.85:
		a.Wished = 1 << a.Gender
	default:
		a.Wished = 1<<genders - 1
	}
	a.Age = uint8(min(70, 18+r.ExpFloat64()*11))
	a.From = uint8(max(18, int(a.Age)-4-r.IntN(12)))
	a.To = a.Age + 4 + uint8(r.IntN(12))
	first := skewed(r, 0.72, 0.20, 0.08)
	a.Languages = 1 << first
	if r.Float64() < []float64{0.15, 0.4, 0.5}[first] {
		a.Languages |= 1 << skewed(r, 0.8, 0.15, 0.05)
	}
	a.Intents = 1 << skewed(r, 0.45, 0.25, 0.15, 0.1, 0.05)
	if r.Float64() < 0.4 {
		a.Intents |= 1 << skewed(r, 0.4, 0.3, 0.15, 0.1, 0.05)
	}
	a.Region = uint8(min(regions-1, r.ExpFloat64()*3))
	a.Verified = r.Float64() < 0.35
	a.Only = a.Verified && r.Float64() < 0.15
	for range 4 + r.IntN(9) {
		a.Interests |= 1 << int(float64(interests)*math.Pow(r.Float64(), 1.6))
	}
	return a
}

// skewed chooses a place, by shares that add up to 1.
func skewed(r *rand.Rand, shares ...float64) int {
	x := r.Float64()
	for i, s := range shares {
		if x -= s; x < 0 {
			return i
		}
	}
	return len(shares) - 1
}

// Fits is the hard rule, the same from both sides.
func Fits(a, b *Person) bool { return accepts(a, b) && accepts(b, a) }

func accepts(a, b *Person) bool {
	return a.Wished>>b.Gender&1 == 1 && a.From <= b.Age && b.Age <= a.To &&
		a.Languages&b.Languages != 0 && a.Intents&b.Intents != 0 && (b.Verified || !a.Only)
}

// Score is the harmonic mean of what two who fit would think of it, 0 to 1.
func Score(a, b *Person) float64 {
	x, y := leaning(a, b), leaning(b, a)
	return 2 * x * y / (x + y)
}

func leaning(a, b *Person) float64 {
	shared := bits.OnesCount64(a.Interests & b.Interests)
	s := 0.45 * min(1, float64(shared)/float64(min(5, bits.OnesCount64(a.Interests))))
	s += 0.15 * float64(bits.OnesCount8(a.Languages&b.Languages)) / float64(bits.OnesCount8(a.Languages))
	s += 0.15 * float64(bits.OnesCount8(a.Intents&b.Intents)) / float64(bits.OnesCount8(a.Intents))
	half := float64(a.To-a.From) / 2
	s += 0.15 * (1 - math.Abs(float64(b.Age)-float64(a.From)-half)/half/2)
	if a.Region == b.Region {
		s += 0.1
	}
	return s
}

// What a pair weighs: a score of 1 as much as 100 seconds that one of them has
// waited, of which two minutes count.
const (
	whole   = 1_000_000
	aSecond = whole / 100
	counts  = 2 * time.Minute
)

// Weigh is what a pair weighs who have waited that long.
func Weigh(a, b *Person, waitedA, waitedB time.Duration) int64 {
	waited := min(counts, waitedA) + min(counts, waitedB)
	return int64(whole*Score(a, b) + aSecond*waited.Seconds())
}

// Snapshot is a pool of n people as it may stand at one moment: who waits, and
// the edges between them. Each brings the best 12 to 25 of a hundred who fit, and
// is brought by others: 35 edges for each on average, and hundreds for those
// whom many wish to meet.
func Snapshot(n int, seed uint64) []pairing.Edge {
	r := rand.New(rand.NewPCG(seed, 0x70616972))
	people := make([]Person, n)
	waited := make([]time.Duration, n)
	for i := range people {
		people[i] = Population{r}.Person()
		waited[i] = time.Duration(min(120, r.ExpFloat64()*20) * float64(time.Second))
	}
	type choice struct {
		to     int32
		weight int64
	}
	lists := make([][]choice, n) // those of smaller number
	for i := range people {
		var all []choice
		start := r.IntN(n)
		for k := range n {
			j := (start + k) % n
			if j != i && Fits(&people[i], &people[j]) {
				all = append(all, choice{int32(j), Weigh(&people[i], &people[j], waited[i], waited[j])})
				if len(all) == 100 {
					break
				}
			}
		}
		slices.SortStableFunc(all, func(a, b choice) int { return int(b.weight - a.weight) })
		for _, c := range all[:min(len(all), 12+r.IntN(14))] {
			if a, b := int32(i), c.to; a > b {
				lists[a] = append(lists[a], c)
			} else {
				lists[b] = append(lists[b], choice{a, c.weight})
			}
		}
	}
	var edges []pairing.Edge
	for i, list := range lists {
		slices.SortFunc(list, func(a, b choice) int { return int(a.to - b.to) })
		for k, c := range list {
			if k == 0 || list[k-1].to != c.to {
				edges = append(edges, pairing.Edge{A: int32(i), B: c.to, Weight: c.weight})
			}
		}
	}
	return edges
}
