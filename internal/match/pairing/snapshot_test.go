package pairing_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"heyy/internal/match/pairing"
	"heyy/internal/match/pairing/trial"
)

func TestNearPairsPoolsOfPeopleAsWellAsPossible(t *testing.T) {
	for _, n := range []int{200, 1000, 5000} {
		for seed := range uint64(3) {
			edges := trial.Snapshot(n, seed)
			best, proof := pairing.Exact(n, edges)
			if err := pairing.Verify(n, edges, best, proof); err != nil {
				t.Fatal(err)
			}
			mate, bound := pairing.Near(n, edges)
			got, most := pairing.Weight(edges, mate), pairing.Weight(edges, best)
			if bound < most || float64(got) < 0.98*float64(most) {
				t.Errorf("%d people, seed %d: weighs %d of %d, bound %d", n, seed, got, most, bound)
			}
		}
	}
}

// comings are the edges of each to those before.
func comings(n int, edges []pairing.Edge) [][]pairing.Fit[int32] {
	fits := make([][]pairing.Fit[int32], n)
	for _, e := range edges {
		a, b := max(e.A, e.B), min(e.A, e.B)
		fits[a] = append(fits[a], pairing.Fit[int32]{ID: b, Weight: e.Weight})
	}
	return fits
}

func TestComingOneByOneIsAsGoodAsAllAtOnce(t *testing.T) {
	const n = 2000
	edges := trial.Snapshot(n, 9)
	p := pairing.NewPool[int32]()
	for i, fits := range comings(n, edges) {
		p.Add(int32(i), fits)
	}
	mate := make([]int32, n)
	for i := range mate {
		mate[i] = pairing.None
		if m, ok := p.Best(int32(i)); ok {
			mate[i] = m
		}
	}
	best, _ := pairing.Exact(n, edges)
	if got, most := pairing.Weight(edges, mate), pairing.Weight(edges, best); got != most {
		t.Errorf("weighs %d, together %d", got, most)
	}
}

func benchmark(b *testing.B, n int, edges []pairing.Edge, pair func(int, []pairing.Edge)) {
	best := time.Hour
	for b.Loop() {
		runtime.GC()
		start := time.Now()
		pair(n, edges)
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best.Microseconds())/1000, "best-ms")
	b.ReportAllocs()
}

func near(n int, edges []pairing.Edge)  { pairing.Near(n, edges) }
func exact(n int, edges []pairing.Edge) { pairing.Exact(n, edges) }

func BenchmarkExact500(b *testing.B)    { benchmark(b, 500, trial.Snapshot(500, 1), exact) }
func BenchmarkExact5000(b *testing.B)   { benchmark(b, 5000, trial.Snapshot(5000, 1), exact) }
func BenchmarkNear10000(b *testing.B)   { benchmark(b, 10_000, trial.Snapshot(10_000, 1), near) }
func BenchmarkNear100000(b *testing.B)  { benchmark(b, 100_000, trial.Snapshot(100_000, 1), near) }
func BenchmarkExact100000(b *testing.B) { benchmark(b, 100_000, trial.Snapshot(100_000, 1), exact) }

func BenchmarkNearHard10000(b *testing.B)  { benchmark(b, 10_000, alike(10_000), near) }
func BenchmarkExactHard10000(b *testing.B) { benchmark(b, 10_000, alike(10_000), exact) }

// alike is a graph without people: 35 edges for each to anybody, much the same.
func alike(n int) []pairing.Edge {
	r := rand.New(rand.NewPCG(1, 1))
	edges := make([]pairing.Edge, n*35/2)
	for i := range edges {
		edges[i] = pairing.Edge{A: r.Int32N(int32(n)), B: r.Int32N(int32(n)), Weight: 900_000 + r.Int64N(100_000)}
	}
	return edges
}

// An arrival in a pool of 10,000 who were not proposed yet: somebody goes, and
// comes again with their edges.
func BenchmarkArrival10000(b *testing.B) {
	const n = 10_000
	edges := trial.Snapshot(n, 1)
	p := pairing.NewPool[int32]()
	for i, fits := range comings(n, edges) {
		p.Add(int32(i), fits)
	}
	all := make([][]pairing.Fit[int32], n)
	for _, e := range edges {
		all[e.A] = append(all[e.A], pairing.Fit[int32]{ID: e.B, Weight: e.Weight})
		all[e.B] = append(all[e.B], pairing.Fit[int32]{ID: e.A, Weight: e.Weight})
	}
	r := rand.New(rand.NewPCG(2, 2))
	var took []time.Duration
	for b.Loop() {
		i := r.Int32N(n)
		p.Remove(i)
		start := time.Now()
		p.Add(i, all[i])
		p.Best(i)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-us")
}
