package bench_test

import (
	"math"
	"testing"

	"heyy/internal/lab/bench"
)

func TestFindingPeopleIsMeasured(t *testing.T) {
	r, err := bench.Discover(t.Context(), 2000, "")
	if err != nil {
		t.Fatal(err)
	}
	for figure, band := range map[string][2]float64{
		"shown": {2000, 2000}, "cards_per_deck": {1, 20}, "deck_p50_ms": {0.01, 5000}, "counts_p50_ms": {0.001, 5000},
		"likes": {1, 1e6}, "likes_per_s": {1, 1e6}, "disk_mb": {0.1, 1000}, "load_s": {0, 60},
	} {
		if v := r.Figures.Get(figure); math.IsNaN(v) || v < band[0] || v > band[1] {
			t.Errorf("%s is %v", figure, v)
		}
	}
}
