package discovery

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"heyy/internal/account"
	"heyy/internal/profile"
	"heyy/internal/region"
)

// key is an account's id as 16 bytes instead of 36 letters.
type key [16]byte

func keyOf(id account.ID) (k key, ok bool) {
	u, err := uuid.Parse(string(id))
	return key(u), err == nil
}

func (k key) id() account.ID { return account.ID(uuid.UUID(k).String()) }

// index is everybody who may be shown: 24 bytes each that decide most pairs, 64
// more that are looked at for the others, and some 50 of the map and the lists
// of the regions. There are no pointers in them that the collector would have to
// follow. A row keeps its number as long as the person stays; free ones are used
// again. All but exposure is guarded by mu.
type index struct {
	mu    sync.RWMutex
	rows  map[key]uint32
	free  []uint32
	cores []core // gender 0: the row is free
	more  []more
	rares []rare // of those with wantsMore; the first is nobody's
	spare []uint32
	sum   atomic.Uint64 // of all exposures, as float64 bits
	cells []place       // regions, in the order of their first person; 0 is nowhere
	known map[region.Cell]uint32
	fans  [192]uint32 // how many like each interest
	speak [64]uint32  // how many speak each language

	nearMu sync.Mutex
	near   map[region.Cell]*surroundings
}

// more is what is known of somebody beside the core: one line of the processor's
// cache.
type more struct {
	likes interests
	key   key
	seen  uint32 // Unix minutes
	cell  uint32 // number of the region, into cells
	place uint32 // where in the region's list the row stands
	rare  uint32 // into rares
	voice timbre
	shown exposure // see there
}

// place is a region and who is shown there, by the place of their gender.
type place struct {
	cell region.Cell
	rows [3][]uint32
}

func newIndex() *index {
	return &index{
		rows: map[key]uint32{}, rares: make([]rare, 1), near: map[region.Cell]*surroundings{},
		cells: make([]place, 1), known: map[region.Cell]uint32{0: 0},
	}
}

// size is how many people are in the index.
func (x *index) size() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.rows)
}

// reserve makes room for n people, so that loading them does not copy.
func (x *index) reserve(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n += n / 50
	x.rows = make(map[key]uint32, n)
	x.cores, x.more = make([]core, 0, n), make([]more, 0, n)
}

// put brings the row of p up to date: in, changed, or out where they are not
// shown any more.
func (x *index) put(p *Person, now time.Time) {
	k, ok := keyOf(p.ID)
	if !ok {
		return
	}
	row, there := x.rows[k]
	switch {
	case !p.Shown(now):
		if there {
			x.drop(k, row)
		}
		return
	case there:
		x.count(row, -1)
		x.leave(row)
	default:
		row = x.room()
		x.rows[k] = row
	}
	m := &x.more[row]
	x.cores[row], m.likes, m.key = p.core, p.interests, k
	m.seen, m.voice = minutes(p.Seen), timbreOf(p.Voice)
	if p.flags&wantsMore != 0 {
		m.rare = x.keep(p.wish)
	}
	x.enter(row, p.Cell)
	x.count(row, 1)
}

// keep finds a place for rare wishes.
func (x *index) keep(r rare) uint32 {
	if n := len(x.spare); n > 0 {
		at := x.spare[n-1]
		x.spare, x.rares[at] = x.spare[:n-1], r
		return at
	}
	x.rares = append(x.rares, r)
	return uint32(len(x.rares) - 1)
}

// room is the number of a row that nobody has.
func (x *index) room() uint32 {
	if n := len(x.free); n > 0 {
		row := x.free[n-1]
		x.free = x.free[:n-1]
		return row
	}
	x.cores, x.more = append(x.cores, core{}), append(x.more, more{})
	return uint32(len(x.cores) - 1)
}

func (x *index) drop(k key, row uint32) {
	x.count(row, -1)
	x.leave(row)
	x.sumAdd(-x.more[row].shown.value())
	x.cores[row], x.more[row] = core{}, more{}
	delete(x.rows, k)
	x.free = append(x.free, row)
}

func (x *index) enter(row uint32, c region.Cell) {
	n, ok := x.known[c]
	if !ok {
		n = uint32(len(x.cells))
		x.cells = append(x.cells, place{cell: c})
		x.known[c] = n
	}
	list := &x.cells[n].rows[bits.TrailingZeros8(x.cores[row].gender)]
	x.more[row].cell, x.more[row].place = n, uint32(len(*list))
	*list = append(*list, row)
}

// leave takes a row from its region's list and gives up its rare wishes.
func (x *index) leave(row uint32) {
	m := &x.more[row]
	list := &x.cells[m.cell].rows[bits.TrailingZeros8(x.cores[row].gender)]
	last := (*list)[len(*list)-1]
	(*list)[m.place], x.more[last].place = last, m.place
	*list = (*list)[:len(*list)-1]
	if m.rare != 0 {
		x.spare = append(x.spare, m.rare)
		m.rare = 0
	}
}

func (x *index) count(row uint32, by int) {
	for w, set := range x.more[row].likes {
		for b := range bitsOf(set) {
			x.fans[w<<6|b] += uint32(by)
		}
	}
	for b := range bitsOf(x.cores[row].languages) {
		x.speak[b] += uint32(by)
	}
}

// expire drops those who have not been here for 30 days.
func (x *index) expire(now time.Time) {
	before := minutes(now.Add(-seenWithin))
	var gone []uint32
	x.mu.RLock() // readers go on while everybody is looked at
	for row := range x.more {
		if x.more[row].seen < before && x.cores[row].gender != 0 {
			gone = append(gone, uint32(row))
		}
	}
	x.mu.RUnlock()
	if len(gone) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, row := range gone {
		if x.more[row].seen < before && x.cores[row].gender != 0 {
			x.drop(x.more[row].key, row)
		}
	}
}

// forget drops one person.
func (x *index) forget(id account.ID) {
	k, ok := keyOf(id)
	if !ok {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if row, there := x.rows[k]; there {
		x.drop(k, row)
	}
}

// bitsOf are the places of the ones in set.
func bitsOf(set uint64) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; set != 0; i++ {
			if set&1 != 0 && !yield(i) {
				return
			}
			set >>= 1
		}
	}
}

// surroundings are the regions that are the same as, or near, another. They are
// worked out once and grow as regions are added.
type surroundings struct {
	upTo       int // of cells
	same, near []uint32
}

// around gives them for c. The caller holds mu to read.
func (x *index) around(c region.Cell) *surroundings {
	x.nearMu.Lock()
	defer x.nearMu.Unlock()
	s := x.near[c]
	if s != nil && s.upTo == len(x.cells) {
		return s
	}
	if s == nil {
		if len(x.near) > surroundingsMost {
			clear(x.near)
		}
		s = &surroundings{}
		x.near[c] = s
	}
	fresh := &surroundings{upTo: len(x.cells), same: s.same, near: s.near}
	for n := s.upTo; n < len(x.cells); n++ {
		switch region.Near(c, x.cells[n].cell) {
		case region.Same:
			fresh.same = append(fresh.same, uint32(n))
		case region.Nearby:
			fresh.near = append(fresh.near, uint32(n))
		}
	}
	x.near[c] = fresh // another one: a reader may still hold the old
	return fresh
}

const surroundingsMost = 50_000

// exposure is how many people looked at somebody and chose, as float32 bits, read and added to without the lock. What was long ago
// counts less: it halves each week. Values are kept as if at the epoch of the
// process and grow instead (forward decay; Cormode et al. 2009), so that time
// changes nothing that is stored.
type exposure uint32

func (e *exposure) value() float64 {
	return float64(math.Float32frombits(atomic.LoadUint32((*uint32)(e))))
}
func (e *exposure) set(v float64) { atomic.StoreUint32((*uint32)(e), math.Float32bits(float32(v))) }
func (e *exposure) add(v float64) {
	for {
		old := atomic.LoadUint32((*uint32)(e))
		if atomic.CompareAndSwapUint32((*uint32)(e), old, math.Float32bits(math.Float32frombits(old)+float32(v))) {
			return
		}
	}
}

func (x *index) sumAdd(v float64) {
	for {
		old := x.sum.Load()
		if x.sum.CompareAndSwap(old, math.Float64bits(max(0, math.Float64frombits(old)+v))) {
			return
		}
	}
}

// mean is the exposure of the average person.
func (x *index) mean() float64 {
	return math.Float64frombits(x.sum.Load()) / float64(max(1, len(x.rows)))
}

// timbre is a voice in four steps of 0..255: pitch in semitones above 60 Hz over
// three octaves, brightness, tempo, energy.
type timbre [4]uint8

func timbreOf(v *profile.Voice) timbre {
	if v == nil {
		return timbre{}
	}
	step := func(x float64) uint8 { return uint8(math.Round(255 * min(1, max(0, x)))) }
	return timbre{step(math.Log2(max(v.PitchHz, 1)/60) / 3), step(v.Brightness), step(v.Tempo), step(v.Energy)}
}
