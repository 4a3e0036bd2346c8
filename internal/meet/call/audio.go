package call

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// maySpeak reports whether both sides may publish audio: once both have accepted.
func (s *state) maySpeak() bool { return s.call.state == Connecting || s.call.state == Live }

// afterCommit wakes the relay and syncs the media server with a committed change.
// A failure is only logged: the rows hold the truth and the sweep repeats the
// sync.
func (s *Service) afterCommit(ctx context.Context, ch *change) {
	s.cfg.Wake()
	if err := s.applyToMedia(context.WithoutCancel(ctx), ch); err != nil {
		s.log.Warn("call: media not synced; the sweep retries", "call", ch.st.call.id, "err", err)
	}
}

// applyToMedia syncs the media server if the change concerns it. Two people whose
// call starts connecting also leave their rooms.
func (s *Service) applyToMedia(ctx context.Context, ch *change) (failed error) {
	same := ch.was.call.state == ch.st.call.state
	for i, x := range ch.st.sides {
		same = same && x.withdrawn == ch.was.sides[i].withdrawn && x.muted == ch.was.sides[i].muted
	}
	if same {
		return nil
	}
	failed = s.syncMedia(ctx, ch.st.call.id)
	if ch.was.call.state != Connecting && ch.st.call.state == Connecting && s.cfg.Rooms != nil {
		for _, x := range ch.st.sides {
			if err := s.cfg.Rooms.Leave(ctx, x.account); err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s has not left their rooms: %w", x.account, err))
			}
		}
	}
	return failed
}

// SyncMedia makes the media server match the rows of a call. Commands do it by
// themselves; it is for callers that changed a call in a transaction of their
// own.
func (s *Service) SyncMedia(ctx context.Context, c ID) error {
	return s.syncMedia(context.WithoutCancel(ctx), c)
}

// syncMedia grants, removes or closes until the rows no longer change in between.
func (s *Service) syncMedia(ctx context.Context, c ID) (err error) {
	defer fault.Wrap(&err, "sync media of %s", c)
	ctx, stop := context.WithTimeout(ctx, syncTimeout)
	defer stop()
	// One sync per call at a time on this node, each with a fresh read: the last one
	// sees the newest rows. Other nodes do not take this lock, so the rows are read
	// again after the grants, which are repeated if a newer change overtook them.
	defer s.syncLock.Lock(c)()
	st, err := read(ctx, s.db, c, system, s.now())
	for err == nil && st.call.state != Ended {
		if err := s.grant(ctx, st); err != nil {
			return err
		}
		was := st.audio()
		if st, err = read(ctx, s.db, c, system, s.now()); err == nil && st.audio() == was {
			return nil
		}
	}
	if err != nil {
		return err
	}
	if err := s.cfg.SFU.Close(ctx, c.Room()); err != nil {
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

// audio is what the media server has to know about an open call.
type audio struct {
	maySpeak   bool
	out, muted [2]bool
}

func (s *state) audio() audio {
	a := audio{maySpeak: s.maySpeak()}
	for i, x := range s.sides {
		a.out[i], a.muted[i] = x.withdrawn != 0, x.muted
	}
	return a
}

// grant sets at the media server, for both sides at once, who is in the room and
// who may publish.
func (s *Service) grant(ctx context.Context, st *state) error {
	var both sync.WaitGroup
	var failed [2]error
	for i, x := range st.sides { // concurrently: a slow answer for one side does not delay the other
		both.Go(func() {
			if x.withdrawn != 0 {
				failed[i] = s.cfg.SFU.Remove(ctx, st.call.id.Room(), identityOf(i))
				return
			}
			failed[i] = s.cfg.SFU.Grant(ctx, st.call.id.Room(), identityOf(i), st.maySpeak(), x.muted)
		})
	}
	both.Wait()
	return errors.Join(failed[:]...)
}

// removeOlderJoins disconnects the participant of an older join. It does nothing
// unless joinID is still the current one; its owner has not received a token yet,
// so whoever is connected uses an older one.
func (s *Service) removeOlderJoins(ctx context.Context, c ID, who account.ID, joinID string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), syncTimeout)
	defer stop()
	defer s.syncLock.Lock(c)()
	st, err := read(ctx, s.db, c, who, s.now())
	if err == nil && st.me().joinID == joinID {
		err = s.cfg.SFU.Remove(ctx, c.Room(), identityOf(st.i))
	}
	if err != nil {
		s.log.Warn("call: connection of an older join not removed", "call", c, "person", who, "err", err)
	}
}

// JoinID returns the current join id of by and whether by may speak, for a fresh
// token of the same join. Fault: call.ended.
func (s *Service) JoinID(ctx context.Context, by account.ID, c ID) (joinID string, maySpeak bool, err error) {
	defer fault.Wrap(&err, "join id of %s", c)
	st, err := read(ctx, s.db, c, by, s.now())
	if err != nil {
		return "", false, err
	}
	if st.isOver() {
		return "", false, errEnded
	}
	return st.me().joinID, st.maySpeak(), nil
}

// Admit answers the gate: may this participant connect with this join id,
// publish, and are they muted? It fails with call.not_admitted.
func (s *Service) Admit(ctx context.Context, room, person, joinID string) (maySpeak, muted bool, err error) {
	c, ok := FromRoom(room)
	if !ok || joinID == "" {
		return false, false, errNotJoined
	}
	st, err := read(ctx, s.db, c, account.ID(person), s.now())
	if fault.As(err) != nil || err == nil && (st.isOver() || st.me().joinID != joinID || identityOf(st.i) != person) {
		return false, false, errNotJoined
	}
	if err != nil {
		return false, false, err
	}
	return st.maySpeak(), st.me().muted, nil
}

// Arrived handles the webhook of a connected participant. The rows may have
// changed after the gate admitted it, so the media server is synced again.
func (s *Service) Arrived(ctx context.Context, room, person, joinID string) error {
	if err := s.applyReport(ctx, room, person, arrived(joinID)); err != nil {
		return err
	}
	return s.Published(ctx, room)
}

// Published handles the webhook of a published track. The rows may have changed
// while it was on its way, so the media server is synced again.
func (s *Service) Published(ctx context.Context, room string) error {
	c, ok := FromRoom(room)
	if !ok {
		return nil
	}
	err := s.SyncMedia(ctx, c)
	if fault.As(err) != nil { // there is no such call, so nobody was admitted
		return nil
	}
	return err
}

// Departed handles the webhook of a disconnected participant, who has AwayTime to
// come back. unseen is the greatest age of the last sign of the connection.
func (s *Service) Departed(ctx context.Context, room, person, joinID string, unseen time.Duration) error {
	return s.applyReport(ctx, room, person, departed(joinID, unseen))
}

func (s *Service) applyReport(ctx context.Context, room, person string, f rule) error {
	c, ok := FromRoom(room)
	if !ok {
		return nil
	}
	var ch *change
	err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, account.ID(person), s.now(), f)
		return err
	})
	if fault.Is(err, errNotFound.Code) {
		return nil
	}
	if err == nil {
		s.afterCommit(ctx, ch)
	}
	return err
}

// due returns the ids of calls that a query selects.
func (s *Service) due(ctx context.Context, query string, args ...any) ([]ID, error) {
	return db.Select(ctx, s.db, scanID, query, args...)
}
