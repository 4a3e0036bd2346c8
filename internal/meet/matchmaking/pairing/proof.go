package pairing

import "fmt"

// Proof shows that no matching weighs more, by the duality of linear programs
// (Edmonds 1965). Give each vertex v a price y(v) >= 0, and some odd sets B of
// vertices a price z(B) >= 0, such that every edge ab is paid for:
//
//	y(a) + y(b) + sum of z(B) over the sets B that hold both >= weight(ab)
//
// A matching uses each vertex at most once, and of an odd set at most
// (|B|-1)/2 edges. So it weighs at most the sum of all y(v) and of all
// z(B)*(|B|-1)/2. A matching that weighs just that is one of the heaviest.
//
// All prices here are doubled, which keeps them whole numbers.
type Proof struct {
	Vertex []int64
	Sets   []OddSet
}

// OddSet is a set of vertices of odd size, with its doubled price.
type OddSet struct {
	Members []int32
	Price   int64
}

// Verify returns nil if mate is a matching of these edges and the proof shows
// that none weighs more; else what is wrong. It shares nothing with Exact.
func Verify(n int, edges []Edge, mate []int32, proof Proof) error {
	if len(mate) != n || len(proof.Vertex) != n {
		return fmt.Errorf("%d vertices have %d mates and %d prices", n, len(mate), len(proof.Vertex))
	}
	var bound int64
	in := make([][]int, n) // the sets of each vertex
	for i, set := range proof.Sets {
		if len(set.Members)%2 == 0 || set.Price < 0 {
			return fmt.Errorf("set %d has %d members and costs %d", i, len(set.Members), set.Price)
		}
		bound += set.Price * int64(len(set.Members)/2)
		inner := 0
		for _, v := range set.Members {
			if k := len(in[v]); k > 0 && in[v][k-1] == i {
				return fmt.Errorf("set %d has %d twice", i, v)
			}
			in[v] = append(in[v], i)
		}
		for _, v := range set.Members {
			if m := mate[v]; m != None && len(in[m]) > 0 && in[m][len(in[m])-1] == i {
				inner++
			}
		}
		if set.Price > 0 && inner != len(set.Members)-1 {
			return fmt.Errorf("set %d costs %d, and %d of its %d members are matched within", i, set.Price, inner, len(set.Members))
		}
	}
	for v, y := range proof.Vertex {
		bound += y
		switch m := mate[v]; {
		case y < 0:
			return fmt.Errorf("the price of %d is %d", v, y)
		case m == None && y > 0:
			return fmt.Errorf("%d is free and costs %d", v, y)
		case m != None && (m < 0 || int(m) >= n || m == int32(v) || mate[m] != int32(v)):
			return fmt.Errorf("%d is matched to %d", v, m)
		}
	}
	tight := make([]bool, n)
	for _, e := range edges {
		if e.A == e.B || e.Weight <= 0 {
			continue
		}
		slack := proof.Vertex[e.A] + proof.Vertex[e.B] - 2*e.Weight
		for i, j := 0, 0; i < len(in[e.A]) && j < len(in[e.B]); {
			switch a, b := in[e.A][i], in[e.B][j]; {
			case a < b:
				i++
			case a > b:
				j++
			default:
				slack += proof.Sets[a].Price
				i, j = i+1, j+1
			}
		}
		if slack < 0 {
			return fmt.Errorf("the edge of %d and %d is not paid for: %d", e.A, e.B, slack)
		}
		if slack == 0 && mate[e.A] == e.B {
			tight[e.A], tight[e.B] = true, true
		}
	}
	for v, m := range mate {
		if m != None && !tight[v] {
			return fmt.Errorf("%d is matched to %d by no edge that is paid for exactly", v, m)
		}
	}
	if weight := 2 * Weight(edges, mate); weight != bound {
		return fmt.Errorf("the matching weighs %d/2, and the bound is %d/2", weight, bound)
	}
	return nil
}
