package call

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

// Bounds of concurrent requests to the media server, and the time that one run waits
// for the slowest of them: see job.Pool.
const (
	callsAtATime = 8
	patience     = time.Second
)

// Sweep applies all deadlines that have passed, closes the rooms of ended calls
// at the media server, and deletes calls and refusals that are old enough. All
// rows are changed before the media server is asked, so that a request without an
// answer delays no other call. It runs as a job, about once a second on one node.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "sweep calls")
	now := s.now()
	var failed error
	changes := map[ID]*change{} // nil: only the media sync is left to do
	for _, q := range []struct {
		text  string
		until int64
	}{
		{`SELECT id FROM calls WHERE deadline_at <= $1 ORDER BY deadline_at LIMIT 500`, now},
		{`SELECT DISTINCT call_id FROM call_sides WHERE open AND away_at <= $1 LIMIT 500`, now - AwayTime.Milliseconds()},
		{`SELECT id FROM calls WHERE choose_by <= $1 ORDER BY choose_by LIMIT 500`, now},
	} {
		due, err := s.due(ctx, q.text, q.until)
		failed = errors.Join(failed, err)
		for _, c := range due {
			ch, err := s.applyAsSystem(ctx, c, expire)
			if errors.Is(err, db.ErrFenced) {
				return err
			}
			failed = errors.Join(failed, err)
			if _, before := changes[c]; ch != nil && !before {
				changes[c] = ch
			}
		}
	}
	if len(changes) > 0 {
		s.cfg.Wake()
	}
	unsynced, err := s.due(ctx, `SELECT id FROM calls WHERE audio AND ended_at IS NOT NULL ORDER BY ended_at LIMIT 500`)
	failed = errors.Join(failed, err)
	for _, c := range unsynced {
		if _, ends := changes[c]; !ends {
			changes[c] = nil
		}
	}
	failed = errors.Join(failed, s.sweepPool.Each(ctx, slices.Collect(maps.Keys(changes)), func(ctx context.Context, c ID) error {
		if ch := changes[c]; ch != nil {
			return s.applyToMedia(ctx, ch)
		}
		return s.syncMedia(ctx, c)
	}))
	return errors.Join(failed, s.deleteOldCalls(ctx, now), s.deleteOldRefusals(ctx, now))
}

// deleteMax bounds the calls that one sweep deletes.
const deleteMax = 200

// deleteOldCalls deletes calls that ended keptTime ago. Encounters and feedback
// have rows of their own and stay.
func (s *Service) deleteOldCalls(ctx context.Context, now int64) error {
	old, err := s.due(ctx, `SELECT id FROM calls WHERE ended_at <= $1 AND choose_by IS NULL AND NOT audio ORDER BY ended_at LIMIT $2`,
		now-keptTime.Milliseconds(), deleteMax)
	if err != nil || len(old) == 0 {
		return err
	}
	ids := make([]any, len(old))
	for i, c := range old {
		ids[i] = string(c)
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM calls WHERE id IN (`+db.Placeholders(1, len(ids))+`)`, ids...)
		return err
	})
}

// deleteOldRefusals deletes the counters of refused proposals that no longer
// count.
func (s *Service) deleteOldRefusals(ctx context.Context, now int64) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM refusals WHERE at <= $1`, now-suspendReset.Milliseconds())
		return err
	})
}

// applyAsSystem applies a rule on nobody's behalf; the caller calls applyToMedia.
func (s *Service) applyAsSystem(ctx context.Context, c ID, f rule) (ch *change, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, system, s.now(), f)
		if fault.Is(err, errNotFound.Code) { // both accounts were deleted
			_, err = tx.ExecContext(ctx, `DELETE FROM calls WHERE id = $1`, string(c))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return ch, nil
}

// Reconcile compares every open call with the media server: it removes
// participants who should not be connected, repairs permissions, and marks sides
// without a connection as away. This repairs what a crash, a restart of the media
// server, a lost webhook or a clock set back left behind.
func (s *Service) Reconcile(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reconcile calls")
	open, err := s.due(ctx, `SELECT DISTINCT call_id FROM call_sides WHERE open ORDER BY call_id`)
	if err != nil {
		return err
	}
	return s.reconcilePool.Each(ctx, open, s.reconcile)
}

func (s *Service) reconcile(ctx context.Context, c ID) error {
	within, stop := context.WithTimeout(ctx, syncTimeout)
	defer stop()
	present, err := s.cfg.SFU.Present(within, c.Room())
	if err != nil {
		return err
	}
	st, err := read(ctx, s.db, c, system, s.now())
	if err != nil || st.call.state == Ended {
		return err
	}
	var failed error
	regrant := false
	repair := func(f rule, i int) {
		ch, err := s.applyAsSystem(ctx, c, func(st *state) error {
			st.i = i
			return f(st)
		})
		if ch != nil {
			s.cfg.Wake()
			err = s.applyToMedia(ctx, ch)
		}
		failed = errors.Join(failed, err)
	}
	for i, x := range st.sides {
		if x.withdrawn != 0 { // if connected, they are removed below with the unknown participants
			continue
		}
		stands, connected := present[identityOf(i)]
		delete(present, identityOf(i))
		switch {
		case x.gone:
			repair(expire, i)
		case connected && x.awaySince != 0:
			repair(arrived(x.joinID), i)
		case !connected && x.awaySince == 0: // no webhook came: the connection may be gone since the last run
			repair(departed(x.joinID, reconcileTime), i)
		}
		regrant = regrant || connected && !stands(st.maySpeak(), x.muted)
	}
	if st.call.deadline > st.now+maxStateTime(st.call.kind, st.call.state, st.extensions()) {
		repair(clampDeadlines, 0)
	}
	if regrant {
		failed = errors.Join(failed, s.syncMedia(ctx, c))
	}
	for person := range present {
		failed = errors.Join(failed, s.cfg.SFU.Remove(within, c.Room(), person))
	}
	return failed
}
