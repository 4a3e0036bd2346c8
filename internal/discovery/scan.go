package discovery

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"time"

	"heyy/internal/region"
)

// enough is how many people who fit are looked at for one deck. Who comes later
// has their turn when these are decided, or tomorrow, when it begins elsewhere.
const enough = 600

// fansMost is how many of those who like the viewer come into question at once.
const fansMost = enough / 4

// candidate is somebody who fits, and how well.
type candidate struct {
	row   uint32
	key   key
	score float32
}

// fits is Fits for the person in a row.
func (x *index) fits(me *Person, row uint32, today Day) bool {
	c := &x.cores[row]
	// Most fail here, and a row that nobody has always does.
	if me.meet&c.gender == 0 || c.meet&me.gender == 0 || me.languages&c.languages == 0 {
		return false
	}
	if me.core.misses(c, today)|c.misses(&me.core, today) != 0 {
		return false
	}
	if me.flags&wantsMore != 0 && me.wish.misses(c.languages, &x.more[row].likes) != 0 {
		return false
	}
	if c.flags&wantsMore != 0 {
		return x.rares[x.more[row].rare].misses(me.languages, &me.interests) == 0
	}
	return true
}

// look is one request's way through the index.
type look struct {
	me    *Person
	mine  key
	today Day
	fans  map[key]struct{}
	out   map[key]struct{}
	taste *taste
	seed  uint64  // the viewer's for the day: where to begin, and the small shuffle
	mean  float64 // exposure of the average person, never nothing
	aweek uint32  // Unix minutes a week ago
}

// candidates are people who fit, the best first and residents last: of the own
// region, then of those nearby, then of all others, until there are enough. The
// caller holds mu to read.
func (x *index) candidates(l *look) []candidate {
	var members, residents []candidate
	var found [3]int // members, by the place of their gender
	near := x.around(l.me.Cell)
	try := func(row uint32, w region.Where) {
		if !x.fits(l.me, row, l.today) {
			return
		}
		k := x.more[row].key
		if _, out := l.out[k]; out || k == l.mine {
			return
		}
		c := candidate{row, k, x.score(l, row, k, w)}
		if x.cores[row].flags&isResident != 0 {
			residents = append(residents, c)
		} else {
			members = append(members, c)
			found[bits.TrailingZeros8(x.cores[row].gender)]++
		}
	}
	for k := range l.fans { // they come into question wherever they live
		if row, ok := x.rows[k]; ok {
			try(row, region.Near(l.me.Cell, x.cells[x.more[row].cell].cell))
		}
		if len(members) >= fansMost {
			break
		}
	}
	fans := len(members) // beside the others, never instead of them: a deck of fans alone would tell
	found = [3]int{}
	visited := make([]bool, len(x.cells))
	share := enough / max(1, bits.OnesCount8(l.me.meet)) // so that no gender stands in front of another
	for _, ring := range []struct {
		cells []uint32
		where region.Where
	}{{near.same, region.Same}, {near.near, region.Nearby}} {
		for i := range ring.cells {
			n := ring.cells[(uint64(i)+l.seed)%uint64(len(ring.cells))]
			visited[n] = true
			for g, rows := range x.cells[n].rows {
				if l.me.meet&(1<<g) == 0 {
					continue
				}
				for j := range rows {
					if found[g] >= share {
						break
					}
					row := rows[(uint64(j)+l.seed>>8)%uint64(len(rows))]
					if len(l.fans) == 0 || !has(l.fans, x.more[row].key) {
						try(row, ring.where)
					}
				}
			}
		}
	}
	for i, n := 0, len(x.cores); i < n && len(members)-fans < enough; i++ {
		row := uint32((uint64(i) + l.seed>>8) % uint64(n))
		if !x.fits(l.me, row, l.today) || visited[x.more[row].cell] || len(l.fans) > 0 && has(l.fans, x.more[row].key) {
			continue
		}
		where := region.Farther
		if l.me.Cell == 0 || x.more[row].cell == 0 {
			where = region.Nowhere
		}
		try(row, where)
	}
	best := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), slices.Compare(a.key[:], b.key[:]))
	}
	slices.SortFunc(members, best)
	slices.SortFunc(residents, best)
	return append(members, residents...)
}

func has(set map[key]struct{}, k key) bool { _, ok := set[k]; return ok }

// seedOf is a number of its own for each person and day.
func seedOf(k key, day Day) uint64 {
	return mix(mix(binary.BigEndian.Uint64(k[:8])^uint64(day)) ^ binary.BigEndian.Uint64(k[8:]))
}

// mix is the finaliser of splitmix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// minutes are t as the index keeps it.
func minutes(t time.Time) uint32 { return uint32(t.Unix() / 60) }
