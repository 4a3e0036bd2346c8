package bench_test

import (
	"math"
	"testing"

	"heyy/internal/bench"
)

func TestPairingIsMeasured(t *testing.T) {
	r, err := bench.Match(t.Context(), bench.Crowds{People: 1000, Exact: []int{100, 600}, Pools: []int{500}, Rates: []float64{20}, Most: 600})
	if err != nil {
		t.Fatal(err)
	}
	for figure, band := range map[string][2]float64{
		"tickets_100_weight_of_exact_share": {1, 1}, "tickets_600_weight_of_exact_share": {0.98, 1},
		"tickets_500_choice_max_ms": {0.001, 10000}, "tickets_500_all_p50_ms": {0.001, 10000}, "tickets_500_all_cpu_p50_ms": {0.001, 10000}, "tickets_500_chosen_share": {0.3, 1},
		"tickets_500_memory_mb": {0.01, 1000}, "tickets_500_arrival_p99_ms": {0, 10000}, "tickets_500_arrivals_met_share": {0.05, 1},
		"rate_20_ours_violations": {0, 0}, "rate_20_peer_violations": {0, 0}, "rate_20_ours_people": {600, 600},
		"rate_20_ours_matched_share": {0.2, 1}, "rate_20_peer_wait_p50_s": {1, 180}, "rate_20_ours_second_p95_s": {0, 1},
	} {
		if v := r.Figures.Get(figure); math.IsNaN(v) || v < band[0] || v > band[1] {
			t.Errorf("%s is %v", figure, v)
		}
	}
}
