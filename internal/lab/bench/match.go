package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"heyy/internal/meet/matchmaking/pairing"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/meet/matchmaking/simulation"
)

// MatchConfig holds the sizes that Match measures; zero fields have the usual values.
type MatchConfig struct {
	People int       // people generated; larger pools repeat them under other ids
	Exact  []int     // sizes of pools whose weight is compared with the exact optimum
	Pools  []int     // sizes of pools whose time and memory is measured
	Rates  []float64 // arrivals per second in simulations
	Most   int       // arrivals in one simulation
	Wait   []int64   // weights of a second of waiting in simulations; default: the queue's
}

func (c MatchConfig) usual() MatchConfig {
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
	if len(c.Wait) == 0 {
		c.Wait = []int64{pool.WaitWeight}
	}
	if c.Most == 0 {
		c.Most = 300_000
	}
	return c
}

const (
	snapshots     = 5 // of each size, with different seeds
	pairings      = 9
	poolArrivals  = 2000
	arrivalsMin   = 20_000          // arrivals
	simulatedTime = 5 * time.Minute // of the simulated clock, until the last arrival
	matchTime     = time.Hour
)

// Match measures matchmaking: the weight of the pairs, the time, the memory, and
// how long people wait, compared with a peer's algorithm. It runs in this
// process, on one core, with the pool of the queue; its people are rows of a
// database of its own, which it deletes.
func Match(ctx context.Context, c MatchConfig) (r Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, matchTime)
	defer cancel()
	c = c.usual()
	r = Report{Bench: "match", At: time.Now().UTC().Format(time.RFC3339), Machine: ThisMachine()}
	r.How = fmt.Sprintf("In this process, on one core, the pool of the queue with %d made-up people as rows have them: seven men to three women, three languages, five combinations of intents, twelve regions. "+
		"Weight: what Pair makes of the pool's own graph with all tickets pending, exact up to %d people, divided by the exact optimum of the same graph, the least of %d snapshots. "+
		"Choice: all tickets pending, candidates and pairing together, %d tickets at once; all: choices until nothing is pending, chosen tickets suspended; the median and slowest of %d, and cpu: what of it was on a processor, which a busy machine lengthens less. "+
		"Memory: the pool with the people in it, and besides all that one choice ever allocated. "+
		"Arrival: somebody comes to so many who are left over and are told whom to meet: Put and Choose. "+
		"Trials: Poisson arrivals on a simulated clock, gathered for %v as the leader does; patience fixed at 3 minutes, exponential and lognormal (sigma 1) with a median of one minute, the same people coming at the same moments; wait_n: a second of waiting weighs n, the queue's own is %d; waits are of those who found somebody, mean_of_all counts who gave up with their patience; choices on the real clock. "+
		"Violations: pairs that a plain reading of the rules refuses. "+
		"Peer: rounds of 15 s, the oldest first, two rounds of seeking, as Nakama documents its defaults, with the same people and our hard rules.",
		c.People, pairing.ExactUpTo, snapshots, pool.MaxBatch, pairings, pool.BatchWindow, pool.WaitWeight)
	d, _, drop, err := fresh(ctx, "")
	if err != nil {
		return r, err
	}
	people, err := simulation.People(ctx, d, c.People, 1)
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
		for _, patience := range simulation.Patiences {
			w := simulation.Workload{Rate: rate, People: min(c.Most, max(arrivalsMin, int(rate*simulatedTime.Seconds()))), Patience: patience, Seed: 1}
			for _, wait := range c.Wait {
				if err := ctx.Err(); err != nil {
					return r, err
				}
				ours := simulation.WithWaitWeight(wait)
				simulate(w, people, ours, fmt.Sprintf("ours_wait_%d", wait), f)
			}
			if err := ctx.Err(); err != nil {
				return r, err
			}
			simulate(w, people, simulation.NewPeer(), "peer", f)
		}
	}
	return r, nil
}

// simulate runs one matchmaker on one workload.
func simulate(w simulation.Workload, people []simulation.SyntheticPerson, m simulation.Matchmaker, by string, f *Figures) {
	begun := time.Now()
	o := simulation.Simulate(w, people, m)
	name := func(what string) string { return fmt.Sprintf("rate_%v_%s_%s_%s", w.Rate, w.Patience.Name, by, what) }
	f.Add(name("people"), float64(o.All.People))
	f.Add(name("wait_p50_s"), o.All.P50)
	f.Add(name("wait_p99_s"), o.All.P99)
	f.Add(name("wait_mean_of_all_s"), o.All.Mean)
	f.Add(name("matched_share"), o.All.Matched)
	f.Add(name("matched_after_30s_share"), o.All.Late)
	f.Add(name("smallest_group_people"), float64(o.Smallest.People))
	f.Add(name("smallest_group_wait_p50_s"), o.Smallest.P50)
	f.Add(name("smallest_group_wait_p99_s"), o.Smallest.P99)
	f.Add(name("smallest_group_wait_mean_of_all_s"), o.Smallest.Mean)
	f.Add(name("smallest_group_matched_share"), o.Smallest.Matched)
	f.Add(name("second_p95_s"), o.SecondWait)
	f.Add(name("mean_score"), o.Score)
	f.Add(name("violations"), float64(o.Violations+o.Duplicates))
	if ours, is := m.(*simulation.Ours); is {
		f.Add(name("choice_p50_ms"), Millis(Percentile(ours.ChooseTimes(), 50)))
		f.Add(name("choice_p99_ms"), Millis(Percentile(ours.ChooseTimes(), 99)))
		f.Add(name("choice_max_ms"), Millis(Percentile(ours.ChooseTimes(), 100)))
	}
	f.Add(name("took_s"), time.Since(begun).Seconds())
}

func weighAgainstExact(people []simulation.SyntheticPerson, n int, f *Figures) {
	least := 1.0
	var count int
	for seed := range uint64(snapshots) {
		who, edges := simulation.Pool(people, n, seed+1).Graph(simulation.Start)
		best, _ := pairing.Exact(len(who), edges)
		got := pairing.Weight(edges, pairing.Pair(len(who), edges, pairing.ExactUpTo))
		least = min(least, float64(got)/float64(pairing.Weight(edges, best)))
		count += len(edges)
	}
	f.Add(fmt.Sprintf("tickets_%d_edges_each", n), 2*float64(count)/float64(n*snapshots))
	f.Add(fmt.Sprintf("tickets_%d_weight_of_exact_share", n), least)
}

const megabyte = 1 << 20

// processor returns the CPU time of this process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// chooseForAll measures what a new leader does with so many people.
func chooseForAll(people []simulation.SyntheticPerson, n int, f *Figures) {
	heap := func() (inUse, total uint64) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, m.TotalAlloc
	}
	var once, all, used []time.Duration
	var held int64 // what others of this process let go meanwhile counts against it
	var made uint64
	var chosen int
	for seed := range uint64(pairings) {
		debug.FreeOSMemory()
		before, _ := heap()
		p := simulation.Pool(people, n, seed+1)
		debug.FreeOSMemory()
		after, from := heap()
		held = max(held, int64(after)-int64(before))
		var sum, busy time.Duration
		chosen = 0
		for p.Pending() > 0 {
			worked, begun := processor(), time.Now()
			pairs := p.Choose(simulation.Start)
			took := time.Since(begun)
			busy += processor() - worked
			_, to := heap()
			made, from = max(made, to-from), to
			once = append(once, took)
			sum += took
			for _, two := range pairs {
				p.Suspend(two[0])
				p.Suspend(two[1])
			}
			chosen += 2 * len(pairs)
		}
		all, used = append(all, sum), append(used, busy)
	}
	name := func(what string) string { return fmt.Sprintf("tickets_%d_%s", n, what) }
	f.Add(name("choice_max_ms"), Millis(Percentile(once, 100)))
	f.Add(name("all_p50_ms"), Millis(Percentile(all, 50)))
	f.Add(name("all_max_ms"), Millis(Percentile(all, 100)))
	f.Add(name("all_cpu_p50_ms"), Millis(Percentile(used, 50)))
	f.Add(name("chosen_share"), float64(chosen)/float64(n))
	f.Add(name("pool_mb"), float64(held)/megabyte)
	f.Add(name("memory_mb"), (float64(held)+float64(made))/megabyte)
}

// arrive measures single arrivals at a pool of n people of whom no two fit each
// other: those who are left when all others have been paired.
func arrive(people []simulation.SyntheticPerson, n int, f *Figures) {
	chance := rand.New(rand.NewPCG(2, 2))
	p := pool.New()
	names := 0
	come := func() {
		p.Put(people[chance.IntN(len(people))].Ticket(simulation.Name(names), simulation.Start), simulation.Start)
		names++
	}
	choose := func() {
		for p.Pending() > 0 {
			for _, two := range p.Choose(simulation.Start) {
				p.Drop(two[0])
				p.Drop(two[1])
			}
		}
	}
	for p.Len() < n {
		for range min(n-p.Len()+100, pool.MaxBatch) {
			come()
		}
		choose()
	}
	var times []time.Duration
	met := 0
	for range poolArrivals {
		who := &people[chance.IntN(len(people))]
		w := who.Ticket(simulation.Name(names), simulation.Start)
		names++
		begun := time.Now()
		p.Put(w, simulation.Start)
		pairs := p.Choose(simulation.Start)
		times = append(times, time.Since(begun))
		for _, two := range pairs {
			p.Drop(two[0])
			p.Drop(two[1])
			met++
		}
		choose()
	}
	name := func(what string) string { return fmt.Sprintf("tickets_%d_%s", n, what) }
	f.Add(name("arrival_p50_ms"), Millis(Percentile(times, 50)))
	f.Add(name("arrival_p99_ms"), Millis(Percentile(times, 99)))
	f.Add(name("arrival_max_ms"), Millis(Percentile(times, 100)))
	f.Add(name("arrivals_met_share"), float64(met)/poolArrivals)
}
