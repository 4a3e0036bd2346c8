package region

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/people/account"
)

func getState(ctx context.Context, q db.Querier, by account.ID) (st state, err error) {
	var cell, shown, moved string
	var next sql.NullString
	var nextAt sql.NullInt64
	if err := q.QueryRowContext(ctx, `SELECT cell, next_cell, next_at, moved, shown FROM regions WHERE account_id = $1`, string(by)).
		Scan(&cell, &next, &nextAt, &moved, &shown); err != nil {
		return st, err
	}
	for _, c := range []struct {
		to    *Cell
		token string
	}{{&st.cell, cell}, {&st.next, next.String}, {&st.shown, shown}} {
		if *c.to, err = ParseCell(c.token); err != nil {
			return st, err
		}
	}
	if nextAt.Valid {
		st.nextAt = time.UnixMilli(nextAt.Int64).UTC()
	}
	return st, json.Unmarshal([]byte(moved), &st.moved)
}

// save writes a move. Only regrow writes the column shown.
func (st *state) save(ctx context.Context, tx *sql.Tx, by account.ID) error {
	moved, err := json.Marshal(st.moved)
	if err != nil {
		return err
	}
	var next sql.NullString
	var nextAt sql.NullInt64
	if st.next != 0 {
		next = sql.NullString{String: st.next.String(), Valid: true}
		nextAt = sql.NullInt64{Int64: db.Millis(st.nextAt), Valid: true}
	}
	_, err = tx.ExecContext(ctx, `UPDATE regions SET next_cell = $1, next_at = $2, moved = $3 WHERE account_id = $4`, next, nextAt, string(moved), string(by))
	return err
}

// lockGrowth makes insertFirstHome and regrow mutually exclusive until the commit.
func lockGrowth(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE region_growth SET grown_at = grown_at WHERE name = 'all'`)
	return err
}

// regionAround returns the finest region that contains a cell, or none.
func regionAround(ctx context.Context, tx *sql.Tx, cell Cell) (Cell, error) {
	var line []any
	for level := finestLevel; level >= coarsestLevel; level-- {
		line = append(line, cell.ancestor(level).String())
	}
	some, err := cells(ctx, tx, `SELECT cell FROM region_cells WHERE cell IN (`+db.Placeholders(1, len(line))+`)`, line...)
	if err != nil {
		return 0, err
	}
	c, _ := finestAround(some, cell)
	return c, nil
}

// cells returns the set of cells of a query with one column of tokens.
func cells(ctx context.Context, q db.Querier, query string, args ...any) (map[Cell]bool, error) {
	found, err := db.Select(ctx, q, func(row interface{ Scan(...any) error }) (Cell, error) {
		var token string
		if err := row.Scan(&token); err != nil {
			return 0, err
		}
		return ParseCell(token)
	}, query, args...)
	if err != nil {
		return nil, err
	}
	all := make(map[Cell]bool, len(found))
	for _, c := range found {
		all[c] = true
	}
	return all, nil
}
