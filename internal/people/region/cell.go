package region

import (
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"

	"heyy/internal/base/fault"
)

// Cell is a cell of the S2 grid: one of the six faces of a cube around the earth,
// recursively quartered (s2geometry.io). The zero Cell means none.
type Cell uint64

// homeLevel is the level of stored cells: at least 5 km across everywhere, typically 9 km.
const homeLevel = 10

// CellAt returns the cell of level 10 that contains a point in degrees.
func CellAt(lat, lng float64) Cell {
	return Cell(s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lng)).Parent(homeLevel))
}

// ParseCell parses the result of String: an S2 token, or "" for none.
func ParseCell(token string) (Cell, error) {
	if token == "" {
		return 0, nil
	}
	id := s2.CellIDFromToken(token)
	if !id.IsValid() || id.Level() > homeLevel || id.ToToken() != token {
		return 0, fault.New(fault.Invalid, "region.cell", "This isn't a region.")
	}
	return Cell(id), nil
}

func (c Cell) String() string {
	if c == 0 {
		return ""
	}
	return s2.CellID(c).ToToken()
}

// Level is 0 for a face of the cube, up to 10; -1 for none.
func (c Cell) Level() int {
	if c == 0 {
		return -1
	}
	return s2.CellID(c).Level()
}

// ancestor returns the cell of level that contains c, or c if it is not finer.
func (c Cell) ancestor(level int) Cell {
	if c.Level() <= level {
		return c
	}
	return Cell(s2.CellID(c).Parent(level))
}

// parent returns the cell one level up; none for a face.
func (c Cell) parent() Cell {
	if c.Level() < 1 {
		return 0
	}
	return c.ancestor(c.Level() - 1)
}

// Where is the distance between two regions, in three steps.
type Where string

// Values of Where.
const (
	Nowhere Where = "" // one of the two shows no region
	Same    Where = "same"
	Nearby  Where = "nearby"
	Farther Where = "farther"
)

// nearbyGap is the largest gap between two nearby regions: 60 km, as an angle on a sphere
// of the earth's mean radius, 6371 km.
const nearbyGap = s1.Angle(60.0 / 6371)

// Near returns the distance from a to b. It depends only on the two cells, as their
// bounding circles: whoever knows both cells learns nothing from it.
func Near(a, b Cell) Where {
	if a == 0 || b == 0 {
		return Nowhere
	}
	x, y := s2.CellID(a), s2.CellID(b)
	if x.Contains(y) || y.Contains(x) {
		return Same
	}
	if circle(x).gap(circle(y)) < nearbyGap {
		return Nearby
	}
	return Farther
}

type disc struct {
	centre s2.Point
	radius s1.Angle
}

func circle(id s2.CellID) disc {
	bound := s2.CellFromCellID(id).CapBound()
	return disc{bound.Center(), bound.Radius()}
}

func (d disc) gap(o disc) s1.Angle { return d.centre.Distance(o.centre) - d.radius - o.radius }
