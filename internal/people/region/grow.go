package region

import (
	"cmp"
	"maps"
	"slices"
)

// minPeople is how many active people share every region that is shown.
const minPeople = 50

// Regions are built from the finest level to the coarsest. At joinLevel, people
// who are too few are joined with a neighbouring region; above it, they become a
// region together or show none.
const (
	finestLevel   = 9 // see docs/adr/0006-region.md for why not homeLevel
	joinLevel     = 6
	coarsestLevel = 4
)

// growRegions computes the regions for people by home cell, and how many people each is
// shown to. Regions may be nested; a person is shown the finest one that contains their
// cell. before are the current regions.
//
// It proceeds from the finest level to the coarsest. In each cell it counts the people who
// are in no finer region yet. If they are enough, the cell becomes a region; otherwise they
// wait for the next coarser level. At joinLevel, people who are too few do not wait if
// their cell contains a region already: the one with the lowest cost is dissolved, its
// people join them, and together they are enough. The cost is people times levels lost, but
// a region that was not shown before goes first: if the few were hidden among others before
// and among different others now, the two together would tell them apart.
//
// Invariant: every region is shown to at least minPeople of its own, not counting nested
// regions, so nobody can be singled out by subtracting regions. A region is created with
// enough people; a coarser one takes nobody from it; and it is dissolved only as a whole,
// into a region created at that moment, with no other in between. Whoever lives in a cell
// of joinLevel with enough people is shown that cell or a finer one.
//
// Growing until k people share an area follows Gruteser and Grunwald, "Anonymous Usage of
// Location-Based Services Through Spatial and Temporal Cloaking", MobiSys 2003; joining the
// rest by dissolving a region is our addition.
func growRegions(people map[Cell]int, before map[Cell]bool) map[Cell]int {
	own := map[Cell]int{} // region to how many are shown it
	rest := maps.Clone(people)
	for level := finestLevel; level >= coarsestLevel; level-- {
		gathered := map[Cell]int{}
		for c, n := range rest {
			gathered[c.ancestor(level)] += n
		}
		var outermost map[Cell][]Cell
		if level == joinLevel {
			outermost = outermostBy(own, level)
		}
		for c, n := range gathered {
			if within := outermost[c]; n > 0 && n < minPeople && len(within) > 0 {
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
			if n >= minPeople {
				own[c] = n
				delete(gathered, c)
			}
		}
		rest = gathered
	}
	return own
}

// outermostBy groups regions that are nested in no other by their cell of level.
func outermostBy(regions map[Cell]int, level int) map[Cell][]Cell {
	by := map[Cell][]Cell{}
	for c := range regions {
		if _, inside := finestAround(regions, c.parent()); !inside {
			by[c.ancestor(level)] = append(by[c.ancestor(level)], c)
		}
	}
	return by
}

// finestAround returns the finest of regions that contains c.
func finestAround[V any](regions map[Cell]V, c Cell) (Cell, bool) {
	for c.Level() >= coarsestLevel {
		if _, there := regions[c]; there {
			return c, true
		}
		c = c.parent()
	}
	return 0, false
}
