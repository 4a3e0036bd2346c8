package bench

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
)

const (
	deckSize     = 20
	lookers      = 1000 // viewers whose decks are timed, half of them in the crowded region
	counters     = 200
	likers       = 16
	likeTime     = 5 * time.Second
	discoverTime = 30 * time.Minute
)

// Discover measures decks, counts and likes of package discovery with a number of profiles,
// in a database of its own that it deletes. server is the URL of a PostgreSQL server, or
// empty for SQLite.
func Discover(ctx context.Context, profiles int, server string) (r Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, discoverTime)
	defer cancel()
	r = Report{Bench: "discover", At: time.Now().UTC().Format(time.RFC3339), Machine: ThisMachine()}
	d, reopen, drop, err := fresh(ctx, server)
	if err != nil {
		return r, err
	}
	defer func() {
		if dropped := drop(); err == nil {
			err = dropped
		}
	}()
	r.How = fmt.Sprintf("In this process, on a fresh %s. A deck is %d cards of a viewer who was not there before: reading them, finding and ranking who fits, reading these anew. "+
		"Likes: %d people at once, each like a transaction of its own", d.Engine, deckSize, likers)
	if d.Engine == db.SQLite {
		r.How += ", synchronous=FULL, those that wait at the same moment committed together"
	}
	r.How += "."
	f := &r.Figures
	begun := time.Now()
	people, err := seed(ctx, d, profiles)
	if err != nil {
		return r, fmt.Errorf("bench: make people: %w", err)
	}
	f.Add("profiles", float64(profiles))
	f.Add("seeding_s", time.Since(begun).Seconds())
	size, err := d.Size(ctx)
	if err != nil {
		return r, err
	}
	f.Add("disk_mb", float64(size)/(1<<20))

	// Flush what seeding has left to write; it is not part of the measurement.
	if d, err = reopen(); err != nil {
		return r, err
	}
	debug.FreeOSMemory()
	before, err := MemoryMB(os.Getpid())
	if err != nil {
		return r, err
	}
	log := slog.New(slog.DiscardHandler)
	s := discovery.New(d, safety.New(d, nil, nil, func() {}), log, discovery.Config{})
	running, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { _ = s.Run(running) })
	defer func() {
		stop()
		done.Wait()
	}()
	begun = time.Now()
	if err := s.Wait(ctx); err != nil {
		return r, err
	}
	f.Add("load_s", time.Since(begun).Seconds())
	f.Add("shown", float64(s.Size()))
	debug.FreeOSMemory()
	after, err := MemoryMB(os.Getpid())
	if err != nil {
		return r, err
	}
	f.Add("memory_of_index_mb", after-before)
	f.Add("memory_of_index_bytes_per_person", (after-before)*(1<<20)/float64(max(1, s.Size())))
	runtime.KeepAlive(people)

	decks, err := lookAround(ctx, s, people, f)
	if err != nil {
		return r, err
	}
	if err := countAll(ctx, s, people, f); err != nil {
		return r, err
	}
	if err := likeAll(ctx, s, decks, f); err != nil {
		return r, err
	}
	all, err := MemoryMB(os.Getpid())
	if err != nil {
		return r, err
	}
	f.Add("memory_at_the_end_mb", all)
	return r, nil
}

// population are the ids that were made, those in the crowded region apart.
type population struct{ crowd, elsewhere []account.ID }

// pick returns n different people, half of them in the crowded region.
func (p population) pick(chance *rand.Rand, n int) (ids []account.ID) {
	for i := range n {
		from := p.crowd
		if i%2 == 1 || len(from) == 0 {
			from = p.elsewhere
		}
		ids = append(ids, from[chance.IntN(len(from))])
	}
	return ids
}

type deckOf struct {
	viewer account.ID
	cards  []discovery.Card
}

func lookAround(ctx context.Context, s *discovery.Service, people population, f *Figures) (decks []deckOf, err error) {
	chance := rand.New(rand.NewPCG(7, 7))
	var crowd, elsewhere, next []time.Duration
	cards := 0
	for i, who := range people.pick(chance, lookers) {
		begun := time.Now()
		d, err := s.Cards(ctx, who, deckSize)
		took := time.Since(begun)
		if err != nil {
			return nil, err
		}
		cards += len(d.Cards)
		decks = append(decks, deckOf{who, d.Cards})
		if i%2 == 0 {
			crowd = append(crowd, took)
		} else {
			elsewhere = append(elsewhere, took)
		}
		begun = time.Now()
		if _, err := s.Cards(ctx, who, deckSize); err != nil {
			return nil, err
		}
		next = append(next, time.Since(begun))
	}
	all := append(append([]time.Duration{}, crowd...), elsewhere...)
	f.Add("decks", float64(len(all)))
	f.Add("cards_per_deck", float64(cards)/float64(len(all)))
	for _, one := range []struct {
		name  string
		times []time.Duration
	}{{"deck", all}, {"deck_in_the_crowd", crowd}, {"deck_elsewhere", elsewhere}, {"deck_again", next}} {
		f.Add(one.name+"_p50_ms", Millis(Percentile(one.times, 50)))
		f.Add(one.name+"_p99_ms", Millis(Percentile(one.times, 99)))
		f.Add(one.name+"_max_ms", Millis(Percentile(one.times, 100)))
	}
	return decks, nil
}

func countAll(ctx context.Context, s *discovery.Service, people population, f *Figures) error {
	var times []time.Duration
	fit := 0
	for _, who := range people.pick(rand.New(rand.NewPCG(8, 8)), counters) {
		begun := time.Now()
		c, err := s.Counts(ctx, who, nil)
		if err != nil {
			return err
		}
		times = append(times, time.Since(begun))
		fit += c.People
	}
	f.Add("fit_on_average", float64(fit)/float64(len(times)))
	f.Add("counts_p50_ms", Millis(Percentile(times, 50)))
	f.Add("counts_p99_ms", Millis(Percentile(times, 99)))
	return nil
}

// likeAll lets people like the cards of their decks, likers of them concurrently.
func likeAll(ctx context.Context, s *discovery.Service, decks []deckOf, f *Figures) error {
	type like struct{ by, on account.ID }
	likes := make(chan like)
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	var matched atomic.Int64
	var all sync.WaitGroup
	over := time.Now().Add(likeTime)
	for range likers {
		all.Go(func() {
			for l := range likes {
				begun := time.Now()
				o, err := s.Choose(ctx, l.by, l.on, discovery.Like)
				took := time.Since(begun)
				mu.Lock()
				if err != nil {
					failed = err
				}
				times = append(times, took)
				mu.Unlock()
				if o.Matched {
					matched.Add(1)
				}
			}
		})
	}
	begun := time.Now()
send:
	for card := range deckSize { // one of each in turn: nobody queues for their own row
		for _, d := range decks {
			if time.Now().After(over) {
				break send
			}
			if card < len(d.cards) {
				likes <- like{d.viewer, d.cards[card].Person}
			}
		}
	}
	close(likes)
	all.Wait()
	took := time.Since(begun)
	if failed != nil {
		return failed
	}
	f.Add("likes", float64(len(times)))
	f.Add("likes_per_s", float64(len(times))/took.Seconds())
	f.Add("like_p50_ms", Millis(Percentile(times, 50)))
	f.Add("like_p99_ms", Millis(Percentile(times, 99)))
	f.Add("matches", float64(matched.Load()))
	return nil
}

// fresh returns an empty, migrated database, a function that reopens it, and one that
// deletes it.
func fresh(ctx context.Context, server string) (d *db.DB, reopen func() (*db.DB, error), drop func() error, err error) {
	dir, source := "", ""
	var remove func() error
	if server == "" {
		if dir, err = os.MkdirTemp("", "heyy-bench-"); err != nil {
			return nil, nil, nil, fmt.Errorf("bench: make a data folder: %w", err)
		}
		remove = func() error { return os.RemoveAll(dir) }
	} else if source, remove, err = onServer(ctx, server); err != nil {
		return nil, nil, nil, err
	}
	drop = func() error {
		if d != nil {
			_ = d.Close()
		}
		return remove()
	}
	if d, err = db.Open(ctx, dir, source); err == nil {
		err = d.Migrate(ctx)
	}
	if err != nil {
		_ = drop()
		return nil, nil, nil, err
	}
	return d, func() (*db.DB, error) {
		if err := d.Close(); err != nil {
			return nil, err
		}
		again, err := db.Open(ctx, dir, source)
		if err == nil {
			d = again
		}
		return again, err
	}, drop, nil
}

// onServer creates a database on a PostgreSQL server, and returns a function that drops it.
func onServer(ctx context.Context, server string) (source string, drop func() error, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, fmt.Errorf("bench: the address of the server cannot be read")
	}
	admin, err := db.Open(ctx, "", server)
	if err != nil {
		return "", nil, err
	}
	name := "heyy_bench_" + strings.ReplaceAll(id.New(), "-", "")
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		_ = admin.Close()
		return "", nil, fmt.Errorf("bench: make a database: %w", err)
	}
	u.Path = "/" + name
	return u.String(), func() error {
		_, err := admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		_ = admin.Close()
		return err
	}, nil
}
