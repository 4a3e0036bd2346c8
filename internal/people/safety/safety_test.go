package safety_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
)

var ctx = context.Background()

func person(t *testing.T, d *db.DB) account.ID {
	t.Helper()
	who := account.ID(id.New())
	if err := d.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return who
}

func nothing(context.Context, *sql.Tx, account.ID, account.ID) error { return nil }

func TestABlockKeepsBothApartUntilItIsTakenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var parted [][2]account.ID
		s := safety.New(d, func(_ context.Context, _ *sql.Tx, a, b account.ID) error {
			parted = append(parted, [2]account.ID{a, b})
			return nil
		}, nil, func() {})
		anna, bob, cleo := person(t, d), person(t, d), person(t, d)
		for range 2 {
			if err := s.Block(ctx, anna, bob); err != nil {
				t.Fatal(err)
			}
		}
		for _, pair := range [][2]account.ID{{anna, bob}, {bob, anna}} {
			if apart, err := s.Excluded(ctx, pair[0], pair[1]); err != nil || !apart {
				t.Errorf("%v, %v", apart, err)
			}
			if all, err := s.ExcludedFrom(ctx, pair[0]); err != nil || !slices.Equal(all, []account.ID{pair[1]}) {
				t.Errorf("%v, %v", all, err)
			}
		}
		if apart, err := s.Excluded(ctx, bob, cleo); err != nil || apart {
			t.Errorf("strangers: %v, %v", apart, err)
		}
		if len(parted) != 2 || parted[0] != [2]account.ID{anna, bob} {
			t.Errorf("parted: %v", parted)
		}
		if all, _, err := s.Blocked(ctx, bob, page.Request{}); err != nil || len(all) != 0 {
			t.Errorf("who was blocked sees %v, %v", all, err)
		}
		if all, _, err := s.Blocked(ctx, anna, page.Request{}); err != nil || !slices.Equal(all, []account.ID{bob}) {
			t.Errorf("%v, %v", all, err)
		}
		if err := s.Unblock(ctx, bob, anna); err != nil {
			t.Fatal(err)
		}
		if apart, _ := s.Excluded(ctx, anna, bob); !apart {
			t.Error("the blocked one took the block away")
		}
		if err := s.Unblock(ctx, anna, bob); err != nil {
			t.Fatal(err)
		}
		if apart, _ := s.Excluded(ctx, anna, bob); apart {
			t.Error("still apart")
		}
		if err := s.Block(ctx, anna, anna); !fault.Is(err, "block.self") {
			t.Errorf("oneself: %v", err)
		}
		if err := s.Block(ctx, anna, account.ID(id.New())); err != nil {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestAReportKeepsApartForEver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := safety.New(d, nothing, nil, func() {})
		anna, bob := person(t, d), person(t, d)
		for _, c := range []struct {
			say  safety.Complaint
			code string
		}{
			{safety.Complaint{Reason: "boring", Place: "discover"}, "report.reason"},
			{safety.Complaint{Reason: "spam"}, "report.place"},
			{safety.Complaint{Reason: "spam", Place: "the moon"}, "report.place"},
			{safety.Complaint{Reason: "spam", Place: "discover:" + id.New()}, "report.place"},
			{safety.Complaint{Reason: "spam", Place: "room:1"}, "report.place"},
			{safety.Complaint{Reason: "spam", Place: "discover", Note: strings.Repeat("a", 1001)}, "text.too_long"},
			{safety.Complaint{Reason: "spam", Place: "discover", Note: "a\u202eb"}, "text.hidden"},
		} {
			if err := s.Report(ctx, anna, bob, c.say); !fault.Is(err, c.code) {
				t.Errorf("%+v: %v", c.say, err)
			}
		}
		if apart, _ := s.Excluded(ctx, anna, bob); apart {
			t.Error("a refused report keeps apart")
		}
		if err := s.Report(ctx, anna, bob, safety.Complaint{Reason: "harassment", Place: "discover", Note: "Said awful things."}); err != nil {
			t.Fatal(err)
		}
		if err := s.Unblock(ctx, anna, bob); err != nil {
			t.Fatal(err)
		}
		if apart, err := s.Excluded(ctx, bob, anna); err != nil || !apart {
			t.Errorf("%v, %v", apart, err)
		}
		if err := s.Report(ctx, anna, bob, safety.Complaint{Reason: "spam", Place: "profile"}); err != nil {
			t.Errorf("adding to the first: %v", err)
		}
	})
}

func TestABlockThatCannotPartLeavesNothing(t *testing.T) {
	d := dbtest.SQLite(t)
	broken := errors.New("broken")
	s := safety.New(d, func(context.Context, *sql.Tx, account.ID, account.ID) error { return broken }, time.Now, func() {})
	anna, bob := person(t, d), person(t, d)
	if err := s.Block(ctx, anna, bob); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if apart, _ := s.Excluded(ctx, anna, bob); apart {
		t.Error("blocked all the same")
	}
}

// Whoever kept apart first is nobody to the other, who may block them all the
// same: the list of the blocked would tell that they are there.
func TestTheListOfTheBlockedTellsNobodyWhoBlockedThemFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.UnixMilli(1_790_000_000_000)
		s := safety.New(d, nothing, func() time.Time { return now }, func() {})
		anna, blocked, reported, later := person(t, d), person(t, d), person(t, d), person(t, d)
		must(t, s.Block(ctx, blocked, anna))
		must(t, s.Report(ctx, reported, anna, safety.Complaint{Reason: "spam", Place: "profile"}))
		now = now.Add(time.Minute)
		for _, p := range []account.ID{blocked, reported, later, account.ID(id.New())} {
			must(t, s.Block(ctx, anna, p))
		}
		now = now.Add(time.Minute)
		must(t, s.Block(ctx, later, anna))
		if all, _, err := s.Blocked(ctx, anna, page.Request{}); err != nil || !slices.Equal(all, []account.ID{later}) {
			t.Errorf("%v, %v", all, err)
		}
		// Taken back, theirs leaves hers, which she may take back, too.
		must(t, s.Unblock(ctx, blocked, anna))
		if all, _, err := s.Blocked(ctx, anna, page.Request{}); err != nil || len(all) != 2 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

func TestReportingNobodyAnswersAsReportingSomebody(t *testing.T) {
	d := dbtest.SQLite(t)
	s := safety.New(d, nothing, nil, func() {})
	anna := person(t, d)
	spam := safety.Complaint{Reason: "spam", Place: "profile"}
	must(t, s.Report(ctx, anna, account.ID(id.New()), spam))
	if n, err := s.CountOpen(ctx); err != nil || n != 0 {
		t.Errorf("%d reports on nobody, %v", n, err)
	}
}

func TestBlockedHasPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.UnixMilli(1_800_000_000_000)
		s := safety.New(d, nothing, func() time.Time { return now }, func() {})
		anna := person(t, d)
		var want, got []account.ID
		for i := range 5 {
			if i%2 == 0 { // two of one millisecond
				now = now.Add(time.Millisecond)
			}
			one := person(t, d)
			if err := s.Block(ctx, anna, one); err != nil {
				t.Fatal(err)
			}
			want = append(want, one)
		}
		part := page.Request{Limit: 2}
		for {
			ids, next, err := s.Blocked(ctx, anna, part)
			if err != nil || len(ids) > 2 {
				t.Fatal(ids, err)
			}
			got = append(got, ids...)
			if next == (page.Cursor{}) {
				break
			}
			part.Before = next
		}
		if got[0] != want[4] || len(got) != 5 {
			t.Errorf("%v, blocked were %v", got, want)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%v, blocked were %v", got, want)
		}
	})
}
