package matchmaking_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
)

// population returns n people: 70 % men, most of whom look for women, of all ages,
// with three languages and all intents.
func population(n int) []personSpec {
	r := rand.New(rand.NewPCG(1, 2))
	people := make([]personSpec, n)
	for i := range people {
		p := personSpec{gender: "man", meet: []string{"woman"}, born: fmt.Sprintf("%d-03-04", 1960+r.IntN(47)), from: 18 + r.IntN(20)}
		if r.IntN(10) < 3 {
			p.gender, p.meet = "woman", []string{"man"}
		}
		switch r.IntN(20) {
		case 0:
			p.gender, p.meet = "nonbinary", []string{"woman", "man", "nonbinary"}
		case 1:
			p.meet = []string{p.gender}
		}
		p.to = p.from + 10 + r.IntN(30)
		p.languages = [][]string{{"en"}, {"en"}, {"it"}, {"de"}, {"en", "de"}}[r.IntN(5)]
		p.intents = [][]string{{"dating"}, {"friends"}, {"dating", "friends"}, {"professional"}}[r.IntN(4)]
		p.interests = [][]string{{"chess"}, {"chess", "jazz"}, {"jazz"}}[r.IntN(3)]
		people[i] = p
	}
	return people
}

func figures(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkQueue: a new leader with 10,000 waiting tickets.
func BenchmarkQueue(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b))
	const waiting = 10_000
	w.join(population(waiting)...)
	at := db.Millis(w.clock())
	w.exec(`INSERT INTO tickets (account_id, id, resident, intents, languages, entered_at, deadline_at, skips, silent, changed_at)
		SELECT id, id, FALSE, '[]', '[]', $1, $2, '[]', 0, $1 FROM accounts`, at, at+45_000)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	began := time.Now()
	must(b, w.lead.Fill(ctx))
	read := time.Since(began)
	held := heap() - before
	all, pairs := w.lead.ChooseAll()
	b.ReportMetric(float64(held)/waiting, "B/waiting")
	b.ReportMetric(float64(read.Milliseconds()), "read-ms")
	b.ReportMetric(float64(all.Milliseconds()), "all-ms")
	b.ReportMetric(float64(pairs), "pairs")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkProposal: from the entry of the second person to a call in the rows.
func BenchmarkProposal(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, open(b))
			s := matchmaking.New(w.db, w.people, calls{w.calls}, "one", quiet, matchmaking.Config{})
			defer runs(s)()
			w.exec(`DELETE FROM accounts`)
			w.mu.Lock()
			w.now = time.Now()
			w.mu.Unlock()
			var took []time.Duration
			for range max(b.N, 30) {
				p := w.join(personSpec{}, personSpec{})
				_, err := s.Enter(ctx, p[0], matchmaking.SearchFilter{})
				must(b, err)
				time.Sleep(150 * time.Millisecond)
				began := time.Now()
				_, err = s.Enter(ctx, p[1], matchmaking.SearchFilter{})
				must(b, err)
				for w.with(p[1]) == account.ID("") {
					time.Sleep(time.Millisecond)
				}
				took = append(took, time.Since(began))
				w.exec(`DELETE FROM accounts WHERE id IN ($1, $2)`, string(p[0]), string(p[1]))
			}
			figures(b, took)
		})
	}
}
