package pairing

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// However early a search stops, the matching is valid, no matching weighs more than
// the bound, and continuing ends with a proof.
func TestASearchThatStopsLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	stopped := 0
	for range 2000 {
		n := 2 + r.IntN(60)
		edges := randomGraph(r, n, 1+r.IntN(10), []int64{1, 3, 50, 1 << 40}[r.IntN(4)], r.IntN(2) == 0)
		s := newSolver(adjacencyOf(n, edges))
		s.initialize()
		s.runAuction(r.IntN(2 * n))
		most, _ := Exact(n, edges)
		best := Weight(edges, most)
		for range 3 {
			for v := range s.n {
				if s.isUnfinished(v) {
					s.search(v, r.IntN(30))
				}
			}
			if bound := s.bound(); bound < best {
				t.Fatalf("the bound is %d, and %d is possible", bound, best)
			}
		}
		if slices.ContainsFunc(vertices(s), s.isUnfinished) {
			stopped++
		}
		s.searchAll(math.MaxInt)
		if err := Verify(n, edges, s.mates(), s.proof()); err != nil {
			t.Fatal(err)
		}
		if bound := s.bound(); bound != best {
			t.Fatalf("at the end the bound is %d, and %d the best", bound, best)
		}
	}
	if stopped < 100 {
		t.Errorf("only %d searches stopped", stopped)
	}
}

func vertices(s *solver) (all []int32) {
	for v := range s.n {
		all = append(all, v)
	}
	return all
}

func TestUnfinishedVerticesAreMatchedGreedily(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 11))
	for range 300 {
		n := 2 + r.IntN(40)
		edges := randomGraph(r, n, 1+r.IntN(8), 50, false)
		s := newSolver(adjacencyOf(n, edges))
		s.initialize()
		s.searchAll(r.IntN(40))
		before := Weight(edges, s.mates())
		s.matchLeftovers()
		mate := s.mates()
		for v, m := range mate {
			if m != None && (m == int32(v) || mate[m] != int32(v)) {
				t.Fatalf("%d has the mate %d, who has %d", v, m, mate[m])
			}
		}
		if after := Weight(edges, mate); after < before {
			t.Fatalf("it weighed %d, and %d then", before, after)
		}
	}
}

// Graphs with nearly equal weights are the hard ones: searches are long.
func TestNearIsNearOnHardGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 13))
	for _, n := range []int{1000, 4000} {
		for _, clustered := range []bool{false, true} {
			edges := randomGraph(r, n, 30, 1<<20, clustered)
			for i := range edges {
				edges[i].Weight += 1 << 22 // nearly equal
			}
			mate, bound := Near(n, edges)
			if w := Weight(edges, mate); float64(w) < 0.98*float64(bound) {
				t.Errorf("%d vertices: weighs %d of %d", n, w, bound)
			}
		}
	}
}

func TestPairIsExactInSmallPools(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 15))
	edges := randomGraph(r, 300, 10, 100, true)
	best, _ := Exact(300, edges)
	near, _ := Near(300, edges)
	if !slices.Equal(Pair(300, edges, 300), best) || !slices.Equal(Pair(300, edges, 299), near) {
		t.Error("Pair takes neither one nor the other")
	}
	if !slices.Equal(Pair(300, edges, 300), Pair(300, edges, 300)) {
		t.Error("the same call has two results")
	}
}
