package pool_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/db/dbtest"
	"heyy/internal/discovery"
	"heyy/internal/match/pairing"
	"heyy/internal/match/pool"
	"heyy/internal/match/trial"
)

func people(t *testing.T, n int) []trial.Somebody {
	t.Helper()
	all, err := trial.People(context.Background(), dbtest.SQLite(t), n, 3)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// couple are a man and a woman who fit each other, and nobody of their own
// gender.
func couple(t *testing.T) (man, woman *trial.Somebody) {
	t.Helper()
	all := people(t, 400)
	for i := range all {
		for j := range all {
			a, b := &all[i], &all[j]
			if a.Gender == "man" && b.Gender == "woman" && len(a.Meet) == 1 && len(b.Meet) == 1 && !a.CallsVerified && !b.CallsVerified && trial.Fits(a, b, trial.Start) {
				return a, b
			}
		}
	}
	t.Fatal("no two fit")
	return nil, nil
}

// waiting is a pool and who is in it, as a plain reading of the rules has it.
type waiting struct {
	*pool.Pool
	here map[account.ID]*trial.Somebody
}

func (w *waiting) come(who account.ID, s *trial.Somebody, now time.Time) {
	w.Put(s.Waiter(who, now), now)
	w.here[who] = s
}

func (w *waiting) drop(who account.ID) {
	w.Drop(who)
	delete(w.here, who)
}

// fitting are all who fit somebody.
func (w *waiting) fitting(who account.ID, now time.Time) (all []account.ID) {
	for other, o := range w.here {
		if other != who && trial.Fits(w.here[who], o, now) {
			all = append(all, other)
		}
	}
	slices.Sort(all)
	return all
}

func TestTheListsFindWhomLookingAtEverybodyFinds(t *testing.T) {
	all := people(t, 300)
	r := rand.New(rand.NewPCG(1, 1))
	now := trial.Start
	few, many, none := 0, 0, 0
	w := &waiting{pool.New(), map[account.ID]*trial.Somebody{}}
	var in []account.ID
	for i := range 1500 {
		now = now.Add(time.Duration(r.IntN(200)) * time.Second) // days in all: some grow older as they wait
		who := trial.Name(i)
		w.come(who, &all[r.IntN(len(all))], now)
		in = append(in, who)
		names, edges := w.Graph(now)
		want := w.fitting(who, now)
		mates := map[account.ID]int{}
		for _, e := range edges {
			a, b := names[e.A], names[e.B]
			if !trial.Fits(w.here[a], w.here[b], now) {
				t.Fatalf("%s and %s do not fit", a, b)
			}
			if a == who {
				mates[b]++
			}
		}
		switch {
		case len(mates) < 20 && len(mates) != len(want), len(mates) >= 20 && len(mates) > len(want):
			t.Fatalf("%d fit %s, found %d", len(want), who, len(mates))
		case len(want) == 0:
			none++
		case len(want) < 20:
			few++
		default:
			many++
		}
		for other, n := range mates {
			if n > 1 {
				t.Fatalf("%s was found %d times", other, n)
			}
		}
		for len(in) > 120 || len(in) > 0 && r.IntN(12) == 0 {
			k := r.IntN(len(in))
			w.drop(in[k])
			in = slices.Delete(in, k, k+1)
		}
	}
	if few < 100 || many < 100 || none < 10 {
		t.Errorf("%d had few who fit, %d many, %d none: too little was tried", few, many, none)
	}
}

// Whoever comes, who is left over fits nobody; and as many were paired as could
// be if everybody who waits were paired anew.
func TestPairingTheHungryIsPairingEverybody(t *testing.T) {
	all := people(t, 300)
	r := rand.New(rand.NewPCG(2, 2))
	w := &waiting{pool.New(), map[account.ID]*trial.Somebody{}}
	now, names, met := trial.Start, 0, 0
	for range 300 {
		now = now.Add(time.Second)
		for range 1 + r.IntN(4) {
			names++
			w.come(trial.Name(names), &all[r.IntN(len(all))], now)
		}
		ids := make([]account.ID, 0, len(w.here))
		for who := range w.here {
			ids = append(ids, who)
		}
		var edges []pairing.Edge
		for i, a := range ids {
			for j, b := range ids[:i] {
				if trial.Fits(w.here[a], w.here[b], now) {
					edges = append(edges, pairing.Edge{A: int32(i), B: int32(j), Weight: 1})
				}
			}
		}
		mates, _ := pairing.Exact(len(ids), edges)
		most := pairing.Weight(edges, mates)
		pairs := w.Choose(now)
		if int64(len(pairs)) != most {
			t.Fatalf("%d pairs, %d are possible", len(pairs), most)
		}
		for _, two := range pairs {
			if !trial.Fits(w.here[two[0]], w.here[two[1]], now) {
				t.Fatal("two who do not fit are a pair")
			}
			w.drop(two[0])
			w.drop(two[1])
			met++
		}
		if len(w.Choose(now)) != 0 || w.Hungry() != 0 {
			t.Fatalf("%d are hungry, of whom nobody fits another", w.Hungry())
		}
	}
	if met < 100 {
		t.Errorf("only %d pairs", met)
	}
}

func TestWhoIsChosenStaysHungryUntilTheyRest(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := trial.Start
	p.Put(man.Waiter("m", now), now)
	if p.Hungry() != 1 || len(p.Choose(now)) != 0 || p.Hungry() != 0 {
		t.Error("alone")
	}
	p.Put(woman.Waiter("w", now), now)
	for range 2 {
		if got := p.Choose(now); len(got) != 1 || p.Hungry() != 1 {
			t.Fatalf("chosen: %v, %d hungry", got, p.Hungry())
		}
	}
	p.Rest("m")
	p.Rest("nobody")
	if len(p.Choose(now)) != 0 || p.Hungry() != 0 || p.Len() != 2 {
		t.Error("who rests is chosen")
	}
	p.Put(man.Waiter("m", now), now)
	if len(p.Choose(now)) != 1 {
		t.Error("who is back is not chosen")
	}
	p.Drop("w")
	p.Drop("w")
	if len(p.Choose(now)) != 0 || p.Len() != 1 {
		t.Error("who is gone is chosen")
	}
}

func TestTwoWhoArePartedMeetNoMoreInThisComing(t *testing.T) {
	man, woman := couple(t)
	now := trial.Start
	for _, how := range []string{"parted", "out", "out by the other"} {
		p := pool.New()
		m, w := man.Waiter("m", now), woman.Waiter("w", now)
		switch how {
		case "out":
			m.Out = []account.ID{"w"}
		case "out by the other":
			w.Out = []account.ID{"x", "m"}
		}
		p.Put(m, now)
		p.Put(w, now)
		if how == "parted" {
			p.Part("m", "w")
			p.Part("m", "nobody")
		} else if pool.May(&m, &w, discovery.DayOf(now)) || pool.May(&w, &m, discovery.DayOf(now)) {
			t.Errorf("%s: may", how)
		}
		m.Out, w.Out = nil, nil
		p.Put(m, now) // read anew: nothing is forgotten
		p.Put(w, now)
		if len(p.Choose(now)) != 0 {
			t.Errorf("%s: chosen", how)
		}
		p.Put(man.Waiter("another", now), now)
		if len(p.Choose(now)) != 1 {
			t.Errorf("%s: another is not chosen", how)
		}
		p.Drop("another")
		m.Coming, w.Coming = "again", "again"
		p.Put(m, now)
		p.Put(w, now)
		if len(p.Choose(now)) != 1 {
			t.Errorf("%s: in another coming they are not chosen", how)
		}
	}
}

func TestAResidentStandsInForTheLonely(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := trial.Start
	resident := woman.Waiter("r", now)
	resident.Person.Resident = true
	p.Put(resident, now)
	other := man.Waiter("r2", now)
	other.Person.Resident = true
	p.Put(other, now)
	p.Put(man.Waiter("m", now), now)
	now = now.Add(pool.AloneTime - time.Millisecond)
	p.Lonely(now)
	if got := p.Choose(now); len(got) != 0 {
		t.Fatalf("too early: %v", got)
	}
	now = now.Add(time.Millisecond)
	p.Lonely(now)
	if got := p.Choose(now); len(got) != 1 || !slices.Contains(got[0][:], "r") || !slices.Contains(got[0][:], "m") {
		t.Fatalf("alone: %v", got)
	}
	p.Put(woman.Waiter("w", now), now)
	if got := p.Choose(now); len(got) != 1 || !slices.Contains(got[0][:], "w") || !slices.Contains(got[0][:], "m") {
		t.Fatalf("somebody real is there: %v", got)
	}
	// Whoever was proposed to somebody in vain is not alone since they came.
	p.Drop("w")
	back := man.Waiter("m", trial.Start)
	back.Proposed = true
	p.Rest("m")
	p.Put(back, now)
	p.Lonely(now)
	if got := p.Choose(now); len(got) != 0 {
		t.Fatalf("alone at once: %v", got)
	}
}

func TestNobodyIsAlwaysBehindThoseWhoAreEnough(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := trial.Start
	const men = 2000 // all alike, and a woman looks at 400
	for i := range men {
		p.Put(man.Waiter(trial.Name(i), now), now)
	}
	p.Choose(now)
	candidates := map[account.ID]bool{}
	for i := range 500 {
		who := trial.Name(men + i)
		p.Put(woman.Waiter(who, now), now)
		names, edges := p.Graph(now)
		for _, e := range edges {
			candidates[names[e.B]] = true
		}
		p.Drop(who)
	}
	if len(candidates) != men {
		t.Errorf("after 500 women %d of %d were nobody's candidate", men-len(candidates), men)
	}
}

func TestWhoWaitsLongestHasTheFirstTurn(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := trial.Start.Add(time.Hour)
	const late = 50
	for i := range pool.AtOnce + late {
		k := (i*7919 + 13) % (pool.AtOnce + late) // in no order; k is how early
		who := man
		if k%2 == 0 {
			who = woman
		}
		p.Put(who.Waiter(trial.Name(k), trial.Start.Add(time.Duration(k)*time.Millisecond)), now)
	}
	names, edges := p.Graph(now)
	for v, who := range names[:pool.AtOnce] {
		if who != trial.Name(v) {
			t.Fatalf("turn %d is that of %s", v, who)
		}
	}
	for _, e := range edges {
		if int(e.A) >= pool.AtOnce {
			t.Fatalf("somebody was looked for for %s, whose turn it was not", names[e.A])
		}
	}
	if p.Hungry() != pool.AtOnce+late {
		t.Errorf("%d are hungry", p.Hungry())
	}
	for total := 0; ; {
		pairs := p.Choose(now)
		if len(pairs) == 0 {
			if want := (pool.AtOnce + late) / 2; total != want || p.Hungry() != 0 {
				t.Errorf("%d pairs of %d, %d are hungry", total, want, p.Hungry())
			}
			return
		}
		for _, two := range pairs {
			p.Drop(two[0])
			p.Drop(two[1])
			total++
		}
	}
}
