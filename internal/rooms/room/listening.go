package room

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// Who only listens is not at the media server, but has sessions at the listening tier. These
// are the times for which a member without a seat may be at the media server all the same.
const (
	prepareTimeout  = 2 * time.Minute  // from the microphone check to the seat
	handoverTimeout = 10 * time.Second // from leaving a seat to the first sound of the listening tier
)

// PreviewTime is the length of a preview, in which a member hears a room without entering it,
// from the request on: ten seconds of sound and the time to connect.
const PreviewTime = 12 * time.Second

var errElsewhere = fault.New(fault.Conflict, "room.elsewhere", "You're in this room on another device.")

// Listening is the permission to hear a room at the listening tier.
type Listening struct {
	Identity string    // of the member in this room's audio, or of a guest
	JoinID   string    // ends with it; "": a guest, who has not joined
	Until    time.Time // zero: as long as the join lives, or the room is shared
}

// Listening returns how by may hear a room as a member. joinID is the join that the acting
// session has made; it listens as long as that is their current one. Faults: those of Get,
// room.ended, room.not_here for a person who has not joined, and room.elsewhere for a member
// whose current join is another device's.
func (s *Service) Listening(ctx context.Context, by account.ID, r ID, joinID string) (Listening, error) {
	me, err := s.hearing(ctx, by, r)
	switch {
	case err != nil:
		return Listening{}, err
	case !me.Present:
		return Listening{}, errNotInRoom
	case me.joinID != joinID:
		return Listening{}, errElsewhere
	}
	return Listening{Identity: me.Identity(), JoinID: joinID}, nil
}

// Preview returns how by may hear a room for PreviewTime without entering it. Faults: those of
// Get, and room.ended.
func (s *Service) Preview(ctx context.Context, by account.ID, r ID) (Listening, error) {
	if _, err := s.hearing(ctx, by, r); err != nil {
		return Listening{}, err
	}
	return Listening{Identity: previewIdentity(by), Until: s.now().Add(PreviewTime)}, nil
}

// hearing returns by in an open room that they may hear.
func (s *Service) hearing(ctx context.Context, by account.ID, r ID) (_ Member, err error) {
	defer fault.Wrap(&err, "listen to %s", r)
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return Member{}, err
	}
	defer func() { _ = tx.Rollback() }()
	room, me, at, err := lookAt(ctx, tx, r, by)
	if err == nil {
		err = can(me, actionListen, at)
	}
	if err != nil {
		return Member{}, err
	}
	if !room.EndedAt.IsZero() {
		return Member{}, errEnded
	}
	return readMember(ctx, tx, r, by)
}

// previewIdentity is the identity of a person who has not joined.
func previewIdentity(who account.ID) string { return reconcile.GuestIdentity(string(who)) }

// EndPreviews ends a person's previews of rooms at once: on a sign-out all, otherwise those of
// rooms that are closed to them now.
func (s *Service) EndPreviews(ctx context.Context, who account.ID, all bool) (err error) {
	defer fault.Wrap(&err, "end previews")
	identity := previewIdentity(who)
	for _, r := range s.listeners.RoomsOf(identity) {
		if !all {
			if err := s.endPreview(ctx, ID(r), who); err != nil {
				return err
			}
			continue
		}
		s.listeners.CloseOwner(r, identity, "")
	}
	return nil
}

// endPreview ends a person's preview of a room that they may not hear.
func (s *Service) endPreview(ctx context.Context, r ID, who account.ID) error {
	_, err := s.hearing(ctx, who, r)
	if err == nil {
		return nil
	}
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Forbidden, fault.Gone:
		s.listeners.CloseOwner(string(r), previewIdentity(who), "")
		return nil
	}
	return err
}

// PrepareToSpeak lets a member connect to the media server who is about to take a seat, or to
// accept an invitation to, so that the connection stands when they do. It fails with room.not_here if joinID is not their
// current join, and as taking a seat does for whoever may not speak.
func (s *Service) PrepareToSpeak(ctx context.Context, by account.ID, r ID, joinID string) (_ Member, err error) {
	defer fault.Wrap(&err, "prepare to speak in %s", r)
	var me Member
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		room, err := lock(ctx, tx, r)
		if err != nil {
			return err
		}
		st, err := load(ctx, tx, room, by)
		switch {
		case err != nil:
			return err
		case st.me.isolated && !st.person(by).present:
			return errNotFound
		case !room.EndedAt.IsZero():
			return errEnded
		}
		do := actionTakeSeat
		if st.person(by).invited {
			do = actionAccept
		}
		_, seat := st.seat(0)
		if err := st.can(do, target{seat: seat}); err != nil {
			return err
		}
		if me = *st.members[by]; me.joinID != joinID {
			return errNotInRoom
		}
		_, err = tx.ExecContext(ctx, `UPDATE room_members SET sfu_until = $1 WHERE room_id = $2 AND account_id = $3`,
			db.Millis(s.now().Add(prepareTimeout)), r, by)
		return err
	})
	return me, err
}

// ListenerJoined records that a member has a session at the listening tier. A guest has no row.
func (s *Service) ListenerJoined(ctx context.Context, room, identity, joinID string) error {
	voice, ok := reconcile.ParseVoice(identity)
	if !ok {
		return nil
	}
	defer s.wake()
	return s.connected(ctx, ID(room), `voice = $2 AND join_id = $3`, int64(voice), joinID)
}

// ListenerLeft records that the sessions of a member at the listening tier are gone: they
// leave if none is back within reconnectTimeout. For a member with a seat it means nothing,
// as it does for a guest.
func (s *Service) ListenerLeft(ctx context.Context, room, identity, joinID string) error {
	voice, ok := reconcile.ParseVoice(identity)
	if !ok {
		return nil
	}
	return s.disconnected(ctx, ID(room), `voice = $3 AND join_id = $4 AND seat IS NULL`, int64(voice), joinID)
}
