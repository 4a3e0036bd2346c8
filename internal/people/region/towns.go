package region

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

//go:embed towns.bin.gz
var packed []byte

// Town is a town people can choose.
type Town struct {
	ID      string // stable: the id of GeoNames
	Name    string // in the requested language, if known
	Area    string // the state or province, in English; may be empty
	Country string // ISO 3166-1 alpha-2
}

// Towns is the offline list of the world's towns, for search. The zero value is ready to
// use: it decompresses itself on first use.
type Towns struct {
	once   sync.Once
	areas  []string
	simple map[rune]rune
	ids    []uint32
	of     []uint16
	cells  []uint32
	names  string
	lines  []uint32 // offset of each town's names
	keys   []byte
	found  []byte
	blocks []byte
	byCell []uint32 // ranks, sorted by cell, then size
}

const (
	maxQuery   = 200 // bytes
	MaxTowns   = 50
	cellShift  = 41 // a level 10 cell id is 23 bits and a marker bit
	cellMarker = 1 << (cellShift - 1)
)

// load panics on a damaged list: it is embedded, and tests read it.
func (t *Towns) load() {
	t.once.Do(func() {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			panic(err)
		}
		size := binary.LittleEndian.Uint32(packed[len(packed)-4:]) // RFC 1952: ISIZE, the last four bytes
		b := make([]byte, size)
		if _, err := io.ReadFull(z, b); err != nil {
			panic(err)
		}
		if err := t.read(b); err != nil {
			panic(err)
		}
	})
}

func (t *Towns) read(b []byte) error {
	s, err := split(b)
	if err != nil {
		return err
	}
	t.areas = strings.Split(unsafeString(s[0]), "\n")
	t.simple = map[rune]rune{}
	var from rune
	for i, r := range []rune(unsafeString(s[1])) {
		if i%2 == 0 {
			from = r
		} else {
			t.simple[from] = r
		}
	}
	n := len(s[2]) / 4
	t.ids, t.of, t.cells = make([]uint32, n), make([]uint16, n), make([]uint32, n)
	t.byCell = make([]uint32, n)
	for i := range n {
		t.ids[i] = binary.LittleEndian.Uint32(s[2][4*i:])
		t.of[i] = binary.LittleEndian.Uint16(s[3][2*i:])
		t.cells[i] = binary.LittleEndian.Uint32(s[4][4*i:])
		t.byCell[i] = uint32(i)
	}
	t.names = unsafeString(s[5])
	t.lines = make([]uint32, 1, n+1)
	for i := range len(t.names) {
		if t.names[i] == '\n' {
			t.lines = append(t.lines, uint32(i+1))
		}
	}
	t.lines = append(t.lines, uint32(len(t.names)+1))
	t.keys, t.found, t.blocks = s[6], s[7], s[8]
	slices.SortFunc(t.byCell, func(a, b uint32) int {
		if t.cells[a] != t.cells[b] {
			return int(t.cells[a]) - int(t.cells[b])
		}
		return int(a) - int(b)
	})
	if len(t.lines) != n+1 {
		return errFormat
	}
	return nil
}

// unsafeString returns b as a string without a copy; b must not be written any more.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Search is a query for towns.
type Search struct {
	Query    string   // prefix of any word of any name, in any script, ignoring case and marks
	Language string   // of the names in the result: "en", "it" or "zh"
	Spoken   []string // the person's languages: towns where they are spoken rank higher
	Most     int      // at most MaxTowns
}

// Search finds towns, most likely first, see weight.
func (t *Towns) Search(s Search) []Town {
	if len(s.Query) > maxQuery || s.Most < 1 {
		return nil
	}
	t.load()
	q := Fold(s.Query, t.simple)
	if q == "" {
		return nil
	}
	ranks := t.find(q, countriesOf(s.Spoken), min(s.Most, MaxTowns))
	all := make([]Town, len(ranks))
	for i, r := range ranks {
		all[i] = t.town(r, s.Language)
	}
	return all
}

// candidate is a town with a key that begins with the query.
type candidate struct {
	rank  uint32
	exact bool // a name equals the query
	near  bool // in a country where one of the person's languages is spoken
}

// Each factor makes a town count as that many times larger. An exact match does
// not lift a village above a city that matches by prefix, only above its equals.
const (
	exactGain = 16
	nearGain  = 8
	shownGain = 16 // the displayed name begins with the query, not another name or a later word
)

// weight orders candidates, smallest first. Size is estimated from rank: by Zipf's law the
// n-th largest town has about 1/n of the people of the largest.
func (t *Towns) weight(h candidate, q string) float64 {
	w := float64(h.rank + 1)
	if h.exact {
		w /= exactGain
	}
	if h.near {
		w /= nearGain
	}
	for name := range strings.SplitSeq(t.names[t.lines[h.rank]:t.lines[h.rank+1]-1], "\t") {
		if strings.HasPrefix(Fold(name, t.simple), q) {
			return w / shownGain
		}
	}
	return w
}

// find returns the ranks of towns with a key that begins with q.
func (t *Towns) find(q string, near map[string]bool, most int) []uint32 {
	// Only the largest of each kind can be among the best.
	var kinds [2][2][]uint32
	for i := range kinds {
		for j := range kinds[i] {
			kinds[i][j] = make([]uint32, 0, shortlist)
		}
	}
	t.eachMatch(q, func(rank uint32, exact bool) {
		country, _, _ := strings.Cut(t.areas[t.of[rank]], "\t")
		k := &kinds[index(exact)][index(near[country])]
		*k = insertSmallest(*k, rank, shortlist)
	})
	var hits []candidate
	seen := map[uint32]bool{}
	for _, i := range []int{1, 0} { // exact first, so that a town counts as exact if any key is
		for j, ranks := range kinds[i] {
			for _, r := range ranks {
				if !seen[r] {
					seen[r] = true
					hits = append(hits, candidate{r, i == 1, j == 1})
				}
			}
		}
	}
	weights := make(map[uint32]float64, len(hits))
	for _, h := range hits {
		weights[h.rank] = t.weight(h, q)
	}
	slices.SortFunc(hits, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(weights[a.rank], weights[b.rank]), cmp.Compare(a.rank, b.rank))
	})
	ranks := make([]uint32, min(len(hits), most))
	for i := range ranks {
		ranks[i] = hits[i].rank
	}
	return ranks
}

// shortlist is how many towns of each kind are weighed: enough to include those whose
// displayed name begins with the query.
const shortlist = 4 * MaxTowns

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// eachMatch calls f for towns with a key that begins with q, possibly repeatedly; exact:
// the key equals q and is a whole name.
func (t *Towns) eachMatch(q string, f func(rank uint32, exact bool)) {
	if len(t.blocks) == 0 {
		return
	}
	// The first matching key is in the last block whose first key is below q, or
	// is the first key of the next block.
	first := sort.Search(len(t.blocks)/8, func(i int) bool { return t.firstKey(i) >= q })
	k, at := t.blockStart(max(first-1, 0))
	var key []byte // only maintained until the first match
	within := false
	for k < len(t.keys) {
		shared, length := 0, 0
		shared, k = uvarint(t.keys, k)
		length, k = uvarint(t.keys, k)
		rest := t.keys[k : k+length]
		k += length
		if !within || shared < len(q) {
			key = append(key[:shared], rest...)
			if within = bytes.HasPrefix(key, []byte(q)); !within && string(key) > q {
				return
			}
		}
		towns, rank := 0, 0
		towns, at = uvarint(t.found, at)
		for range towns {
			step := 0
			step, at = uvarint(t.found, at)
			rank += step >> 1
			if within {
				f(uint32(rank), step&1 == 1 && shared+length == len(q)) // only the first match can equal q
			}
		}
	}
}

// insertSmallest inserts rank into the sorted list of the smallest distinct ranks, of
// length most.
func insertSmallest(ranks []uint32, rank uint32, most int) []uint32 {
	if len(ranks) == most && rank >= ranks[most-1] {
		return ranks
	}
	at, there := slices.BinarySearch(ranks, rank)
	if there {
		return ranks
	}
	if len(ranks) == most {
		ranks = ranks[:most-1]
	}
	return slices.Insert(ranks, at, rank)
}

// blockStart returns where a block begins in keys and in found.
func (t *Towns) blockStart(i int) (keys, found int) {
	return int(binary.LittleEndian.Uint32(t.blocks[8*i:])), int(binary.LittleEndian.Uint32(t.blocks[8*i+4:]))
}

// firstKey returns the first key of a block.
func (t *Towns) firstKey(i int) string {
	k, _ := t.blockStart(i)
	_, k = uvarint(t.keys, k) // the first key shares no prefix
	length, k := uvarint(t.keys, k)
	return unsafeString(t.keys[k : k+length])
}

// uvarint decodes a number at i and returns where it ends.
func uvarint(b []byte, i int) (n, end int) {
	if b[i] < 0x80 { // the common case
		return int(b[i]), i + 1
	}
	v, used := binary.Uvarint(b[i:])
	return int(v), i + used
}

func (t *Towns) town(rank uint32, language string) Town {
	country, area, _ := strings.Cut(t.areas[t.of[rank]], "\t")
	return Town{ID: strconv.FormatUint(uint64(t.ids[rank]), 10), Name: t.name(rank, language), Area: area, Country: country}
}

// name returns the town's name in language, else in English, else the main one.
func (t *Towns) name(rank uint32, language string) string {
	var n [4]string // main, English, Italian, Chinese
	rest := t.names[t.lines[rank] : t.lines[rank+1]-1]
	for i := range n {
		n[i], rest, _ = strings.Cut(rest, "\t")
	}
	switch {
	case language == "it" && n[2] != "":
		return n[2]
	case language == "zh" && n[3] != "":
		return n[3]
	case n[1] != "":
		return n[1]
	}
	return n[0]
}

// cell returns the cell of the town with this id.
func (t *Towns) cell(id string) (Cell, bool) {
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return 0, false
	}
	t.load()
	rank := slices.Index(t.ids, uint32(n))
	if rank < 0 {
		return 0, false
	}
	return t.cellOf(uint32(rank)), true
}

func (t *Towns) cellOf(rank uint32) Cell { return Cell(uint64(t.cells[rank])<<cellShift | cellMarker) }
