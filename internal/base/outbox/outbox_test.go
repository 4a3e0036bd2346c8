package outbox_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
)

var ctx = context.Background()

const soon = 20 * time.Second // far more than anything here takes

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fact is a fact of nothing in particular.
type fact struct {
	Text string `json:"text"`
	In   string `json:"in"`
	Nr   int64  `json:"nr"`
}

func (fact) Kind() string    { return "test.fact" }
func (f fact) Scope() string { return f.In }
func (f fact) Order() int64  { return f.Nr }

func commit(t *testing.T, d *db.DB, texts ...string) {
	t.Helper()
	must(t, d.Tx(ctx, func(tx *sql.Tx) error {
		for _, text := range texts {
			if err := outbox.Append(ctx, tx, time.Now(), fact{Text: text}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// listener is one that remembers what it took.
type listener struct {
	name     string
	patience time.Duration
	fails    func(text string) error // nil: never

	mu    sync.Mutex
	texts []string
	ns    []int64
	tries int
}

func (l *listener) Listener() outbox.Listener {
	return outbox.Listener{Name: l.name, Patience: l.patience, Take: func(_ context.Context, r outbox.Record) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		f, err := outbox.Read[fact](r)
		if err != nil {
			return err
		}
		l.tries++
		if l.fails != nil {
			if err := l.fails(f.Text); err != nil {
				return err
			}
		}
		l.texts, l.ns = append(l.texts, f.Text), append(l.ns, r.N)
		return nil
	}}
}

func (l *listener) took() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.texts)
}

func (l *listener) tried() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tries
}

// takes waits until l has taken exactly want, in this order.
func (l *listener) takes(t *testing.T, want ...string) {
	t.Helper()
	eventually(t, func() bool { return len(l.took()) >= len(want) }, func() string {
		return fmt.Sprintf("%s took %v, not %v", l.name, l.took(), want)
	})
	if got := l.took(); !slices.Equal(got, want) {
		t.Fatalf("%s took %v, not %v", l.name, got, want)
	}
}

func eventually(t *testing.T, ok func() bool, otherwise func() string) {
	t.Helper()
	for end := time.Now().Add(soon); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(otherwise())
		}
	}
}

// clock is a simulated one.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Now().UnixMilli())
	return c
}

func (c *clock) now() time.Time       { return time.UnixMilli(c.at.Load()) }
func (c *clock) pass(d time.Duration) { c.at.Add(d.Milliseconds()) }

// node is a process with a relay.
type node struct {
	*outbox.Relay
	log  *logText
	stop func()
}

type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func start(t *testing.T, d *db.DB, name string, now func() time.Time, listeners ...*listener) *node {
	t.Helper()
	n := &node{log: &logText{}}
	c := outbox.Config{Node: name, Now: now}
	for _, l := range listeners {
		c.Listeners = append(c.Listeners, l.Listener())
	}
	n.Relay = outbox.NewRelay(d, slog.New(slog.NewTextHandler(n.log, nil)), c)
	running, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- n.Run(running) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		must(t, <-done)
	})
	t.Cleanup(n.stop)
	return n
}

func count(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	must(t, d.QueryRow(query, args...).Scan(&n))
	return n
}

// metric is the value of one metric of a listener.
func (n *node) metric(t *testing.T, name, listener string) float64 {
	t.Helper()
	all := prometheus.NewRegistry()
	must(t, all.Register(n.Relay))
	families, err := all.Gather()
	must(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && m.GetLabel()[0].GetValue() == listener {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no %s of %s", name, listener)
	return 0
}

func TestEachListenerTakesEveryFactOnceInTheOrderOfTheirNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		commit(t, d, "before") // by a process that died
		a, b := &listener{name: "a"}, &listener{name: "b"}
		n := start(t, d, "here", nil, a, b)
		commit(t, d, "1", "2")
		n.Wake()
		commit(t, d, "3")
		n.Wake()
		for _, l := range []*listener{a, b} {
			l.takes(t, "before", "1", "2", "3")
			if !slices.Equal(l.ns, []int64{1, 2, 3, 4}) {
				t.Errorf("%s: numbers %v have a gap", l.name, l.ns)
			}
		}
		n.stop()
		again := start(t, d, "here", nil, a, b)
		commit(t, d, "4")
		again.Wake()
		for _, l := range []*listener{a, b} {
			l.takes(t, "before", "1", "2", "3", "4")
		}
	})
}

func TestManyFactsOfManyWritersAreNumberedWithoutAGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := &listener{name: "a"}
		n := start(t, d, "here", nil, a)
		const writers, each = 8, 60
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range each {
					if err := d.Tx(ctx, func(tx *sql.Tx) error {
						return outbox.Append(ctx, tx, time.Now(), fact{Text: fmt.Sprintf("%d/%02d", w, i)})
					}); err != nil {
						t.Error(err)
					}
					n.Wake()
				}
			})
		}
		all.Wait()
		eventually(t, func() bool { return len(a.took()) >= writers*each }, func() string { return fmt.Sprintf("took %d", len(a.took())) })
		last := map[byte]string{}
		for i, text := range a.took() {
			if a.ns[i] != int64(i+1) {
				t.Fatalf("the fact after %d is %d", i, a.ns[i])
			}
			if text <= last[text[0]] {
				t.Fatalf("%s after %s", text, last[text[0]])
			}
			last[text[0]] = text
		}
	})
}

// A sequence would have given the late fact its number early, and a cursor would
// have passed it.
func TestAFactWhoseTransactionCommitsLateIsNotSkipped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, b := &listener{name: "a"}, &listener{name: "b"}
		n := start(t, d, "here", nil, a, b)
		finish := late(t, d, "late")
		commit(t, d, "1", "2", "3")
		n.Wake()
		a.takes(t, "1", "2", "3")
		b.takes(t, "1", "2", "3")
		finish()
		n.Wake()
		commit(t, d, "4")
		n.Wake()
		a.takes(t, "1", "2", "3", "late", "4")
		b.takes(t, "1", "2", "3", "late", "4")
	})
}

// late writes a fact now that others can see only later. SQLite has one writer at a
// time, so there only the id can be older than those of facts before it.
func late(t *testing.T, d *db.DB, text string) (finish func()) {
	t.Helper()
	if d.Engine == db.SQLite {
		old := id.New()
		return func() { insert(t, d, old, fact{Text: text}) }
	}
	tx, err := d.BeginTx(ctx, nil)
	must(t, err)
	must(t, outbox.Append(ctx, tx, time.Now(), fact{Text: text}))
	return func() { must(t, tx.Commit()) }
}

func insert(t *testing.T, d *db.DB, under string, f fact) {
	t.Helper()
	data, err := json.Marshal(f)
	must(t, err)
	_, err = d.Exec(`INSERT INTO outbox (id, scope, seq, kind, data, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		under, f.In, f.Nr, f.Kind(), string(data), time.Now().UnixMilli())
	must(t, err)
}

func TestFactsOfOneScopeKeepTheirOrderWhereClocksDiffer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ids := []string{id.New(), id.New(), id.New(), id.New()}
		insert(t, d, ids[3], fact{Text: "first", In: "room:r", Nr: 5}) // by a node whose clock is ahead
		insert(t, d, ids[0], fact{Text: "second", In: "room:r", Nr: 6})
		insert(t, d, ids[1], fact{Text: "other", In: "room:o", Nr: 9})
		insert(t, d, ids[2], fact{Text: "none", In: "room:r"})
		a := &listener{name: "a"}
		start(t, d, "here", nil, a)
		a.takes(t, "first", "other", "none", "second")
	})
}

func TestAListenerThatFailsForAnHourDelaysNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		var down atomic.Bool
		down.Store(true)
		fails := func(string) error {
			if down.Load() {
				return errors.New("the gateway does not answer")
			}
			return nil
		}
		well := &listener{name: "well"}
		patient := &listener{name: "patient", patience: 2 * time.Hour, fails: fails}
		hasty := &listener{name: "hasty", patience: 10 * time.Minute, fails: fails}
		n := start(t, d, "here", c.now, well, patient, hasty)

		var all []string
		for minute := range 60 {
			all = append(all, fmt.Sprint(minute))
			commit(t, d, all[minute])
			n.Wake()
			well.takes(t, all...) // in time, though the clock stands still for the others
			c.pass(time.Minute)
		}
		dead := func() int { return count(t, d, `SELECT COUNT(*) FROM outbox_dead_letters`) }
		eventually(t, func() bool { n.Wake(); return dead() > 0 }, func() string { return "nothing of an hour became a dead letter" })
		if took := patient.took(); len(took) > 0 || patient.tried() < 2 {
			t.Fatalf("tried %d times, and took %v", patient.tried(), took)
		}
		if waits := n.metric(t, "heyy_outbox_waiting_facts", "patient"); waits != 60 {
			t.Errorf("%v facts are said to wait for a listener that took none of 60", waits)
		}

		down.Store(false)
		passed := 0
		eventually(t, func() bool {
			if passed++; passed <= 10 { // well within the patience, however slow this machine is
				c.pass(time.Minute)
			}
			n.Wake()
			return len(patient.took()) == 60 && len(hasty.took())+dead() == 60
		}, func() string { return fmt.Sprintf("patient took %v, hasty %v", patient.took(), hasty.took()) })
		if got := patient.took(); !slices.Equal(got, all) {
			t.Errorf("caught up in another order: %v", got)
		}
		buried, err := db.Select(ctx, d, func(row interface{ Scan(...any) error }) (text string, err error) {
			var data, why string
			if err := row.Scan(&data, &why); err != nil {
				return "", err
			}
			var f fact
			if why != "the gateway does not answer" {
				return "", fmt.Errorf("it died of %q", why)
			}
			return f.Text + text, json.Unmarshal([]byte(data), &f)
		}, `SELECT data, error FROM outbox_dead_letters WHERE listener = 'hasty' ORDER BY n`)
		must(t, err)
		t.Logf("dead letters after an hour with a patience of ten minutes: %d", len(buried))
		if got := hasty.took(); !slices.Equal(got, all[len(buried):]) {
			t.Errorf("after %d dead letters the rest is %v", len(buried), got)
		}
		if m := n.metric(t, "heyy_outbox_dead_letters_total", "hasty"); int(m) != len(buried) {
			t.Errorf("the metric says %v", m)
		}
		if !strings.Contains(n.log.String(), "dead letter") || !strings.Contains(n.log.String(), "listener=hasty") {
			t.Errorf("the log does not say so: %s", n.log)
		}
		if m := n.metric(t, "heyy_outbox_dead_letters_total", "well"); m != 0 {
			t.Errorf("%v dead letters of a listener that is well", m)
		}
	})
}

func TestAListenerThatHangsDelaysNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		let := make(chan struct{})
		well := &listener{name: "well"}
		hangs := &listener{name: "hangs", fails: func(string) error { <-let; return nil }}
		n := start(t, d, "here", nil, hangs, well)
		var all []string
		for i := range 5 {
			all = append(all, fmt.Sprint(i))
			commit(t, d, all[i])
			n.Wake()
			well.takes(t, all...)
		}
		close(let)
		hangs.takes(t, all...)
	})
}

func TestAFactAboutWhatWasDeletedIsSkipped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := &listener{name: "a", fails: func(text string) error {
			if text == "gone" {
				return fmt.Errorf("tell: %w", outbox.ErrGone)
			}
			return nil
		}}
		n := start(t, d, "here", nil, a)
		commit(t, d, "1", "gone", "2")
		n.Wake()
		a.takes(t, "1", "2")
		n.stop()
		if n.log.String() != "" || a.tried() != 3 || count(t, d, `SELECT COUNT(*) FROM outbox_dead_letters`) != 0 {
			t.Errorf("tried %d times; the log says %s", a.tried(), n.log)
		}
		if at := count(t, d, `SELECT n FROM outbox_cursors WHERE listener = 'a' AND tries = 0`); at != 3 {
			t.Errorf("the cursor is at %d", at)
		}
	})
}

func TestAFactThatNobodyCanReadIsADeadLetterAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, err := d.Exec(`INSERT INTO outbox (id, scope, seq, kind, data, created_at) VALUES ($1, 's', 1, 'k', '{"text":7}', 0)`, id.New())
		must(t, err)
		commit(t, d, "1")
		a := &listener{name: "a"}
		start(t, d, "here", newClock().now, a) // a clock that stands still: no patience ends
		a.takes(t, "1")
		if n := count(t, d, `SELECT COUNT(*) FROM outbox_dead_letters WHERE kind = 'k' AND n = 1 AND tries = 1`); n != 1 {
			t.Errorf("%d dead letters", n)
		}
	})
}

func TestAPanicIsAFailureOfItsListenerAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		once := true
		a := &listener{name: "a", fails: func(string) error {
			if once {
				once = false
				panic("\x00\xff") // not even a text
			}
			return nil
		}}
		b := &listener{name: "b"}
		n := start(t, d, "here", nil, a, b)
		commit(t, d, "1")
		n.Wake()
		b.takes(t, "1")
		a.takes(t, "1")
	})
}

func TestADeadLetterSaysWhateverTheErrorSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := &listener{name: "a", fails: func(string) error {
			return fmt.Errorf("%w: a\x00b\xff%s", outbox.ErrUnreadable, strings.Repeat("é", 5000))
		}}
		n := start(t, d, "here", nil, a)
		commit(t, d, "1")
		n.Wake()
		eventually(t, func() bool { return count(t, d, `SELECT COUNT(*) FROM outbox_dead_letters`) == 1 }, n.log.String)
	})
}

func TestANewListenerBeginsWithWhatIsCommittedFromNowOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := &listener{name: "a"}
		n := start(t, d, "here", nil, a)
		commit(t, d, "1", "2")
		n.Wake()
		a.takes(t, "1", "2")
		n.stop()
		commit(t, d, "3") // while nobody runs
		b := &listener{name: "b"}
		start(t, d, "here", nil, a, b)
		a.takes(t, "1", "2", "3")
		b.takes(t, "3")
	})
}

func TestFactsStayForAnHourAndUntilAllHaveTakenThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		var down atomic.Bool
		down.Store(true)
		well := &listener{name: "well"}
		lags := &listener{name: "lags", patience: 100 * time.Hour, fails: func(text string) error {
			if down.Load() && text == "2" {
				return errors.New("not now")
			}
			return nil
		}}
		n := start(t, d, "here", c.now, well, lags)
		facts := func() int { return count(t, d, `SELECT COUNT(*) FROM outbox`) }
		cursor := func(l string) int {
			return count(t, d, `SELECT COALESCE(MAX(n), 0) FROM outbox_cursors WHERE listener = $1`, l)
		}
		commit(t, d, "1", "2")
		n.Wake()
		eventually(t, func() bool { return cursor("well") == 2 && cursor("lags") == 1 }, n.log.String)
		must(t, n.Sweep(ctx))
		if facts() != 2 {
			t.Fatalf("%d of 2 facts are left at once", facts())
		}
		c.pass(outbox.Retention + time.Minute)
		// The relay knows of a cursor a moment after its row is written.
		swept := func() int {
			must(t, n.Sweep(ctx))
			return facts()
		}
		eventually(t, func() bool { return swept() <= 1 }, n.log.String)
		if left := swept(); left != 1 {
			t.Fatalf("%d facts are left: not the one that a listener has not taken", left)
		}
		down.Store(false)
		c.pass(time.Minute) // it may have tried and failed again since the clock went on
		n.Wake()
		eventually(t, func() bool { return cursor("lags") == 2 && swept() == 0 }, n.log.String)
		commit(t, d, "3") // its number goes on, though no fact is left
		n.Wake()
		lags.takes(t, "1", "2", "3")
		if last := lags.ns[2]; last != 3 {
			t.Errorf("the third fact has number %d", last)
		}
	})
}
