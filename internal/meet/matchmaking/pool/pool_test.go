package pool_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pairing"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/meet/matchmaking/simulation"
	"heyy/internal/people/account"
)

func people(t *testing.T, n int) []simulation.SyntheticPerson {
	t.Helper()
	all, err := simulation.People(context.Background(), dbtest.SQLite(t), n, 3)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// couple returns a man and a woman who fit each other, and nobody of their own
// gender.
func couple(t *testing.T) (man, woman *simulation.SyntheticPerson) {
	t.Helper()
	all := people(t, 400)
	for i := range all {
		for j := range all {
			a, b := &all[i], &all[j]
			if a.Gender == "man" && b.Gender == "woman" && len(a.Meet) == 1 && len(b.Meet) == 1 && !a.CallsVerified && !b.CallsVerified && simulation.Fits(a, b, simulation.Start) {
				return a, b
			}
		}
	}
	t.Fatal("no two fit")
	return nil, nil
}

// poolModel is a pool together with its tickets, for a plain check of every pair.
type poolModel struct {
	*pool.Pool
	here map[account.ID]*simulation.SyntheticPerson
}

func (w *poolModel) come(who account.ID, s *simulation.SyntheticPerson, now time.Time) {
	w.Put(s.Ticket(who, now), now)
	w.here[who] = s
}

func (w *poolModel) drop(who account.ID) {
	w.Drop(who)
	delete(w.here, who)
}

// fitting returns all tickets that fit another.
func (w *poolModel) fitting(who account.ID, now time.Time) (all []account.ID) {
	for other, o := range w.here {
		if other != who && simulation.Fits(w.here[who], o, now) {
			all = append(all, other)
		}
	}
	slices.Sort(all)
	return all
}

func TestTheListsFindWhatAFullScanFinds(t *testing.T) {
	all := people(t, 300)
	r := rand.New(rand.NewPCG(1, 1))
	now := simulation.Start
	few, many, none := 0, 0, 0
	w := &poolModel{pool.New(), map[account.ID]*simulation.SyntheticPerson{}}
	var in []account.ID
	for i := range 1500 {
		now = now.Add(time.Duration(r.IntN(200)) * time.Second) // days in total: some have a birthday while they wait
		who := simulation.Name(i)
		w.come(who, &all[r.IntN(len(all))], now)
		in = append(in, who)
		names, edges := w.Graph(now)
		want := w.fitting(who, now)
		mates := map[account.ID]int{}
		for _, e := range edges {
			a, b := names[e.A], names[e.B]
			if !simulation.Fits(w.here[a], w.here[b], now) {
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

// After each choice no two remaining tickets fit, and as many were paired as if the
// whole pool were paired from scratch.
func TestPairingThePendingEqualsPairingAll(t *testing.T) {
	all := people(t, 300)
	r := rand.New(rand.NewPCG(2, 2))
	w := &poolModel{pool.New(), map[account.ID]*simulation.SyntheticPerson{}}
	now, names, met := simulation.Start, 0, 0
	for range 300 {
		now = now.Add(time.Second)
		for range 1 + r.IntN(4) {
			names++
			w.come(simulation.Name(names), &all[r.IntN(len(all))], now)
		}
		ids := make([]account.ID, 0, len(w.here))
		for who := range w.here {
			ids = append(ids, who)
		}
		var edges []pairing.Edge
		for i, a := range ids {
			for j, b := range ids[:i] {
				if simulation.Fits(w.here[a], w.here[b], now) {
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
			if !simulation.Fits(w.here[two[0]], w.here[two[1]], now) {
				t.Fatal("two who do not fit are a pair")
			}
			w.drop(two[0])
			w.drop(two[1])
			met++
		}
		if len(w.Choose(now)) != 0 || w.Pending() != 0 {
			t.Fatalf("%d are hungry, of whom nobody fits another", w.Pending())
		}
	}
	if met < 100 {
		t.Errorf("only %d pairs", met)
	}
}

func TestAChosenTicketStaysPendingUntilSuspended(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := simulation.Start
	p.Put(man.Ticket("m", now), now)
	if p.Pending() != 1 || len(p.Choose(now)) != 0 || p.Pending() != 0 {
		t.Error("alone")
	}
	p.Put(woman.Ticket("w", now), now)
	for range 2 {
		if got := p.Choose(now); len(got) != 1 || p.Pending() != 1 {
			t.Fatalf("chosen: %v, %d hungry", got, p.Pending())
		}
	}
	p.Suspend("m")
	p.Suspend("nobody")
	if len(p.Choose(now)) != 0 || p.Pending() != 0 || p.Len() != 2 {
		t.Error("who rests is chosen")
	}
	p.Put(man.Ticket("m", now), now)
	if len(p.Choose(now)) != 1 {
		t.Error("who is back is not chosen")
	}
	p.Drop("w")
	p.Drop("w")
	if len(p.Choose(now)) != 0 || p.Len() != 1 {
		t.Error("who is gone is chosen")
	}
}

func TestExcludedTicketsAreNotProposedAgain(t *testing.T) {
	man, woman := couple(t)
	now := simulation.Start
	for _, how := range []string{"parted", "out", "out by the other"} {
		p := pool.New()
		m, w := man.Ticket("m", now), woman.Ticket("w", now)
		switch how {
		case "out":
			m.Exclusions = []account.ID{"w"}
		case "out by the other":
			w.Exclusions = []account.ID{"x", "m"}
		}
		p.Put(m, now)
		p.Put(w, now)
		if how == "parted" {
			p.Exclude("m", "w")
			p.Exclude("m", "nobody")
		} else if pool.MayPropose(&m, &w, discovery.DayOf(now)) || pool.MayPropose(&w, &m, discovery.DayOf(now)) {
			t.Errorf("%s: may", how)
		}
		m.Exclusions, w.Exclusions = nil, nil
		p.Put(m, now) // put again: the exclusions stay
		p.Put(w, now)
		if len(p.Choose(now)) != 0 {
			t.Errorf("%s: chosen", how)
		}
		p.Put(man.Ticket("another", now), now)
		if len(p.Choose(now)) != 1 {
			t.Errorf("%s: another is not chosen", how)
		}
		p.Drop("another")
		m.ID, w.ID = "again", "again"
		p.Put(m, now)
		p.Put(w, now)
		if len(p.Choose(now)) != 1 {
			t.Errorf("%s: in another coming they are not chosen", how)
		}
	}
}

func TestAResidentIsProposedAfterTheDelay(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := simulation.Start
	resident := woman.Ticket("r", now)
	resident.Person.Resident = true
	p.Put(resident, now)
	other := man.Ticket("r2", now)
	other.Person.Resident = true
	p.Put(other, now)
	p.Put(man.Ticket("m", now), now)
	now = now.Add(pool.ResidentDelay - time.Millisecond)
	p.AllowResidents(now)
	if got := p.Choose(now); len(got) != 0 {
		t.Fatalf("too early: %v", got)
	}
	now = now.Add(time.Millisecond)
	p.AllowResidents(now)
	if got := p.Choose(now); len(got) != 1 || !slices.Contains(got[0][:], "r") || !slices.Contains(got[0][:], "m") {
		t.Fatalf("alone: %v", got)
	}
	p.Put(woman.Ticket("w", now), now)
	if got := p.Choose(now); len(got) != 1 || !slices.Contains(got[0][:], "w") || !slices.Contains(got[0][:], "m") {
		t.Fatalf("somebody real is there: %v", got)
	}
	// After a proposal that came to nothing, ResidentDelay starts again.
	p.Drop("w")
	back := man.Ticket("m", simulation.Start)
	back.WasProposed = true
	p.Suspend("m")
	p.Put(back, now)
	p.AllowResidents(now)
	if got := p.Choose(now); len(got) != 0 {
		t.Fatalf("alone at once: %v", got)
	}
}

func TestEveryCandidateIsScannedSometimes(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := simulation.Start
	const men = 2000 // all alike, and a scan for a woman reads 400
	for i := range men {
		p.Put(man.Ticket(simulation.Name(i), now), now)
	}
	p.Choose(now)
	candidates := map[account.ID]bool{}
	for i := range 500 {
		who := simulation.Name(men + i)
		p.Put(woman.Ticket(who, now), now)
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

func TestTheLongestWaitingAreChosenFirst(t *testing.T) {
	man, woman := couple(t)
	p := pool.New()
	now := simulation.Start.Add(time.Hour)
	const late = 50
	for i := range pool.MaxBatch + late {
		k := (i*7919 + 13) % (pool.MaxBatch + late) // in no order; k is the order of entering
		who := man
		if k%2 == 0 {
			who = woman
		}
		p.Put(who.Ticket(simulation.Name(k), simulation.Start.Add(time.Duration(k)*time.Millisecond)), now)
	}
	names, edges := p.Graph(now)
	for v, who := range names[:pool.MaxBatch] {
		if who != simulation.Name(v) {
			t.Fatalf("turn %d is that of %s", v, who)
		}
	}
	for _, e := range edges {
		if int(e.A) >= pool.MaxBatch {
			t.Fatalf("somebody was looked for for %s, whose turn it was not", names[e.A])
		}
	}
	if p.Pending() != pool.MaxBatch+late {
		t.Errorf("%d are hungry", p.Pending())
	}
	for total := 0; ; {
		pairs := p.Choose(now)
		if len(pairs) == 0 {
			if want := (pool.MaxBatch + late) / 2; total != want || p.Pending() != 0 {
				t.Errorf("%d pairs of %d, %d are hungry", total, want, p.Pending())
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
