package region

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
)

const (
	movesMost   = 4
	movesWithin = 24 * time.Hour
	boundary    = 6 * time.Hour // moves show at 0, 6, 12 and 18 h UTC,
	notBefore   = 3 * time.Hour // and never sooner than this
)

// Home is what somebody sees of where they are.
type Home struct {
	Place     *Place    // by their own cell; nil: no town chosen yet
	Shown     *Place    // what others see; nil: too few people around, or no town
	Next      *Place    // a move that does not show yet; nil: none
	NextAt    time.Time // when it will
	MovesLeft int       // within 24 hours, 4 at most
}

// Service keeps where people are. Make it with New.
type Service struct {
	db    *db.DB
	towns *Towns
	now   func() time.Time
}

// New makes a service; now may be nil for time.Now.
func New(d *db.DB, towns *Towns, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, towns: towns, now: now}
}

// Of is what others are shown of where people are: who shows no region, or has
// chosen no town, is missing from the map.
func (s *Service) Of(ctx context.Context, ids ...account.ID) (_ map[account.ID]Cell, err error) {
	defer fault.Wrap(&err, "regions")
	type one struct {
		id    account.ID
		shown string
	}
	scan := func(row interface{ Scan(...any) error }) (o one, err error) {
		err = row.Scan(&o.id, &o.shown)
		return o, err
	}
	all := make(map[account.ID]Cell, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), 500) // engines bound the parameters of one statement
		ask := make([]any, n)
		for i := range ask {
			ask[i] = string(ids[i])
		}
		ids = ids[n:]
		some, err := db.Select(ctx, s.db, scan, `SELECT account_id, shown FROM regions WHERE shown <> '' AND account_id IN (`+db.Marks(1, n)+`)`, ask...)
		if err != nil {
			return nil, err
		}
		for _, o := range some {
			if all[o.id], err = ParseCell(o.shown); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// Home is where by is, with names in language.
func (s *Service) Home(ctx context.Context, by account.ID, language string) (_ Home, err error) {
	defer fault.Wrap(&err, "home of %s", by)
	st, err := one(ctx, s.db, by)
	if db.IsNone(err) {
		return Home{MovesLeft: movesMost}, nil
	}
	if err != nil {
		return Home{}, err
	}
	return s.home(st, language, s.now()), nil
}

// Move says that by lives in that town, and returns their home with names in
// language. The first town shows at once, later ones at the first boundary of
// six hours that is at least three away, together with everybody else's: who
// watches cannot tell a move from another. A town of the same cell is no change.
// Faults: region.unknown_town at body.town; region.moves after four within 24
// hours.
func (s *Service) Move(ctx context.Context, by account.ID, town, language string) (_ Home, err error) {
	defer fault.Wrap(&err, "move %s", by) // never the town: this may be logged
	cell, ok := s.towns.cell(town)
	if !ok {
		return Home{}, fault.At("body.town", "region.unknown_town", "This town is not on the list. Choose one that the search finds.")
	}
	now := s.now()
	var st state
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		first, err := settle(ctx, tx, by, cell, now)
		if err != nil {
			return err
		}
		// The row is ours until the commit.
		if _, err := tx.ExecContext(ctx, `UPDATE regions SET moved = moved WHERE account_id = $1`, string(by)); err != nil {
			return err
		}
		if st, err = one(ctx, tx, by); err != nil || first {
			return err
		}
		if err := st.move(cell, now); err != nil {
			return err
		}
		return st.write(ctx, tx, by)
	})
	if err != nil {
		return Home{}, err
	}
	return s.home(st, language, now), nil
}

// settle gives by their first home, and reports whether it did.
func settle(ctx context.Context, tx *sql.Tx, by account.ID, cell Cell, now time.Time) (bool, error) {
	var there int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM regions WHERE account_id = $1`, string(by)).Scan(&there)
	if !db.IsNone(err) {
		return false, err
	}
	// Whoever grows regions waits, or has finished: what is read now holds.
	if err := lockGrowth(ctx, tx); err != nil {
		return false, err
	}
	region, err := around(ctx, tx, cell)
	if err != nil {
		return false, err
	}
	moved, err := json.Marshal([]int64{db.Millis(now)})
	if err != nil {
		return false, err
	}
	return db.Changed(tx.ExecContext(ctx, `INSERT INTO regions (account_id, cell, moved, counts_at, shown, updated_at) VALUES ($1, $2, $3, 0, $4, $5) ON CONFLICT (account_id) DO NOTHING`,
		string(by), cell.String(), string(moved), region.String(), db.Millis(now)))
}

// state is one row.
type state struct {
	cell, next, shown Cell
	nextAt            time.Time
	moved             []int64
}

// move is the rule.
func (st *state) move(cell Cell, now time.Time) error {
	if cell == st.cell && st.next == 0 || cell == st.next {
		return nil
	}
	recent := st.recent(now)
	if len(recent) >= movesMost {
		return fault.New(fault.TooMany, "region.moves", "You have moved four times within a day. Stay a little; tomorrow you can move again.")
	}
	st.moved = append(recent, db.Millis(now))
	st.next, st.nextAt = cell, showsAt(now)
	if cell == st.cell { // changed their mind
		st.next, st.nextAt = 0, time.Time{}
	}
	return nil
}

// recent are the moves that count against the limit.
func (st *state) recent(now time.Time) (recent []int64) {
	for _, at := range st.moved {
		if at > db.Millis(now.Add(-movesWithin)) {
			recent = append(recent, at)
		}
	}
	return recent
}

// showsAt is when a move of now is published.
func showsAt(now time.Time) time.Time {
	at := now.UTC().Add(notBefore)
	if on := at.Truncate(boundary); on.Before(at) {
		return on.Add(boundary)
	}
	return at
}

func (s *Service) home(st state, language string, now time.Time) Home {
	return Home{
		Place:     s.towns.own(st.cell, language),
		Shown:     s.towns.Place(st.shown, language),
		Next:      s.towns.own(st.next, language),
		NextAt:    st.nextAt,
		MovesLeft: max(0, movesMost-len(st.recent(now))),
	}
}
