package pairing_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"heyy/internal/meet/matchmaking/pairing"
)

func benchmark(b *testing.B, n int, pair func(int, []pairing.Edge)) {
	edges := alike(n)
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

// Benchmarks on people are in package simulation.
func BenchmarkNearHard10000(b *testing.B)  { benchmark(b, 10_000, near) }
func BenchmarkExactHard10000(b *testing.B) { benchmark(b, 10_000, exact) }

// alike is a random graph with 35 edges for each vertex, of nearly equal weights.
func alike(n int) []pairing.Edge {
	r := rand.New(rand.NewPCG(1, 1))
	edges := make([]pairing.Edge, n*35/2)
	for i := range edges {
		edges[i] = pairing.Edge{A: r.Int32N(int32(n)), B: r.Int32N(int32(n)), Weight: 900_000 + r.Int64N(100_000)}
	}
	return edges
}
