package room

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/outbox"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// audioRows implements reconcile.Rows: at the media server a room has the name of its id, a
// member the identity of their voice (Member.Identity).
type audioRows struct{ *Service }

// Rooms returns the open rooms with members present, those that were just left, and those
// that ended and are not closed at the media server.
func (s audioRows) Rooms(ctx context.Context) ([]string, error) {
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (name string, err error) {
		err = row.Scan(&name)
		return name, err
	}, `SELECT id FROM rooms r WHERE audio AND (ended_at IS NOT NULL OR live_at IS NOT NULL AND deadline_at IS NOT NULL
		OR EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.join_id IS NOT NULL))`)
}

func (s audioRows) Desired(ctx context.Context, room string, identities ...string) (reconcile.Desired, error) {
	if len(identities) == 0 {
		return s.desired(ctx, room, "")
	}
	args := make([]any, len(identities))
	for i, identity := range identities {
		voice, _ := reconcile.ParseVoice(identity) // 0: nobody's
		args[i] = int64(voice)
	}
	return s.desired(ctx, room, ` AND m.voice <> 0 AND m.voice IN (`+db.Placeholders(3, len(args))+`)`, args...)
}

// desired reads the members that a condition selects; its arguments begin with $3.
func (s audioRows) desired(ctx context.Context, room, condition string, args ...any) (reconcile.Desired, error) {
	var ended sql.NullInt64
	want := reconcile.Desired{Open: true}
	err := s.db.QueryRowContext(ctx, `SELECT ended_at, shared FROM rooms WHERE id = $1`, room).Scan(&ended, &want.Public)
	if db.IsNone(err) || err == nil && ended.Valid {
		return reconcile.Desired{}, nil
	}
	if err != nil {
		return reconcile.Desired{}, err
	}
	type row struct {
		voice uint32
		reconcile.Participant
	}
	rows, err := db.Select(ctx, s.db, func(x interface{ Scan(...any) error }) (o row, err error) {
		err = x.Scan(&o.voice, &o.JoinID, &o.CanPublish, &o.Muted, &o.Version, &o.Connected, &o.OnSFU)
		return o, err
	}, `SELECT m.voice, m.join_id, m.seat IS NOT NULL, m.muted, m.audio_version, m.deadline_at IS NULL,
		m.seat IS NOT NULL OR COALESCE(m.sfu_until, 0) > $1
		FROM room_members m JOIN rooms r ON r.id = m.room_id
		WHERE m.room_id = $2`+condition+` AND m.join_id IS NOT NULL AND NOT `+closedTo("m.account_id"), append([]any{db.Millis(s.now()), room}, args...)...)
	want.Participants = make(map[string]reconcile.Participant, len(rows))
	for _, o := range rows {
		want.Participants[reconcile.VoiceIdentity(o.voice)] = o.Participant
	}
	return want, err
}

func (s audioRows) Connected(ctx context.Context, room, identity string) error {
	voice, _ := reconcile.ParseVoice(identity)
	return s.connected(ctx, ID(room), `voice = $2 AND voice <> 0 AND join_id IS NOT NULL`, int64(voice))
}

// Disconnected also applies to the members without a voice, all at once: nobody is connected
// with such a join, whichever of them this is about.
func (s audioRows) Disconnected(ctx context.Context, room, identity string) error {
	voice, _ := reconcile.ParseVoice(identity)
	return s.disconnected(ctx, ID(room), `voice = $3 AND join_id IS NOT NULL AND deadline_at IS NULL`, int64(voice))
}

func (s audioRows) Closed(ctx context.Context, room string) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE rooms SET audio = FALSE WHERE id = $1 AND ended_at IS NOT NULL`, room)
		return err
	})
}

// SyncMedia applies the rows of one person to the media server. Commands do it by
// themselves; it is for callers that changed a room in a transaction of their own.
func (s *Service) SyncMedia(ctx context.Context, r ID, who account.ID) error {
	me, err := readMember(context.WithoutCancel(ctx), s.db, r, who)
	if err != nil {
		return err
	}
	if me.Voice == 0 { // never inside: a room that has ended is still closed
		return s.audio.Sync(ctx, string(r))
	}
	return s.audio.Sync(ctx, string(r), me.Identity())
}

// Reconcile repairs differences between the rows and the media server.
func (s *Service) Reconcile(ctx context.Context) error { return s.audio.Reconcile(ctx) }

// Admit answers the gate, see reconcile.Reconciler.
func (s *Service) Admit(ctx context.Context, room, identity, joinID string) (reconcile.Grant, error) {
	return s.audio.Admit(ctx, room, identity, joinID)
}

// JoinState is the current join of a member, as the media server is told of it.
type JoinState struct {
	ID         string
	Identity   string
	CanPublish bool
}

// CurrentJoin returns a member's current join. It fails with room.not_here for a person who
// is not in the room.
func (s *Service) CurrentJoin(ctx context.Context, by account.ID, r ID) (JoinState, error) {
	want, err := audioRows{s}.desired(ctx, string(r), ` AND m.account_id = $3`, by)
	if err != nil {
		return JoinState{}, err
	}
	for identity, me := range want.Participants {
		return JoinState{ID: me.JoinID, Identity: identity, CanPublish: me.CanPublish}, nil
	}
	return JoinState{}, errNotInRoom
}

// ParticipantJoined records that a member's audio has connected, and syncs: the rows may have
// changed since the gate read them.
func (s *Service) ParticipantJoined(ctx context.Context, room, identity, joinID string) error {
	if voice, ok := reconcile.ParseVoice(identity); ok {
		if err := s.connected(ctx, ID(room), `voice = $2 AND voice <> 0 AND join_id = $3`, int64(voice), joinID); err != nil {
			return err
		}
		s.wake()
	}
	return s.TrackPublished(ctx, room, identity)
}

// TrackPublished syncs a member whose track has arrived at the media server: the rows may have
// changed meanwhile.
func (s *Service) TrackPublished(ctx context.Context, room, identity string) error {
	if reconcile.IsService(identity) {
		return nil
	}
	return s.audio.Sync(ctx, room, identity)
}

// ParticipantLeft records that a member's connection to the media server is gone: they leave
// if it is not back within reconnectTimeout. Who has left their seat and listens is still there.
func (s *Service) ParticipantLeft(ctx context.Context, room, identity, joinID string) error {
	voice, _ := reconcile.ParseVoice(identity)
	who := `voice = $3 AND voice <> 0 AND join_id = $4`
	if s.audio.IsListening(room, identity, joinID) {
		who += ` AND seat IS NOT NULL`
	}
	return s.disconnected(ctx, ID(room), who, int64(voice), joinID)
}

// connected clears the deadline of the member of a room that a condition selects.
func (s *Service) connected(ctx context.Context, r ID, condition string, args ...any) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE room_members SET deadline_at = NULL WHERE room_id = $1 AND `+condition, append([]any{r}, args...)...))
		if err != nil || !hit {
			return err
		}
		return s.appear(ctx, tx, r)
	})
}

// disconnected sets the deadline of the member of a room that a condition selects.
func (s *Service) disconnected(ctx context.Context, r ID, condition string, args ...any) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE room_members SET deadline_at = $1 WHERE room_id = $2 AND `+condition,
			append([]any{db.Millis(s.now().Add(reconnectTimeout)), r}, args...)...)
		return err
	})
}

// appear records the first audio connection to a room.
func (s *Service) appear(ctx context.Context, tx *sql.Tx, r ID) error {
	now := s.now()
	first, err := db.Changed(tx.ExecContext(ctx, `UPDATE rooms SET live_at = $1 WHERE id = $2 AND live_at IS NULL AND ended_at IS NULL`, db.Millis(now), r))
	if err != nil || !first {
		return err
	}
	room, err := readRoom(ctx, tx, r)
	if err != nil {
		return err
	}
	return outbox.Append(ctx, tx, now, Appeared{Room: r, Seq: room.Seq})
}
