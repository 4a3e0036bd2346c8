package discovery

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

const (
	maxFitsForAlert = 100 // with more fitting people an alert is refused
	alertBatch      = 200 // alerts checked per run; the rest follows in the next
)

// SetAlert switches by's alert on or off. It fires once, as the fact SomebodyFits, when a
// member fits who does not fit now. Faults: alert.needless if many people fit, and those of
// Counts.
func (s *Service) SetAlert(ctx context.Context, by account.ID, on bool) (err error) {
	defer fault.Wrap(&err, "bell of %s", by)
	if !on {
		return s.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM bells WHERE account_id = $1`, string(by))
			return err
		})
	}
	fit, err := s.fitting(ctx, by, maxFitsForAlert+1)
	if err != nil {
		return err
	}
	if len(fit) > maxFitsForAlert {
		return fault.New(fault.Conflict, "alert.needless", "You don't need an alert: plenty of people fit right now.")
	}
	known, err := json.Marshal(fit)
	if err != nil {
		return err
	}
	now := db.Millis(s.now())
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO bells (account_id, known, set_at, looked_at) VALUES ($1, $2, $3, $3)
			ON CONFLICT (account_id) DO UPDATE SET known = excluded.known, set_at = excluded.set_at, looked_at = excluded.looked_at`, string(by), string(known), now)
		return err
	})
}

// HasAlert reports whether by's alert is on.
func (s *Service) HasAlert(ctx context.Context, by account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "bell of %s", by)
	var n int
	err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM bells WHERE account_id = $1`, string(by)).Scan(&n)
	return n > 0, err
}

// fitting returns at most most members who fit by, by the index.
func (s *Service) fitting(ctx context.Context, by account.ID, most int) (ids []account.ID, err error) {
	me, _, err := s.viewer(ctx, by)
	if err != nil {
		return nil, err
	}
	if !s.ready(ctx) {
		return nil, starting()
	}
	m, err := s.session(ctx, by)
	if err != nil {
		return nil, err
	}
	mine, _ := keyOf(by)
	today := DayOf(s.now())
	m.mu.Lock()
	defer m.mu.Unlock()
	x := s.index
	x.mu.RLock()
	defer x.mu.RUnlock()
	ids = []account.ID{}
	for row := 0; row < len(x.cores) && len(ids) < most; row++ {
		if x.cores[row].flags&isResident == 0 && x.fits(me, uint32(row), today) && x.details[row].key != mine && !has(m.hidden, x.details[row].key) {
			ids = append(ids, x.details[row].key.id())
		}
	}
	return ids, nil
}

// SendAlerts fires the alerts of people for whom somebody fits who did not when they were
// set. Run it each minute, on one server.
func (s *Service) SendAlerts(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "ring bells")
	type bell struct {
		who   account.ID
		known string
		setAt int64
	}
	bells, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (b bell, err error) {
		err = row.Scan(&b.who, &b.known, &b.setAt)
		return b, err
	}, `SELECT account_id, known, set_at FROM bells ORDER BY looked_at, account_id LIMIT $1`, alertBatch)
	if err != nil {
		return err
	}
	looked := []any{db.Millis(now)}
	for _, b := range bells {
		fits, err := s.hasNewFit(ctx, b.who, b.known)
		if err != nil {
			return err
		}
		if !fits {
			looked = append(looked, string(b.who))
			continue
		}
		rung := false
		if err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
			rung, err = db.Changed(tx.ExecContext(ctx, `DELETE FROM bells WHERE account_id = $1 AND set_at = $2`, string(b.who), b.setAt))
			if err != nil || !rung {
				return err
			}
			return outbox.Append(ctx, tx, now, SomebodyFits{Account: b.who, At: now})
		}); err != nil {
			return err
		}
		if rung {
			s.wake()
		}
	}
	if len(looked) == 1 {
		return nil
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE bells SET looked_at = $1 WHERE account_id IN (`+db.Placeholders(2, len(looked)-1)+`)`, looked...)
		return err
	})
}

// hasNewFit reports whether a member fits who, by the rows, and is not in known.
func (s *Service) hasNewFit(ctx context.Context, who account.ID, known string) (bool, error) {
	var old []account.ID
	if err := json.Unmarshal([]byte(known), &old); err != nil {
		return false, err
	}
	had := make(map[account.ID]bool, len(old))
	for _, id := range old {
		had[id] = true
	}
	fit, err := s.fitting(ctx, who, len(old)+recheckBatch)
	if f := fault.As(err); f != nil && (f.Kind == fault.Conflict || f.Kind == fault.Unavailable) {
		return false, nil // they are not shown themselves now, or the index is not loaded
	}
	if err != nil {
		return false, err
	}
	fresh := []account.ID{}
	for _, id := range fit {
		if !had[id] && len(fresh) < recheckBatch {
			fresh = append(fresh, id)
		}
	}
	if len(fresh) == 0 {
		return false, nil
	}
	them, err := s.relations(ctx, who, fresh)
	if err != nil || them[who] == nil {
		return false, err
	}
	now := s.now()
	for _, id := range fresh {
		o := them[id]
		if o != nil && o.Shown(now) && !o.excluded && !o.decided && !o.inCall && Fits(&them[who].Person, &o.Person, DayOf(now)) {
			return true, nil
		}
	}
	return false, nil
}
