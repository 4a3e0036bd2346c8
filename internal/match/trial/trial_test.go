package trial_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"heyy/internal/db/dbtest"
	"heyy/internal/discovery"
	"heyy/internal/match/pairing"
	"heyy/internal/match/pool"
	"heyy/internal/match/trial"
)

func people(t testing.TB, n int) []trial.Somebody {
	t.Helper()
	all, err := trial.People(context.Background(), dbtest.SQLite(t), n, 1)
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

// What is written of people and what the pool goes by are the same rule, told
// twice.
func TestTheOracleSaysWhatThePoolSays(t *testing.T) {
	all := people(t, 500)
	fit := 0
	for _, now := range []time.Time{trial.Start, trial.Start.Add(100 * 24 * time.Hour)} {
		for i := range all {
			for j := range i {
				a, b := all[i].Waiter("a", now), all[j].Waiter("b", now)
				want := trial.Fits(&all[i], &all[j], now)
				if got := pool.May(&a, &b, discovery.DayOf(now)); got != want || trial.Fits(&all[j], &all[i], now) != want {
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
		w := trial.Workload{Rate: rate, People: int(200 * (2 + rate/2)), Patience: 3 * time.Minute, Seed: 4}
		ours, peer := trial.Simulate(w, all, trial.NewOurs()), trial.Simulate(w, all, trial.NewPeer())
		if again := trial.Simulate(w, all, trial.NewOurs()); !reflect.DeepEqual(ours, again) {
			t.Errorf("at %v a second, the same workload came to %+v and %+v", rate, ours, again)
		}
		for name, o := range map[string]trial.Outcome{"ours": ours, "peer": peer} {
			if o.Violations != 0 || o.Twice != 0 {
				t.Errorf("at %v a second, %s broke the rules: %+v", rate, name, o)
			}
			if o.All.People != w.People || o.All.Matched < 0.3 {
				t.Errorf("at %v a second, %s matched few: %+v", rate, name, o)
			}
		}
		if ours.Second > pool.GatherTime.Seconds() || ours.All.P50 > 1 {
			t.Errorf("at %v a second, ours is slow: %+v", rate, ours)
		}
		if ours.All.Matched < peer.All.Matched-0.01 || ours.All.Late < peer.All.Late || ours.Smallest.Mean > peer.Smallest.Mean {
			t.Errorf("at %v a second, the peer leaves fewer behind: %+v, ours %+v", rate, peer, ours)
		}
	}
}

// A matchmaker that does what it must not is found out.
func TestATrialCountsBrokenRules(t *testing.T) {
	o := trial.Simulate(trial.Workload{Rate: 1, People: 50, Patience: time.Minute, Seed: 5}, people(t, 50), &careless{})
	if o.Violations == 0 || o.Twice == 0 {
		t.Errorf("nothing was found: %+v", o)
	}
}

// careless pairs everybody with whoever came before.
type careless struct{ last, now int32 }

func (c *careless) Come(_ time.Duration, t *trial.Ticket) { c.last, c.now = c.now, t.ID }
func (c *careless) GiveUp(time.Duration, *trial.Ticket)   {}
func (c *careless) Next() time.Duration {
	if c.now == c.last {
		return trial.Never
	}
	return 0
}

func (c *careless) Pairs(time.Duration) [][2]int32 {
	p := [2]int32{c.last, c.now}
	c.last = c.now
	return [][2]int32{p}
}

func TestPoolsOfPeopleArePairedAsWellAsPossible(t *testing.T) {
	all := people(t, 3000)
	for _, n := range []int{200, 1000, 5000} {
		who, edges := trial.Pool(all, n, 1).Graph(trial.Start)
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

// benchmarkChoose pairs n who are all hungry: candidates and pairing.
func benchmarkChoose(b *testing.B, n int) {
	all := people(b, 5000)
	best, graph := time.Hour, time.Hour
	var pairs, edges int
	for b.Loop() {
		p := trial.Pool(all, n, 1)
		begun := time.Now()
		_, list := p.Graph(trial.Start)
		graph = min(graph, time.Since(begun))
		edges = len(list)
		p = trial.Pool(all, n, 1)
		begun = time.Now()
		pairs = len(p.Choose(trial.Start))
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
