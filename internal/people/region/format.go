package region

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// List is the source of the towns file: tools/towns writes it, Towns reads it.
type List struct {
	Areas  []string  // "IT\tLombardy"
	Towns  []Entry   // by population, largest first; the index is the rank
	Simple [][2]rune // Han characters with their simplified forms
}

// Entry is one town of a List.
type Entry struct {
	ID     uint32   // GeoNames' number
	Area   uint16   // index of List.Areas
	Cell   Cell     // of level 10
	Show   []string // main name, English, Italian, Chinese; empty where the same as before
	Words  []string // folded names in local use; each word is searchable
	Names  []string // folded names in other languages
	Others []string // folded further spellings
}

// The file is a row of sections, each after its length as a varint:
//
//	areas     lines
//	simple    pairs of characters
//	ids       4 bytes a town, little endian
//	areas of  2 bytes a town
//	cells     4 bytes a town: face and position on level 10
//	names     a line a town: main, English, Italian, Chinese, parted by tabs
//	keys      sorted, each as: letters shared with the one before, letters that
//	          follow, those letters; every 32nd shares none
//	found     for each key: how many towns, then each town's difference in rank
//	          to the one before, doubled, plus one where the key is all of a name by
//	          the book
//	blocks    for every 32 keys: 4 bytes each where they begin in keys and found
//
// A key is a folded name, or for Words what follows from one of its words to its
// end, so that a prefix of any word is a prefix of a key.
const (
	magic    = "heyy towns 1\n"
	block    = 32
	sections = 9
)

var errFormat = errors.New("the list of towns is damaged")

// Bytes encodes the list in the format above.
func (l *List) Bytes() []byte {
	var simple strings.Builder
	for _, p := range l.Simple {
		simple.WriteRune(p[0])
		simple.WriteRune(p[1])
	}
	var ids, of, cells []byte
	names := make([]string, 0, len(l.Towns))
	for _, t := range l.Towns {
		ids = binary.LittleEndian.AppendUint32(ids, t.ID)
		of = binary.LittleEndian.AppendUint16(of, t.Area)
		cells = binary.LittleEndian.AppendUint32(cells, uint32(t.Cell>>41))
		names = append(names, strings.TrimRight(strings.Join(t.Show, "\t"), "\t"))
	}
	keys, found, blocks := l.index()
	b := []byte(magic)
	for _, section := range [sections][]byte{
		[]byte(strings.Join(l.Areas, "\n")), []byte(simple.String()), ids, of, cells, []byte(strings.Join(names, "\n")), keys, found, blocks,
	} {
		b = binary.AppendUvarint(b, uint64(len(section)))
		b = append(b, section...)
	}
	return b
}

// index encodes the search index.
func (l *List) index() (keys, found, blocks []byte) {
	ranks := map[string][]uint64{} // doubled, plus one for a whole name
	for rank, t := range l.Towns {
		whole := map[string]uint64{}
		for _, k := range t.Others {
			whole[k] = 0
		}
		for _, k := range t.Names {
			whole[k] = 1
		}
		for _, k := range t.Words {
			whole[k] = 1
			for i := range len(k) {
				if k[i] == ' ' {
					whole[k[i+1:]] |= 0
				}
			}
		}
		for k, w := range whole {
			ranks[k] = append(ranks[k], uint64(rank)<<1|w)
		}
	}
	sorted := make([]string, 0, len(ranks))
	for k := range ranks {
		sorted = append(sorted, k)
	}
	slices.Sort(sorted)
	before := ""
	for i, k := range sorted {
		shared := 0
		if i%block == 0 {
			blocks = binary.LittleEndian.AppendUint32(blocks, uint32(len(keys)))
			blocks = binary.LittleEndian.AppendUint32(blocks, uint32(len(found)))
		} else {
			for shared < min(len(k), len(before)) && k[shared] == before[shared] {
				shared++
			}
		}
		keys = binary.AppendUvarint(keys, uint64(shared))
		keys = binary.AppendUvarint(keys, uint64(len(k)-shared))
		keys = append(keys, k[shared:]...)
		before = k

		at := ranks[k]
		slices.SortFunc(at, func(a, b uint64) int { return cmp.Compare(a, b) })
		found = binary.AppendUvarint(found, uint64(len(at)))
		last := uint64(0)
		for _, r := range at {
			found = binary.AppendUvarint(found, (r>>1-last)<<1|r&1)
			last = r >> 1
		}
	}
	return keys, found, blocks
}

// split returns the sections of a file.
func split(b []byte) (all [sections][]byte, err error) {
	b, ok := cutPrefix(b, magic)
	if !ok {
		return all, errFormat
	}
	for i := range all {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return all, errFormat
		}
		all[i], b = b[used:used+int(n)], b[used+int(n):]
	}
	return all, nil
}

func cutPrefix(b []byte, p string) ([]byte, bool) {
	if len(b) < len(p) || string(b[:len(p)]) != p {
		return b, false
	}
	return b[len(p):], true
}
