package stage_test

import (
	"math"
	"testing"

	"heyy/internal/lab/bench"
	"heyy/internal/lab/bench/stage"
)

func TestTheBenchOfAStageFindsItsFigures(t *testing.T) {
	binary, err := bench.Build(t.Context(), "../../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r, err := stage.Run(t.Context(), binary, stage.Config{Clients: 10, Crowd: 40, Rounds: 1, Events: 2, Hands: 8})
	if err != nil {
		t.Fatal(err)
	}
	for figure, want := range map[string]float64{
		"clients": 10, "roster_events": 4, "hand_events": 4, "events_lost": 0, "hands": 8, "hands_lost": 0, "hands_in_another_order": 0,
	} {
		if v := r.Figures.Get(figure); v != want {
			t.Errorf("%s is %v, want %v", figure, v, want)
		}
	}
	for _, figure := range []string{
		"sit_5_p50_ms", "sit_40_p50_ms", "sit_ratio", "remove_40_rows", "rows_5", "answer_40_max_bytes", "sent_to_a_client_40_bytes",
		"roster_event_p99_ms", "hand_event_p99_ms", "roster_event_max_bytes", "hands_known_to_all_ms",
	} {
		if v := r.Figures.Get(figure); !(v > 0) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", figure, v)
		}
	}
	if a, b := r.Figures.Get("rows_5"), r.Figures.Get("rows_40"); a != b {
		t.Errorf("a command writes %v rows in a small room, %v in a large one", a, b)
	}
	if len(r.Bars) != 10 {
		t.Errorf("%d bars", len(r.Bars))
	}
}
