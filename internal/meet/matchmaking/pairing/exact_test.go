package pairing

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// bruteForce returns the greatest weight of all matchings: recursively, the first
// unused vertex stays free or is matched to one of the others.
func bruteForce(n int, edges []Edge) int64 {
	weight := make([]int64, n*n)
	for _, e := range edges {
		if e.A != e.B {
			i, j := int(e.A)*n+int(e.B), int(e.B)*n+int(e.A)
			weight[i] = max(weight[i], e.Weight)
			weight[j] = weight[i]
		}
	}
	known := make([]int64, 1<<n)
	for used := 1<<n - 2; used >= 0; used-- {
		v := bits.TrailingZeros(^uint(used))
		best := known[used|1<<v]
		for u := v + 1; u < n; u++ {
			if w := weight[v*n+u]; used>>u&1 == 0 && w > 0 {
				best = max(best, w+known[used|1<<v|1<<u])
			}
		}
		known[used] = best
	}
	return known[0]
}

// exactly runs Exact and verifies its proof. It also runs the searches without the
// auction, which would leave them little to do.
func exactly(t testing.TB, n int, edges []Edge) []int32 {
	t.Helper()
	s := newSolver(adjacencyOf(n, edges))
	s.initialize()
	s.searchAll(math.MaxInt)
	if err := Verify(n, edges, s.mates(), s.proof()); err != nil {
		t.Fatalf("without bids: %v\n%d vertices, edges %v", err, n, edges)
	}
	mate, proof := Exact(n, edges)
	if err := Verify(n, edges, mate, proof); err != nil {
		t.Fatalf("%v\n%d vertices, edges %v", err, n, edges)
	}
	return mate
}

func TestExactWeighsWhatTheBestOfAllMatchingsWeighs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 20000 {
		n := 1 + r.IntN(8)
		density := r.Float64()
		most := []int64{1, 2, 3, 6, 20, 1000}[r.IntN(6)]
		var edges []Edge
		for a := range n {
			for b := range a {
				if r.Float64() < density {
					edges = append(edges, Edge{int32(a), int32(b), 1 + r.Int64N(most)})
				}
			}
		}
		r.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = edges[j], edges[i] })
		mate := exactly(t, n, edges)
		if got, want := Weight(edges, mate), bruteForce(n, edges); got != want {
			t.Fatalf("round %d: weighs %d, the best weighs %d\n%d vertices, edges %v", round, got, want, n, edges)
		}
	}
}

// randomGraph has about n*degree/2 edges. If clustered, near vertices are likelier
// neighbours, which produces nested blossoms.
func randomGraph(r *rand.Rand, n, degree int, most int64, clustered bool) (edges []Edge) {
	for range n * degree / 2 {
		a := r.IntN(n)
		b := r.IntN(n)
		if clustered {
			b = (a + 1 + r.IntN(2*degree)) % n
		}
		edges = append(edges, Edge{int32(a), int32(b), 1 + r.Int64N(most)})
	}
	return edges
}

func TestExactProvesItselfOnLargerGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 700 {
		n := 2 + r.IntN(80)
		exactly(t, n, randomGraph(r, n, 1+r.IntN(12), []int64{1, 2, 5, 100, 1 << 40}[r.IntN(5)], r.IntN(2) == 0))
	}
	for _, most := range []int64{1, 3, 100, 1 << 40} {
		for _, clustered := range []bool{false, true} {
			exactly(t, 1000, randomGraph(r, 1000, 20, most, clustered))
			exactly(t, 700, randomGraph(r, 700, 3, most, clustered))
		}
	}
}

// nest makes a blossom of 3 or 5 blossoms, and so on inwards, in which inner
// edges are heavier, so that all of them cost something; and returns its
// vertices.
func nest(r *rand.Rand, depth int, weight int64, n *int32, edges *[]Edge) (members []int32) {
	if depth == 0 {
		*n++
		return []int32{*n - 1}
	}
	parts := make([][]int32, 3+2*r.IntN(2))
	for i := range parts {
		inside := depth - 1
		if i > 0 && r.IntN(2) == 0 {
			inside = r.IntN(depth)
		}
		parts[i] = nest(r, inside, weight+2+2*r.Int64N(3), n, edges)
		members = append(members, parts[i]...)
	}
	for i, part := range parts {
		next := parts[(i+1)%len(parts)]
		*edges = append(*edges, Edge{part[r.IntN(len(part))], next[r.IntN(len(next))], weight})
	}
	return members
}

// depthOf returns the depth of nested sets with a price in a proof.
func depthOf(n int, p Proof) (deepest int) {
	in := make([]int, n)
	for _, set := range p.Sets {
		if set.Price > 0 {
			for _, v := range set.Members {
				in[v]++
			}
		}
	}
	return slices.Max(in)
}

func TestExactHandlesNestedBlossoms(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	deepest, brute := 0, 0
	for round := range 2500 {
		var n int32
		var edges []Edge
		var flowers [][]int32
		for range 1 + r.IntN(3) {
			flowers = append(flowers, nest(r, 1+r.IntN(4), 8+r.Int64N(8), &n, &edges))
		}
		// Stems lead into them from everywhere: augmenting paths pass through, inner
		// blossoms are relabelled or expanded.
		for range r.IntN(8) {
			f, g := flowers[r.IntN(len(flowers))], flowers[r.IntN(len(flowers))]
			edges = append(edges, Edge{f[r.IntN(len(f))], g[r.IntN(len(g))], 1 + r.Int64N(16)})
		}
		for range r.IntN(6) {
			f := flowers[r.IntN(len(flowers))]
			edges = append(edges, Edge{f[r.IntN(len(f))], n, 1 + r.Int64N(24)})
			if n++; r.IntN(2) == 0 {
				edges = append(edges, Edge{n - 1, n, 1 + r.Int64N(24)})
				n++
			}
		}
		name := r.Perm(int(n)) // the order of vertices is the order of searches
		for i, e := range edges {
			edges[i] = Edge{int32(name[e.A]), int32(name[e.B]), e.Weight}
		}
		mate := exactly(t, int(n), edges)
		_, proof := Exact(int(n), edges)
		deepest = max(deepest, depthOf(int(n), proof))
		if n <= 14 {
			brute++
			if got, want := Weight(edges, mate), bruteForce(int(n), edges); got != want {
				t.Fatalf("round %d: weighs %d, the best weighs %d\n%d vertices, edges %v", round, got, want, n, edges)
			}
		}
	}
	if deepest < 4 || brute < 200 {
		t.Errorf("blossoms lay %d deep at most, %d graphs were small: these graphs are too easy", deepest, brute)
	}
}

func TestSmallCasesThatCanBeDoneByHand(t *testing.T) {
	for _, x := range []struct {
		name  string
		n     int
		edges []Edge
		mate  []int32
	}{
		{"nobody", 0, nil, []int32{}},
		{"nobody fits", 2, nil, []int32{None, None}},
		{"one pair", 2, []Edge{{0, 1, 5}}, []int32{1, 0}},
		{"the heavier of two", 3, []Edge{{0, 1, 5}, {1, 2, 6}}, []int32{None, 2, 1}},
		{"two light ones weigh more than the heaviest", 4, []Edge{{0, 1, 5}, {1, 2, 8}, {2, 3, 5}}, []int32{1, 0, 3, 2}},
		{"the heaviest weighs more than two light ones", 4, []Edge{{0, 1, 5}, {1, 2, 11}, {2, 3, 5}}, []int32{None, 2, 1, None}},
		{"a triangle", 3, []Edge{{0, 1, 5}, {1, 2, 6}, {2, 0, 7}}, []int32{2, None, 0}},
		{"a triangle and a stem", 4, []Edge{{0, 1, 8}, {0, 2, 9}, {1, 2, 10}, {2, 3, 7}}, []int32{1, 0, 3, 2}},
		{"loops, worthless and parallel edges", 3, []Edge{{0, 0, 99}, {0, 1, 0}, {0, 1, -3}, {1, 2, 4}, {2, 1, 6}}, []int32{None, 2, 1}},
	} {
		if mate := exactly(t, x.n, x.edges); !slices.Equal(mate, x.mate) {
			t.Errorf("%s: %v, want %v", x.name, mate, x.mate)
		}
	}
}

// An invalid proof must not pass.
func TestVerifyRefusesWhatIsWrong(t *testing.T) {
	n, edges := 4, []Edge{{0, 1, 8}, {0, 2, 9}, {1, 2, 10}, {2, 3, 1}}
	for _, x := range []struct {
		want  string
		spoil func(mate []int32, p *Proof) []int32
	}{
		{"have 3 mates", func(mate []int32, p *Proof) []int32 { return mate[:3] }},
		{"is matched to", func(mate []int32, p *Proof) []int32 { mate[0] = 3; return mate }},
		{"is free and costs", func(mate []int32, p *Proof) []int32 { mate[1], mate[2], p.Sets = None, None, nil; return mate }},
		{"the price of", func(mate []int32, p *Proof) []int32 { p.Vertex[1] = -1; return mate }},
		{"is not paid for", func(mate []int32, p *Proof) []int32 { p.Vertex[1]--; return mate }},
		{"paid for exactly", func(mate []int32, p *Proof) []int32 { p.Vertex[1]++; return mate }},
		{"members and costs", func(mate []int32, p *Proof) []int32 {
			p.Sets = append(p.Sets, OddSet{[]int32{0, 1}, 0})
			return mate
		}},
		{"matched within", func(mate []int32, p *Proof) []int32 {
			p.Sets = append(p.Sets, OddSet{[]int32{0, 1, 3}, 2})
			return mate
		}},
		{"twice", func(mate []int32, p *Proof) []int32 {
			p.Sets = append(p.Sets, OddSet{[]int32{3, 3, 1}, 0})
			return mate
		}},
	} {
		mate, proof := Exact(n, edges)
		if err := Verify(n, edges, mate, proof); err != nil {
			t.Fatal(err)
		}
		mate = x.spoil(mate, &proof)
		if err := Verify(n, edges, mate, proof); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("says %v, want %q", err, x.want)
		}
	}
}

func FuzzExact(f *testing.F) {
	f.Add([]byte{0x01, 5, 0x12, 6, 0x20, 7})
	f.Add([]byte{0x01, 9, 0x12, 9, 0x20, 9, 0x03, 4, 0x34, 12, 0x45, 12, 0x53, 12, 0x56, 3, 0x67, 9, 0x28, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		var edges []Edge
		n := 1
		for ; len(data) > 1 && len(edges) < 60; data = data[2:] {
			e := Edge{int32((data[0] >> 4) % 12), int32((data[0] & 15) % 12), int64(int8(data[1]))}
			edges = append(edges, e)
			n = max(n, int(e.A)+1, int(e.B)+1)
		}
		mate := exactly(t, n, edges)
		if got, want := Weight(edges, mate), bruteForce(n, edges); got != want {
			t.Fatalf("weighs %d, the best weighs %d", got, want)
		}
	})
}
