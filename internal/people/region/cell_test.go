package region

import (
	"testing"

	"github.com/golang/geo/s2"

	"heyy/internal/base/fault"
)

const earth = 6371.0 // km

// list is unpacked once for all tests; it never changes.
var list = new(Towns)

func cellOf(t testing.TB, town string) Cell {
	t.Helper()
	found := search(town, "en", 1)
	if len(found) == 0 {
		t.Fatalf("there is no %s", town)
	}
	c, _ := list.cell(found[0].ID)
	return c
}

func TestNobodysCellIsNarrowerThanFiveKilometres(t *testing.T) {
	if km := s2.MinWidthMetric.Value(homeLevel) * earth; km < 5 {
		t.Errorf("a cell of level %d can be %.1f km narrow", homeLevel, km)
	}
	if km := s2.MinWidthMetric.Value(finestLevel) * earth; km < 10 {
		t.Errorf("a region can be %.1f km narrow", km)
	}
}

func TestEveryTownHasACell(t *testing.T) {
	list.load()
	for rank := range list.ids {
		c := list.cellOf(uint32(rank))
		if c.Level() != homeLevel || !s2.CellID(c).IsValid() {
			t.Fatalf("%s has %s", list.name(uint32(rank), "en"), c)
		}
		if p := list.Place(c, "en"); p == nil {
			t.Fatalf("%s is no place", list.name(uint32(rank), "en"))
		}
	}
}

func TestRegionsAreTheSameNearbyOrFarther(t *testing.T) {
	milan, rome, bergamo, turin := cellOf(t, "Milan"), cellOf(t, "Rome"), cellOf(t, "Bergamo"), cellOf(t, "Turin")
	for _, x := range []struct {
		a, b Cell
		want Where
	}{
		{milan, milan, Same},
		{milan, milan.ancestor(6), Same},
		{milan.ancestor(4), milan.ancestor(9), Same},
		{milan, bergamo, Nearby},
		{milan, turin, Farther},
		{milan, rome, Farther},
		{milan, 0, Nowhere},
		{0, rome, Nowhere},
		{0, 0, Nowhere},
	} {
		if got := Near(x.a, x.b); got != x.want || Near(x.b, x.a) != got {
			t.Errorf("%s and %s are %q, want %q", x.a, x.b, got, x.want)
		}
	}
}

func TestACellIsReadAsItWasWritten(t *testing.T) {
	home := cellOf(t, "上海")
	for level := range homeLevel + 1 {
		c := home.ancestor(level)
		if got, err := ParseCell(c.String()); err != nil || got != c || c.Level() != level {
			t.Errorf("%s: %s, %v", c, got, err)
		}
	}
	if got, err := ParseCell(""); err != nil || got != 0 || got.String() != "" || got.Level() != -1 {
		t.Errorf("none: %s, %v", got, err)
	}
	for _, token := range []string{"X", "0", "zz", "4786c", " 4786c1", "4786C1", "47000000", "00", "4786c09b8b", "g", "4786c1\x00", "ffffffffffffffff", "47866cbb7bf1d1b1ff"} {
		if got, err := ParseCell(token); err == nil && got.String() != token || got.Level() > homeLevel || fault.As(err) == nil && err != nil {
			t.Errorf("%q is %s, %v", token, got, err)
		}
	}
}

func FuzzParseCell(f *testing.F) {
	for _, s := range []string{"", "4786c1", "4786c", "x", "00", "47864", "1", "3", "ffff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		c, err := ParseCell(token)
		if err == nil && (c.String() != token || c.Level() > homeLevel) || err != nil && c != 0 {
			t.Errorf("%q is %s, %v", token, c, err)
		}
	})
}

func TestAPlaceIsCalledByItsLargestTown(t *testing.T) {
	milan := cellOf(t, "Milan")
	for _, x := range []struct {
		cell           Cell
		language, name string
		country, size  string
	}{
		{milan, "it", "Milano", "IT", "city"},
		{milan.ancestor(9), "zh", "米兰", "IT", "city"},
		{milan.ancestor(7), "en", "Milan", "IT", "area"},
		{milan.ancestor(5), "en", "Milan", "IT", "wide"},
		{cellOf(t, "上海"), "zh", "上海", "CN", "city"},
	} {
		if got := list.Place(x.cell, x.language); got == nil || got.Name != x.name || got.Country != x.country || got.Size != x.size {
			t.Errorf("%s is %+v, want %+v", x.cell, got, x)
		}
	}
	for _, c := range []Cell{0, CellAt(0, -140), CellAt(-80, 0)} { // none, the ocean, the ice
		if got := list.Place(c, "en"); got != nil {
			t.Errorf("%s is %+v", c, got)
		}
	}
}

func TestASmallTownIsNotNamedToOthers(t *testing.T) {
	village := cellOf(t, "Abbiategrasso")
	if got := list.homePlace(village, "it"); got == nil || got.Name != "Abbiategrasso" {
		t.Errorf("to oneself: %+v", got)
	}
	for _, c := range []Cell{village, village.ancestor(9), village.ancestor(8)} {
		if got, whole := list.Place(c, "it"), list.Place(village.ancestor(8), "it"); got == nil || got.Name != whole.Name {
			t.Errorf("%s is called %+v, where all around is %+v", c, got, whole)
		}
	}
}

func BenchmarkNear(b *testing.B) {
	x, y := cellOf(b, "Milan").ancestor(9), cellOf(b, "Rome").ancestor(7)
	for b.Loop() {
		Near(x, y)
	}
}

func BenchmarkPlace(b *testing.B) {
	for _, level := range []int{9, 6, 4} {
		c := cellOf(b, "Milan").ancestor(level)
		b.Run(string(rune('0'+level)), func(b *testing.B) {
			for b.Loop() {
				list.Place(c, "en")
			}
		})
	}
}
