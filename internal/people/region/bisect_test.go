package region

import (
	"compress/gzip"
	"database/sql"
	"encoding/binary"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/golang/geo/s2"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

// What an attacker must not do better than, in km.
const (
	leastMedian = 2.0
	leastFifth  = 0.5 // of one victim in twenty
)

// spot is where a town really is. The program does not know; attackers do.
type spot struct {
	point
	population int
	cell       Cell
	rank       uint32
}

type point struct{ lat, lng float64 } // degrees

func (p point) km(o point) float64 {
	return float64(s2.LatLngFromDegrees(p.lat, p.lng).Distance(s2.LatLngFromDegrees(o.lat, o.lng))) * earth
}

// away is a random point of the disc around p.
func (p point) away(r *rand.Rand, km float64) point {
	far, way := km*math.Sqrt(r.Float64()), 2*math.Pi*r.Float64()
	degree := 2 * math.Pi * earth / 360
	return point{p.lat + far*math.Cos(way)/degree, p.lng + far*math.Sin(way)/degree/math.Cos(p.lat*math.Pi/180)}
}

// land is a part of the earth with its towns.
type land struct {
	towns []spot
	upTo  []int // people of all towns up to this one
	near  map[[2]int][]int
}

const box = 0.2 // degrees, for near

func (l *land) key(p point) [2]int {
	return [2]int{int(math.Floor(p.lat / box)), int(math.Floor(p.lng / box))}
}

// lands reads testdata/where.bin.gz, made by tools/towns: the program's list
// with the true positions.
func lands(t testing.TB, south, north, west, east float64) *land {
	t.Helper()
	f, err := os.Open("testdata/where.bin.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	list.load()
	l := &land{near: map[[2]int][]int{}}
	var v [3]int64
	people := 0
	for rank := uint32(0); len(b) > 0; rank++ {
		for i := range v {
			d, n := binary.Varint(b)
			v[i], b = v[i]+d, b[n:]
		}
		s := spot{point{float64(v[1]) / 1000, float64(v[2]) / 1000}, int(v[0]), 0, rank}
		if s.lat < south || s.lat > north || s.lng < west || s.lng > east {
			continue
		}
		s.cell = list.cellOf(rank)
		people += s.population
		l.near[l.key(s.point)] = append(l.near[l.key(s.point)], len(l.towns))
		l.towns, l.upTo = append(l.towns, s), append(l.upTo, people)
	}
	return l
}

// nearest is the town that somebody at p would choose.
func (l *land) nearest(p point) *spot {
	k := l.key(p)
	var best *spot
	least, narrow := math.Inf(1), math.Cos(p.lat*math.Pi/180)
	for ring := 1; best == nil; ring++ {
		for y := k[0] - ring; y <= k[0]+ring; y++ {
			for x := k[1] - ring; x <= k[1]+ring; x++ {
				for _, i := range l.near[[2]int{y, x}] {
					o := &l.towns[i]
					if d := math.Hypot(o.lat-p.lat, (o.lng-p.lng)*narrow); d < least {
						best, least = o, d
					}
				}
			}
		}
	}
	return best
}

// resident is a place to live: for the rural somewhere in the country, for others
// in towns of 2500 people to the square kilometre.
func (l *land) resident(r *rand.Rand, rural bool) point {
	if rural {
		return l.towns[r.IntN(len(l.towns))].away(r, 12)
	}
	s := l.towns[sort.SearchInts(l.upTo, 1+r.IntN(l.upTo[len(l.upTo)-1]))]
	return s.away(r, math.Sqrt(float64(s.population)/2500/math.Pi))
}

// guesses are the best an attacker can make of the cells where somebody may
// live: the largest town there, and the middle of all people and of all land.
func (l *land) guesses(may func(Cell) bool) (all [3]point, ok bool) {
	var weight, count float64
	var middle, centre point
	for _, s := range l.towns { // the largest first
		if !may(s.cell) {
			continue
		}
		if !ok {
			all[0], ok = s.point, true
		}
		w := float64(s.population)
		weight, middle.lat, middle.lng = weight+w, middle.lat+w*s.lat, middle.lng+w*s.lng
		c := s2.CellID(s.cell).LatLng()
		count, centre.lat, centre.lng = count+1, centre.lat+c.Lat.Degrees(), centre.lng+c.Lng.Degrees()
	}
	all[1] = point{middle.lat / weight, middle.lng / weight}
	all[2] = point{centre.lat / count, centre.lng / count}
	return all, ok
}

// misses are distances from the truth, for each way to guess.
type misses [3][]float64

func (e *misses) add(truth point, guesses [3]point) {
	for i, g := range guesses {
		e[i] = append(e[i], truth.km(g))
	}
}

// best are the median and the fifth percentile of the way that is best at each.
func (e *misses) best() (median, fifth float64) {
	median, fifth = math.Inf(1), math.Inf(1)
	for i := range e {
		slices.Sort(e[i])
		if n := len(e[i]); n > 0 {
			median, fifth = min(median, e[i][n/2]), min(fifth, e[i][n/20])
		}
	}
	return median, fifth
}

func TestWhoKnowsTheRegionDoesNotKnowThePlace(t *testing.T) {
	for _, x := range []struct {
		name                     string
		south, north, west, east float64
	}{
		{"Italy", 36, 47.1, 6, 19}, {"east China", 27, 33, 112, 123}, {"north-east America", 33, 43, -85, -72},
	} {
		l := lands(t, x.south, x.north, x.west, x.east)
		for _, oneIn := range []int{10_000, 1000, 300, 50} { // of all people is a member
			r := rand.New(rand.NewPCG(1, uint64(oneIn)))
			members := l.upTo[len(l.upTo)-1] / oneIn
			victims := min(members, 12_000)
			people := map[Cell]int{}
			lives := make([]point, victims)
			homes := make([]Cell, victims)
			for i := range lives {
				lives[i] = l.resident(r, i%5 == 0)
				homes[i] = l.nearest(lives[i]).cell
				people[homes[i]] += max(1, members/victims)
			}
			regions := growRegions(people, nil)
			guess := map[Cell][3]point{}
			bySpot := map[Cell][]spot{}
			for _, s := range l.towns {
				c, _ := finestAround(regions, s.cell)
				bySpot[c] = append(bySpot[c], s)
			}
			for c, towns := range bySpot {
				guess[c], _ = (&land{towns: towns}).guesses(func(Cell) bool { return true })
			}
			var all, town, country misses
			for i, home := range homes {
				c, ok := finestAround(regions, home)
				if !ok {
					continue
				}
				all.add(lives[i], guess[c])
				if i%5 == 0 {
					country.add(lives[i], guess[c])
				} else {
					town.add(lives[i], guess[c])
				}
			}
			median, fifth := all.best()
			townMedian, townFifth := town.best()
			countryMedian, countryFifth := country.best()
			t.Logf("%s, one in %d: %d regions; %d of %d show none; median and p5 of the error in km: %.1f and %.2f; in towns %.1f and %.2f; in the country %.1f and %.2f",
				x.name, oneIn, len(regions), victims-len(all[0]), victims, median, fifth, townMedian, townFifth, countryMedian, countryFifth)
			if median < leastMedian || fifth < leastFifth {
				t.Errorf("%s, one in %d: too near", x.name, oneIn)
			}
		}
	}
}

func TestABisectingAttackerGainsNothing(t *testing.T) {
	const members, days, watched = 1200, 100, 150
	d := dbtest.SQLite(t)
	r := rand.New(rand.NewPCG(3, 3))
	l := lands(t, 44.6, 46.4, 8, 11.2) // Lombardy and around
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	s := New(d, list, func() time.Time { return now })

	// Everybody lives somewhere and has chosen the nearest town.
	lives := make([]point, members)
	who := make([]account.ID, members)
	homes := make([]Cell, members)
	err := d.Tx(ctx, func(tx *sql.Tx) error {
		for i := range lives {
			lives[i], who[i] = l.resident(r, i%5 == 0), account.ID(id.New())
			homes[i] = l.nearest(lives[i]).cell
			if _, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at, seen_at) VALUES ($1, 'member', 0, $2)`, string(who[i]), db.Millis(now.AddDate(1, 0, 0))); err != nil {
				return err
			}
			if err := intro(tx, who[i]); err != nil {
				return err
			}
			if _, err := insertFirstHome(ctx, tx, who[i], homes[i], "", now); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at, seen_at) VALUES ('attacker', 'member', 0, $1)`, db.Millis(now.AddDate(1, 0, 0)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	victims := who[:watched]

	// What a viewer may read, and what follows from it for one who knows every
	// region there is at that moment.
	type read struct {
		near  Where
		place Place
	}
	see := func(me, them Cell) (x read) {
		x.near = Near(me, them)
		if p := list.Place(them, "en"); p != nil {
			x.place = *p
		}
		return x
	}
	may := make([]map[Cell]bool, watched)
	for i := range may {
		may[i] = map[Cell]bool{}
		for _, town := range l.towns {
			may[i][town.cell] = true
		}
	}
	var single misses
	reads := make([][]read, watched)
	history := make([][]Cell, watched)
	for step := range 4 * days {
		// Half the time somewhere in the country, half the time close to those
		// who are watched: that is where a border may be found.
		town := l.towns[r.IntN(len(l.towns))]
		if step%2 == 0 {
			town = *l.nearest(lives[r.IntN(watched)].away(r, 80))
		}
		if _, err := s.Move(ctx, "attacker", list.town(town.rank, "en").ID, "en", ""); err != nil {
			t.Fatal(err)
		}
		now = now.Add(6 * time.Hour)
		if err := s.Sweep(ctx, now); err != nil {
			t.Fatal(err)
		}
		all, err := s.Get(ctx, append(victims, "attacker")...)
		if err != nil {
			t.Fatal(err)
		}
		regions, err := cells(ctx, d, `SELECT cell FROM region_cells`)
		if err != nil {
			t.Fatal(err)
		}
		would := map[Cell]read{} // by home cell
		for _, town := range l.towns {
			if _, ok := would[town.cell]; !ok {
				c, _ := finestAround(regions, town.cell)
				would[town.cell] = see(all["attacker"], c)
			}
		}
		for i, v := range victims {
			got := see(all["attacker"], all[v])
			reads[i], history[i] = append(reads[i], got), append(history[i], all[v])
			for c := range may[i] {
				if would[c] != got {
					delete(may[i], c)
				}
			}
			if step == 0 { // one who is told the region itself, once
				guess, ok := l.guesses(func(c Cell) bool { x, _ := finestAround(regions, c); return x == all[v] })
				if !ok {
					t.Fatal("a region without a town")
				}
				if all[v] != 0 {
					single.add(lives[i], guess)
				}
			}
		}
	}

	var many misses
	for i := range victims {
		if !may[i][homes[i]] {
			t.Fatal("the attacker's reasoning is wrong")
		}
		if guess, _ := l.guesses(func(c Cell) bool { return may[i][c] }); history[i][0] != 0 {
			many.add(lives[i], guess)
		}
		// Who is shown alike reads alike: no choice of moves could tell them apart.
		for j := range i {
			if slices.Equal(history[i], history[j]) && !slices.Equal(reads[i], reads[j]) {
				t.Fatal("two people of one region read differently")
			}
		}
	}
	oneMedian, oneFifth := single.best()
	median, fifth := many.best()
	t.Logf("%d of %d watched show a region; told it once: p5 %.2f km, median %.2f km; after %d reads: p5 %.2f km, median %.2f km",
		len(single[0]), watched, oneFifth, oneMedian, 4*days, fifth, median)
	if median < leastMedian || fifth < leastFifth {
		t.Error("the attacker comes too near")
	}
	if median < 0.99*oneMedian || fifth < 0.99*oneFifth {
		t.Error("reading often gains something")
	}
}
