package match_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/fault"
	"heyy/internal/match"
)

// whole fails unless every ticket that has a proposal and every side that has
// a call tell the same story, and nobody is in two.
func (w *world) whole(t tester) {
	t.Helper()
	if n := w.count(`SELECT count(*) FROM (SELECT account_id FROM call_sides WHERE open GROUP BY account_id HAVING count(*) > 1) x`); n > 0 {
		t.Errorf("%d are in two calls", n)
	}
	if n := w.count(`SELECT count(*) FROM tickets t WHERE t.call_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM call_sides s WHERE s.call_id = t.call_id AND s.account_id = t.account_id)`); n > 0 {
		t.Errorf("%d tickets have a proposal that is not theirs", n)
	}
	if n := w.count(`SELECT count(*) FROM call_sides s JOIN calls c ON c.id = s.call_id JOIN tickets t ON t.account_id = s.account_id WHERE c.state = 'proposed' AND (t.call_id IS NULL OR t.call_id <> c.id)`); n > 0 {
		t.Errorf("%d are proposed and their tickets do not know it", n)
	}
}

func TestALeaderWhoIsNoneAnyMoreProposesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{}, somebody{}, somebody{})
		w.enter(p[0])
		w.step()
		other := w.node("two").Leader()
		if leads, err := other.Step(ctx); leads || err != nil {
			t.Fatalf("two lead: %v, %v", leads, err)
		}
		w.pass(4 * time.Second) // the first one hangs
		if leads, err := other.Step(ctx); !leads || err != nil {
			t.Fatalf("nobody leads: %v, %v", leads, err)
		}
		w.enter(p[1])
		if _, err := w.lead.Propose(ctx, p[0], p[1]); !errors.Is(err, match.ErrFenced) {
			t.Errorf("the first leader proposed: %v", err)
		}
		if w.with(p[0]) != "" {
			t.Fatal("and it counts")
		}
		if leads, err := w.lead.Step(ctx); leads || err != nil {
			t.Fatalf("the first still leads: %v, %v", leads, err)
		}
		if _, err := other.Step(ctx); err != nil || w.with(p[0]) != p[1] {
			t.Errorf("the second leader has them with %q: %v", w.with(p[0]), err)
		}
		w.pass(4 * time.Second) // and back
		w.enter(p[2], p[3])
		w.step()
		if w.with(p[2]) != p[3] {
			t.Error("the first leads again, and nobody is proposed")
		}
	})
}

func TestALeaderKilledAfterItProposedLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{}, somebody{})
		w.enter(p[0], p[1])
		since := w.lounge(p[0]).Since
		w.step()
		c := w.callOf(p[0])
		// It is gone without a word; another process begins on the same rows.
		w.pass(4 * time.Second)
		w.Service = w.node("two")
		w.lead = w.Leader()
		w.step()
		if w.with(p[0]) != p[1] || w.callOf(p[0]) != c {
			t.Fatal("the proposal did not outlive the leader")
		}
		_, err := w.calls.Accept(ctx, p[0], c)
		must(t, err)
		w.pass(12 * time.Second)
		must(t, w.calls.Sweep(ctx))
		w.enter(p[2])
		w.step()
		if l := w.lounge(p[0]); !l.Since.Equal(since) {
			t.Errorf("place in the queue lost: %+v", l)
		}
		if o := w.with(p[2]); o != p[0] && o != p[1] {
			t.Errorf("the next one is proposed to %q", o)
		}
		w.whole(t)
	})
}

func TestWhoCancelsAsTheyAreProposedHasOneOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{})
		proposed := 0
		for range 50 {
			w.exec(`DELETE FROM meetings`)
			w.enter(p...)
			var both sync.WaitGroup
			both.Go(func() {
				if _, err := w.lead.Step(ctx); err != nil {
					t.Error(err)
				}
			})
			both.Go(func() {
				time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
				if err := w.Cancel(ctx, p[0]); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if w.count(`SELECT count(*) FROM calls`) > 0 {
				proposed++
			}
			w.step()
			if w.lounge(p[0]).Waiting || w.with(p[0]) != "" || w.with(p[1]) != "" {
				t.Fatalf("who cancelled waits %v, is with %q, the other with %q", w.lounge(p[0]).Waiting, w.with(p[0]), w.with(p[1]))
			}
			if l := w.lounge(p[1]); !l.Waiting || l.Call != "" {
				t.Fatalf("the other was lost: %+v", l)
			}
			must(t, w.Cancel(ctx, p[1]))
			w.exec(`DELETE FROM calls`)
		}
		t.Logf("proposed before the cancel: %d of 50", proposed)
	})
}

func TestABlockAsTheyAreProposedKeepsThemApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 30 {
			p := w.join(somebody{}, somebody{})
			w.enter(p...)
			var both sync.WaitGroup
			both.Go(func() {
				if _, err := w.lead.Step(ctx); err != nil {
					t.Error(err)
				}
			})
			both.Go(func() {
				time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
				if err := w.safety.Block(ctx, p[1], p[0]); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if w.with(p[0]) != "" {
				t.Fatal("two are proposed of whom one has blocked the other")
			}
			w.exec(`DELETE FROM tickets`)
		}
	})
}

func TestManyNodesAndManyPeopleAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// Three nodes whose clocks are apart by more than a lease: they take the
		// lead from each other all the time, and each goes on in good faith.
		p := w.join(slices.Repeat([]somebody{{}}, 60)...)
		nodes := []*match.Service{w.Service, w.node("two"), w.node("three")}
		done := make(chan struct{})
		var leading, entering sync.WaitGroup
		for _, n := range nodes {
			l := n.Leader()
			leading.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					if _, err := l.Step(ctx); err != nil && !errors.Is(err, match.ErrFenced) {
						t.Error(err)
					}
					w.pass(time.Duration(rand.IntN(200)) * time.Millisecond)
					if rand.IntN(10) == 0 {
						w.exec(`UPDATE leases SET expires_at = 0`)
					}
				}
			})
		}
		for i, who := range p {
			entering.Go(func() {
				for range 3 {
					n := nodes[rand.IntN(len(nodes))]
					_, err := n.Enter(ctx, who, match.Tonight{})
					if err == nil && i%3 == 0 {
						err = n.Cancel(ctx, who)
					}
					if err != nil && fault.KindOf(err) != fault.Conflict {
						t.Error(err)
					}
				}
			})
		}
		entering.Wait()
		close(done)
		leading.Wait()
		w.whole(t)
		// Whoever is left over comes anew, and one node leads: nobody was lost.
		w.exec(`UPDATE leases SET expires_at = 0`)
		w.exec(`DELETE FROM tickets`)
		for _, who := range p {
			if w.with(who) == "" {
				w.enter(who)
			}
		}
		w.step()
		w.whole(t)
		if n := w.count(`SELECT count(*) FROM call_sides WHERE open`); n != len(p) {
			t.Errorf("%d of %d are proposed to somebody", n, len(p))
		}
	})
}

func TestAnotherNodesPeopleAreFoundByLooking(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(somebody{}, somebody{})
		w.step()
		two := w.node("two")
		for _, who := range p {
			_, err := two.Enter(ctx, who, match.Tonight{})
			must(t, err)
		}
		w.step()
		if w.with(p[0]) != p[1] {
			t.Error("two who came by another node are not proposed")
		}
		must(t, two.Cancel(ctx, p[0]))
		w.step()
		w.step()
		if w.lead.Waiting() != 1 {
			t.Errorf("%d wait in memory of whom one is gone", w.lead.Waiting())
		}
	})
}

func TestRunProposesInTimeAndHandsOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(slices.Repeat([]somebody{{}}, 6)...)
		real := func(name string) (*match.Service, func()) {
			s := match.New(w.db, w.people, calls{w.calls}, name, quiet, match.Config{})
			return s, runs(s)
		}
		one, stop := real("one")
		soon := func(a, b account.ID) {
			t.Helper()
			for began := time.Now(); w.with(a) != b; time.Sleep(5 * time.Millisecond) {
				if time.Since(began) > 20*time.Second {
					t.Fatal("they are not proposed")
				}
			}
		}
		enter := func(s *match.Service, ids ...account.ID) {
			t.Helper()
			for _, who := range ids {
				_, err := s.Enter(ctx, who, match.Tonight{})
				must(t, err)
			}
		}
		w.exec(`UPDATE accounts SET seen_at = $1`, time.Now().UnixMilli())
		enter(one, p[0], p[1])
		soon(p[0], p[1])
		two, stop2 := real("two")
		defer stop2()
		enter(two, p[2], p[3])
		soon(p[2], p[3])
		stop()
		enter(two, p[4], p[5])
		soon(p[4], p[5])
	})
}

// The model: what a plain reading of the rules makes of whatever happens.
type model struct {
	fits     func(a, b int) bool
	waiting  map[int]time.Time // since
	deadline map[int]time.Time
	skip     map[[2]int]bool // by the one's coming
	met      map[[2]int]bool
	with     map[int]int       // open proposals and calls
	due      map[int]time.Time // proposals, to be answered
	live     map[int]bool
	silent   map[int]int
}

func TestWhateverHappensNobodyIsProposedTwiceAndNobodyIsLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		round := 0
		rapid.Check(t, func(t *rapid.T) {
			if round++; d.Engine == db.Postgres && round > 25 || testing.Short() && round > 25 {
				return // that many are enough
			}
			story(t, newWorld(t, d))
		})
	})
}

func story(t *rapid.T, w *world) {
	for _, table := range []string{"tickets", "calls", "meetings", "leases", "outbox", "accounts"} {
		w.exec(`DELETE FROM ` + table)
	}
	person := rapid.Custom(func(t *rapid.T) somebody {
		return somebody{
			gender:    rapid.SampledFrom([]string{"woman", "man"}).Draw(t, "gender"),
			meet:      rapid.SampledFrom([][]string{{"woman", "man"}, {"woman", "man"}, {"woman"}, {"man"}}).Draw(t, "meet"),
			languages: rapid.SampledFrom([][]string{{"en"}, {"en"}, {"it"}, {"en", "it"}}).Draw(t, "speaks"),
			verified:  rapid.Bool().Draw(t, "verified"),
			reach:     rapid.SampledFrom([]match.Reach{match.Everyone, match.Everyone, match.Verified}).Draw(t, "reach"),
		}
	})
	people := rapid.SliceOfN(person, 2, 7).Draw(t, "people")
	p := w.join(people...)
	index := map[account.ID]int{}
	for i, who := range p {
		index[who] = i
	}
	wants := func(a, b int) bool {
		x, y := people[a], people[b]
		return slices.Contains(x.meet, y.gender) && (x.reach != match.Verified || y.verified)
	}
	m := model{
		fits: func(a, b int) bool {
			return wants(a, b) && wants(b, a) && slices.ContainsFunc(people[a].languages, func(l string) bool { return slices.Contains(people[b].languages, l) })
		},
		waiting: map[int]time.Time{}, deadline: map[int]time.Time{}, skip: map[[2]int]bool{}, met: map[[2]int]bool{}, with: map[int]int{}, due: map[int]time.Time{}, live: map[int]bool{}, silent: map[int]int{},
	}
	forget := func(i int) {
		delete(m.waiting, i)
		delete(m.silent, i)
		for j := range people {
			delete(m.skip, [2]int{i, j})
		}
	}
	over := func(i int, quiet map[int]bool) { // a proposal or call has ended
		j := m.with[i]
		delete(m.with, i)
		delete(m.with, j)
		for _, k := range []int{i, j} {
			if _, waits := m.waiting[k]; !waits || m.live[k] {
				continue
			}
			if !quiet[k] {
				m.silent[k] = 0
			} else if m.silent[k]++; m.silent[k] == 2 {
				forget(k)
			}
		}
		delete(m.live, i)
		delete(m.live, j)
	}
	said := map[int]bool{} // who accepted, of those with an open proposal
	expire := func() {
		for i, j := range m.with {
			if i < j && !m.live[i] && !w.clock().Before(m.due[i]) {
				over(i, map[int]bool{i: !said[i], j: !said[j]})
			}
		}
		for i := range m.waiting {
			if !w.clock().Before(m.deadline[i]) {
				forget(i)
			}
		}
	}
	step := func() {
		must(t, w.calls.Sweep(ctx))
		w.step()
		// Whom the queue has brought together must be allowed to meet.
		for i := range people {
			o := w.with(p[i])
			before, was := m.with[i]
			switch {
			case o == "" && was:
				t.Fatalf("%d lost the proposal with %d", i, before)
			case o == "" || was && index[o] == before:
				continue
			case was:
				t.Fatalf("%d is with %d and with %d", i, before, index[o])
			}
			j := index[o]
			_, waitsI := m.waiting[i]
			_, waitsJ := m.waiting[j]
			if !waitsI || !waitsJ || !m.fits(i, j) || m.skip[[2]int{i, j}] || m.skip[[2]int{j, i}] || m.met[[2]int{min(i, j), max(i, j)}] {
				t.Fatalf("%d and %d are proposed: wait %v %v, fit %v, skip %v %v, met %v", i, j, waitsI, waitsJ, m.fits(i, j),
					m.skip[[2]int{i, j}], m.skip[[2]int{j, i}], m.met[[2]int{min(i, j), max(i, j)}])
			}
			m.with[i], m.with[j] = j, i
			m.due[i], m.due[j] = w.clock().Add(15*time.Second), w.clock().Add(15*time.Second)
			m.skip[[2]int{i, j}], m.skip[[2]int{j, i}] = true, true
			delete(said, i)
			delete(said, j)
		}
		for i := range people {
			l := w.lounge(p[i])
			since, waits := m.waiting[i]
			if l.Waiting != waits || waits && !l.Since.Equal(since) {
				t.Fatalf("%d waits %v since %v, and should %v since %v", i, l.Waiting, l.Since, waits, since)
			}
			if _, with := m.with[i]; with || !waits {
				continue
			}
			for j := range i {
				if _, waits := m.waiting[j]; !waits {
					continue
				}
				if _, with := m.with[j]; !with && m.fits(i, j) && !m.skip[[2]int{i, j}] && !m.skip[[2]int{j, i}] && !m.met[[2]int{j, i}] {
					t.Fatalf("%d and %d wait, fit and are not proposed", i, j)
				}
			}
		}
		w.whole(t)
	}
	one := rapid.IntRange(0, len(people)-1)
	for n := range rapid.IntRange(1, 40).Draw(t, "deeds") {
		i := one.Draw(t, "who")
		now := w.clock()
		switch deed := rapid.SampledFrom([]string{"enter", "enter", "enter", "cancel", "accept", "accept", "decline", "time", "stay", "crash", "step", "leave"}).Draw(t, "deed"); deed {
		case "enter":
			_, err := w.Enter(ctx, p[i], match.Tonight{})
			_, waits := m.waiting[i]
			_, with := m.with[i]
			if with && !waits {
				wantCode(t, err, "match.in_call")
				break
			}
			must(t, err)
			if !waits {
				forget(i)
				m.waiting[i] = now
			}
			m.silent[i] = 0
			m.deadline[i] = now.Add(43 * time.Second)
		case "cancel":
			must(t, w.Cancel(ctx, p[i]))
			_, waits := m.waiting[i]
			if j, with := m.with[i]; with && waits && !(said[i] && said[j]) {
				over(i, nil)
			}
			forget(i)
		case "stay":
			_, err := w.Stay(ctx, p[i])
			if _, waits := m.waiting[i]; !waits {
				wantCode(t, err, "match.not_waiting")
				break
			}
			must(t, err)
			m.deadline[i] = now.Add(43 * time.Second)
		case "accept":
			j, with := m.with[i]
			if !with || m.live[i] {
				break
			}
			c := w.callOf(p[i])
			_, err := w.calls.Accept(ctx, p[i], c)
			must(t, err)
			said[i] = true
			if said[j] { // and they hear each other at once
				for _, k := range []int{i, j} {
					_, err := w.calls.Hears(ctx, p[k], c)
					must(t, err)
				}
				m.met[[2]int{min(i, j), max(i, j)}] = true
				w.exec(`UPDATE call_sides SET away_at = NULL`) // their audio is there
				m.live[i], m.live[j] = true, true
				forget(i)
				forget(j)
			}
		case "decline", "leave":
			if _, with := m.with[i]; !with || (deed == "leave") != m.live[i] {
				break
			}
			_, err := w.calls.Leave(ctx, p[i], w.callOf(p[i]))
			must(t, err)
			over(i, nil)
		case "time":
			d := rapid.SampledFrom([]time.Duration{time.Second, 16 * time.Second, 30 * time.Second}).Draw(t, "time")
			w.pass(d)
			expire()
		case "crash":
			w.pass(4 * time.Second)
			expire()
			w.Service = w.node(fmt.Sprint("node ", n))
			w.lead = w.Leader()
		}
		step()
	}
}

// slow takes its time for each proposal.
type slow struct {
	calls
	takes *time.Duration
}

func (s slow) Propose(ctx context.Context, tx *sql.Tx, p match.Proposal) (string, error) {
	time.Sleep(*s.takes)
	return s.calls.Propose(ctx, tx, p)
}

func TestARoundEndsAndForgetsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		takes := 150 * time.Millisecond
		lead := match.New(w.db, w.people, slow{calls{w.calls}, &takes}, "one", quiet, match.Config{Now: w.clock}).Leader()
		const pairs = 40 // eight at a time take 750 ms, or one after another more
		w.enter(w.join(slices.Repeat([]somebody{{}}, 2*pairs)...)...)
		must(t, lead.Round(ctx))
		made := w.count(`SELECT count(*) FROM calls`)
		if made == 0 || made == pairs {
			t.Errorf("one round made %d proposals of %d", made, pairs)
		}
		takes = 0
		if leads, err := lead.Step(ctx); !leads || err != nil {
			t.Fatal(leads, err)
		}
		if n := w.count(`SELECT count(*) FROM calls`); n != pairs {
			t.Errorf("%d of %d pairs in the end", n, pairs)
		}
	})
}
