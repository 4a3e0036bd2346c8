package call

import (
	"context"
	"database/sql"
	"errors"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

// Sweep applies all deadlines that have passed and deletes calls and refusals that are
// old enough. All rows are changed before the media server is asked, so that a request
// without an answer delays no other call. It runs as a job, about once a second on one
// node.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "sweep calls")
	now := s.now()
	var failed error
	var changes changes
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
			err := s.applyAsSystem(ctx, c, expire, &changes)
			if errors.Is(err, db.ErrFenced) {
				return err
			}
			failed = errors.Join(failed, err)
		}
	}
	failed = errors.Join(failed, s.syncChanges(ctx, changes))
	return errors.Join(failed, s.deleteOldCalls(ctx, now), s.deleteOldRefusals(ctx, now))
}

// Reconcile repairs rows that no command repairs, and then differences between the rows and
// the media server.
func (s *Service) Reconcile(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reconcile calls")
	if err := s.repairRows(ctx); err != nil {
		return err
	}
	return s.audio.Reconcile(ctx)
}

// repairRows ends calls of deleted accounts, and shortens deadlines after the server's clock
// was set back.
func (s *Service) repairRows(ctx context.Context) error {
	type row struct {
		call         ID
		kind         Kind
		state        State
		deadline     int64
		sides, given int
	}
	open, err := db.Select(ctx, s.db, func(x interface{ Scan(...any) error }) (o row, err error) {
		err = x.Scan(&o.call, &o.kind, &o.state, &o.deadline, &o.sides, &o.given)
		return o, err
	}, `SELECT c.id, c.kind, c.state, c.deadline_at, COUNT(*), MIN(s.more) FROM calls c JOIN call_sides s ON s.call_id = c.id
		WHERE c.deadline_at IS NOT NULL GROUP BY c.id, c.kind, c.state, c.deadline_at`)
	if err != nil {
		return err
	}
	var changes changes
	for _, o := range open {
		switch {
		case o.sides < 2:
			err = s.applyAsSystem(ctx, o.call, expire, &changes)
		case o.deadline > s.now()+maxStateTime(o.kind, o.state, o.given):
			err = s.applyAsSystem(ctx, o.call, clampDeadlines, &changes)
		}
		if err != nil {
			return err
		}
	}
	return s.syncChanges(ctx, changes)
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

// changes are the calls that a job has changed.
type changes []*change

// applyAsSystem applies a rule on nobody's behalf; the caller calls syncChanges.
func (s *Service) applyAsSystem(ctx context.Context, c ID, f rule, to *changes) error {
	var ch *change
	err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, system, s.now(), f)
		if fault.Is(err, errNotFound.Code) { // both accounts were deleted
			_, err = tx.ExecContext(ctx, `DELETE FROM calls WHERE id = $1`, string(c))
		}
		return err
	})
	if err == nil && ch != nil {
		*to = append(*to, ch)
	}
	return err
}

// syncChanges is afterCommit for all that a job has changed.
func (s *Service) syncChanges(ctx context.Context, all changes) error {
	if len(all) == 0 {
		return nil
	}
	s.cfg.Wake()
	rooms := map[string][]string{}
	for _, ch := range all {
		if who := ch.audio(); len(who) > 0 {
			rooms[ch.st.call.id.Room()] = append(rooms[ch.st.call.id.Room()], who...)
		}
	}
	return s.audio.SyncEach(ctx, rooms)
}
