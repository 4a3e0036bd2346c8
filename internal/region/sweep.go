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
		some, err := db.Changed(tx.ExecContext(ctx, `UPDATE regions SET cell = next_cell, next_cell = NULL, next_at = NULL WHERE next_at IS NOT NULL AND next_at <= $1`, db.Millis(now)))
		if err != nil || !some {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE region_growth SET grown_at = 0 WHERE name = 'all'`)
		return err
	})
}

// tally is how many people live in a cell and are shown the same region.
type tally struct {
	cell, shown string
	active      int
}

// regrow counts without holding anybody up, and then changes what differs.
func (s *Service) regrow(ctx context.Context, now time.Time) error {
	tallies, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (t tally, err error) {
		err = row.Scan(&t.cell, &t.shown, &t.active)
		return t, err
	}, `SELECT r.cell, r.shown, SUM(CASE WHEN a.seen_at >= $1 THEN 1 ELSE 0 END)
		FROM regions r JOIN accounts a ON a.id = r.account_id GROUP BY r.cell, r.shown`, db.Millis(now.Add(-activeFor)))
	if err != nil {
		return err
	}
	people := map[Cell]int{}
	for _, t := range tallies {
		c, err := ParseCell(t.cell)
		if err != nil {
			return err
		}
		people[c] += t.active
	}
	regions := map[Cell]bool{}
	for c := range grow(people) {
		regions[c] = true
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lockGrowth(ctx, tx); err != nil {
			return err
		}
		gone, err := replace(ctx, tx, regions)
		if err != nil {
			return err
		}
		for _, t := range tallies {
			if err := show(ctx, tx, t.cell, regions, t.shown, now); err != nil {
				return err
			}
		}
		// Who settled since the count may have been given one that is gone now.
		for _, token := range gone {
			stale, err := cells(ctx, tx, `SELECT DISTINCT cell FROM regions WHERE shown = $1`, token)
			if err != nil {
				return err
			}
			for c := range stale {
				if err := show(ctx, tx, c.String(), regions, token, now); err != nil {
					return err
				}
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE region_growth SET grown_at = $1 WHERE name = 'all'`, db.Millis(now))
		return err
	})
}

// replace makes regions those there are, and returns the tokens of those there
// are no more.
func replace(ctx context.Context, tx *sql.Tx, regions map[Cell]bool) (gone []string, err error) {
	old, err := cells(ctx, tx, `SELECT cell FROM region_cells`)
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Sorted(maps.Keys(old)) {
		if !regions[c] {
			gone = append(gone, c.String())
			if _, err := tx.ExecContext(ctx, `DELETE FROM region_cells WHERE cell = $1`, c.String()); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range slices.Sorted(maps.Keys(regions)) {
		if !old[c] {
			if _, err := tx.ExecContext(ctx, `INSERT INTO region_cells (cell) VALUES ($1)`, c.String()); err != nil {
				return nil, err
			}
		}
	}
	return gone, nil
}

// show gives those of a cell who were shown before the region that is theirs.
func show(ctx context.Context, tx *sql.Tx, token string, regions map[Cell]bool, before string, now time.Time) error {
	cell, err := ParseCell(token)
	if err != nil {
		return err
	}
	region, _ := shown(regions, cell)
	if region.String() == before {
		return nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE regions SET shown = $1, updated_at = $2 WHERE cell = $3 AND shown = $4`, region.String(), db.Millis(now), token, before)
	return err
}
