package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"heyy/internal/match/pairing"
	"heyy/internal/match/pool"
	"heyy/internal/match/trial"
)

// Crowds are how much Match measures; the zero ones are the usual ones.
type Crowds struct {
	People int       // that are made; in larger crowds they come again under other names
	Exact  []int     // waiting people, for the weight against the exact optimum
	Pools  []int     // waiting people, for time and memory
	Rates  []float64 // people who come per second, in trials
	Most   int       // people of one trial
}

func (c Crowds) usual() Crowds {
	if c.People == 0 {
		c.People = 20_000
	}
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
	pairings      = 9
	poolArrivals  = 2000
	trialLeast    = 20_000          // people
	trialTime     = 5 * time.Minute // of the trial's own clock, until all have come
	trialPatience = 3 * time.Minute
	matchTime     = 20 * time.Minute
)

// Match measures who is paired with whom: how good, how fast, in how much
// memory, and how long people wait, beside a peer's way. It runs in this
// process, on one core, with the pool that the queue uses; its people are rows
// of a database of its own, which it drops.
func Match(ctx context.Context, c Crowds) (r Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, matchTime)
	defer cancel()
	c = c.usual()
	r = Report{Bench: "match", At: time.Now().UTC().Format(time.RFC3339), Machine: machine()}
	r.How = fmt.Sprintf("In this process, on one core, the pool of the queue with %d made-up people as rows have them: seven men to three women, three languages, five combinations of intents, twelve regions. "+
		"Weight: what Pair makes of the pool's own graph with everybody hungry, exact up to %d people, divided by the exact optimum of the same graph, the least of %d snapshots. "+
		"Choice: everybody hungry, candidates and pairing together, %d people at once; all: choices until nobody is hungry, whoever is chosen resting; the median and slowest of %d, and cpu: what of it was on a processor, which a busy machine lengthens less. "+
		"Memory: the pool with the people in it, and besides all that one choice ever allocated. "+
		"Arrival: somebody comes to so many who are left over and are told whom to meet: Put and Choose. "+
		"Trials: Poisson arrivals on a simulated clock, gathered for %v as the leader does, %v of patience; waits are of those who found somebody, mean_of_all counts who gave up with their patience; choices on the real clock. "+
		"Violations: pairs that a plain reading of the rules refuses. "+
		"Peer: rounds of 15 s, the oldest first, two rounds of seeking, as Nakama documents its defaults, with the same people and our hard rules.",
		c.People, pairing.ExactUpTo, snapshots, pool.AtOnce, pairings, pool.GatherTime, trialPatience)
	d, _, drop, err := fresh(ctx, "")
	if err != nil {
		return r, err
	}
	people, err := trial.People(ctx, d, c.People, 1)
	if dropped := drop(); err == nil {
		err = dropped
	}
	if err != nil {
		return r, err
	}
	cores := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(cores)
	f := &r.Figures
	for _, n := range c.Exact {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		weighAgainstExact(people, n, f)
	}
	for _, n := range c.Pools {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		chooseForAll(people, n, f)
		arrive(people, n, f)
	}
	for _, rate := range c.Rates {
		w := trial.Workload{Rate: rate, People: min(c.Most, max(trialLeast, int(rate*trialTime.Seconds()))), Patience: trialPatience, Seed: 1}
		ours := trial.NewOurs()
		for _, m := range []struct {
			name string
			is   trial.Matchmaker
		}{{"ours", ours}, {"peer", trial.NewPeer()}} {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			begun := time.Now()
			o := trial.Simulate(w, people, m.is)
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
			if m.is == trial.Matchmaker(ours) {
				f.add(name("choice_p50_ms"), ms(percentile(ours.Took(), 50)))
				f.add(name("choice_p99_ms"), ms(percentile(ours.Took(), 99)))
				f.add(name("choice_max_ms"), ms(percentile(ours.Took(), 100)))
			}
			f.add(name("took_s"), time.Since(begun).Seconds())
		}
	}
	return r, nil
}

func weighAgainstExact(people []trial.Somebody, n int, f *Figures) {
	least := 1.0
	var count int
	for seed := range uint64(snapshots) {
		who, edges := trial.Pool(people, n, seed+1).Graph(trial.Start)
		best, _ := pairing.Exact(len(who), edges)
		got := pairing.Weight(edges, pairing.Pair(len(who), edges, pairing.ExactUpTo))
		least = min(least, float64(got)/float64(pairing.Weight(edges, best)))
		count += len(edges)
	}
	f.add(fmt.Sprintf("tickets_%d_edges_each", n), 2*float64(count)/float64(n*snapshots))
	f.add(fmt.Sprintf("tickets_%d_weight_of_exact_share", n), least)
}

const megabyte = 1 << 20

// processor is the time that this process has had a processor for.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// chooseForAll is what comes upon a leader with so many people.
func chooseForAll(people []trial.Somebody, n int, f *Figures) {
	heap := func() (inUse, total uint64) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, m.TotalAlloc
	}
	var once, all, used []time.Duration
	var held, made uint64
	var chosen int
	for seed := range uint64(pairings) {
		debug.FreeOSMemory()
		before, _ := heap()
		p := trial.Pool(people, n, seed+1)
		debug.FreeOSMemory()
		after, from := heap()
		held = max(held, after-before)
		var sum, busy time.Duration
		chosen = 0
		for p.Hungry() > 0 {
			worked, begun := processor(), time.Now()
			pairs := p.Choose(trial.Start)
			took := time.Since(begun)
			busy += processor() - worked
			_, to := heap()
			made, from = max(made, to-from), to
			once = append(once, took)
			sum += took
			for _, two := range pairs {
				p.Rest(two[0])
				p.Rest(two[1])
			}
			chosen += 2 * len(pairs)
		}
		all, used = append(all, sum), append(used, busy)
	}
	name := func(what string) string { return fmt.Sprintf("tickets_%d_%s", n, what) }
	f.add(name("choice_max_ms"), ms(percentile(once, 100)))
	f.add(name("all_p50_ms"), ms(percentile(all, 50)))
	f.add(name("all_max_ms"), ms(percentile(all, 100)))
	f.add(name("all_cpu_p50_ms"), ms(percentile(used, 50)))
	f.add(name("chosen_share"), float64(chosen)/float64(n))
	f.add(name("pool_mb"), float64(held)/megabyte)
	f.add(name("memory_mb"), float64(held+made)/megabyte)
}

// arrive lets people come, one at a time, to n of whom no two fit each other:
// those who are left over when all others have gone in pairs.
func arrive(people []trial.Somebody, n int, f *Figures) {
	chance := rand.New(rand.NewPCG(2, 2))
	p := pool.New()
	names := 0
	come := func() {
		p.Put(people[chance.IntN(len(people))].Waiter(trial.Name(names), trial.Start), trial.Start)
		names++
	}
	choose := func() {
		for p.Hungry() > 0 {
			for _, two := range p.Choose(trial.Start) {
				p.Drop(two[0])
				p.Drop(two[1])
			}
		}
	}
	for p.Len() < n {
		for range min(n-p.Len()+100, pool.AtOnce) {
			come()
		}
		choose()
	}
	var times []time.Duration
	met := 0
	for range poolArrivals {
		who := &people[chance.IntN(len(people))]
		w := who.Waiter(trial.Name(names), trial.Start)
		names++
		begun := time.Now()
		p.Put(w, trial.Start)
		pairs := p.Choose(trial.Start)
		times = append(times, time.Since(begun))
		for _, two := range pairs {
			p.Drop(two[0])
			p.Drop(two[1])
			met++
		}
		choose()
	}
	name := func(what string) string { return fmt.Sprintf("tickets_%d_%s", n, what) }
	f.add(name("arrival_p50_ms"), ms(percentile(times, 50)))
	f.add(name("arrival_p99_ms"), ms(percentile(times, 99)))
	f.add(name("arrival_max_ms"), ms(percentile(times, 100)))
	f.add(name("arrivals_met_share"), float64(met)/poolArrivals)
}
