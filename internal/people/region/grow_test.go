package region

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// crowd is a random population: a few towns of very different size, with
// villages and loners around them, in a part of the earth of random extent.
func crowd(r *rand.Rand) map[Cell]int {
	people := map[Cell]int{}
	lat, lng, extent := r.Float64()*160-80, r.Float64()*360-180, math.Exp(r.Float64()*5-3)
	at := func() Cell {
		return CellAt(math.Max(-89, math.Min(89, lat+r.NormFloat64()*extent)), lng+r.NormFloat64()*extent)
	}
	for range r.IntN(12) {
		people[at()] += int(math.Exp(r.Float64() * 7))
	}
	for range r.IntN(80) {
		people[at()] += 1 + r.IntN(30)
	}
	for range r.IntN(200) {
		people[at()]++
	}
	if r.IntN(10) == 0 {
		people[at()] = 0 // nobody active there
	}
	return people
}

func TestEveryRegionIsSharedByFiftyOfItsOwn(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	regions, none, all := 0, 0, 0
	for i := range 4000 {
		people := crowd(r)
		before := map[Cell]bool{}
		for c := range people {
			if r.IntN(3) == 0 {
				before[c.ancestor(4+r.IntN(7))] = true
			}
		}
		own := growRegions(people, before)
		sharing := map[Cell]int{} // counted anew, by what each person is shown
		total := map[Cell]int{}
		for c, n := range people {
			mine, _ := finestAround(own, c)
			sharing[mine] += n
			total[c.ancestor(joinLevel)] += n
			all += n
			if mine == 0 {
				none += n
			}
		}
		for c, n := range own {
			if sharing[c] != n || n < minPeople {
				t.Fatalf("population %d: %s of level %d is shown to %d, by its own count %d", i, c, c.Level(), sharing[c], n)
			}
			if c.Level() > finestLevel || c.Level() < coarsestLevel {
				t.Fatalf("population %d: a region of level %d", i, c.Level())
			}
		}
		for c := range sharing {
			if _, there := own[c]; c != 0 && !there {
				t.Fatalf("population %d: %s is shown, and no region", i, c)
			}
		}
		// Whoever has fifty people within their cell of level 6 is shown no more
		// than that.
		for c, n := range people {
			if mine, _ := finestAround(own, c); n > 0 && total[c.ancestor(joinLevel)] >= minPeople && mine.Level() < joinLevel {
				t.Fatalf("population %d: %d people in one cell of level %d, and one is shown level %d", i, total[c.ancestor(joinLevel)], joinLevel, mine.Level())
			}
		}
		if again := growRegions(people, before); !maps.Equal(own, again) {
			t.Fatalf("population %d grows in two ways", i)
		}
		regions += len(own)
	}
	t.Logf("%d regions; %d of %d people show none", regions, none, all)
	if regions == 0 || none == 0 {
		t.Error("the populations were too tame")
	}
}

func TestFewerThanFiftyShowNothing(t *testing.T) {
	milan := cellOf(t, "Milan")
	if got := growRegions(map[Cell]int{milan: 20, cellOf(t, "Rome"): 29}, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := growRegions(map[Cell]int{milan: minPeople}, nil); got[milan.ancestor(finestLevel)] != minPeople {
		t.Errorf("%v", got)
	}
	if got := growRegions(nil, nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestALonerIsTakenInByTheSmallestNeighbour(t *testing.T) {
	milan := cellOf(t, "Milan")
	var others []Cell // of other cells of level 8 in the same of level 6
	for _, town := range []string{"Varese", "Como", "Lecco", "Bergamo", "Lodi", "Pavia", "Monza", "Novara"} {
		if c := cellOf(t, town); c.ancestor(joinLevel) == milan.ancestor(joinLevel) && c.ancestor(8) != milan.ancestor(8) {
			others = append(others, c)
		}
	}
	if len(others) < 2 {
		t.Skip("the grid has moved")
	}
	got := growRegions(map[Cell]int{milan: 1000, others[0]: 60, others[1]: 1}, nil)
	if got[milan.ancestor(finestLevel)] != 1000 || got[others[0].ancestor(finestLevel)] != 0 {
		t.Errorf("%v", got)
	}
	if c, _ := finestAround(got, others[1]); got[c] != 61 {
		t.Errorf("%v", got)
	}
}

func TestTheSameNeighbourTakesALonerInAgain(t *testing.T) {
	corner := cellOf(t, "Milan").ancestor(joinLevel)
	var cells []Cell // one of each cell of level 8
	for rank := range list.ids {
		c := list.cellOf(uint32(rank))
		if c.ancestor(joinLevel) == corner && !slices.ContainsFunc(cells, func(o Cell) bool { return o.ancestor(8) == c.ancestor(8) }) {
			cells = append(cells, c)
		}
	}
	people := map[Cell]int{cells[0]: 60, cells[1]: 61, cells[2]: 1}
	regions := map[Cell]bool{}
	for c := range growRegions(people, nil) {
		regions[c] = true
	}
	cover, _ := finestAround(regions, cells[2])
	if hidden, _ := finestAround(regions, cells[0]); hidden != cover {
		t.Fatalf("%v", regions)
	}
	people[cells[0]] = 70 // now the other one would be the smaller
	again := growRegions(people, regions)
	if hidden, _ := finestAround(again, cells[0]); hidden != cover || again[cover] != 71 {
		t.Errorf("%v", again)
	}
}
