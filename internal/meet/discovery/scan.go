package discovery

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"
	"time"

	"heyy/internal/people/region"
)

// candidateLimit is how many fitting people are scored for one deck. Others follow when
// these are decided, or the next day, when the scan starts elsewhere.
const candidateLimit = 600

// maxLikedBy limits how many people who like the viewer are candidates at once.
const maxLikedBy = candidateLimit / 4

// candidate is a fitting person with a score.
type candidate struct {
	row   uint32
	key   key
	score float32
}

// fits is Fits for the person in a row.
func (x *index) fits(me *Person, row uint32, today Day) bool {
	c := &x.cores[row]
	// Fast path: most rows fail here, and free rows always do.
	if me.meet&c.gender == 0 || c.meet&me.gender == 0 || me.languages&c.languages == 0 {
		return false
	}
	if me.core.unmet(c, today)|c.unmet(&me.core, today) != 0 {
		return false
	}
	if me.flags&hasRareFilters != 0 && me.rare.unmet(c.languages, &x.details[row].likes) != 0 {
		return false
	}
	if c.flags&hasRareFilters != 0 {
		return x.rares[x.details[row].rare].unmet(me.languages, &me.interests) == 0
	}
	return true
}

// scan is the state of one request's pass over the index.
type scan struct {
	me           *Person
	mine         key
	today        Day
	likedBy      map[key]struct{}
	hidden       map[key]struct{}
	taste        *taste
	seed         uint64  // of viewer and day: determines where the scan starts, and the shuffle
	meanExposure float64 // positive
	weekAgo      uint32  // Unix minutes
}

// candidates returns fitting people, best first, residents last: from the viewer's region,
// then nearby ones, then all others, up to candidateLimit. The caller holds mu for reading.
func (x *index) candidates(l *scan) []candidate {
	var members, residents []candidate
	var found [3]int // members per gender
	near := x.neighboursOf(l.me.Cell)
	try := func(row uint32, w region.Where) {
		if !x.fits(l.me, row, l.today) {
			return
		}
		k := x.details[row].key
		if _, out := l.hidden[k]; out || k == l.mine {
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
	for k := range l.likedBy { // candidates wherever they live
		if row, ok := x.rows[k]; ok {
			try(row, region.Near(l.me.Cell, x.cells[x.details[row].cell].cell))
		}
		if len(members) >= maxLikedBy {
			break
		}
	}
	fans := len(members) // in addition to the others: a deck of likers alone would reveal the likes
	found = [3]int{}
	visited := make([]bool, len(x.cells))
	share := candidateLimit / max(1, bits.OnesCount8(l.me.meet)) // per gender, so that none crowds out another
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
					if len(l.likedBy) == 0 || !has(l.likedBy, x.details[row].key) {
						try(row, ring.where)
					}
				}
			}
		}
	}
	for i, n := 0, len(x.cores); i < n && len(members)-fans < candidateLimit; i++ {
		row := uint32((uint64(i) + l.seed>>8) % uint64(n))
		if !x.fits(l.me, row, l.today) || visited[x.details[row].cell] || len(l.likedBy) > 0 && has(l.likedBy, x.details[row].key) {
			continue
		}
		where := region.Farther
		if l.me.Cell == 0 || x.details[row].cell == 0 {
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

// seedOf is an HMAC of person, day and purpose. It is keyed: whoever could compute it could
// subtract the shuffle from the order of their cards, and infer from the rest who likes
// them.
func (s *Service) seedOf(k key, day Day, more ...byte) uint64 {
	h := hmac.New(sha256.New, s.key)
	_, _ = h.Write(binary.BigEndian.AppendUint32(k[:], uint32(day))) // a hash never fails
	_, _ = h.Write(more)
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// splitmix64 is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func splitmix64(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unixMinutes is t in minutes, as the index stores it.
func unixMinutes(t time.Time) uint32 { return uint32(t.Unix() / 60) }
