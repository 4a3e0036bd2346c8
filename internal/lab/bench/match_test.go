package bench_test

import (
	"math"
	"testing"

	"heyy/internal/lab/bench"
)

func TestPairingIsMeasured(t *testing.T) {
	r, err := bench.Match(t.Context(), bench.MatchConfig{People: 1000, Exact: []int{100, 600}, Pools: []int{500}, Rates: []float64{20}, Most: 600, Wait: []int64{2, 10}})
	if err != nil {
		t.Fatal(err)
	}
	for _, patience := range []string{"fixed", "exponential", "lognormal"} {
		for by, band := range map[string][2]float64{"ours_wait_2": {0.2, 1}, "ours_wait_10": {0.2, 1}, "peer": {0.1, 1}} {
			name := "rate_20_" + patience + "_" + by
			if v := r.Figures.Get(name + "_matched_share"); math.IsNaN(v) || v < band[0] || v > band[1] {
				t.Errorf("%s matched %v", name, v)
			}
			if v := r.Figures.Get(name + "_violations"); v != 0 {
				t.Errorf("%s broke %v rules", name, v)
			}
			if second := r.Figures.Get(name + "_second_p95_s"); by != "peer" && !(second <= 1) {
				t.Errorf("%s lets the later one wait %v s", name, second)
			}
		}
	}
	for figure, band := range map[string][2]float64{
		"tickets_100_weight_of_exact_share": {1, 1}, "tickets_600_weight_of_exact_share": {0.98, 1},
		"tickets_500_choice_max_ms": {0.001, 10000}, "tickets_500_all_p50_ms": {0.001, 10000}, "tickets_500_all_cpu_p50_ms": {0.001, 10000}, "tickets_500_chosen_share": {0.3, 1},
		"tickets_500_memory_mb": {0.01, 1000}, "tickets_500_arrival_p99_ms": {0, 10000}, "tickets_500_arrivals_met_share": {0.05, 1},
		"rate_20_fixed_ours_wait_2_people": {600, 600}, "rate_20_fixed_peer_wait_p50_s": {1, 180},
	} {
		if v := r.Figures.Get(figure); math.IsNaN(v) || v < band[0] || v > band[1] {
			t.Errorf("%s is %v", figure, v)
		}
	}
}
