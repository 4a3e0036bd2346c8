package region

import (
	"bytes"
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

// Town is one entry of the list from which people choose theirs.
type Town struct {
	ID      string // stable: GeoNames' number
	Name    string // in the language asked for, where it is known
	Area    string // the state or province, in English; may be empty
	Country string // ISO 3166-1 alpha-2
}

// Towns is the offline list of the world's towns. The zero value is ready: it
// unpacks itself when it is first used.
type Towns struct {
	once   sync.Once
	areas  []string
	simple map[rune]rune
	ids    []uint32
	of     []uint16
	cells  []uint32
	names  string
	lines  []uint32 // where a town's names begin
	keys   []byte
	found  []byte
	blocks []byte
	byCell []uint32 // ranks, by cell, then by size
}

const (
	queryMost  = 200 // bytes; no town has a longer name
	townsMost  = 50
	cellShift  = 41 // a cell of level 10 is its upper 23 bits and one bit after
	cellMarker = 1 << (cellShift - 1)
)

// load panics on a damaged list: it is part of the program, and tests read it.
func (t *Towns) load() {
	t.once.Do(func() {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			panic(err)
		}
		size := binary.LittleEndian.Uint32(packed[len(packed)-4:]) // RFC 1952: the last four bytes
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
	t.areas = strings.Split(text(s[0]), "\n")
	t.simple = map[rune]rune{}
	var from rune
	for i, r := range []rune(text(s[1])) {
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
	t.names = text(s[5])
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

// text is b as a string without a copy; nobody writes to b any more.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Search finds towns by the beginning of any word of any of their names, in any
// script, blind to case and marks: those called exactly so first, then the
// larger before the smaller. language is "en", "it" or "zh"; most is 50 at most.
func (t *Towns) Search(query, language string, most int) []Town {
	if len(query) > queryMost || most < 1 {
		return nil
	}
	t.load()
	q := Fold(query, t.simple)
	if q == "" {
		return nil
	}
	ranks := t.find(q, min(most, townsMost))
	all := make([]Town, len(ranks))
	for i, r := range ranks {
		all[i] = t.town(r, language)
	}
	return all
}

// find returns ranks of towns with a key that begins with q.
func (t *Towns) find(q string, most int) []uint32 {
	exact, others := make([]uint32, 0, most), make([]uint32, 0, most)
	// The first key that begins with q stands in the last block whose head is
	// below q, or is the head of the next one.
	first := sort.Search(len(t.blocks)/8, func(i int) bool { return t.head(i) >= q })
	first = max(first-1, 0)
	if len(t.blocks) == 0 {
		return exact
	}
	k, f := t.starts(first)
	var key []byte // as far as it matters: until the first hit
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
				break
			}
		}
		towns, rank := 0, 0
		towns, f = uvarint(t.found, f)
		for range towns {
			step := 0
			step, f = uvarint(t.found, f)
			rank += step >> 1
			switch {
			case !within:
			case step&1 == 1 && shared+length == len(q): // only the key that is q, which comes first
				exact = keep(exact, uint32(rank), most)
			default:
				others = keep(others, uint32(rank), most)
			}
		}
	}
	for _, r := range others {
		if len(exact) < most && !slices.Contains(exact, r) {
			exact = append(exact, r)
		}
	}
	return exact
}

// keep puts rank among the smallest most ones, sorted, each once.
func keep(ranks []uint32, rank uint32, most int) []uint32 {
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

// starts is where a block begins, in keys and in found.
func (t *Towns) starts(i int) (keys, found int) {
	return int(binary.LittleEndian.Uint32(t.blocks[8*i:])), int(binary.LittleEndian.Uint32(t.blocks[8*i+4:]))
}

// head is the first key of a block.
func (t *Towns) head(i int) string {
	k, _ := t.starts(i)
	_, k = uvarint(t.keys, k) // shares nothing
	length, k := uvarint(t.keys, k)
	return text(t.keys[k : k+length])
}

// uvarint reads a number at i and says where it ends.
func uvarint(b []byte, i int) (n, end int) {
	if b[i] < 0x80 { // nearly always
		return int(b[i]), i + 1
	}
	v, used := binary.Uvarint(b[i:])
	return int(v), i + used
}

func (t *Towns) town(rank uint32, language string) Town {
	country, area, _ := strings.Cut(t.areas[t.of[rank]], "\t")
	return Town{ID: strconv.FormatUint(uint64(t.ids[rank]), 10), Name: t.name(rank, language), Area: area, Country: country}
}

// name is the town's name in language, else in English, else the main one.
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

// cell is the cell of the town with this id.
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
