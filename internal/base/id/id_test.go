package id_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"heyy/internal/base/id"
)

func TestAnOpaqueIDTellsNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opaque, ordered []string
		for range 64 {
			opaque, ordered = append(opaque, id.Opaque()), append(ordered, id.New())
			time.Sleep(time.Hour)
		}
		if !slices.IsSorted(ordered) {
			t.Error("ids of New do not sort by time")
		}
		if slices.IsSorted(opaque) {
			t.Error("ids of Opaque sort by time")
		}
		for _, s := range append(opaque, ordered...) {
			if !id.Valid(s) {
				t.Errorf("%s is not valid", s)
			}
		}
		for _, s := range opaque {
			if v := uuid.MustParse(s).Version(); v != 4 {
				t.Errorf("%s is of version %d", s, v)
			}
		}
	})
}

func TestADerivedIDIsThatOfItsParts(t *testing.T) {
	one := id.Derived("ada", "1")
	if !id.Valid(one) || uuid.MustParse(one).Version() != 8 || id.Derived("ada", "1") != one {
		t.Errorf("%s, then %s", one, id.Derived("ada", "1"))
	}
	for _, parts := range [][]string{{"bob", "1"}, {"ada", "2"}, {"ada1"}, {"ada", "1", ""}} {
		if id.Derived(parts...) == one {
			t.Errorf("%q have the same", parts)
		}
	}
}
