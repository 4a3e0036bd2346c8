package safety_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
)

var must = testkit.Must

func TestThirtyReportsOfTheSameTwoAreOneRow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := safety.New(d, nothing, nil, func() {})
		anna, bob := person(t, d), person(t, d)
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				if err := s.Report(ctx, anna, bob, safety.Complaint{Reason: "spam", Note: "Again.", Place: "profile"}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		open, err := s.List(ctx, true, 100)
		must(t, err)
		if len(open) != 1 || len(open[0].More) != 20 || open[0].On.Received != 1 {
			t.Fatalf("%d rows: %+v", len(open), open)
		}
		var told int
		must(t, d.QueryRow(`SELECT COUNT(*) FROM outbox WHERE kind = $1`, safety.KindReported).Scan(&told))
		if told != 1 {
			t.Fatalf("the operator is told %d times", told)
		}
		// What was decided stays; a new complaint is a new report.
		must(t, s.Close(ctx, open[0].ID, "Eva", "Warned."))
		must(t, s.Report(ctx, anna, bob, safety.Complaint{Reason: "threat", Place: "match"}))
		if n, err := s.CountOpen(ctx); err != nil || n != 1 {
			t.Fatalf("%d open, %v", n, err)
		}
	})
}

func TestAnOperatorReadsAndClosesReports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.UnixMilli(1_790_000_000_000)
		s := safety.New(d, nothing, func() time.Time { return now }, func() {})
		anna, bob, cleo := person(t, d), person(t, d), person(t, d)
		must(t, s.Report(ctx, cleo, bob, safety.Complaint{Reason: "fake", Place: "discover"}))
		now = now.Add(time.Minute)
		must(t, s.Report(ctx, anna, bob, safety.Complaint{Reason: "threat", Note: "He knows where I live.", Place: "match"}))
		must(t, s.Report(ctx, bob, cleo, safety.Complaint{Reason: "spam", Place: "profile"}))
		must(t, s.Block(ctx, cleo, anna))

		open, err := s.List(ctx, false, 10)
		must(t, err)
		if len(open) != 3 || open[0].Reason != "fake" || open[1].Note != "He knows where I live." && open[2].Note != "He knows where I live." {
			t.Fatalf("%+v", open)
		}
		var report string
		for _, r := range open {
			if r.Reason == "threat" {
				report = r.ID
			}
		}
		h, err := s.Get(ctx, report)
		must(t, err)
		if h.By.ID != anna || h.On.ID != bob || h.By.Given != 1 || h.By.Blocked != 1 || h.On.Received != 2 || h.On.Given != 1 || h.On.Blocked != 2 ||
			len(h.OfBy) != 0 || len(h.OfOn) != 2 {
			t.Fatalf("%+v", h)
		}
		must(t, s.Close(ctx, report, "Eva", "Banned: he threatened her."))
		if err := s.Close(ctx, report, "Max", "Dismissed."); !fault.Is(err, "report.closed") {
			t.Fatalf("decided twice: %v", err)
		}
		if err := s.Close(ctx, id.New(), "Max", "Dismissed."); !fault.Is(err, "report.unknown") {
			t.Fatalf("none: %v", err)
		}
		var told string // who reported, once, and not what was decided about somebody else
		must(t, d.QueryRow(`SELECT data FROM outbox WHERE kind = $1`, safety.KindDecided).Scan(&told))
		if f, err := outbox.Read[safety.Decided](outbox.Record{Data: []byte(told)}); err != nil || f.Account != anna || strings.Contains(told, "threatened") {
			t.Errorf("%s, %v", told, err)
		}
		if _, err := s.Get(ctx, id.New()); !fault.Is(err, "report.unknown") {
			t.Fatalf("none: %v", err)
		}
		if h, err = s.Get(ctx, report); err != nil || h.ClosedBy != "Eva" || h.Decision != "Banned: he threatened her." || h.ClosedAt != now.UnixMilli() {
			t.Fatalf("%+v, %v", h, err)
		}
		if n, err := s.CountOpen(ctx); err != nil || n != 2 {
			t.Fatalf("%d open, %v", n, err)
		}
		if apart, err := s.Excluded(ctx, anna, bob); err != nil || !apart {
			t.Fatalf("a closed report no longer keeps apart: %v", err)
		}
	})
}

func TestAReportKeepsOnlyPlacesOfTheTwo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := safety.New(d, nothing, nil, func() {})
		anna, bob := person(t, d), person(t, d)
		theirs, foreign := id.New(), id.New()
		s.SetPlaceResolvers(map[string]safety.PlaceResolver{"room": func(_ context.Context, by, other account.ID, id string) (string, bool, error) {
			return "Late talk", by == anna && other == bob && id == theirs, nil
		}})
		must(t, s.Report(ctx, anna, bob, safety.Complaint{Reason: "hate", Place: "room:" + theirs}))
		must(t, s.Report(ctx, anna, bob, safety.Complaint{Reason: "hate", Place: "room:" + foreign}))
		open, err := s.List(ctx, false, 10)
		must(t, err)
		if r := open[0]; r.Place != "room:"+theirs || r.About != "Late talk" || r.More[0].Place != "room" || r.More[0].About != "" {
			t.Fatalf("%+v", r)
		}
		if err := s.Report(ctx, anna, bob, safety.Complaint{Reason: "hate", Place: "call:" + foreign}); !fault.Is(err, "report.place") {
			t.Fatalf("an unknown kind: %v", err)
		}
	})
}
