package search_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/talk/search"
)

// BenchmarkALongConversation measures what a search, opening a conversation and a message cost
// beside 100,000 messages:
//
//	scripts/postgres.sh go test -run '^$' -bench ALongConversation -benchtime 300x ./internal/talk/search
func BenchmarkALongConversation(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) { longConversation(b, newFixture(open(b))) })
	}
}

func longConversation(b *testing.B, x *fixture) {
	const n = 100_000
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	vocabulary := make([]string, 20_000)
	for i := range vocabulary {
		letters := make([]byte, 2+rng.IntN(9))
		for j := range letters {
			letters[j] = "etaoinshrdlucmfwypvbgkjqxz"[min(rng.IntN(26), rng.IntN(26))]
		}
		vocabulary[i] = string(letters)
	}
	zipf := rand.NewZipf(rng, 1.1, 5, uint64(len(vocabulary)-1))
	text := func(i int64) string {
		words := make([]string, 2+rng.IntN(14))
		for j := range words {
			words[j] = vocabulary[zipf.Uint64()]
		}
		if i%9973 == 0 {
			words[0] = "lighthouse"
		}
		if i%2 == 0 {
			words = append(words, "everywhere")
		}
		return strings.Join(words, " ")
	}
	ada, bob := x.couple(b)
	fill(b, x, ada, bob, n, text)
	for range 200 { // and what everybody has beside it
		cleo := x.member(b)
		x.match(b, ada, cleo)
		fill(b, x, ada, cleo, 20, text)
	}
	before, err := x.db.Size(ctx)
	must(b, err)
	began := time.Now()
	x.catchUp(b)
	took := time.Since(began)
	after, err := x.db.Size(ctx)
	must(b, err)
	b.Logf("indexed in %v, %.0f bytes a message; %d rows for %d messages", took.Round(time.Millisecond), float64(after-before)/n, x.count(b, `SELECT count(*) FROM search_words`), n+4000)

	for _, c := range []struct {
		name, q string
		with    account.ID
	}{
		{"rare", "lighthouse", bob},
		{"frequent", "everywhere", bob},
		{"none", "zzzzzz", bob},
		{"two frequent", vocabulary[0] + " everywhere", bob},
		{"frequent and rare", "everywhere lighthouse", bob},
		{"beginning", "e", bob},
		{"two beginnings far apart", vocabulary[3] + " lig", bob},
		{"nine", strings.Repeat(vocabulary[1]+" ", 1) + strings.Join(vocabulary[4:12], " "), bob},
		{"rare in all", "lighthouse", ""},
		{"frequent in all", "everywhere", ""},
		{"beginning in all", vocabulary[700][:2], ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			quantiles(b, func(int) {
				_, _, err := x.index.Search(ctx, ada, search.Query{Text: c.q, With: c.with, Part: page.Request{Limit: 30}})
				must(b, err)
			})
		})
	}
	b.Run("words at random", func(b *testing.B) {
		quantiles(b, func(int) {
			words := []string{vocabulary[zipf.Uint64()], vocabulary[zipf.Uint64()], vocabulary[zipf.Uint64()]}[:1+rng.IntN(3)]
			_, _, err := x.index.Search(ctx, ada, search.Query{Text: strings.Join(words, " "), With: bob, Part: page.Request{Limit: 30}})
			must(b, err)
		})
	})
	b.Run("open", func(b *testing.B) {
		quantiles(b, func(int) {
			_, err := x.History(ctx, ada, bob, page.Request{})
			must(b, err)
		})
	})
	b.Run("open around", func(b *testing.B) {
		quantiles(b, func(int) {
			_, err := x.Around(ctx, ada, bob, 1+rng.Int64N(n), 50)
			must(b, err)
		})
	})
	a, z := min(ada, bob), max(ada, bob)
	b.Run("send", func(b *testing.B) {
		quantiles(b, func(i int) {
			by, to := ada, bob
			if i%2 == 0 {
				by, to = bob, ada
			}
			m := x.say(b, by, to, text(int64(2*i+1)))
			must(b, x.MarkRead(ctx, to, by, m.N))
		})
	})
	b.Run("index one", func(b *testing.B) {
		x.catchUp(b)
		all := make([]time.Duration, 0, b.N)
		for i := range b.N {
			m := x.say(b, ada, bob, text(int64(2*i+1)))
			must(b, x.MarkRead(ctx, bob, ada, m.N))
			began := time.Now()
			must(b, x.index.CatchUp(ctx, a, z))
			all = append(all, time.Since(began))
		}
		report(b, all)
	})
	b.Run("index a deletion", func(b *testing.B) {
		all := make([]time.Duration, 0, b.N)
		for i := range b.N {
			m := x.say(b, ada, bob, text(int64(2*i+1)))
			must(b, x.MarkRead(ctx, bob, ada, m.N))
			must(b, x.index.CatchUp(ctx, a, z))
			_, err := x.Delete(ctx, ada, bob, m.ID)
			must(b, err)
			began := time.Now()
			must(b, x.index.CatchUp(ctx, a, z))
			all = append(all, time.Since(began))
		}
		report(b, all)
	})
}

func quantiles(b *testing.B, do func(i int)) {
	b.Helper()
	all := make([]time.Duration, 0, b.N)
	for i := range b.N {
		began := time.Now()
		do(i)
		all = append(all, time.Since(began))
	}
	report(b, all)
}

func report(b *testing.B, all []time.Duration) {
	b.Helper()
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(all[len(all)/2]), "p50-ms")
	b.ReportMetric(ms(all[len(all)*99/100]), "p99-ms")
	b.ReportMetric(ms(all[len(all)-1]), "max-ms")
}
