package discovery

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"heyy/internal/region"
)

// enough is how many people who fit are looked at for one deck. Who comes later
// has their turn when these are decided, or tomorrow, when it begins elsewhere.
const enough = 1000

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
	if me.flags&wantsMore != 0 && me.wish.misses(c.languages, &x.likes[row]) != 0 {
		return false
	}
	if c.flags&wantsMore != 0 {
		r := x.rare[row]
		return r.misses(me.languages, &me.interests) == 0
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
// region, then of those nearby, then of all others, until there are enough. If
// there are not, they are all who fit. The caller holds mu to read.
func (x *index) candidates(l *look) []candidate {
	var members, residents []candidate
	near := x.around(l.me.Cell)
	try := func(row uint32, w region.Where) {
		if !x.fits(l.me, row, l.today) {
			return
		}
		k := x.keys[row]
		if _, out := l.out[k]; out || k == l.mine {
			return
		}
		c := candidate{row, k, x.score(l, row, k, w)}
		if x.cores[row].flags&isResident != 0 {
			residents = append(residents, c)
		} else {
			members = append(members, c)
		}
	}
	for k := range l.fans { // they come into question wherever they live
		if row, ok := x.rows[k]; ok {
			try(row, region.Near(l.me.Cell, x.cells[x.cell[row]].cell))
		}
	}
	visited := make([]bool, len(x.cells))
	for _, ring := range []struct {
		cells []uint32
		where region.Where
	}{{near.same, region.Same}, {near.near, region.Nearby}} {
		for i := range ring.cells {
			n := ring.cells[(uint64(i)+l.seed)%uint64(len(ring.cells))]
			visited[n] = true
			rows := x.cells[n].rows
			for j := range rows {
				if len(members) >= enough {
					break
				}
				row := rows[(uint64(j)+l.seed>>8)%uint64(len(rows))]
				if len(l.fans) == 0 || !has(l.fans, x.keys[row]) {
					try(row, ring.where)
				}
			}
		}
	}
	for i, n := 0, len(x.cores); i < n && len(members) < enough; i++ {
		row := uint32((uint64(i) + l.seed>>8) % uint64(n))
		if !x.fits(l.me, row, l.today) || visited[x.cell[row]] || len(l.fans) > 0 && has(l.fans, x.keys[row]) {
			continue
		}
		where := region.Farther
		if l.me.Cell == 0 || x.cell[row] == 0 {
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
