package call

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
)

// maySpeak reports whether the two may be heard: after both have said yes.
func (s *state) maySpeak() bool { return s.call.state == Connecting || s.call.state == Live }

// after wakes the relay and carries out what a committed change means.
func (s *Service) after(ctx context.Context, ch *change) {
	s.cfg.Wake()
	if ch.was.call.state == ch.st.call.state {
		return
	}
	if err := s.Settle(ctx, ch.st.call.id); err != nil {
		s.log.Warn("call: not settled; the sweep will", "call", ch.st.call.id, "err", err)
	}
	if ch.st.call.state == Connecting && s.cfg.Elsewhere != nil {
		for _, x := range ch.st.sides {
			if err := s.cfg.Elsewhere.Leave(context.WithoutCancel(ctx), x.account); err != nil {
				s.log.Warn("call: somebody is still elsewhere", "call", ch.st.call.id, "person", x.account, "err", err)
			}
		}
	}
}

// Settle carries out at the media server what the rows say of a call. Commands
// do it themselves; it is for whoever changed a call in their own transaction.
func (s *Service) Settle(ctx context.Context, c ID) (err error) {
	defer fault.Wrap(&err, "settle %s", c)
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer stop()
	// One at a time, reading anew: the last to settle finds the newest state.
	defer s.one.Lock(c)()
	st, err := read(ctx, s.db, c, anybody, s.now())
	if err != nil {
		return err
	}
	if st.call.state != Ended {
		var both sync.WaitGroup
		var failed [2]error
		for i, x := range st.sides { // at once: neither waits for the other's
			both.Go(func() { failed[i] = s.cfg.Voices.Grant(ctx, c.Room(), string(x.account), st.maySpeak()) })
		}
		both.Wait()
		return errors.Join(failed[:]...)
	}
	if err := s.cfg.Voices.Close(ctx, c.Room()); err != nil {
		return err
	}
	if !st.call.audioOpen {
		return nil
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE calls SET audio = FALSE WHERE id = $1 AND state = 'ended'`, string(c))
		return err
	})
}

// hangUp ends the audio of older admissions, while admission is the living one
// and nobody can have connected with it yet.
func (s *Service) hangUp(ctx context.Context, c ID, who account.ID, admission string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer stop()
	defer s.one.Lock(c)()
	st, err := read(ctx, s.db, c, who, s.now())
	if err == nil && st.me().admission == admission {
		err = s.cfg.Voices.Remove(ctx, c.Room(), string(who))
	}
	if err != nil {
		s.log.Warn("call: an older connection is left to its end", "call", c, "person", who, "err", err)
	}
}

// Admission is the living admission of one of the two and whether they may
// speak. It makes a token without ending the one before. Faults: call.ended.
func (s *Service) Admission(ctx context.Context, by account.ID, c ID) (admission string, maySpeak bool, err error) {
	defer fault.Wrap(&err, "admission to %s", c)
	st, err := read(ctx, s.db, c, by, s.now())
	if err != nil {
		return "", false, err
	}
	if st.call.state == Ended {
		return "", false, errEnded
	}
	return st.me().admission, st.maySpeak(), nil
}

// Admit is the gate's question: may this person connect under this admission?
func (s *Service) Admit(ctx context.Context, room, person, admission string) (maySpeak bool, err error) {
	c, ok := Of(room)
	if !ok || admission == "" {
		return false, errAdmission
	}
	st, err := read(ctx, s.db, c, account.ID(person), s.now())
	if fault.As(err) != nil || err == nil && (st.call.state == Ended || st.me().admission != admission) {
		return false, errAdmission
	}
	if err != nil {
		return false, err
	}
	return st.maySpeak(), nil
}

// Arrived is told when somebody's audio has connected. What the rows say may
// have changed since the gate looked, so it is carried out again.
func (s *Service) Arrived(ctx context.Context, room, person, admission string) error {
	if err := s.reported(ctx, room, person, arrived(admission)); err != nil {
		return err
	}
	c, _ := Of(room)
	err := s.Settle(ctx, c)
	if fault.As(err) != nil { // no such call: nobody can have been let in
		return nil
	}
	return err
}

// Departed is told when somebody's audio is gone, and how long ago at most they
// gave their last sign of life: from then they have a minute to return.
func (s *Service) Departed(ctx context.Context, room, person, admission string, unseen time.Duration) error {
	return s.reported(ctx, room, person, departed(admission, unseen))
}

func (s *Service) reported(ctx context.Context, room, person string, f rule) error {
	c, ok := Of(room)
	if !ok {
		return nil
	}
	var ch *change
	err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, account.ID(person), s.now(), f)
		return err
	})
	if fault.Is(err, errNone.Code) {
		return nil
	}
	if err == nil {
		s.after(ctx, ch)
	}
	return err
}

// Busy reports whether who is in a call, or asked for one.
func (s *Service) Busy(ctx context.Context, who account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "is %s busy", who)
	c, err := openOf(ctx, s.db, who)
	return c != "", err
}

// due are the calls that one statement finds.
func (s *Service) due(ctx context.Context, query string, args ...any) ([]ID, error) {
	return db.Select(ctx, s.db, scanID, query, args...)
}
