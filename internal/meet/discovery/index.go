package discovery

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
)

// key is an account id in binary.
type key [16]byte

func keyOf(id account.ID) (k key, ok bool) {
	u, err := uuid.Parse(string(id))
	return key(u), err == nil
}

func (k key) id() account.ID { return account.ID(uuid.UUID(k).String()) }

// index holds everybody who can be shown: 24 bytes each (core) that decide most pairs, 64
// (details) that are read for the rest, and about 50 in the map and the region lists. The
// arrays have no pointers for the garbage collector to follow. A row number is stable while
// the person stays; free rows are reused. mu guards everything but exposures, which are
// atomic.
type index struct {
	mu             sync.RWMutex
	rows           map[key]uint32
	freeRows       []uint32
	cores          []core // gender 0 marks a free row
	details        []details
	rares          []rareFilters // of people with hasRareFilters; entry 0 is unused
	freeRares      []uint32
	totalExposure  atomic.Uint64 // sum of exposures, as float64 bits
	cells          []regionRows  // by region, in order of appearance; 0 is for no region
	cellNumbers    map[region.Cell]uint32
	interestCounts [192]uint32 // people per interest
	languageCounts [64]uint32  // people per language

	neighboursMu sync.Mutex
	neighbours   map[region.Cell]*neighbours
}

// details of a person beside the core: one cache line.
type details struct {
	likes    interests
	key      key
	seen     uint32 // Unix minutes
	cell     uint32 // index into cells
	pos      uint32 // position in the region's list
	rare     uint32 // index into rares
	voice    voiceVector
	exposure exposure // see exposure
}

// regionRows lists the rows of a region, by gender.
type regionRows struct {
	cell region.Cell
	rows [3][]uint32
}

func newIndex() *index {
	return &index{
		rows: map[key]uint32{}, rares: make([]rareFilters, 1), neighbours: map[region.Cell]*neighbours{},
		cells: make([]regionRows, 1), cellNumbers: map[region.Cell]uint32{0: 0},
	}
}

// size is the number of people in the index.
func (x *index) size() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.rows)
}

// reserve allocates for n people, so that loading does not copy.
func (x *index) reserve(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n += n / 50
	x.rows = make(map[key]uint32, n)
	x.cores, x.details = make([]core, 0, n), make([]details, 0, n)
}

// put inserts or updates p's row, or deletes it if p is not shown any more.
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
		x.removeFromRegion(row)
	default:
		row = x.newRow()
		x.rows[k] = row
	}
	m := &x.details[row]
	x.cores[row], m.likes, m.key = p.core, p.interests, k
	m.seen, m.voice = unixMinutes(p.Seen), voiceVectorOf(p.Voice)
	if p.flags&hasRareFilters != 0 {
		m.rare = x.addRare(p.rare)
	}
	x.addToRegion(row, p.Cell)
	x.count(row, 1)
}

// addRare stores rare filters and returns their index.
func (x *index) addRare(r rareFilters) uint32 {
	if n := len(x.freeRares); n > 0 {
		at := x.freeRares[n-1]
		x.freeRares, x.rares[at] = x.freeRares[:n-1], r
		return at
	}
	x.rares = append(x.rares, r)
	return uint32(len(x.rares) - 1)
}

// newRow returns a free row.
func (x *index) newRow() uint32 {
	if n := len(x.freeRows); n > 0 {
		row := x.freeRows[n-1]
		x.freeRows = x.freeRows[:n-1]
		return row
	}
	x.cores, x.details = append(x.cores, core{}), append(x.details, details{})
	return uint32(len(x.cores) - 1)
}

func (x *index) drop(k key, row uint32) {
	x.count(row, -1)
	x.removeFromRegion(row)
	x.addTotalExposure(-x.details[row].exposure.value())
	x.cores[row], x.details[row] = core{}, details{}
	delete(x.rows, k)
	x.freeRows = append(x.freeRows, row)
}

func (x *index) addToRegion(row uint32, c region.Cell) {
	n, ok := x.cellNumbers[c]
	if !ok {
		n = uint32(len(x.cells))
		x.cells = append(x.cells, regionRows{cell: c})
		x.cellNumbers[c] = n
	}
	list := &x.cells[n].rows[bits.TrailingZeros8(x.cores[row].gender)]
	x.details[row].cell, x.details[row].pos = n, uint32(len(*list))
	*list = append(*list, row)
}

// removeFromRegion takes a row out of its region's list and frees its rare filters.
func (x *index) removeFromRegion(row uint32) {
	m := &x.details[row]
	list := &x.cells[m.cell].rows[bits.TrailingZeros8(x.cores[row].gender)]
	last := (*list)[len(*list)-1]
	(*list)[m.pos], x.details[last].pos = last, m.pos
	*list = (*list)[:len(*list)-1]
	if m.rare != 0 {
		x.freeRares = append(x.freeRares, m.rare)
		m.rare = 0
	}
}

func (x *index) count(row uint32, by int) {
	for w, set := range x.details[row].likes {
		for b := range bitsOf(set) {
			x.interestCounts[w<<6|b] += uint32(by)
		}
	}
	for b := range bitsOf(x.cores[row].languages) {
		x.languageCounts[b] += uint32(by)
	}
}

// expire deletes people who have not been here for 30 days.
func (x *index) expire(now time.Time) {
	before := unixMinutes(now.Add(-activeWindow))
	var gone []uint32
	x.mu.RLock() // a read lock for the full scan, so that readers continue
	for row := range x.details {
		if x.details[row].seen < before && x.cores[row].gender != 0 {
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
		if x.details[row].seen < before && x.cores[row].gender != 0 {
			x.drop(x.details[row].key, row)
		}
	}
}

// forget deletes one person.
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

// bitsOf iterates over the set bits.
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

// neighbours lists the regions that are the same as, or near, a region. Computed once,
// extended as regions are added.
type neighbours struct {
	upTo       int // number of cells considered
	same, near []uint32
}

// neighboursOf returns the neighbours of c. The caller holds mu for reading.
func (x *index) neighboursOf(c region.Cell) *neighbours {
	x.neighboursMu.Lock()
	defer x.neighboursMu.Unlock()
	s := x.neighbours[c]
	if s != nil && s.upTo == len(x.cells) {
		return s
	}
	if s == nil {
		if len(x.neighbours) > maxNeighbours {
			clear(x.neighbours)
		}
		s = &neighbours{}
		x.neighbours[c] = s
	}
	fresh := &neighbours{upTo: len(x.cells), same: s.same, near: s.near}
	for n := s.upTo; n < len(x.cells); n++ {
		switch region.Near(c, x.cells[n].cell) {
		case region.Same:
			fresh.same = append(fresh.same, uint32(n))
		case region.Nearby:
			fresh.near = append(fresh.near, uint32(n))
		}
	}
	x.neighbours[c] = fresh // copy on write: readers may hold the old one
	return fresh
}

const maxNeighbours = 50_000

// exposure is how many people saw somebody's card and chose, as float32 bits, accessed
// atomically without the lock. Old views count less, with a half-life of a week. Values are
// stored relative to an epoch and grow instead of decaying (forward decay; Cormode et al.
// 2009), so that nothing has to be rewritten as time passes.
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

func (x *index) addTotalExposure(v float64) {
	for {
		old := x.totalExposure.Load()
		if x.totalExposure.CompareAndSwap(old, math.Float64bits(max(0, math.Float64frombits(old)+v))) {
			return
		}
	}
}

// meanExposure is the average over all people.
func (x *index) meanExposure() float64 {
	return math.Float64frombits(x.totalExposure.Load()) / float64(max(1, len(x.rows)))
}

// voiceVector is a voice as four bytes: pitch in semitones above 60 Hz over three octaves,
// brightness, tempo, energy.
type voiceVector [4]uint8

func voiceVectorOf(v *profile.Voice) voiceVector {
	if v == nil {
		return voiceVector{}
	}
	step := func(x float64) uint8 { return uint8(math.Round(255 * min(1, max(0, x)))) }
	return voiceVector{step(math.Log2(max(v.PitchHz, 1)/60) / 3), step(v.Brightness), step(v.Tempo), step(v.Energy)}
}
