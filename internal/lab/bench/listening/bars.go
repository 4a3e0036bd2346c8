package listening

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"heyy/internal/lab/bench"
	"heyy/internal/lab/bench/audience"
)

// bars compares the figures with what was promised. A bar whose rows were not measured is
// left out.
func (b *suite) bars() (all []bench.Bar) {
	add := func(name string, measured float64, holds bool) {
		if !math.IsNaN(measured) && !math.IsInf(measured, 0) {
			all = append(all, bench.Bar{Bar: name, Measured: math.Round(measured*1000) / 1000, Holds: holds})
		}
	}
	most := func(name string, measured, limit float64) { add(name, measured, measured <= limit) }
	for _, x := range []struct {
		listeners, ms int
		times         float64
	}{{200, 20, 4}, {1000, 20, 5}, {200, 60, 9}, {1000, 60, 12}} {
		for _, what := range []struct{ figure, words string }{{"", "the whole server"}, {"_beyond_base", "beyond the base"}} {
			v := b.f.Get(row{"ratio", 1, x.listeners, x.ms}.name("peer_to_tier" + what.figure))
			add(fmt.Sprintf("CPU per listener-second, peer to tier, %s, %d listeners, %d ms: %g or more", what.words, x.listeners, x.ms, x.times), v, v >= x.times)
		}
	}
	most("rows of the tier that failed: none", float64(b.failed()), 0)
	most("CPU per packet and listener, us, worst row: 10 at most", b.worst("cpu_us_per_packet"), 10)
	most("memory per listener, kB, worst row: 80 at most", b.worst("memory_kb_per_listener"), 80)
	most("goroutines of all listeners, worst row: 64 at most", b.worst("goroutines_more"), 64)
	most("CPU per session (offer, ICE, DTLS), ms, worst row: 2 at most", b.worst("cpu_per_session_ms"), 2)
	most("CPU per join, database and events included, ms, worst row: 2 at most", b.worst("cpu_per_join_ms"), 2)
	loss := b.worst("loss_percent")
	add("loss, percent, worst row: less than 0.1", loss, loss < 0.1)
	for _, x := range []struct {
		listeners, ms int
		limit         float64
	}{{200, 20, 10}, {200, 60, 50}, {1000, 20, 25}, {1000, 60, 65}} {
		most(fmt.Sprintf("latency p99, ms, %d listeners, %d ms: %g at most", x.listeners, x.ms, x.limit),
			b.f.Get(row{"tier", 1, x.listeners, x.ms}.name("latency_p99_ms")), x.limit)
	}
	for _, ms := range b.Frames {
		v := b.f.Get(row{"tier", 1, 5000, ms}.name("loss_percent"))
		add(fmt.Sprintf("loss, percent, 5000 listeners, %d ms: none", ms), v, v <= 0)
	}
	most("storm: time to the first packet p95, ms: 1000 at most", b.f.Get("storm_first_packet_p95_ms"), 1000)
	most("storm: joins without sound: none", b.f.Get("storm_lost"), 0)
	return all
}

// failed returns the number of the tier's rows that failed.
func (b *suite) failed() (n int) {
	for _, f := range *b.f {
		if strings.HasPrefix(f.Name, "tier_") && strings.HasSuffix(f.Name, "ms_failed") {
			n++
		}
	}
	return n
}

// worst returns the largest value of a figure over all rows of the tier; NaN: there is none.
func (b *suite) worst(what string) float64 {
	worst := math.NaN()
	for _, f := range *b.f {
		if strings.HasPrefix(f.Name, "tier_") && strings.HasSuffix(f.Name, "ms_"+what) && !(f.Value <= worst) && !math.IsNaN(f.Value) {
			worst = f.Value
		}
	}
	return worst
}

const stormPatience = 10 * time.Second

// storm measures many joins within a short time, while somebody speaks.
func (b *suite) storm(ctx context.Context) error {
	r := row{"storm", 1, b.Storm, 20}
	return b.withTier(ctx, r, func(s *bench.Server, p *panel, room string, people []bench.Token) error {
		e := newEars(&tally{}, b.Storm, 1<<14)
		crowd, err := audience.New(e.packet)
		if err != nil {
			return err
		}
		defer crowd.Close()
		p.speak(ctx)
		if err := bench.Wait(ctx, settling); err != nil {
			return err
		}
		before, err := bench.BothCPU(s.PID())
		if err != nil {
			return err
		}
		var (
			joining sync.WaitGroup
			lost    atomic.Int64
			mu      sync.Mutex
			took    []time.Duration
			answers []time.Duration
			failed  error
		)
		begun := time.Now()
		for i, who := range people {
			if err := bench.Wait(ctx, time.Until(begun.Add(b.StormTime*time.Duration(i)/time.Duration(len(people))))); err != nil {
				return err
			}
			joining.Go(func() {
				from := time.Now()
				one, stop := context.WithTimeout(ctx, stormPatience)
				defer stop()
				l, err := joinTier(one, crowd, s.BaseURL, room, who)
				connected := time.Since(from)
				if err == nil {
					select {
					case <-l.First():
					case <-one.Done():
						err = one.Err()
					}
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					lost.Add(1)
					failed = err
					return
				}
				took, answers = append(took, l.FirstAt().Sub(from)), append(answers, connected)
			})
		}
		joining.Wait()
		lasted := time.Since(begun)
		after, err := bench.BothCPU(s.PID())
		if err != nil {
			return err
		}
		if len(took) == 0 && failed != nil {
			return failed
		}
		if err := p.pause(); err != nil {
			return err
		}
		b.f.Add("storm_joins", float64(b.Storm))
		b.f.Add("storm_joins_per_s", float64(b.Storm)/b.StormTime.Seconds())
		b.f.Add("storm_lost", float64(lost.Load()))
		b.f.Add("storm_connected_p50_ms", bench.Millis(bench.Percentile(answers, 50)))
		for _, p := range []float64{50, 95, 99} {
			b.f.Add(fmt.Sprintf("storm_first_packet_p%g_ms", p), bench.Millis(bench.Percentile(took, p)))
		}
		e.mu.Lock()
		b.f.Add("storm_numbers_left_out", float64(e.gaps))
		e.mu.Unlock()
		b.f.Add("storm_server_cores", (after.Server-before.Server).Seconds()/lasted.Seconds())
		b.f.Add("storm_generator_cores", (after.Own-before.Own).Seconds()/lasted.Seconds())
		return nil
	})
}
