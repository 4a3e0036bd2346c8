package keylock

import "testing"

func TestPlacesOfAKeyAreBoundedAndComeBack(t *testing.T) {
	var c Count[string]
	first, ok := c.Enter("a", 2)
	second, ok2 := c.Enter("a", 2)
	if !ok || !ok2 {
		t.Fatal("the first two are not let in")
	}
	if _, ok := c.Enter("a", 2); ok {
		t.Error("a third holds one of two places")
	}
	other, ok := c.Enter("b", 2)
	if !ok {
		t.Error("another key has no places of its own")
	}
	first()
	if again, ok := c.Enter("a", 2); !ok {
		t.Error("a place given back is not free")
	} else {
		again()
	}
	second()
	other()
	if len(c.in) != 0 {
		t.Errorf("%d keys are kept with nobody in them", len(c.in))
	}
}
