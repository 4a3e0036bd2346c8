package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"heyy/internal/lab/bench"
)

// The figures themselves depend on the machine; that they are there, and
// possible, does not.
func TestEveryBenchFindsItsFigures(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	binary, err := bench.Build(ctx, "../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	small := bench.Options{Joins: 5, Listeners: []int{3}, Window: time.Second, Starts: 2, Calls: []int{2}, Intros: 2}
	for name, wants := range map[string]map[string][2]float64{
		"join": {"joins": {5, 5}, "join_to_audio_p50_ms": {1, 5000}, "admitted_p50_ms": {0.1, 5000}},
		"room": {
			"listeners_3_cpu_us_per_packet": {0, 20000}, "listeners_3_loss_percent": {0, 5}, "listeners_3_heard_nothing": {0, 0},
			"listeners_3_latency_p50_ms": {0.01, 500}, "listeners_3_packets_per_s": {140, 160},
		},
		"call": {
			"calls_2_proposal_p95_ms": {0.1, 10000}, "calls_2_accept_to_audio_p50_ms": {1, 5000}, "calls_2_heard_nothing": {0, 0},
			"calls_2_packets_of_strangers": {0, 0}, "calls_2_loss_percent": {0, 5}, "calls_2_packets_per_s": {150, 250}, "calls_2_latency_p50_ms": {0.01, 500},
		},
		"intro": {"intros": {2, 2}, "published_p50_ms": {1, 20000}, "size_kb": {20, 1024}},
		"start": {"fresh_ms": {1, 20000}, "warm_p50_ms": {1, 20000}, "starts": {2, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := bench.Run(ctx, name, binary, small)
			if err != nil {
				t.Fatal(err)
			}
			for figure, band := range wants {
				if v := r.Figures.Get(figure); math.IsNaN(v) || v < band[0] || v > band[1] {
					t.Errorf("%s is %v", figure, v)
				}
			}
			var out bytes.Buffer
			if err := r.JSON(&out); err != nil {
				t.Fatal(err)
			}
			var back struct {
				Bench   string
				Machine bench.Machine
				Figures map[string]float64
			}
			if err := json.Unmarshal(out.Bytes(), &back); err != nil {
				t.Fatal(err)
			}
			if back.Bench != name || back.Machine.Cores < 1 || len(back.Figures) != len(r.Figures) {
				t.Errorf("written as %s", out.String())
			}
			out.Reset()
			if err := r.Table(&out); err != nil || out.Len() == 0 {
				t.Errorf("table: %v", err)
			}
		})
	}
	if _, err := bench.Run(ctx, "nonsense", binary, small); err == nil {
		t.Error("there is a bench called nonsense")
	}
}
