package region

import (
	"slices"

	"github.com/golang/geo/s2"
)

// Place is a region in words.
type Place struct {
	Name    string // of its largest town
	Country string // that town's; ISO 3166-1 alpha-2
	Size    string // "city", "area" or "wide"
}

// named is the level at which places have their name: 30 km across as a rule, so
// that it is a town that many know, and not the village in a small cell.
const named = 8

// Place is a region in words, in "en", "it" or "zh", or nil where there is no
// town. It depends on the cell alone.
func (t *Towns) Place(c Cell, language string) *Place {
	return t.place(c, named, language)
}

// own is Place for the person whose home it is, who may hear it finer.
func (t *Towns) own(c Cell, language string) *Place {
	return t.place(c, homeLevel, language)
}

func (t *Towns) place(c Cell, level int, language string) *Place {
	if c == 0 {
		return nil
	}
	t.load()
	within := s2.CellID(c.up(level))
	least, most := uint32(within.RangeMin()>>cellShift), uint32(within.RangeMax()>>cellShift)
	at, _ := slices.BinarySearchFunc(t.byCell, least, func(rank, cell uint32) int { return int(t.cells[rank]) - int(cell) })
	none := uint32(len(t.ids))
	largest := none
	for ; at < len(t.byCell) && t.cells[t.byCell[at]] <= most; at++ {
		largest = min(largest, t.byCell[at]) // ranks go by size
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
