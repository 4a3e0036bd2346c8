package call

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// maySpeak reports whether both sides hear each other: once both have accepted.
func (s *state) maySpeak() bool { return s.call.state == Connecting || s.call.state == Live }

// sideAudio is the part of a side that the media server applies.
type sideAudio struct{ belongs, maySpeak, muted bool }

func (s *state) audioOf(i int) sideAudio {
	x := s.sides[i]
	return sideAudio{belongs: s.call.state != Ended && x.withdrawn == 0 && !x.gone, maySpeak: s.maySpeak(), muted: x.muted}
}

// grant lets a side publish before the call is accepted, so that their audio is at the media
// server when it is. Until then it is muted there, and each side is deaf.
func (a sideAudio) grant(version int64) reconcile.Grant {
	return reconcile.Grant{CanPublish: true, Muted: a.muted || !a.maySpeak, Deaf: !a.maySpeak, Version: version}
}

// audioRows implements reconcile.Rows: at the media server a call has the name ID.Room, its
// sides the identities identityOf.
type audioRows struct{ *Service }

// Rooms returns the open calls and those that ended and are not closed at the media server.
func (s audioRows) Rooms(ctx context.Context) ([]string, error) {
	calls, err := s.due(ctx, `SELECT id FROM calls WHERE audio`)
	rooms := make([]string, len(calls))
	for i, c := range calls {
		rooms[i] = c.Room()
	}
	return rooms, err
}

// Desired returns both sides, whichever are asked for.
func (s audioRows) Desired(ctx context.Context, room string, _ ...string) (reconcile.Desired, error) {
	c, ok := FromRoom(room)
	if !ok {
		return reconcile.Desired{}, nil
	}
	st, err := read(ctx, s.db, c, system, s.now())
	if fault.Is(err, errNotFound.Code) || err == nil && st.call.state == Ended {
		return reconcile.Desired{}, nil
	}
	if err != nil {
		return reconcile.Desired{}, err
	}
	want := reconcile.Desired{Open: true, Participants: map[string]reconcile.Participant{}}
	for i, x := range st.sides {
		a := st.audioOf(i)
		if !a.belongs {
			continue
		}
		want.Participants[identityOf(i)] = reconcile.Participant{
			Grant:  a.grant(x.audioVersion),
			JoinID: x.joinID, Connected: x.awaySince == 0, OnSFU: true,
		}
	}
	return want, nil
}

func (s audioRows) Connected(ctx context.Context, room, identity string) error {
	return s.applyReport(ctx, room, identity, func(st *state) error { return connected(st.me().joinID)(st) })
}

// Disconnected is noticed without a webhook, so the connection may be gone since the last
// run of Reconcile.
func (s audioRows) Disconnected(ctx context.Context, room, identity string) error {
	return s.applyReport(ctx, room, identity, func(st *state) error { return disconnected(st.me().joinID, reconcileTime)(st) })
}

func (s audioRows) Closed(ctx context.Context, room string) error {
	c, _ := FromRoom(room)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE calls SET audio = FALSE WHERE id = $1 AND state = 'ended'`, string(c))
		return err
	})
}

// afterCommit wakes the relay and syncs the media server, if the change concerns it. Two
// people whose call starts connecting also leave their rooms.
func (s *Service) afterCommit(ctx context.Context, ch *change) {
	s.cfg.Wake()
	if changed := ch.audio(); len(changed) > 0 {
		s.audio.SyncCommitted(ctx, ch.st.call.id.Room(), changed...)
	}
	if err := s.leaveRooms(context.WithoutCancel(ctx), ch); err != nil {
		s.log.Warn("call: rooms not left", "call", ch.st.call.id, "err", err)
	}
}

// audio returns the identities of the sides whose audio changed.
func (ch *change) audio() (changed []string) {
	for i, x := range ch.st.sides {
		if x.audioVersion != ch.was.sides[i].audioVersion {
			changed = append(changed, identityOf(i))
		}
	}
	return changed
}

// leaveRooms makes both leave their rooms if the call started connecting.
func (s *Service) leaveRooms(ctx context.Context, ch *change) (failed error) {
	if ch.was.call.state == Connecting || ch.st.call.state != Connecting || s.cfg.Rooms == nil {
		return nil
	}
	for _, x := range ch.st.sides {
		if err := s.cfg.Rooms.Leave(ctx, x.account); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s has not left their rooms: %w", x.account, err))
		}
	}
	return failed
}

// SyncMedia makes the media server match the rows of a call. Commands do it by
// themselves; it is for callers that changed a call in a transaction of their
// own.
func (s *Service) SyncMedia(ctx context.Context, c ID) error {
	return s.audio.Sync(ctx, c.Room(), identityOf(0), identityOf(1))
}

// Admit answers the gate, see reconcile.Reconciler.
func (s *Service) Admit(ctx context.Context, room, identity, joinID string) (reconcile.Grant, error) {
	return s.audio.Admit(ctx, room, identity, joinID)
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

// ParticipantJoined handles the webhook of a connected participant. The rows may have
// changed after the gate admitted it, so the media server is synced again.
func (s *Service) ParticipantJoined(ctx context.Context, room, person, joinID string) error {
	if err := s.applyReport(ctx, room, person, connected(joinID)); err != nil {
		return err
	}
	return s.TrackPublished(ctx, room)
}

// TrackPublished handles the webhook of a published track. The rows may have changed
// while it was on its way, so the media server is synced again.
func (s *Service) TrackPublished(ctx context.Context, room string) error {
	c, ok := FromRoom(room)
	if !ok {
		return nil
	}
	return s.SyncMedia(ctx, c)
}

// ParticipantLeft handles the webhook of a disconnected participant, who has AwayTime to
// come back. unseen is the greatest age of the last sign of the connection.
func (s *Service) ParticipantLeft(ctx context.Context, room, person, joinID string, unseen time.Duration) error {
	return s.applyReport(ctx, room, person, disconnected(joinID, unseen))
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
