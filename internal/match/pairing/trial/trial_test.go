package trial

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

func people(seed uint64, n int) []Person {
	p := Population{rand.New(rand.NewPCG(seed, 1))}
	all := make([]Person, n)
	for i := range all {
		all[i] = p.Person()
	}
	return all
}

func TestThePopulationIsSkewedAsItSays(t *testing.T) {
	const n = 20000
	var women, third int
	var group [groups]int
	for _, p := range people(1, n) {
		if p.Wished == 0 || p.Languages == 0 || p.Intents == 0 || p.Interests == 0 || p.From > p.Age || p.To < p.Age {
			t.Fatalf("nobody is like this: %+v", p)
		}
		women += int(p.Gender)
		third += int(p.Languages >> 2 & 1)
		group[p.Group()]++
	}
	if women < n*28/100 || women > n*32/100 {
		t.Errorf("%d of %d are women", women, n)
	}
	if third < n*6/100 || third > n*15/100 {
		t.Errorf("%d of %d speak the third language", third, n)
	}
	if smallest := slices.Min(group[:]); smallest < n/200 || smallest > n*3/100 {
		t.Errorf("the smallest group is %d of %d", smallest, n)
	}
}

func TestFittingIsTheSameFromBothSides(t *testing.T) {
	all := people(2, 400)
	fits := 0
	for i := range all {
		for j := range i {
			a, b := &all[i], &all[j]
			if Fits(a, b) != Fits(b, a) {
				t.Fatalf("%+v and %+v do not agree", *a, *b)
			}
			if !Fits(a, b) {
				continue
			}
			fits++
			if s := Score(a, b); s <= 0 || s > 1 || s != Score(b, a) {
				t.Fatalf("%+v and %+v have the scores %v and %v", *a, *b, s, Score(b, a))
			}
		}
	}
	if fits < 1000 {
		t.Errorf("only %d pairs fit", fits)
	}
}

// What the lists find is what looking at everybody finds.
func TestTheCrowdFindsAllWhoFit(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	c := newCrowd()
	var in []*Ticket
	for i, p := range people(3, 1500) {
		ticket := &Ticket{ID: int32(i), Person: p}
		var want, got []int32
		for _, o := range in {
			if Fits(&p, &o.Person) {
				want = append(want, o.ID)
			}
		}
		for _, o := range c.fitting(ticket, 1<<30) {
			got = append(got, o.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%v fit, found %v", want, got)
		}
		c.add(ticket)
		in = append(in, ticket)
		if r.IntN(3) == 0 {
			k := r.IntN(len(in))
			c.remove(in[k])
			in = slices.Delete(in, k, k+1)
		}
	}
}

func TestOursAnswersAtOnceAndForgetsNobody(t *testing.T) {
	for _, rate := range []float64{1, 10, 100} {
		w := Workload{Rate: rate, People: int(200 * (2 + rate/2)), Patience: 3 * time.Minute, Seed: 4}
		ours, peer := Simulate(w, NewOurs()), Simulate(w, NewPeer())
		if again := Simulate(w, NewOurs()); !reflect.DeepEqual(ours, again) {
			t.Errorf("at %v a second, the same workload came to %+v and %+v", rate, ours, again)
		}
		for name, o := range map[string]Outcome{"ours": ours, "peer": peer} {
			if o.Violations != 0 || o.Twice != 0 {
				t.Errorf("at %v a second, %s broke the rules: %+v", rate, name, o)
			}
			if o.All.People != w.People || o.All.Matched < 0.3 {
				t.Errorf("at %v a second, %s matched few: %+v", rate, name, o)
			}
		}
		if ours.Second > hold.Seconds() || ours.All.P50 > 1 {
			t.Errorf("at %v a second, ours is slow: %+v", rate, ours)
		}
		if ours.All.Matched < peer.All.Matched-0.01 || ours.All.Late < peer.All.Late || ours.Smallest.Mean > peer.Smallest.Mean {
			t.Errorf("at %v a second, the peer leaves fewer behind: %+v, ours %+v", rate, peer, ours)
		}
	}
}

// A matchmaker that does what it must not is found out.
func TestATrialCountsBrokenRules(t *testing.T) {
	o := Simulate(Workload{Rate: 1, People: 50, Patience: time.Minute, Seed: 5}, &careless{})
	if o.Violations == 0 || o.Twice == 0 {
		t.Errorf("nothing was found: %+v", o)
	}
}

// careless pairs everybody with whoever came before.
type careless struct{ last, now int32 }

func (c *careless) Come(_ time.Duration, t *Ticket) { c.last, c.now = c.now, t.ID }
func (c *careless) GiveUp(time.Duration, *Ticket)   {}
func (c *careless) Next() time.Duration {
	if c.now == c.last {
		return Never
	}
	return 0
}

func (c *careless) Pairs(time.Duration) [][2]int32 {
	p := [2]int32{c.last, c.now}
	c.last = c.now
	return [][2]int32{p}
}
