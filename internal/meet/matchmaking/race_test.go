package matchmaking_test

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

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
)

// whole fails unless tickets with a proposal and sides with an open call agree, and
// nobody is in two calls.
func (w *world) whole(t tester) {
	t.Helper()
	if n := w.count(`SELECT count(*) FROM (SELECT account_id FROM call_sides WHERE open GROUP BY account_id HAVING count(*) > 1) x`); n > 0 {
		t.Errorf("%d are in two calls", n)
	}
	if n := w.count(`SELECT count(*) FROM tickets t WHERE t.call_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM call_sides s WHERE s.call_id = t.call_id AND s.account_id = t.account_id)`); n > 0 {
		t.Errorf("%d tickets have a proposal that is not theirs", n)
	}
	if n := w.count(`SELECT count(*) FROM call_sides s JOIN calls c ON c.id = s.call_id JOIN tickets t ON t.account_id = s.account_id WHERE c.state = 'proposed' AND s.open AND (t.call_id IS NULL OR t.call_id <> c.id)`); n > 0 {
		t.Errorf("%d are proposed and their tickets do not know it", n)
	}
}

func TestAFencedLeaderProposesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{}, personSpec{}, personSpec{})
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
		if _, err := w.lead.Propose(ctx, p[0], p[1]); !errors.Is(err, db.ErrFenced) {
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
		w.pass(4 * time.Second) // and its clock is set back
		w.enter(p[2], p[3])
		w.step()
		if w.with(p[2]) != p[3] {
			t.Error("the first leads again, and nobody is proposed")
		}
	})
}

func TestALeaderKilledAfterItProposedLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{}, personSpec{})
		w.enter(p[0], p[1])
		since := w.status(p[0]).Since
		w.step()
		c := w.callOf(p[0])
		// It is killed; another process starts on the same rows.
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
		if l := w.status(p[0]); !l.Since.Equal(since) {
			t.Errorf("place in the queue lost: %+v", l)
		}
		if o := w.with(p[2]); o != p[0] && o != p[1] {
			t.Errorf("the next one is proposed to %q", o)
		}
		w.whole(t)
	})
}

func TestCancelDuringAProposalHasOneOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{})
		proposed := 0
		for range 50 {
			w.exec(`DELETE FROM meetings`)
			w.exec(`DELETE FROM refusals`)
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
			w.pass(15 * time.Second) // until then the other must not see that somebody has left
			must(t, w.calls.Sweep(ctx))
			w.step()
			if w.status(p[0]).Waiting || w.with(p[0]) != "" || w.with(p[1]) != "" {
				t.Fatalf("who cancelled waits %v, is with %q, the other with %q", w.status(p[0]).Waiting, w.with(p[0]), w.with(p[1]))
			}
			if l := w.status(p[1]); !l.Waiting || l.Call != "" {
				t.Fatalf("the other was lost: %+v", l)
			}
			must(t, w.Cancel(ctx, p[1]))
			w.exec(`DELETE FROM calls`)
		}
		t.Logf("proposed before the cancel: %d of 50", proposed)
	})
}

func TestABlockDuringAProposalExcludesThePair(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 30 {
			p := w.join(personSpec{}, personSpec{})
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
			if w.with(p[1]) != "" {
				t.Fatal("who has blocked somebody is with them")
			}
			w.pass(15 * time.Second) // until then the other must not see it
			must(t, w.calls.Sweep(ctx))
			if w.with(p[0]) != "" {
				t.Fatal("two are proposed of whom one has blocked the other")
			}
			w.exec(`DELETE FROM tickets`)
		}
	})
}

func TestManyNodesAndManyPeopleAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// Three nodes whose clocks differ by more than a lease: they take the lead from
		// each other all the time, and each continues without knowing.
		p := w.join(slices.Repeat([]personSpec{{}}, 60)...)
		nodes := []*matchmaking.Service{w.Service, w.node("two"), w.node("three")}
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
					if _, err := l.Step(ctx); err != nil && !errors.Is(err, db.ErrFenced) {
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
					_, err := n.Enter(ctx, who, matchmaking.SearchFilter{})
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
		// Whoever is left enters again, and one node leads: nobody was lost.
		w.exec(`UPDATE calls SET deadline_at = 1 WHERE state = 'proposed' AND ended_why IS NOT NULL`) // one of the two has withdrawn
		must(t, w.calls.Sweep(ctx))
		w.exec(`DELETE FROM refusals`)
		w.exec(`UPDATE meetings SET apart_until = 0`)
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

func TestTicketsOfOtherNodesAreFoundByPolling(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.join(personSpec{}, personSpec{})
		w.step()
		two := w.node("two")
		for _, who := range p {
			_, err := two.Enter(ctx, who, matchmaking.SearchFilter{})
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
		p := w.join(slices.Repeat([]personSpec{{}}, 6)...)
		real := func(name string) (*matchmaking.Service, func()) {
			s := matchmaking.New(w.db, w.people, calls{w.calls}, name, quiet, matchmaking.Config{})
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
		enter := func(s *matchmaking.Service, ids ...account.ID) {
			t.Helper()
			for _, who := range ids {
				_, err := s.Enter(ctx, who, matchmaking.SearchFilter{})
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

// model is a plain implementation of the rules.
type model struct {
	fits     func(a, b int) bool
	waiting  map[int]time.Time // since
	deadline map[int]time.Time
	skip     map[[2]int]bool // not to be proposed again under the first one's ticket
	met      map[[2]int]bool
	with     map[int]int       // open proposals and calls
	due      map[int]time.Time // deadlines of proposals
	live     map[int]bool
	silent   map[int]int
	left     map[int]bool // the other of an open proposal has withdrawn
	refused  map[int]int
	rest     map[int]time.Time
}

func TestWhateverHappensNobodyIsProposedTwiceAndNobodyIsLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		round := 0
		rapid.Check(t, func(t *rapid.T) {
			if round++; d.Engine == db.Postgres && round > 25 || testing.Short() && round > 25 {
				return // enough of them
			}
			story(t, newWorld(t, d))
		})
	})
}

func story(t *rapid.T, w *world) {
	for _, table := range []string{"tickets", "calls", "meetings", "refusals", "leases", "outbox", "accounts"} {
		w.exec(`DELETE FROM ` + table)
	}
	person := rapid.Custom(func(t *rapid.T) personSpec {
		return personSpec{
			gender:    rapid.SampledFrom([]string{"woman", "man"}).Draw(t, "gender"),
			meet:      rapid.SampledFrom([][]string{{"woman", "man"}, {"woman", "man"}, {"woman"}, {"man"}}).Draw(t, "meet"),
			languages: rapid.SampledFrom([][]string{{"en"}, {"en"}, {"it"}, {"en", "it"}}).Draw(t, "speaks"),
			verified:  rapid.Bool().Draw(t, "verified"),
			privacy:   rapid.SampledFrom([]matchmaking.CallPrivacy{matchmaking.Everyone, matchmaking.Everyone, matchmaking.Verified}).Draw(t, "reach"),
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
		return slices.Contains(x.meet, y.gender) && (x.privacy != matchmaking.Verified || y.verified)
	}
	m := model{
		fits: func(a, b int) bool {
			return wants(a, b) && wants(b, a) && slices.ContainsFunc(people[a].languages, func(l string) bool { return slices.Contains(people[b].languages, l) })
		},
		waiting: map[int]time.Time{}, deadline: map[int]time.Time{}, skip: map[[2]int]bool{}, met: map[[2]int]bool{}, with: map[int]int{}, due: map[int]time.Time{}, live: map[int]bool{}, silent: map[int]int{},
		left: map[int]bool{}, refused: map[int]int{}, rest: map[int]time.Time{},
	}
	forget := func(i int) {
		delete(m.waiting, i)
		delete(m.silent, i)
		for j := range people {
			delete(m.skip, [2]int{i, j})
		}
	}
	refuses := func(i, j int) { // i refuses j
		m.refused[i]++
		m.rest[i] = w.clock().Add(min(10*time.Minute, 5*time.Second<<(m.refused[i]-1)))
		m.met[[2]int{min(i, j), max(i, j)}] = true // for refusedPairTime
	}
	over := func(i int, quiet map[int]bool) { // a proposal or call has ended
		j := m.with[i]
		delete(m.with, i)
		delete(m.with, j)
		for _, k := range []int{i, j} {
			if quiet[k] {
				refuses(k, i+j-k)
			}
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
	leaves := func(i int) { // the other sees it only at the deadline
		j := m.with[i]
		delete(m.with, i)
		if !m.left[i] {
			m.left[j] = true
		}
		delete(m.left, i)
		m.silent[i] = 0
		refuses(i, j)
	}
	said := map[int]bool{} // who accepted, of those with an open proposal
	expire := func() {
		for i, j := range m.with {
			switch {
			case m.live[i] || w.clock().Before(m.due[i]):
			case m.left[i]:
				delete(m.with, i)
				delete(m.left, i)
				m.silent[i] = 0
			case i < j:
				over(i, map[int]bool{i: !said[i], j: !said[j]})
			}
		}
		for i := range m.waiting {
			if !w.clock().Before(m.deadline[i]) {
				forget(i)
			}
		}
	}
	rests := func(i int) bool { return m.rest[i].After(w.clock()) }
	step := func() {
		must(t, w.calls.Sweep(ctx))
		w.step()
		// Every proposal of the queue must be allowed by the model.
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
			if !waitsI || !waitsJ || rests(i) || rests(j) || !m.fits(i, j) || m.skip[[2]int{i, j}] || m.skip[[2]int{j, i}] || m.met[[2]int{min(i, j), max(i, j)}] {
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
			l := w.status(p[i])
			since, waits := m.waiting[i]
			if l.Waiting != waits || waits && !l.Since.Equal(since) {
				t.Fatalf("%d waits %v since %v, and should %v since %v", i, l.Waiting, l.Since, waits, since)
			}
			if _, with := m.with[i]; with || !waits || rests(i) {
				continue
			}
			for j := range i {
				if _, waits := m.waiting[j]; !waits {
					continue
				}
				if _, with := m.with[j]; !with && !rests(j) && m.fits(i, j) && !m.skip[[2]int{i, j}] && !m.skip[[2]int{j, i}] && !m.met[[2]int{j, i}] {
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
			_, err := w.Enter(ctx, p[i], matchmaking.SearchFilter{})
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
			if _, with := m.with[i]; with && waits && !m.live[i] {
				leaves(i)
			}
			forget(i)
		case "stay":
			_, err := w.Heartbeat(ctx, p[i])
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
			if said[j] && !m.left[i] { // and both receive audio at once
				for _, k := range []int{i, j} {
					_, err := w.calls.AudioReceived(ctx, p[k], c)
					must(t, err)
				}
				m.met[[2]int{min(i, j), max(i, j)}] = true
				w.exec(`UPDATE call_sides SET away_at = NULL`) // their audio is connected
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
			if deed == "leave" {
				over(i, nil)
				break
			}
			leaves(i)
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

// slowCalls delays each proposal.
type slowCalls struct {
	calls
	takes *time.Duration
}

func (s slowCalls) Propose(ctx context.Context, tx *sql.Tx, p matchmaking.Proposal) (string, error) {
	time.Sleep(*s.takes)
	return s.calls.Propose(ctx, tx, p)
}

func TestARoundEndsAndForgetsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		takes := 150 * time.Millisecond
		lead := matchmaking.New(w.db, w.people, slowCalls{calls{w.calls}, &takes}, "one", quiet, matchmaking.Config{Now: w.clock}).Leader()
		const pairs = 40 // eight at a time take 750 ms, or one after another more
		w.enter(w.join(slices.Repeat([]personSpec{{}}, 2*pairs)...)...)
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
