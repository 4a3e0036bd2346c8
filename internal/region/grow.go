package region

import (
	"cmp"
	"maps"
	"slices"
)

// enough is how many active people share every region that is shown.
const enough = 50

// Regions are found from the finest level upwards. At stay, a rest that is too
// small takes a neighbour in; above it, a rest finds each other or shows none.
const (
	finest   = 9 // see docs/adr/0006-region.md for why not homeLevel
	stay     = 6
	coarsest = 4
)

// grow finds the regions for people by home cell, and how many each is shown to:
// a set of cells of which some may lie within others. Who lives in several of
// them is shown the finest. before are the regions until now.
//
// It goes from the finest level to the coarsest. In each cell it looks at those
// whom no finer region has taken: are they enough, the cell becomes a region;
// else they wait for the next coarser one. At the level stay, people who are too
// few do not wait any longer if there is a region in their cell already: the one
// that costs least is dissolved, its people join them, and together they are
// enough. Cost is people times levels lost; but one that was not shown before
// goes first, for if those few were hidden among others now and among others
// then, both together would tell them apart.
//
// So every region is shown to at least enough people of its own, those of finer
// regions within it not counted, and nobody can be singled out by taking regions
// from one another: a region is made with enough; making a coarser one takes
// nobody from it; and one is dissolved only as a whole, into a region made at
// that moment, with no other in between. Whoever lives where enough people are
// within one cell of the level stay is shown that cell or a finer one.
//
// The idea of growing until k people share an area is that of Gruteser and
// Grunwald, "Anonymous Usage of Location-Based Services Through Spatial and
// Temporal Cloaking", MobiSys 2003; the rest and its dissolving are ours.
func grow(people map[Cell]int, before map[Cell]bool) map[Cell]int {
	own := map[Cell]int{} // region to how many are shown it
	rest := maps.Clone(people)
	for level := finest; level >= coarsest; level-- {
		gathered := map[Cell]int{}
		for c, n := range rest {
			gathered[c.up(level)] += n
		}
		var outermost map[Cell][]Cell
		if level == stay {
			outermost = outermostBy(own, level)
		}
		for c, n := range gathered {
			if within := outermost[c]; n > 0 && n < enough && len(within) > 0 {
				dissolved := slices.MinFunc(within, func(a, b Cell) int {
					if before[a] != before[b] {
						if before[b] {
							return -1
						}
						return 1
					}
					return cmp.Or(own[a]*(a.Level()-level)-own[b]*(b.Level()-level), cmp.Compare(a, b))
				})
				n += own[dissolved]
				delete(own, dissolved)
			}
			if n >= enough {
				own[c] = n
				delete(gathered, c)
			}
		}
		rest = gathered
	}
	return own
}

// outermostBy groups regions that lie in no other by their cell of that level.
func outermostBy(regions map[Cell]int, level int) map[Cell][]Cell {
	by := map[Cell][]Cell{}
	for c := range regions {
		if _, inside := shown(regions, c.parent()); !inside {
			by[c.up(level)] = append(by[c.up(level)], c)
		}
	}
	return by
}

// shown is the finest of regions around c.
func shown[V any](regions map[Cell]V, c Cell) (Cell, bool) {
	for c.Level() >= coarsest {
		if _, there := regions[c]; there {
			return c, true
		}
		c = c.parent()
	}
	return 0, false
}
