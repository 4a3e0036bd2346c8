package listening_test

import (
	"math"
	"runtime"
	"testing"
	"time"

	"heyy/internal/lab/bench"
	"heyy/internal/lab/bench/listening"
)

func TestTheBenchOfListeningFindsItsFigures(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("measured on Linux only")
	}
	binary, err := bench.Build(t.Context(), "../../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r, err := listening.Run(t.Context(), binary, listening.Config{Speakers: []int{2}, Listeners: []int{6}, Window: time.Second, Storm: 10, StormTime: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for figure, want := range map[string]float64{
		"tier_2x6_20ms_heard_nothing": 0, "client_2x6_20ms_heard_nothing": 0, "peer_2x6_20ms_heard_nothing": 0, "tier_2x6_60ms_heard_nothing": 0,
		"tier_2x6_20ms_numbers_left_out": 0, "tier_2x6_60ms_numbers_left_out": 0, "tier_2x6_20ms_numbers_repeated": 0, "tier_2x6_60ms_numbers_repeated": 0,
		"storm_joins": 10, "storm_lost": 0,
	} {
		if v := r.Figures.Get(figure); v != want {
			t.Errorf("%s is %v, want %v", figure, v, want)
		}
	}
	for _, figure := range []string{
		"floor_2x6_20ms_packets_per_s", "floor_2x6_60ms_packets_per_s", "tier_2x6_20ms_latency_p99_ms", "tier_2x6_60ms_latency_p99_ms", "client_2x6_20ms_latency_p99_ms",
		"peer_2x6_20ms_latency_p99_ms", "storm_first_packet_p99_ms",
	} {
		if v := r.Figures.Get(figure); !(v > 0) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", figure, v)
		}
	}
	// A packet of 60 ms has three frames: a third of the packets.
	if small, large := r.Figures.Get("tier_2x6_20ms_packets_per_s"), r.Figures.Get("tier_2x6_60ms_packets_per_s"); !(large > 0 && large < small/2) {
		t.Errorf("%v packets a second of 60 ms, %v of 20 ms", large, small)
	}
	if len(r.Bars) == 0 {
		t.Error("no bars")
	}
	if _, err := listening.Run(t.Context(), binary, listening.Config{Frames: []int{30}}); err == nil {
		t.Error("there are packets of 30 ms")
	}
}
