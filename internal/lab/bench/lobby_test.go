package bench_test

import (
	"math"
	"testing"

	"heyy/internal/lab/bench"
)

func TestTheLobbyIsMeasured(t *testing.T) {
	r, err := bench.Lobby(t.Context(), 200, "")
	if err != nil {
		t.Fatal(err)
	}
	for figure, band := range map[string][2]float64{
		"rooms": {200, 200}, "lobby_rooms": {50, 140}, "topic_rooms": {1, 100}, "search_topic_rooms": {1, 50}, "search_one_letter_rooms": {1, 50},
		"lobby_p99_ms": {0.001, 5000}, "search_name_p99_ms": {0.001, 5000},
	} {
		if v := r.Figures.Get(figure); math.IsNaN(v) || v < band[0] || v > band[1] {
			t.Errorf("%s is %v", figure, v)
		}
	}
}
