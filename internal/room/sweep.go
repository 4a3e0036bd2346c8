package room

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
)

// who is one person in one room.
type who struct {
	room    ID
	account account.ID
}

func scanWho(row interface{ Scan(...any) error }) (w who, err error) {
	err = row.Scan(&w.room, &w.account)
	return w, err
}

func scanID(row interface{ Scan(...any) error }) (r ID, err error) {
	err = row.Scan(&r)
	return r, err
}

// Sweep does what is due: people who did not come back have left, rooms that
// stayed empty end. One worker of all nodes calls it, about once a second.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "sweep rooms")
	now := s.now()
	away, err := db.Select(ctx, s.db, scanWho,
		`SELECT room_id, account_id FROM room_members WHERE deadline_at IS NOT NULL AND deadline_at <= $1 LIMIT 500`, db.Millis(now))
	if err != nil {
		return err
	}
	var failed error
	for _, w := range away {
		failed = errors.Join(failed, s.leftAway(ctx, w, now))
	}
	due, err := db.Select(ctx, s.db, scanID,
		`SELECT id FROM rooms WHERE ended_at IS NULL AND deadline_at IS NOT NULL AND deadline_at <= $1 LIMIT 500`, db.Millis(now))
	if err != nil {
		return err
	}
	for _, r := range due {
		failed = errors.Join(failed, s.endEmpty(ctx, r, now))
	}
	return failed
}

func (s *Service) leftAway(ctx context.Context, w who, now time.Time) error {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		// They may have come back since the sweep looked.
		if _, err := lock(ctx, tx, w.room); err != nil {
			return err
		}
		still, err := db.Changed(tx.ExecContext(ctx,
			`UPDATE room_members SET deadline_at = NULL WHERE room_id = $1 AND account_id = $2 AND deadline_at <= $3`,
			w.room, w.account, db.Millis(now)))
		if err != nil || !still {
			return err
		}
		return s.apply(ctx, tx, w.room, w.account, now, leave)
	})
	if err != nil {
		return err
	}
	s.wake()
	return s.settle(ctx, w.room, w.account)
}

func (s *Service) endEmpty(ctx context.Context, r ID, now time.Time) error {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		room, err := lock(ctx, tx, r)
		if err != nil {
			return err
		}
		var due bool
		if err := tx.QueryRowContext(ctx, `SELECT deadline_at IS NOT NULL AND deadline_at <= $1 FROM rooms WHERE id = $2`, db.Millis(now), r).Scan(&due); err != nil {
			return err
		}
		if !due {
			return nil
		}
		return s.apply(ctx, tx, r, room.Host, now, func(st *state) error {
			st.ended = Empty
			return nil
		})
	})
	if err != nil {
		return err
	}
	s.wake()
	return s.settle(ctx, r, "")
}

// Reconcile holds every open room against the media server: who is connected
// and should not be goes, who may speak or not is set right, who should be
// connected and is not gets the time to return. It mends whatever a crash, a
// restart of the media server or a lost report left behind.
func (s *Service) Reconcile(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reconcile rooms")
	open, err := db.Select(ctx, s.db, scanID, `SELECT id FROM rooms WHERE ended_at IS NULL ORDER BY id`)
	if err != nil {
		return err
	}
	var failed error
	for _, r := range open {
		failed = errors.Join(failed, s.reconcile(ctx, r))
	}
	return failed
}

func (s *Service) reconcile(ctx context.Context, r ID) error {
	c, stop := context.WithTimeout(ctx, settleTime)
	present, err := s.voices.Present(c, string(r))
	stop()
	if err != nil {
		return err
	}
	type row struct {
		account  account.ID
		maySpeak bool
		due      bool
	}
	rows, err := db.Select(ctx, s.db, func(x interface{ Scan(...any) error }) (o row, err error) {
		err = x.Scan(&o.account, &o.maySpeak, &o.due)
		return o, err
	}, `SELECT account_id, seat IS NOT NULL, deadline_at IS NOT NULL FROM room_members WHERE room_id = $1 AND join_id IS NOT NULL`, r)
	if err != nil {
		return err
	}
	var failed error
	here := map[string]bool{}
	for _, m := range rows {
		here[string(m.account)] = true
		speaks, connected := present[string(m.account)]
		switch {
		case connected && (m.due || speaks != m.maySpeak):
			failed = errors.Join(failed, s.returned(ctx, r, m.account), s.settle(ctx, r, m.account))
		case !connected && !m.due:
			failed = errors.Join(failed, s.missing(ctx, r, m.account))
		}
	}
	for person := range present {
		if !here[person] {
			failed = errors.Join(failed, s.settle(ctx, r, account.ID(person)))
		}
	}
	return failed
}

// returned and missing set what Arrived and Departed would have set.
func (s *Service) returned(ctx context.Context, r ID, a account.ID) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE room_members SET deadline_at = NULL WHERE room_id = $1 AND account_id = $2 AND join_id IS NOT NULL`, r, a)
		return err
	})
}

func (s *Service) missing(ctx context.Context, r ID, a account.ID) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE room_members SET deadline_at = $1 WHERE room_id = $2 AND account_id = $3 AND join_id IS NOT NULL AND deadline_at IS NULL`,
			db.Millis(s.now().Add(awayTime)), r, a)
		return err
	})
}
