package outbox_test

import (
	"database/sql"
	"math"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
)

// numbered commits facts of one scope, with the numbers from first to last.
func numbered(t *testing.T, d *db.DB, at time.Time, scope string, first, last int64) {
	t.Helper()
	must(t, d.Tx(ctx, func(tx *sql.Tx) error {
		for n := first; n <= last; n++ {
			if err := outbox.Append(ctx, tx, at, fact{In: scope, Nr: n}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// missed returns the numbers of the facts of scope a; -1: too old.
func missed(t *testing.T, d *db.DB, since, seq int64) (first, last int64) {
	t.Helper()
	facts, err := outbox.Since(ctx, d, "a", since, seq)
	if fault.Is(err, "live.too_old") {
		return -1, -1
	}
	must(t, err)
	for i, f := range facts {
		got, err := outbox.Read[fact](f)
		must(t, err)
		if f.Scope != "a" || f.Kind != "test.fact" || got.Nr != f.Seq || f.Seq != since+1+int64(i) {
			t.Fatalf("fact %d after %d is %+v", i, since, f)
		}
	}
	if len(facts) == 0 {
		return 0, 0
	}
	return facts[0].Seq, facts[len(facts)-1].Seq
}

func TestFactsSinceAreAllOfThemOrTooOld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		numbered(t, d, now, "b", 1, 300)
		numbered(t, d, now, "a", 4, 150)
		numbered(t, d, now, "a", 152, 200)
		for _, c := range []struct{ since, seq, first, last int64 }{
			{4, 5, 5, 5}, {4, 104, 5, 104}, {152, 200, 153, 200}, {200, 200, 0, 0}, {50, 150, 51, 150},
			{3, 10, -1, -1},    // 3 is gone, and what else was so then
			{0, 0, -1, -1},     // a scope without facts
			{4, 105, -1, -1},   // 101 facts
			{149, 153, -1, -1}, // 151 is missing
			{151, 160, -1, -1},
			{160, 201, -1, -1}, // 201 is missing
			{201, 201, -1, -1},
			{160, 159, -1, -1}, // of the future
			{-1, 5, -1, -1}, {math.MinInt64, 5, -1, -1}, {math.MaxInt64, 200, -1, -1},
		} {
			if first, last := missed(t, d, c.since, c.seq); first != c.first || last != c.last {
				t.Errorf("since %d of %d: %d to %d, want %d to %d", c.since, c.seq, first, last, c.first, c.last)
			}
		}
	})
}

func TestFactsSinceAreThereForAnHourAlsoBeforeAListenerHasThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		numbered(t, d, c.now(), "a", 1, 3)
		if first, last := missed(t, d, 1, 3); first != 2 || last != 3 {
			t.Fatalf("before they have a number among all: %d to %d", first, last)
		}
		takes := &listener{name: "takes"}
		n := start(t, d, "here", c.now, takes)
		n.Wake()
		eventually(t, func() bool {
			return count(t, d, `SELECT COALESCE(MAX(n), 0) FROM outbox_cursors WHERE listener = 'takes'`) == 3
		}, n.log.String)
		c.pass(outbox.Retention - time.Minute)
		numbered(t, d, c.now(), "a", 4, 4)
		n.Wake()
		eventually(t, func() bool {
			return count(t, d, `SELECT COALESCE(MAX(n), 0) FROM outbox_cursors WHERE listener = 'takes'`) == 4
		}, n.log.String)
		must(t, n.Sweep(ctx))
		if first, last := missed(t, d, 1, 4); first != 2 || last != 4 {
			t.Fatalf("within the hour: %d to %d", first, last)
		}
		c.pass(2 * time.Minute)
		must(t, n.Sweep(ctx))
		for since, want := range map[int64]int64{1: -1, 3: -1, 4: 0} {
			if first, _ := missed(t, d, since, 4); first != want {
				t.Errorf("after the hour, since %d: from %d, want %d", since, first, want)
			}
		}
	})
}
