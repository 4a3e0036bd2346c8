package call

import (
	"context"
	"database/sql"
	"errors"

	"heyy/internal/db"
	"heyy/internal/fault"
)

// Sweep does what is due: who was not answered, heard or seen again has ended,
// choices are closed after a day, the audio of ended calls is gone, and after
// thirty days their rows are. One worker of all nodes calls it, about once a
// second.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "sweep calls")
	now := s.now()
	var failed error
	for _, q := range []struct {
		text  string
		until int64
	}{
		{`SELECT id FROM calls WHERE deadline_at <= $1 ORDER BY deadline_at LIMIT 500`, now},
		{`SELECT DISTINCT call_id FROM call_sides WHERE open AND away_at <= $1 LIMIT 500`, now - awayTime.Milliseconds()},
		{`SELECT id FROM calls WHERE choose_by <= $1 ORDER BY choose_by LIMIT 500`, now},
	} {
		due, err := s.due(ctx, q.text, q.until)
		failed = errors.Join(failed, err)
		for _, c := range due {
			failed = errors.Join(failed, s.tend(ctx, c, lapse))
		}
	}
	unsettled, err := s.due(ctx, `SELECT id FROM calls WHERE audio AND ended_at IS NOT NULL ORDER BY ended_at LIMIT 500`)
	failed = errors.Join(failed, err)
	for _, c := range unsettled {
		if err := s.Settle(ctx, c); err != nil { // a server that does not answer is not asked 500 times
			return errors.Join(failed, err)
		}
	}
	return errors.Join(failed, s.forget(ctx, now))
}

// forgetMost bounds what one sweep forgets.
const forgetMost = 200

// forget lets go of calls that were over long ago. That two met, and what was
// said of each, are rows of their own.
func (s *Service) forget(ctx context.Context, now int64) error {
	old, err := s.due(ctx, `SELECT id FROM calls WHERE ended_at <= $1 AND choose_by IS NULL AND NOT audio ORDER BY ended_at LIMIT $2`,
		now-keptTime.Milliseconds(), forgetMost)
	if err != nil || len(old) == 0 {
		return err
	}
	ids := make([]any, len(old))
	for i, c := range old {
		ids[i] = string(c)
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM calls WHERE id IN (`+db.Marks(1, len(ids))+`)`, ids...)
		return err
	})
}

// tend applies a rule on nobody's behalf.
func (s *Service) tend(ctx context.Context, c ID, f rule) error {
	var ch *change
	err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, anybody, s.now(), f)
		if fault.Is(err, errNone.Code) { // both accounts are no more
			_, err = tx.ExecContext(ctx, `DELETE FROM calls WHERE id = $1`, string(c))
		}
		return err
	})
	if err == nil && ch != nil {
		s.after(ctx, ch)
	}
	return err
}

// Reconcile holds every open call against the media server: who is connected
// and should not be goes, who may speak or not is set right, who should be
// connected and is not is away. It mends whatever a crash, a restart of the
// media server, a lost report or a clock set back left behind.
func (s *Service) Reconcile(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reconcile calls")
	open, err := s.due(ctx, `SELECT DISTINCT call_id FROM call_sides WHERE open ORDER BY call_id`)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range open {
		failed = errors.Join(failed, s.reconcile(ctx, c))
	}
	return failed
}

func (s *Service) reconcile(ctx context.Context, c ID) error {
	within, stop := context.WithTimeout(ctx, settleTime)
	defer stop()
	present, err := s.cfg.Voices.Present(within, c.Room())
	if err != nil {
		return err
	}
	st, err := read(ctx, s.db, c, anybody, s.now())
	if err != nil || st.call.state == Ended {
		return err
	}
	var failed error
	regrant := false
	mend := func(f rule, i int) {
		failed = errors.Join(failed, s.tend(ctx, c, func(st *state) error {
			st.i = i
			return f(st)
		}))
	}
	for i, x := range st.sides {
		speaks, connected := present[string(x.account)]
		delete(present, string(x.account))
		switch {
		case x.gone:
			mend(lapse, i)
		case connected && x.away != 0:
			mend(arrived(x.admission), i)
		case !connected && x.away == 0: // nobody reported it: they may be gone since the last round
			mend(departed(x.admission, roundTime), i)
		}
		regrant = regrant || connected && speaks != st.maySpeak()
	}
	if st.call.deadline > st.now+longest(st.call.kind, st.call.state, st.given()) {
		mend(rewind, 0)
	}
	if regrant {
		failed = errors.Join(failed, s.Settle(ctx, c))
	}
	for person := range present {
		failed = errors.Join(failed, s.cfg.Voices.Remove(within, c.Room(), person))
	}
	return failed
}
