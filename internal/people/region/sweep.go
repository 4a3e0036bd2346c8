package region

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

const (
	growInterval = 10 * time.Minute
	activeWindow = 30 * 24 * time.Hour
	// People who moved count for regions again after this long. Otherwise somebody
	// could move around, make regions appear and disappear, and learn from that.
	recountDelay = 7 * 24 * time.Hour

	// Sybil protection: whoever fills a region with fifty accounts of their own
	// sees who lives in it. So each account that counts must cost something: an
	// intro, a return after some days, and a network shared with few others.
	minReturn     = 3 * 24 * time.Hour
	maxPerNetwork = 3 // accounts that count per network and cell of joinLevel
)

// Sweep publishes due moves and recomputes the regions, after a publication or every
// growInterval. Run it each minute, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep regions")
	if err := s.publish(ctx, now); err != nil {
		return err
	}
	var grown int64
	if err := s.db.QueryRowContext(ctx, `SELECT grown_at FROM region_growth WHERE name = 'all'`).Scan(&grown); err != nil {
		return err
	}
	if since := now.Sub(time.UnixMilli(grown)); since >= 0 && since < growInterval {
		return nil
	}
	return s.regrow(ctx, now)
}

// publish applies due moves. The shown regions follow in regrow; if the process dies in
// between, grown_at = 0 makes it due.
func (s *Service) publish(ctx context.Context, now time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		some, err := db.Changed(tx.ExecContext(ctx, `UPDATE regions SET cell = next_cell, next_cell = NULL, next_at = NULL, counts_at = $1 WHERE next_at IS NOT NULL AND next_at <= $2`,
			db.Millis(now.Add(recountDelay)), db.Millis(now)))
		if err != nil || !some {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE region_growth SET grown_at = 0 WHERE name = 'all'`)
		return err
	})
}

// regrow counts without locks, then writes the differences in one transaction.
func (s *Service) regrow(ctx context.Context, now time.Time) error {
	people, err := s.count(ctx, now)
	if err != nil {
		return err
	}
	before, err := cells(ctx, s.db, `SELECT cell FROM region_cells`)
	if err != nil {
		return err
	}
	regions := map[Cell]bool{}
	for c := range growRegions(people, before) {
		regions[c] = true
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lockGrowth(ctx, tx); err != nil {
			return err
		}
		if err := replaceRegions(ctx, tx, regions); err != nil {
			return err
		}
		// Read again: people may have chosen their first town since the count.
		type pair struct{ cell, shown string }
		there, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (p pair, err error) {
			err = row.Scan(&p.cell, &p.shown)
			return p, err
		}, `SELECT DISTINCT cell, shown FROM regions`)
		if err != nil {
			return err
		}
		for _, p := range there {
			cell, err := ParseCell(p.cell)
			if err != nil {
				return err
			}
			region, _ := finestAround(regions, cell)
			if region.String() == p.shown {
				continue
			}
			if _, err := tx.ExecContext(ctx, `UPDATE regions SET shown = $1, updated_at = $2 WHERE cell = $3 AND shown = $4`,
				region.String(), db.Millis(now), p.cell, p.shown); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE region_growth SET grown_at = $1 WHERE name = 'all'`, db.Millis(now))
		return err
	})
}

// count returns the number of people who count for regions, by cell: active members with an
// intro who returned some days after signing up, limited per network. Residents belong to
// the operator and always count.
func (s *Service) count(ctx context.Context, now time.Time) (map[Cell]int, error) {
	type tally struct {
		cell, network string
		active        int
	}
	tallies, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (t tally, err error) {
		err = row.Scan(&t.cell, &t.network, &t.active)
		return t, err
	}, `SELECT r.cell, r.network, COUNT(*) FROM regions r JOIN accounts a ON a.id = r.account_id
		WHERE a.seen_at >= $1 AND r.counts_at <= $2 AND (a.kind = 'resident' OR a.seen_at >= a.created_at + $3
			AND EXISTS (SELECT 1 FROM clips c WHERE c.account_id = a.id AND c.place = 0))
		GROUP BY r.cell, r.network ORDER BY r.cell, r.network`,
		db.Millis(now.Add(-activeWindow)), db.Millis(now), minReturn.Milliseconds())
	if err != nil {
		return nil, err
	}
	type source struct {
		around  Cell
		network string
	}
	left := map[source]int{}
	people := make(map[Cell]int, len(tallies))
	for _, t := range tallies {
		c, err := ParseCell(t.cell)
		if err != nil {
			return nil, err
		}
		if t.network != "" {
			from := source{c.ancestor(joinLevel), t.network}
			if _, met := left[from]; !met {
				left[from] = maxPerNetwork
			}
			t.active = min(t.active, left[from])
			left[from] -= t.active
		}
		people[c] += t.active
	}
	return people, nil
}

// replaceRegions writes the difference to the stored regions.
func replaceRegions(ctx context.Context, tx *sql.Tx, regions map[Cell]bool) error {
	old, err := cells(ctx, tx, `SELECT cell FROM region_cells`)
	if err != nil {
		return err
	}
	for _, c := range slices.Sorted(maps.Keys(old)) {
		if !regions[c] {
			if _, err := tx.ExecContext(ctx, `DELETE FROM region_cells WHERE cell = $1`, c.String()); err != nil {
				return err
			}
		}
	}
	for _, c := range slices.Sorted(maps.Keys(regions)) {
		if !old[c] {
			if _, err := tx.ExecContext(ctx, `INSERT INTO region_cells (cell) VALUES ($1)`, c.String()); err != nil {
				return err
			}
		}
	}
	return nil
}
