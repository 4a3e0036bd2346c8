package simulation_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pairing"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/meet/matchmaking/simulation"
)

func people(t testing.TB, n int) []simulation.SyntheticPerson {
	t.Helper()
	all, err := simulation.People(context.Background(), dbtest.SQLite(t), n, 1)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestThePopulationIsSkewedAsItSays(t *testing.T) {
	const n = 6000
	var women, third int
	group := map[int]int{}
	for _, p := range people(t, n) {
		if p.Gender == "woman" {
			women++
		}
		if slices.Contains(p.Languages, "de") {
			third++
		}
		group[p.Group()]++
	}
	if women < n*28/100 || women > n*32/100 {
		t.Errorf("%d of %d are women", women, n)
	}
	if third < n*6/100 || third > n*15/100 {
		t.Errorf("%d of %d speak the third language", third, n)
	}
	smallest := n
	for _, size := range group {
		smallest = min(smallest, size)
	}
	if len(group) != 6 || smallest < n/200 || smallest > n*3/100 {
		t.Errorf("the smallest of %d groups is %d of %d", len(group), smallest, n)
	}
}

// The oracle and the pool are two independent implementations of one rule.
func TestTheOracleSaysWhatThePoolSays(t *testing.T) {
	all := people(t, 500)
	fit := 0
	for _, now := range []time.Time{simulation.Start, simulation.Start.Add(100 * 24 * time.Hour)} {
		for i := range all {
			for j := range i {
				a, b := all[i].Ticket("a", now), all[j].Ticket("b", now)
				want := simulation.Fits(&all[i], &all[j], now)
				if got := pool.MayPropose(&a, &b, discovery.DayOf(now)); got != want || simulation.Fits(&all[j], &all[i], now) != want {
					t.Fatalf("%+v and %+v: %v, by the oracle %v", all[i], all[j], got, want)
				}
				if want {
					fit++
				}
			}
		}
	}
	if fit < 1000 {
		t.Errorf("only %d pairs fit", fit)
	}
}

func TestOursAnswersAtOnceAndForgetsNobody(t *testing.T) {
	all := people(t, 3000)
	for _, rate := range []float64{1, 10, 100} {
		w := simulation.Workload{Rate: rate, People: int(200 * (2 + rate/2)), Patience: simulation.Fixed(3 * time.Minute), Seed: 4}
		ours, peer := simulation.Simulate(w, all, simulation.NewOurs()), simulation.Simulate(w, all, simulation.NewPeer())
		if again := simulation.Simulate(w, all, simulation.NewOurs()); !reflect.DeepEqual(ours, again) {
			t.Errorf("at %v a second, the same workload came to %+v and %+v", rate, ours, again)
		}
		for name, o := range map[string]simulation.Outcome{"ours": ours, "peer": peer} {
			if o.Violations != 0 || o.Duplicates != 0 {
				t.Errorf("at %v a second, %s broke the rules: %+v", rate, name, o)
			}
			if o.All.People != w.People || o.All.Matched < 0.3 {
				t.Errorf("at %v a second, %s matched few: %+v", rate, name, o)
			}
		}
		if ours.SecondWait > pool.BatchWindow.Seconds() || ours.All.P50 > 1 {
			t.Errorf("at %v a second, ours is slow: %+v", rate, ours)
		}
		if ours.All.Matched < peer.All.Matched-0.01 || ours.All.Late < peer.All.Late || ours.Smallest.Mean > peer.Smallest.Mean {
			t.Errorf("at %v a second, the peer leaves fewer behind: %+v, ours %+v", rate, peer, ours)
		}
	}
}

// ADR 8 chose the weight of waiting by this: compared with the previous one, as many
// are matched, also of the smallest group, and pairs fit better; compared with the
// peer, more are matched, and sooner.
func TestTheWeightOfWaitingIsWorthIt(t *testing.T) {
	all := people(t, 3000)
	for _, patience := range simulation.Patiences {
		w := simulation.Workload{Rate: 10, People: 6000, Patience: patience, Seed: 1}
		ours, before, peer := simulation.Simulate(w, all, simulation.NewOurs()), simulation.Simulate(w, all, simulation.WithWaitWeight(10)), simulation.Simulate(w, all, simulation.NewPeer())
		if ours.All.Matched < before.All.Matched-0.005 || ours.Smallest.Matched < before.Smallest.Matched-0.02 || ours.Score < before.Score+0.02 {
			t.Errorf("%s: %+v, with the weight before %+v", patience.Name, ours, before)
		}
		if ours.All.Matched < peer.All.Matched || ours.Smallest.Matched < peer.Smallest.Matched || ours.Score < peer.Score {
			t.Errorf("%s: %+v, the peer %+v", patience.Name, ours, peer)
		}
		if patience.Name != "fixed" && ours.All.Mean > peer.All.Mean {
			t.Errorf("%s: people wait %v s, with the peer %v s", patience.Name, ours.All.Mean, peer.All.Mean)
		}
	}
}

func TestPatienceHasItsShape(t *testing.T) {
	const n = 4000
	for name, mean := range map[string][2]float64{"fixed": {179.9, 180.1}, "exponential": {82, 92}, "lognormal": {90, 108}} {
		i := slices.IndexFunc(simulation.Patiences, func(p simulation.Patience) bool { return p.Name == name })
		o := simulation.Simulate(simulation.Workload{Rate: 100, People: n, Patience: simulation.Patiences[i], Seed: 7}, people(t, 50), idleMatchmaker{})
		if o.All.Matched != 0 || o.All.Mean < mean[0] || o.All.Mean > mean[1] {
			t.Errorf("%s: whom nobody is found for waits %v s in the mean", name, o.All.Mean)
		}
	}
}

// idleMatchmaker never pairs anybody.
type idleMatchmaker struct{}

func (idleMatchmaker) Arrive(time.Duration, *simulation.Arrival)  {}
func (idleMatchmaker) Abandon(time.Duration, *simulation.Arrival) {}
func (idleMatchmaker) Next() time.Duration                        { return simulation.Never }
func (idleMatchmaker) Pairs(time.Duration) [][2]int32             { return nil }

// The simulation counts the broken rules of a bad matchmaker.
func TestASimulationCountsBrokenRules(t *testing.T) {
	o := simulation.Simulate(simulation.Workload{Rate: 1, People: 50, Patience: simulation.Fixed(time.Minute), Seed: 5}, people(t, 50), &carelessMatchmaker{})
	if o.Violations == 0 || o.Duplicates == 0 {
		t.Errorf("nothing was found: %+v", o)
	}
}

// carelessMatchmaker pairs everybody with the previous arrival, regardless of rules.
type carelessMatchmaker struct{ last, now int32 }

func (c *carelessMatchmaker) Arrive(_ time.Duration, t *simulation.Arrival) {
	c.last, c.now = c.now, t.ID
}
func (c *carelessMatchmaker) Abandon(time.Duration, *simulation.Arrival) {}
func (c *carelessMatchmaker) Next() time.Duration {
	if c.now == c.last {
		return simulation.Never
	}
	return 0
}

func (c *carelessMatchmaker) Pairs(time.Duration) [][2]int32 {
	p := [2]int32{c.last, c.now}
	c.last = c.now
	return [][2]int32{p}
}

func TestPoolsOfPeopleArePairedAsWellAsPossible(t *testing.T) {
	all := people(t, 3000)
	for _, n := range []int{200, 1000, 5000} {
		who, edges := simulation.Pool(all, n, 1).Graph(simulation.Start)
		best, proof := pairing.Exact(len(who), edges)
		if err := pairing.Verify(len(who), edges, best, proof); err != nil {
			t.Fatal(err)
		}
		mate, bound := pairing.Near(len(who), edges)
		got, most := pairing.Weight(edges, mate), pairing.Weight(edges, best)
		if bound < most || float64(got) < 0.98*float64(most) {
			t.Errorf("%d people: weighs %d of %d, bound %d", n, got, most, bound)
		}
	}
}

// benchmarkChoose measures a choice for n pending tickets: candidates and pairing.
func benchmarkChoose(b *testing.B, n int) {
	all := people(b, 5000)
	best, graph := time.Hour, time.Hour
	var pairs, edges int
	for b.Loop() {
		p := simulation.Pool(all, n, 1)
		begun := time.Now()
		_, list := p.Graph(simulation.Start)
		graph = min(graph, time.Since(begun))
		edges = len(list)
		p = simulation.Pool(all, n, 1)
		begun = time.Now()
		pairs = len(p.Choose(simulation.Start))
		best = min(best, time.Since(begun))
	}
	b.ReportMetric(float64(best.Microseconds())/1000, "best-ms")
	b.ReportMetric(float64(graph.Microseconds())/1000, "graph-ms")
	b.ReportMetric(float64(edges)/float64(n), "edges/person")
	b.ReportMetric(float64(pairs), "pairs")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkChoose1000(b *testing.B)  { benchmarkChoose(b, 1000) }
func BenchmarkChoose10000(b *testing.B) { benchmarkChoose(b, 10_000) }
