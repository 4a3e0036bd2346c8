package room

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// membership identifies one person in one room.
type membership struct {
	room    ID
	account account.ID
}

func scanMembership(row interface{ Scan(...any) error }) (w membership, err error) {
	err = row.Scan(&w.room, &w.account)
	return w, err
}

func scanID(row interface{ Scan(...any) error }) (r ID, err error) {
	err = row.Scan(&r)
	return r, err
}

// Bounds of the requests to the media server, see job.Pool: concurrent rooms, and how
// long a round waits for the slowest one.
const (
	maxConcurrent = 8
	roundTimeout  = time.Second
)

// Sweep acts on passed deadlines: members who did not reconnect leave, rooms that stayed
// empty end. It changes all rows first and syncs the media server after that, so a room
// without an answer of the media server delays no other. One node at a time calls it,
// about once a second.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "sweep rooms")
	now := s.now()
	away, err := db.Select(ctx, s.db, scanMembership,
		`SELECT room_id, account_id FROM room_members WHERE deadline_at IS NOT NULL AND deadline_at <= $1 LIMIT 500`, db.Millis(now))
	if err != nil {
		return err
	}
	var failed error
	changed := map[ID][]account.ID{} // whom to sync
	for _, w := range away {
		err := s.expireMember(ctx, w, now)
		if errors.Is(err, db.ErrFenced) {
			return err
		}
		if err == nil {
			changed[w.room] = append(changed[w.room], w.account)
		}
		failed = errors.Join(failed, err)
	}
	due, err := db.Select(ctx, s.db, scanID,
		`SELECT id FROM rooms WHERE ended_at IS NULL AND deadline_at IS NOT NULL AND deadline_at <= $1 LIMIT 500`, db.Millis(now))
	if err != nil {
		return err
	}
	for _, r := range due {
		err := s.endEmpty(ctx, r, now)
		if errors.Is(err, db.ErrFenced) {
			return err
		}
		if err == nil {
			changed[r] = append(changed[r], "")
		}
		failed = errors.Join(failed, err)
	}
	if len(changed) > 0 {
		s.wake()
	}
	return errors.Join(failed, s.sweepPool.Each(ctx, slices.Collect(maps.Keys(changed)), func(ctx context.Context, r ID) error {
		for _, who := range changed[r] {
			if err := s.syncMedia(ctx, r, who); err != nil {
				return err // Reconcile repairs the rest
			}
		}
		return nil
	}))
}

func (s *Service) expireMember(ctx context.Context, w membership, now time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		// They may have reconnected since the sweep read the row.
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
}

func (s *Service) endEmpty(ctx context.Context, r ID, now time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
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
			st.ended = EndedEmpty
			return nil
		})
	})
}

// Reconcile compares the rows of every room with members present, and of rooms that were
// just left, with the media server, and repairs the differences: it disconnects people who
// do not belong there, repeats grants, and sets the deadline of members who are not
// connected. It repairs what a crash, a restart of the media server or a lost webhook
// left behind.
func (s *Service) Reconcile(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reconcile rooms")
	open, err := db.Select(ctx, s.db, scanID, `SELECT id FROM rooms r WHERE ended_at IS NULL AND (r.live_at IS NOT NULL AND r.deadline_at IS NOT NULL
		OR EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL)) ORDER BY id`)
	if err != nil {
		return err
	}
	return s.reconcilePool.Each(ctx, open, s.reconcile)
}

func (s *Service) reconcile(ctx context.Context, r ID) error {
	c, stop := context.WithTimeout(ctx, syncTimeout)
	present, err := s.sfu.Present(c, string(r))
	stop()
	if err != nil {
		return err
	}
	type row struct {
		account    account.ID
		canPublish bool
		muted      bool
		due        bool
	}
	rows, err := db.Select(ctx, s.db, func(x interface{ Scan(...any) error }) (o row, err error) {
		err = x.Scan(&o.account, &o.canPublish, &o.muted, &o.due)
		return o, err
	}, `SELECT account_id, seat IS NOT NULL, muted, deadline_at IS NOT NULL FROM room_members WHERE room_id = $1 AND join_id IS NOT NULL`, r)
	if err != nil {
		return err
	}
	here := map[string]bool{}
	for _, m := range rows {
		here[string(m.account)] = true
		stands, connected := present[string(m.account)]
		var err error
		switch {
		case connected && (m.due || !stands(m.canPublish, m.muted)):
			if err = s.markReturned(ctx, r, m.account); err == nil {
				err = s.syncMedia(ctx, r, m.account)
			}
		case !connected && !m.due:
			err = s.markMissing(ctx, r, m.account)
		}
		if err != nil {
			return err // the next round continues; do not wait for the server once per member
		}
	}
	for person := range present {
		if !here[person] {
			if err := s.syncMedia(ctx, r, account.ID(person)); err != nil {
				return err
			}
		}
	}
	return nil
}

// markReturned and markMissing write what Arrived and Departed would have written.
func (s *Service) markReturned(ctx context.Context, r ID, a account.ID) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE room_members SET deadline_at = NULL WHERE room_id = $1 AND account_id = $2 AND join_id IS NOT NULL`, r, a); err != nil {
			return err
		}
		return s.appear(ctx, tx, r)
	})
}

func (s *Service) markMissing(ctx context.Context, r ID, a account.ID) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE room_members SET deadline_at = $1 WHERE room_id = $2 AND account_id = $3 AND join_id IS NOT NULL AND deadline_at IS NULL`,
			db.Millis(s.now().Add(reconnectTimeout)), r, a)
		return err
	})
}
