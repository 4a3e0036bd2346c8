package region

import (
	"slices"

	"github.com/golang/geo/s2"
)

// Place is the name of a region.
type Place struct {
	Name    string // of the largest town around
	Country string // that town's; ISO 3166-1 alpha-2
	Size    string // "city", "area" or "wide"
}

// nameLevel is the level at which regions are named: typically 30 km across, so that the
// name is a town that many know, not a village.
const nameLevel = 8

// Place names a region in "en", "it" or "zh"; nil if there is no town. It depends on the
// cell alone.
func (t *Towns) Place(c Cell, language string) *Place {
	return t.place(c, nameLevel, language)
}

// homePlace is Place for the person who lives there, at full resolution.
func (t *Towns) homePlace(c Cell, language string) *Place {
	return t.place(c, homeLevel, language)
}

func (t *Towns) place(c Cell, level int, language string) *Place {
	if c == 0 {
		return nil
	}
	t.load()
	within := s2.CellID(c.ancestor(level))
	least, most := uint32(within.RangeMin()>>cellShift), uint32(within.RangeMax()>>cellShift)
	at, _ := slices.BinarySearchFunc(t.byCell, least, func(rank, cell uint32) int { return int(t.cells[rank]) - int(cell) })
	none := uint32(len(t.ids))
	largest := none
	for ; at < len(t.byCell) && t.cells[t.byCell[at]] <= most; at++ {
		largest = min(largest, t.byCell[at]) // the smallest rank is the largest town
	}
	if largest == none {
		return nil
	}
	town := t.town(largest, language)
	p := &Place{Name: town.Name, Country: town.Country, Size: "wide"}
	switch l := c.Level(); {
	case l > 8:
		p.Size = "city"
	case l > 5:
		p.Size = "area"
	}
	return p
}
