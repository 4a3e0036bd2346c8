package region

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

var ctx = context.Background()

// house is a database with a clock.
type house struct {
	*testing.T
	d   *db.DB
	s   *Service
	now time.Time
}

func each(t *testing.T, f func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := &house{T: t, d: d, now: time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC)}
		h.s = New(d, list, func() time.Time { return h.now })
		f(h)
	})
}

// people are n accounts that have an intro, signed up a month ago and were seen
// just now.
func (h *house) people(n int) (all []account.ID) {
	h.Helper()
	err := h.d.Tx(ctx, func(tx *sql.Tx) error {
		all = nil
		for i := range n {
			who := account.ID(id.New())
			kind := []string{"member", "resident"}[i%2]
			if _, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at, seen_at) VALUES ($1, $2, $3, $4)`, string(who), kind, db.Millis(h.now.AddDate(0, -1, 0)), db.Millis(h.now)); err != nil {
				return err
			}
			if err := intro(tx, who); err != nil {
				return err
			}
			all = append(all, who)
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return all
}

// intro gives somebody a clip at the place of the intro.
func intro(tx *sql.Tx, who account.ID) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $2, 0, 'p', $1, 5000, '', 0)`,
		id.New(), string(who))
	return err
}

// town is the id of the town that the search finds first.
func (h *house) town(name string) string {
	h.Helper()
	found := search(name, "en", 1)
	if len(found) == 0 {
		h.Fatalf("there is no %s", name)
	}
	return found[0].ID
}

func (h *house) move(who account.ID, town string) Home {
	h.Helper()
	home, err := h.s.Move(ctx, who, h.town(town), "en", "")
	if err != nil {
		h.Fatal(err)
	}
	return home
}

// settle gives n new people a home.
func (h *house) settle(n int, town string) []account.ID {
	h.Helper()
	all := h.people(n)
	for _, who := range all {
		h.move(who, town)
	}
	return all
}

func (h *house) sweep() {
	h.Helper()
	if err := h.s.Sweep(ctx, h.now); err != nil {
		h.Fatal(err)
	}
}

func (h *house) shown(who account.ID) Cell {
	h.Helper()
	all, err := h.s.Get(ctx, who)
	if err != nil {
		h.Fatal(err)
	}
	return all[who]
}

func (h *house) home(who account.ID) Home {
	h.Helper()
	home, err := h.s.Home(ctx, who, "en")
	if err != nil {
		h.Fatal(err)
	}
	return home
}

func (h *house) wantFault(err error, kind fault.Kind, field, code string) {
	h.Helper()
	if f := fault.As(err); f == nil || f.Code != code || f.Field != field || f.Kind != kind {
		h.Fatalf("got %v, want %s at %q", err, code, field)
	}
}

func TestFiftyPeopleShareARegion(t *testing.T) {
	each(t, func(h *house) {
		crowd := h.settle(49, "Milan")
		h.sweep()
		if got := h.shown(crowd[0]); got != 0 {
			t.Errorf("49 people show %s", got)
		}
		last := h.settle(1, "Milan")[0]
		h.sweep() // ten minutes have not passed
		if got := h.shown(last); got != 0 {
			t.Errorf("before it was grown: %s", got)
		}
		h.now = h.now.Add(growInterval)
		h.sweep()
		all, err := h.s.Get(ctx, append(crowd, last, account.ID(id.New()))...)
		if err != nil || len(all) != 50 || all[last] != cellOf(t, "Milan").ancestor(finestLevel) {
			t.Errorf("%d show a region, %v", len(all), err)
		}
		// Who comes later is shown at once what all others are.
		h.now = h.now.Add(time.Minute)
		if got := h.shown(h.settle(1, "Milan")[0]); got != all[last] {
			t.Errorf("a newcomer shows %s", got)
		}
		if got := h.shown(h.settle(1, "Sydney")[0]); got != 0 {
			t.Errorf("alone in Sydney: %s", got)
		}
		if home := h.home(last); home.Place.Name != "Milan" || home.Shown == nil || home.Shown.Size != "city" || home.Next != nil || home.MovesLeft != 3 {
			t.Errorf("%+v", home)
		}
	})
}

func TestOnlyActivePeopleCount(t *testing.T) {
	each(t, func(h *house) {
		crowd := h.settle(50, "Milan")
		h.sweep()
		if h.shown(crowd[0]) == 0 {
			t.Fatal("nothing is shown")
		}
		h.now = h.now.Add(activeWindow + time.Minute)
		if _, err := h.d.Exec(`UPDATE accounts SET seen_at = $1 WHERE id <> $2`, db.Millis(h.now), string(crowd[0])); err != nil {
			t.Fatal(err)
		}
		h.sweep()
		if got := h.shown(crowd[1]); got != 0 {
			t.Errorf("49 are active and show %s", got)
		}
	})
}

// 2,350 free accounts, made within a minute, once brought the region of a victim
// down from 42 km to 8.
func TestFreeAccountsMakeNoRegions(t *testing.T) {
	each(t, func(h *house) {
		crowd, lone := h.settle(60, "Milan"), h.settle(3, "Bergamo")
		h.sweep()
		before := h.shown(lone[0])
		for name, change := range map[string]string{
			"without an intro":   `DELETE FROM clips WHERE account_id = $1`,
			"not back since":     `UPDATE accounts SET created_at = seen_at WHERE id = $1`,
			"all from one place": `UPDATE regions SET network = 'n' WHERE account_id = $1`,
		} {
			attackers := h.settle(120, "Bergamo")
			err := h.d.Tx(ctx, func(tx *sql.Tx) error {
				for _, who := range attackers {
					if _, err := tx.ExecContext(ctx, `UPDATE accounts SET kind = 'member' WHERE id = $1`, string(who)); err != nil {
						return err
					}
					if _, err := tx.ExecContext(ctx, change, string(who)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				h.Fatal(err)
			}
			h.now = h.now.Add(growInterval)
			h.sweep()
			if got := h.shown(lone[0]); got != before || h.shown(crowd[0]) == 0 {
				t.Errorf("%s: shown %s, before it was %s", name, got, before)
			}
		}

		// The same many of as many networks are people.
		real := h.settle(2*minPeople, "Bergamo")
		err := h.d.Tx(ctx, func(tx *sql.Tx) error {
			for i, who := range real {
				if _, err := tx.ExecContext(ctx, `UPDATE regions SET network = $1 WHERE account_id = $2`, strconv.Itoa(i/maxPerNetwork), string(who)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			h.Fatal(err)
		}
		h.now = h.now.Add(growInterval)
		h.sweep()
		if got := h.shown(lone[0]); got.Level() <= before.Level() {
			t.Errorf("with a hundred real people: %s, before %s", got, before)
		}
	})
}

func TestAMoveShowsLateAndTogetherWithOthers(t *testing.T) {
	each(t, func(h *house) {
		milan, rome := h.settle(52, "Milan"), h.settle(50, "Rome")
		h.sweep()
		there := h.shown(rome[0])

		h.now = time.Date(2026, 11, 22, 8, 59, 0, 0, time.UTC)
		home := h.move(milan[0], "Rome")
		if home.Place.Name != "Milan" || home.Next == nil || home.Next.Name != "Rome" || !home.NextAt.Equal(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)) {
			t.Fatalf("%+v, next %+v", home, home.Next)
		}
		h.now = h.now.Add(2 * time.Minute) // less than three hours before noon
		if home := h.move(milan[1], "Rome"); !home.NextAt.Equal(time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)) {
			t.Fatalf("%+v", home)
		}
		h.now = time.Date(2026, 11, 22, 11, 59, 59, 0, time.UTC)
		h.sweep()
		if got := h.shown(milan[0]); got == there {
			t.Error("shows before noon")
		}
		h.now = h.now.Add(time.Second)
		h.sweep()
		if got := h.shown(milan[0]); got != there {
			t.Errorf("at noon: %s", got)
		}
		if got := h.shown(milan[1]); got == there {
			t.Error("the later one shows at noon")
		}
		h.now = h.now.Add(6 * time.Hour)
		h.sweep()
		if home := h.home(milan[1]); h.shown(milan[1]) != there || home.Place.Name != "Rome" || home.Next != nil || !home.NextAt.IsZero() {
			t.Errorf("in the evening: %+v", home)
		}
		if got := h.shown(milan[2]); got != cellOf(t, "Milan").ancestor(finestLevel) {
			t.Errorf("50 are left in Milan and show %s", got)
		}
	})
}

func TestWhoLeavesFortyNineBehindTakesTheirRegionAlong(t *testing.T) {
	each(t, func(h *house) {
		milan := h.settle(50, "Milan")
		h.sweep()
		h.move(milan[0], "Rome")
		h.now = h.now.Add(9 * time.Hour)
		h.sweep() // at the same moment, not ten minutes later
		if all, err := h.s.Get(ctx, milan...); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

func TestWhoMovedCountsAfterAWeek(t *testing.T) {
	each(t, func(h *house) {
		milan, rome := h.settle(49, "Milan"), h.settle(1, "Rome")
		h.move(rome[0], "Milan")
		h.now = h.now.Add(9 * time.Hour)
		h.sweep()
		if got := h.shown(milan[0]); got != 0 {
			t.Errorf("one who moves about makes a region: %s", got)
		}
		h.now = h.now.Add(recountDelay)
		h.sweep()
		if got := h.shown(milan[0]); got == 0 || got != h.shown(rome[0]) {
			t.Errorf("after a week: %s", got)
		}
	})
}

func TestFourMovesADay(t *testing.T) {
	each(t, func(h *house) {
		who := h.people(1)[0]
		if home := h.home(who); home.MovesLeft != 4 || home.Place != nil || home.Shown != nil || home.Next != nil {
			t.Errorf("before the first: %+v", home)
		}
		for i, town := range []string{"Milan", "Rome", "Turin", "Naples"} {
			if home := h.move(who, town); home.MovesLeft != 3-i {
				t.Errorf("after %s: %+v", town, home)
			}
			h.now = h.now.Add(time.Minute)
		}
		_, err := h.s.Move(ctx, who, h.town("Genoa"), "en", "")
		h.wantFault(err, fault.TooMany, "", "region.moves")
		if home := h.home(who); home.Next.Name != "Naples" || home.MovesLeft != 0 {
			t.Errorf("%+v", home)
		}
		h.now = h.now.Add(movesWindow - 4*time.Minute + time.Second) // the first is a day old
		h.sweep()
		if home := h.move(who, "Genoa"); home.MovesLeft != 0 || home.Next.Name != "Genoa" {
			t.Errorf("%+v", home)
		}
	})
}

func TestTheSameTownIsNoMove(t *testing.T) {
	each(t, func(h *house) {
		who := h.people(1)[0]
		h.move(who, "Milan")
		if home := h.move(who, "Milan"); home.MovesLeft != 3 || home.Next != nil {
			t.Errorf("%+v", home)
		}
		h.move(who, "Rome")
		if home := h.move(who, "Rome"); home.MovesLeft != 2 || home.Next.Name != "Rome" {
			t.Errorf("%+v", home)
		}
		if home := h.move(who, "Milan"); home.MovesLeft != 1 || home.Next != nil { // changed their mind
			t.Errorf("%+v", home)
		}
		h.now = h.now.Add(12 * time.Hour)
		h.sweep()
		if home := h.home(who); home.Place.Name != "Milan" {
			t.Errorf("%+v", home)
		}
	})
}

func TestAnUnknownTownIsRefused(t *testing.T) {
	each(t, func(h *house) {
		who := h.people(1)[0]
		for _, town := range []string{"", "0", "-1", "Milan", "99999999999999999999", "3173435 ", "\x00", "4294967295", strings.Repeat("9", 10_000)} {
			_, err := h.s.Move(ctx, who, town, "en", "")
			h.wantFault(err, fault.Invalid, "body.town", "region.unknown_town")
			if len(town) > 4 && strings.Contains(err.Error(), town) {
				t.Errorf("the error says %q", town)
			}
		}
	})
}

func TestMovesAtOnceAreFourAtMost(t *testing.T) {
	each(t, func(h *house) {
		who := h.people(1)[0]
		var wait sync.WaitGroup
		errs := make([]error, 24)
		for i := range errs {
			town := h.town([]string{"Milan", "Rome", "Turin", "Naples", "Genoa", "Bari"}[i%6])
			wait.Go(func() { _, errs[i] = h.s.Move(ctx, who, town, "en", "") })
		}
		wait.Wait()
		for _, err := range errs {
			if err != nil {
				h.wantFault(err, fault.TooMany, "", "region.moves")
			}
		}
		if home := h.home(who); home.MovesLeft != 0 {
			t.Errorf("%+v", home)
		}
		st, err := getState(ctx, h.d, who)
		if err != nil || len(st.moved) != 4 {
			t.Errorf("%d moves count, %v", len(st.moved), err)
		}
	})
}

func TestWhoSettlesWhileRegionsGrowIsShownOnlyWhatThereIs(t *testing.T) {
	each(t, func(h *house) {
		h.settle(60, "Milan")
		h.sweep()
		newcomers := h.people(20)
		var wait sync.WaitGroup
		wait.Go(func() {
			for range 10 {
				// All fall silent, or come back: the region goes, and comes.
				if _, err := h.d.Exec(`UPDATE accounts SET seen_at = $1 - seen_at WHERE id IN (SELECT account_id FROM regions)`, db.Millis(h.now)); err != nil {
					t.Error(err)
				}
				if err := h.s.regrow(ctx, h.now); err != nil {
					t.Error(err)
				}
			}
		})
		for _, who := range newcomers {
			wait.Go(func() {
				if _, err := h.s.Move(ctx, who, h.town("Milan"), "en", ""); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		regions, err := cells(ctx, h.d, `SELECT cell FROM region_cells`)
		if err != nil {
			t.Fatal(err)
		}
		all, err := cells(ctx, h.d, `SELECT DISTINCT shown FROM regions`)
		if err != nil {
			t.Fatal(err)
		}
		for c := range all {
			if c != 0 && !regions[c] {
				t.Errorf("%s is shown, and no region", c)
			}
		}
	})
}

func TestNoTownAndNoCoordinateIsInAnyRow(t *testing.T) {
	each(t, func(h *house) {
		crowd := h.settle(55, "Abbiategrasso")
		h.sweep()
		for _, town := range []string{"Zürich", "Voghera", "上海"} {
			h.move(crowd[0], town)
		}
		h.now = h.now.Add(9 * time.Hour)
		h.sweep()
		h.move(crowd[1], "Vigevano")

		var needles []string
		for _, town := range []string{"Abbiategrasso", "Zürich", "Voghera", "上海", "Vigevano"} {
			found := search(town, "en", 1)[0]
			needles = append(needles, found.ID, found.Name, strings.ToLower(found.Name), found.Area)
		}
		needles = append(needles, "45.39", "8.91", "45.40", "8.92", "45,", "31.2", "121.4") // where they are
		for table, text := range dump(h) {
			for _, n := range needles {
				if strings.Contains(text, n) {
					t.Errorf("%s has %q", table, n)
				}
			}
		}
	})
}

// dump is all that stands in each table of the engine that people fill.
func dump(h *house) map[string]string {
	h.Helper()
	names := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if h.d.Engine == db.Postgres {
		names = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	tables, err := db.Select(ctx, h.d, func(row interface{ Scan(...any) error }) (s string, err error) {
		err = row.Scan(&s)
		return s, err
	}, names)
	if err != nil || len(tables) < 10 {
		h.Fatal(tables, err)
	}
	all := map[string]string{}
	for _, table := range tables {
		rows, err := h.d.Query("SELECT * FROM " + table)
		if err != nil {
			h.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			h.Fatal(err)
		}
		var b strings.Builder
		for rows.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new(any)
			}
			if err := rows.Scan(row...); err != nil {
				h.Fatal(err)
			}
			for i, c := range columns {
				if strings.HasSuffix(c, "_at") || c == "id" || c == "account_id" || c == "moved" || c == "tstamp" {
					continue // times and random ids hold any digits
				}
				fmt.Fprintf(&b, "%v|", *row[i].(*any))
			}
		}
		if err := rows.Err(); err != nil {
			h.Fatal(err)
		}
		_ = rows.Close()
		all[table] = b.String()
	}
	return all
}
