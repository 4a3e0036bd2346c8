package region

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

const (
	MaxMoves        = 4
	movesWindow     = 24 * time.Hour
	publishInterval = 6 * time.Hour // moves are published at 0, 6, 12 and 18 h UTC,
	minPublishDelay = 3 * time.Hour // and at least this long after they were made
)

// Home is a person's location as shown to that person.
type Home struct {
	Place     *Place    // of the stored cell; nil: no town chosen yet
	Shown     *Place    // what others see; nil: too few people around, or no town
	Next      *Place    // of an unpublished move; nil: none
	NextAt    time.Time // when it is published
	MovesLeft int       // of MaxMoves within 24 hours
}

// Service stores locations. Create it with New.
type Service struct {
	db    *db.DB
	towns *Towns
	now   func() time.Time
}

// New returns a Service; now may be nil for time.Now.
func New(d *db.DB, towns *Towns, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, towns: towns, now: now}
}

// Get returns the regions shown to others; people without one are not in the map.
func (s *Service) Get(ctx context.Context, ids ...account.ID) (_ map[account.ID]Cell, err error) {
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
		n := min(len(ids), 500) // databases limit the parameters of a statement
		ask := make([]any, n)
		for i := range ask {
			ask[i] = string(ids[i])
		}
		ids = ids[n:]
		some, err := db.Select(ctx, s.db, scan, `SELECT account_id, shown FROM regions WHERE shown <> '' AND account_id IN (`+db.Placeholders(1, n)+`)`, ask...)
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

// Home returns by's own view, with names in language.
func (s *Service) Home(ctx context.Context, by account.ID, language string) (_ Home, err error) {
	defer fault.Wrap(&err, "home of %s", by)
	st, err := getState(ctx, s.db, by)
	if db.IsNone(err) {
		return Home{MovesLeft: MaxMoves}, nil
	}
	if err != nil {
		return Home{}, err
	}
	return s.home(st, language, s.now()), nil
}

// Move sets by's town and returns their Home, with names in language. network is a keyed
// hash of their network, "" if networks are not limited (see count). The first town shows
// at once; later ones at the first publication (every six hours) that is at least three
// hours away, together with those of others: an observer cannot attribute a move. A town in
// the same cell is no move. Faults: region.unknown_town at body.town; region.moves after
// four within 24 hours.
func (s *Service) Move(ctx context.Context, by account.ID, town, language, network string) (_ Home, err error) {
	defer fault.Wrap(&err, "move %s", by) // without the town: this may be logged
	cell, ok := s.towns.cell(town)
	if !ok {
		return Home{}, fault.At("body.town", "region.unknown_town", "This town isn't on the list. Choose one from the search.")
	}
	now := s.now()
	var st state
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		first, err := insertFirstHome(ctx, tx, by, cell, network, now)
		if err != nil {
			return err
		}
		// Row lock until the commit.
		if _, err := tx.ExecContext(ctx, `UPDATE regions SET network = $1 WHERE account_id = $2`, network, string(by)); err != nil {
			return err
		}
		if st, err = getState(ctx, tx, by); err != nil || first {
			return err
		}
		if err := st.scheduleMove(cell, now); err != nil {
			return err
		}
		return st.save(ctx, tx, by)
	})
	if err != nil {
		return Home{}, err
	}
	return s.home(st, language, now), nil
}

// insertFirstHome stores by's first cell, and reports whether it did.
func insertFirstHome(ctx context.Context, tx *sql.Tx, by account.ID, cell Cell, network string, now time.Time) (bool, error) {
	var there int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM regions WHERE account_id = $1`, string(by)).Scan(&there)
	if !db.IsNone(err) {
		return false, err
	}
	// Exclusive with regrow, so the regions read here stay valid until the commit.
	if err := lockGrowth(ctx, tx); err != nil {
		return false, err
	}
	region, err := regionAround(ctx, tx, cell)
	if err != nil {
		return false, err
	}
	moved, err := json.Marshal([]int64{db.Millis(now)})
	if err != nil {
		return false, err
	}
	return db.Changed(tx.ExecContext(ctx, `INSERT INTO regions (account_id, cell, moved, counts_at, shown, updated_at, network) VALUES ($1, $2, $3, 0, $4, $5, $6) ON CONFLICT (account_id) DO NOTHING`,
		string(by), cell.String(), string(moved), region.String(), db.Millis(now), network))
}

// state is a row of regions.
type state struct {
	cell, next, shown Cell
	nextAt            time.Time
	moved             []int64
}

// scheduleMove applies the limit and sets the time of publication.
func (st *state) scheduleMove(cell Cell, now time.Time) error {
	if cell == st.cell && st.next == 0 || cell == st.next {
		return nil
	}
	recent := st.recent(now)
	if len(recent) >= MaxMoves {
		return fault.New(fault.TooMany, "region.moves", "You've changed your town four times in one day. Try again tomorrow.")
	}
	st.moved = append(recent, db.Millis(now))
	st.next, st.nextAt = cell, publishTime(now)
	if cell == st.cell { // moved back before publication
		st.next, st.nextAt = 0, time.Time{}
	}
	return nil
}

// recent returns the times of moves that count against the limit.
func (st *state) recent(now time.Time) (recent []int64) {
	for _, at := range st.moved {
		if at > db.Millis(now.Add(-movesWindow)) {
			recent = append(recent, at)
		}
	}
	return recent
}

// publishTime returns when a move made now is published.
func publishTime(now time.Time) time.Time {
	at := now.UTC().Add(minPublishDelay)
	if on := at.Truncate(publishInterval); on.Before(at) {
		return on.Add(publishInterval)
	}
	return at
}

func (s *Service) home(st state, language string, now time.Time) Home {
	return Home{
		Place:     s.towns.homePlace(st.cell, language),
		Shown:     s.towns.Place(st.shown, language),
		Next:      s.towns.homePlace(st.next, language),
		NextAt:    st.nextAt,
		MovesLeft: max(0, MaxMoves-len(st.recent(now))),
	}
}
