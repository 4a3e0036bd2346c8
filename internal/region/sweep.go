package region

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"heyy/internal/db"
	"heyy/internal/fault"
)

const (
	growEvery = 10 * time.Minute
	activeFor = 30 * 24 * time.Hour
	// Who moved counts for regions again after this long. Otherwise one who moves
	// about could make regions come and go, and learn from what changes.
	calmFor = 7 * 24 * time.Hour
)

// Sweep publishes the moves that are due and, when any was or ten minutes have
// passed, grows the regions anew. One worker of all nodes calls it, each minute.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep regions")
	if err := s.publish(ctx, now); err != nil {
		return err
	}
	var grown int64
	if err := s.db.QueryRowContext(ctx, `SELECT grown_at FROM region_growth WHERE name = 'all'`).Scan(&grown); err != nil {
		return err
	}
	if since := now.Sub(time.UnixMilli(grown)); since >= 0 && since < growEvery {
		return nil
	}
	return s.regrow(ctx, now)
}

// publish lets due moves take effect. What is shown follows a moment later, for
// all of them at once; if the process dies before that, growing is still due.
func (s *Service) publish(ctx context.Context, now time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		some, err := db.Changed(tx.ExecContext(ctx, `UPDATE regions SET cell = next_cell, next_cell = NULL, next_at = NULL, counts_at = $1 WHERE next_at IS NOT NULL AND next_at <= $2`,
			db.Millis(now.Add(calmFor)), db.Millis(now)))
		if err != nil || !some {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE region_growth SET grown_at = 0 WHERE name = 'all'`)
		return err
	})
}

// regrow counts without holding anybody up, and then changes what differs, all
// in one moment.
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
	for c := range grow(people, before) {
		regions[c] = true
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lockGrowth(ctx, tx); err != nil {
			return err
		}
		if err := replace(ctx, tx, regions); err != nil {
			return err
		}
		// Read here, because people have settled since the count.
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
			region, _ := shown(regions, cell)
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

// count is how many active people live in each cell.
func (s *Service) count(ctx context.Context, now time.Time) (map[Cell]int, error) {
	type tally struct {
		cell   string
		active int
	}
	tallies, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (t tally, err error) {
		err = row.Scan(&t.cell, &t.active)
		return t, err
	}, `SELECT r.cell, COUNT(*) FROM regions r JOIN accounts a ON a.id = r.account_id WHERE a.seen_at >= $1 AND r.counts_at <= $2 GROUP BY r.cell`,
		db.Millis(now.Add(-activeFor)), db.Millis(now))
	if err != nil {
		return nil, err
	}
	people := make(map[Cell]int, len(tallies))
	for _, t := range tallies {
		c, err := ParseCell(t.cell)
		if err != nil {
			return nil, err
		}
		people[c] = t.active
	}
	return people, nil
}

// replace makes regions those there are.
func replace(ctx context.Context, tx *sql.Tx, regions map[Cell]bool) error {
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
