package pairing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// edgesOf are the edges between those who are in the pool.
func edgesOf[ID comparable](p *Pool[ID]) (edges []Edge) {
	for v, row := range p.s.rows {
		for _, h := range row {
			if h.to > int32(v) {
				edges = append(edges, Edge{int32(v), h.to, h.weight})
			}
		}
	}
	return edges
}

func TestAPoolIsPairedAsWellAsPossibleAfterEachComingAndGoing(t *testing.T) {
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := NewPool[string]()
		var in []string
		most := []int64{2, 9, 1000}[r.IntN(3)]
		crowd := 8 + r.IntN(150)
		for step := range 500 {
			switch x := r.IntN(10); {
			case len(in) < 2 || x < 6 && len(in) < crowd:
				id := fmt.Sprint("person ", step)
				if r.IntN(20) == 0 && len(in) > 0 {
					id = in[r.IntN(len(in))] // comes anew
				} else {
					in = append(in, id)
				}
				fits := []Fit[string]{{"somebody who left", 5}, {id, 7}}
				for range r.IntN(8) {
					// Often those who came lately, so that odd cycles are many.
					fits = append(fits, Fit[string]{in[max(0, len(in)-1-r.IntN(12))], r.Int64N(most + 1)})
				}
				p.Add(id, fits)
			case x < 8:
				i := r.IntN(len(in))
				p.Remove(in[i])
				in = slices.Delete(in, i, i+1)
			case x < 9:
				if pairs := p.Pairs(); len(pairs) > 0 {
					pair := pairs[r.IntN(len(pairs))]
					p.Remove(pair[0], pair[1])
					in = slices.DeleteFunc(in, func(id string) bool { return id == pair[0] || id == pair[1] })
				}
			default:
				if r.IntN(10) == 0 {
					p.Reweigh(func(a, b string) int64 { return 1 + int64(len(a)*len(b)*7)%most })
				}
			}
			if p.Len() != len(in) {
				t.Fatalf("seed %d, step %d: %d are in it, want %d", seed, step, p.Len(), len(in))
			}
			if err := Verify(int(p.s.n), edgesOf(p), p.s.mates(), p.s.proof()); err != nil {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			}
		}
		for _, pair := range p.Pairs() {
			a, okA := p.Best(pair[1])
			b, okB := p.Best(pair[0])
			if !okA || !okB || a != pair[0] || b != pair[1] {
				t.Errorf("seed %d: %v are mates, Best says %s and %s", seed, pair, a, b)
			}
		}
	}
}

func TestWhoComesIsToldAtOnceWhomToMeet(t *testing.T) {
	p := NewPool[string]()
	p.Add("Ada", nil)
	if who, ok := p.Best("Ada"); ok {
		t.Errorf("alone, Ada is to meet %s", who)
	}
	p.Add("Bob", []Fit[string]{{"Ada", 5}})
	if who, _ := p.Best("Bob"); who != "Ada" {
		t.Errorf("Bob is to meet %q", who)
	}
	// Cleo fits Ada better, and Dan fits Bob: nobody is left over.
	p.Add("Cleo", []Fit[string]{{"Ada", 8}})
	if who, _ := p.Best("Ada"); who != "Cleo" {
		t.Errorf("Ada is to meet %q", who)
	}
	if who, ok := p.Best("Bob"); ok {
		t.Errorf("Bob is to meet %s", who)
	}
	p.Add("Dan", []Fit[string]{{"Bob", 1}, {"Ada", 3}})
	if who, _ := p.Best("Dan"); who != "Bob" {
		t.Errorf("Dan is to meet %q", who)
	}
	p.Remove("Ada", "Cleo")
	if who, _ := p.Best("Dan"); who != "Bob" || p.Len() != 2 {
		t.Errorf("Dan is to meet %q of %d", who, p.Len())
	}
	if who, ok := p.Best("Ada"); ok {
		t.Errorf("Ada left, and is to meet %s", who)
	}
}
