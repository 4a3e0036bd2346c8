package bench

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"heyy/internal/match/pairing"
	"heyy/internal/match/pairing/trial"
)

// Crowds are how much Match measures; the zero ones are the usual ones.
type Crowds struct {
	Exact []int     // waiting people, for the weight against the exact optimum
	Pools []int     // waiting people, for time and memory
	Rates []float64 // people who come per second, in trials
	Most  int       // people of one trial
}

func (c Crowds) usual() Crowds {
	if len(c.Exact) == 0 {
		c.Exact = []int{200, 1000, 5000}
	}
	if len(c.Pools) == 0 {
		c.Pools = []int{10_000, 100_000}
	}
	if len(c.Rates) == 0 {
		c.Rates = []float64{1, 10, 100, 1000}
	}
	if c.Most == 0 {
		c.Most = 300_000
	}
	return c
}

const (
	snapshots     = 5 // of each size, made with other chance
	pairings      = 5
	poolArrivals  = 2000
	trialLeast    = 20_000          // people
	trialTime     = 5 * time.Minute // of the trial's own clock, until all have come
	trialPatience = 3 * time.Minute
	matchTime     = 20 * time.Minute
)

// Match measures who is paired with whom: how good, how fast, in how much
// memory, and how long people wait, beside a peer's way. It runs in this
// process, on one core, without rows and network.
func Match(ctx context.Context, c Crowds) (r Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, matchTime)
	defer cancel()
	c = c.usual()
	r = Report{Bench: "match", At: time.Now().UTC().Format(time.RFC3339), Machine: machine()}
	r.How = fmt.Sprintf("In this process, on one core, made-up people of seven men to three women, three languages, five intents. "+
		"Weight: what Pair chose, exact up to %d people, divided by the exact optimum of the same snapshot, the least of %d snapshots; 35 edges for each person on average. "+
		"Pairing: everybody anew, the edges given; the median and slowest of %d. Memory: the edges, and all that pairing ever allocated. "+
		"Arrival: somebody comes to a paired pool with their edges and is told whom to meet. Reweigh: the pool asks anew what each edge weighs and pairs anew. "+
		"Trials: Poisson arrivals on a simulated clock, %v of patience; waits are of those who found somebody, mean_of_all counts who gave up with their patience. "+
		"Peer: rounds of 15 s, the oldest first, two rounds of seeking, as Nakama documents its defaults, with our hard rules.", pairing.ExactUpTo, snapshots, pairings, trialPatience)
	cores := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(cores)
	f := &r.Figures
	for _, n := range c.Exact {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		weighAgainstExact(n, f)
	}
	for _, n := range c.Pools {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		pairAnew(n, f)
		arrive(n, f)
	}
	for _, rate := range c.Rates {
		w := trial.Workload{Rate: rate, People: min(c.Most, max(trialLeast, int(rate*trialTime.Seconds()))), Patience: trialPatience, Seed: 1}
		for _, m := range []struct {
			name string
			make func() trial.Matchmaker
		}{
			{"ours", func() trial.Matchmaker { return trial.NewOurs() }},
			{"peer", func() trial.Matchmaker { return trial.NewPeer() }},
		} {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			begun := time.Now()
			o := trial.Simulate(w, m.make())
			name := func(what string) string { return fmt.Sprintf("rate_%v_%s_%s", rate, m.name, what) }
			f.add(name("people"), float64(o.All.People))
			f.add(name("wait_p50_s"), o.All.P50)
			f.add(name("wait_p99_s"), o.All.P99)
			f.add(name("wait_mean_of_all_s"), o.All.Mean)
			f.add(name("matched_share"), o.All.Matched)
			f.add(name("matched_after_30s_share"), o.All.Late)
			f.add(name("smallest_group_people"), float64(o.Smallest.People))
			f.add(name("smallest_group_wait_p50_s"), o.Smallest.P50)
			f.add(name("smallest_group_wait_p99_s"), o.Smallest.P99)
			f.add(name("smallest_group_wait_mean_of_all_s"), o.Smallest.Mean)
			f.add(name("smallest_group_matched_share"), o.Smallest.Matched)
			f.add(name("second_p95_s"), o.Second)
			f.add(name("mean_score"), o.Score)
			f.add(name("violations"), float64(o.Violations+o.Twice))
			f.add(name("took_s"), time.Since(begun).Seconds())
		}
	}
	return r, nil
}

func weighAgainstExact(n int, f *Figures) {
	least := 1.0
	for seed := range uint64(snapshots) {
		edges := trial.Snapshot(n, seed+1)
		best, _ := pairing.Exact(n, edges)
		got := pairing.Weight(edges, pairing.Pair(n, edges, pairing.ExactUpTo))
		least = min(least, float64(got)/float64(pairing.Weight(edges, best)))
	}
	f.add(fmt.Sprintf("tickets_%d_weight_of_exact_share", n), least)
}

const megabyte = 1 << 20

func pairAnew(n int, f *Figures) {
	heap := func() (inUse, total uint64) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, m.TotalAlloc
	}
	debug.FreeOSMemory()
	before, _ := heap()
	edges := trial.Snapshot(n, 1)
	debug.FreeOSMemory()
	after, _ := heap()
	var times []time.Duration
	var made uint64
	for range pairings {
		runtime.GC()
		_, from := heap()
		begun := time.Now()
		pairing.Pair(n, edges, pairing.ExactUpTo)
		times = append(times, time.Since(begun))
		_, to := heap()
		made = to - from
	}
	name := func(what string) string { return fmt.Sprintf("tickets_%d_%s", n, what) }
	f.add(name("edges_each"), 2*float64(len(edges))/float64(n))
	f.add(name("pairing_p50_ms"), ms(percentile(times, 50)))
	f.add(name("pairing_max_ms"), ms(percentile(times, 100)))
	f.add(name("edges_mb"), float64(after-before)/megabyte)
	f.add(name("memory_mb"), float64(after-before+made)/megabyte)
	runtime.KeepAlive(edges)
}

// arrive lets people leave a paired pool and come back to it.
func arrive(n int, f *Figures) {
	edges := trial.Snapshot(n, 1)
	fits := make([][]pairing.Fit[int32], n)
	for _, e := range edges {
		fits[e.A] = append(fits[e.A], pairing.Fit[int32]{ID: e.B, Weight: e.Weight})
		fits[e.B] = append(fits[e.B], pairing.Fit[int32]{ID: e.A, Weight: e.Weight})
	}
	byID := func(f pairing.Fit[int32], id int32) int { return cmp.Compare(f.ID, id) }
	for _, of := range fits {
		slices.SortFunc(of, func(a, b pairing.Fit[int32]) int { return byID(a, b.ID) })
	}
	p := pairing.NewPool[int32]()
	begun := time.Now()
	for i := range fits {
		p.Add(int32(i), fits[i]) // those who are not there yet are left out
	}
	filled := time.Since(begun)
	chance := rand.New(rand.NewPCG(2, 2))
	var times []time.Duration
	for range poolArrivals {
		i := chance.Int32N(int32(n))
		p.Remove(i)
		begun := time.Now()
		p.Add(i, fits[i])
		p.Best(i)
		times = append(times, time.Since(begun))
	}
	runtime.GC()
	begun = time.Now()
	p.Reweigh(func(a, b int32) int64 {
		if len(fits[a]) > len(fits[b]) {
			a, b = b, a
		}
		at, _ := slices.BinarySearchFunc(fits[a], b, byID)
		return fits[a][at].Weight
	})
	reweigh := time.Since(begun)
	name := func(what string) string { return fmt.Sprintf("tickets_%d_%s", n, what) }
	f.add(name("filling_one_by_one_s"), filled.Seconds())
	f.add(name("arrival_p50_ms"), ms(percentile(times, 50)))
	f.add(name("arrival_p99_ms"), ms(percentile(times, 99)))
	f.add(name("arrival_max_ms"), ms(percentile(times, 100)))
	f.add(name("reweigh_ms"), ms(reweigh))
}
