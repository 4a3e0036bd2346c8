package room

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// membership identifies one person in one room.
type membership struct {
	room    ID
	account account.ID
	voice   uint32
}

func scanMembership(row interface{ Scan(...any) error }) (w membership, err error) {
	err = row.Scan(&w.room, &w.account, &w.voice)
	return w, err
}

func scanID(row interface{ Scan(...any) error }) (r ID, err error) {
	err = row.Scan(&r)
	return r, err
}

// Sweep acts on passed deadlines: members who did not reconnect leave, rooms that stayed
// empty end. It changes all rows first and syncs the media server after that, so a room
// without an answer of the media server delays no other. One node at a time calls it,
// about once a second.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "sweep rooms")
	now := s.now()
	away, err := db.Select(ctx, s.db, scanMembership,
		`SELECT room_id, account_id, voice FROM room_members WHERE deadline_at IS NOT NULL AND deadline_at <= $1 LIMIT 500`, db.Millis(now))
	if err != nil {
		return err
	}
	var failed error
	changed := map[string][]string{} // by room: whom to sync
	for _, w := range away {
		err := s.expireMember(ctx, w, now)
		if errors.Is(err, db.ErrFenced) {
			return err
		}
		if err == nil {
			changed[string(w.room)] = append(changed[string(w.room)], reconcile.VoiceIdentity(w.voice))
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
			changed[string(r)] = changed[string(r)] // an ended room is closed as a whole
		}
		failed = errors.Join(failed, err)
	}
	left, err := db.Select(ctx, s.db, scanID,
		`SELECT id FROM rooms WHERE ended_at IS NULL AND host_left_at IS NOT NULL AND host_left_at <= $1 LIMIT 500`, db.Millis(now.Add(-hostTimeout)))
	if err != nil {
		return err
	}
	for _, r := range left {
		who, err := s.inherit(ctx, r)
		if errors.Is(err, db.ErrFenced) {
			return err
		}
		failed = errors.Join(failed, err)
		identities, err := s.identities(ctx, r, who)
		failed = errors.Join(failed, err)
		changed[string(r)] = append(changed[string(r)], identities...)
	}
	if len(changed) > 0 {
		s.wake()
	}
	return errors.Join(failed, s.audio.SyncEach(ctx, changed))
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

// identities returns what members are called at the media server.
func (s *Service) identities(ctx context.Context, r ID, who []account.ID) ([]string, error) {
	var names []string
	for _, one := range who {
		m, err := readMember(ctx, s.db, r, one)
		if err != nil {
			return nil, err
		}
		names = append(names, m.Identity())
	}
	return names, nil
}
