package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"heyy/internal/base/db/dbtest"
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
	for name, wants := range map[string]struct {
		exactly  map[string]float64
		measured []string // times, rates and shares: there, and more than nothing
		atLeast0 []string // as measured, and may be nothing
	}{
		"join": {map[string]float64{"joins": 5}, []string{"join_to_audio_p50_ms", "admitted_p50_ms", "seat_to_audio_p50_ms", "unmute_to_audio_p50_ms"}, nil},
		"room": {
			map[string]float64{"listeners_3_heard_nothing": 0},
			[]string{"listeners_3_latency_p50_ms", "listeners_3_packets_per_s"},
			[]string{"listeners_3_cpu_us_per_packet", "listeners_3_loss_percent"},
		},
		"call": {
			map[string]float64{"calls_2_heard_nothing": 0, "calls_2_packets_of_strangers": 0},
			[]string{"calls_2_proposal_p95_ms", "calls_2_accept_to_audio_p50_ms", "calls_2_packets_per_s", "calls_2_latency_p50_ms"},
			[]string{"calls_2_loss_percent"},
		},
		"intro": {map[string]float64{"intros": 2}, []string{"published_p50_ms", "size_kb"}, nil},
		"start": {map[string]float64{"starts": 2}, []string{"fresh_ms", "warm_p50_ms"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := bench.Run(ctx, name, binary, small)
			if err != nil {
				t.Fatal(err)
			}
			for figure, want := range wants.exactly {
				if v := r.Figures.Get(figure); v != want {
					t.Errorf("%s is %v, want %v", figure, v, want)
				}
			}
			for _, figure := range wants.measured {
				if v := r.Figures.Get(figure); !(v > 0) || math.IsInf(v, 0) {
					t.Errorf("%s is %v", figure, v)
				}
			}
			for _, figure := range wants.atLeast0 {
				if v := r.Figures.Get(figure); !(v >= 0) || math.IsInf(v, 0) {
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

func TestTheBenchOfLiveConnectionsFindsItsFigures(t *testing.T) {
	binary, err := bench.Build(t.Context(), "../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	small := bench.RealtimeConfig{Clients: 20, Pairs: 5, Rate: 20, Calm: time.Second, Window: time.Second, History: 1000, Repeats: 3}
	for engine, server := range map[string]func(testing.TB) string{
		"sqlite": func(testing.TB) string { return "" }, "postgres": dbtest.PostgresURL,
	} {
		t.Run(engine, func(t *testing.T) {
			c := small
			c.Postgres = server(t)
			r, err := bench.Realtime(t.Context(), binary, c)
			if err != nil {
				t.Fatal(err)
			}
			for figure, want := range map[string]float64{
				"clients": 20, "messages_failed": 0, "messages_lost": 0, "messages_doubled": 0, "messages_chats_in_two_orders": 0,
				"drop_clients": 10, "drop_back_within_60s_percent": 100, "drop_others_failed": 0,
				"drop_messages_failed": 0, "drop_messages_lost": 0, "drop_messages_doubled": 0, "history_messages": 1000,
			} {
				if v := r.Figures.Get(figure); v != want {
					t.Errorf("%s is %v, want %v", figure, v, want)
				}
			}
			for _, figure := range []string{
				"idle_memory_mb", "messages_acknowledged_p99_ms", "messages_delivered_p99_ms", "drop_back_p99_s", "drop_others_p99_ms",
				"history_open_p99_ms", "history_middle_p99_ms", "history_changes_p99_ms", "history_search_at_random_p99_ms", "history_search_all_frequent_p99_ms", "history_page_of_100_p99_ms",
			} {
				if v := r.Figures.Get(figure); !(v > 0) || math.IsInf(v, 0) {
					t.Errorf("%s is %v", figure, v)
				}
			}
		})
	}
	if _, err := bench.Realtime(t.Context(), binary, bench.RealtimeConfig{Phases: []string{"nonsense"}}); err == nil {
		t.Error("there is a phase called nonsense")
	}
}
