package region

import (
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"

	"heyy/internal/fault"
)

// Cell is a cell of the S2 grid: one of the six faces of a cube around the
// earth, quartered again and again (s2geometry.io). The zero Cell is none.
type Cell uint64

// homeLevel is that of the cells people live in: 5 km across or more,
// everywhere on earth, 9 km as a rule.
const homeLevel = 10

// CellAt is the cell of level 10 around a point given in degrees.
func CellAt(lat, lng float64) Cell {
	return Cell(s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lng)).Parent(homeLevel))
}

// ParseCell reads what String wrote: a token of S2, or "" for none.
func ParseCell(token string) (Cell, error) {
	if token == "" {
		return 0, nil
	}
	id := s2.CellIDFromToken(token)
	if !id.IsValid() || id.Level() > homeLevel || id.ToToken() != token {
		return 0, fault.New(fault.Invalid, "region.cell", "This is no region.")
	}
	return Cell(id), nil
}

func (c Cell) String() string {
	if c == 0 {
		return ""
	}
	return s2.CellID(c).ToToken()
}

// Level is 0 for a face of the cube up to 10; -1 for none.
func (c Cell) Level() int {
	if c == 0 {
		return -1
	}
	return s2.CellID(c).Level()
}

// up is the cell of that level around c, or c where it is that coarse already.
func (c Cell) up(level int) Cell {
	if c.Level() <= level {
		return c
	}
	return Cell(s2.CellID(c).Parent(level))
}

// parent is the cell one level up; that of a face is none.
func (c Cell) parent() Cell {
	if c.Level() < 1 {
		return 0
	}
	return c.up(c.Level() - 1)
}

// Where says how far apart two regions are, in the only words there are.
type Where string

// The words.
const (
	Nowhere Where = "" // one of the two shows no region
	Same    Where = "same"
	Nearby  Where = "nearby"
	Farther Where = "farther"
)

// nearby is the widest gap between two regions that count as nearby, as an
// angle on a sphere of the earth's mean radius, 6371 km.
const nearby = s1.Angle(60.0 / 6371)

// Near says how far a is from b. It looks at nothing but the two cells, each as
// one fixed point, its centre, and the radius of the circle around it: whoever
// knows both cells learns nothing from the answer.
func Near(a, b Cell) Where {
	if a == 0 || b == 0 {
		return Nowhere
	}
	x, y := s2.CellID(a), s2.CellID(b)
	if x.Contains(y) || y.Contains(x) {
		return Same
	}
	if circle(x).gap(circle(y)) < nearby {
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
