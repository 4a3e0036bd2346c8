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
// member the identity of their account.
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
	var ended sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT ended_at FROM rooms WHERE id = $1`, room).Scan(&ended)
	if db.IsNone(err) || err == nil && ended.Valid {
		return reconcile.Desired{}, nil
	}
	if err != nil {
		return reconcile.Desired{}, err
	}
	only, args := "", []any{room}
	if len(identities) > 0 {
		for _, identity := range identities {
			args = append(args, identity)
		}
		only = ` AND m.account_id IN (` + db.Placeholders(2, len(identities)) + `)`
	}
	type row struct {
		identity string
		reconcile.Participant
	}
	rows, err := db.Select(ctx, s.db, func(x interface{ Scan(...any) error }) (o row, err error) {
		err = x.Scan(&o.identity, &o.JoinID, &o.CanPublish, &o.Muted, &o.Version, &o.Connected)
		return o, err
	}, `SELECT m.account_id, m.join_id, m.seat IS NOT NULL, m.muted, m.audio_version, m.deadline_at IS NULL
		FROM room_members m JOIN rooms r ON r.id = m.room_id
		WHERE m.room_id = $1`+only+` AND m.join_id IS NOT NULL AND NOT `+closedTo("m.account_id"), args...)
	want := reconcile.Desired{Open: true, Participants: make(map[string]reconcile.Participant, len(rows))}
	for _, o := range rows {
		want.Participants[o.identity] = o.Participant
	}
	return want, err
}

func (s audioRows) Connected(ctx context.Context, room, identity string) error {
	return s.connected(ctx, ID(room), `account_id = $2 AND join_id IS NOT NULL`, identity)
}

func (s audioRows) Disconnected(ctx context.Context, room, identity string) error {
	return s.disconnected(ctx, ID(room), `account_id = $3 AND join_id IS NOT NULL AND deadline_at IS NULL`, identity)
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
	return s.audio.Sync(ctx, string(r), string(who))
}

// Reconcile repairs differences between the rows and the media server.
func (s *Service) Reconcile(ctx context.Context) error { return s.audio.Reconcile(ctx) }

// Admit answers the gate, see reconcile.Reconciler.
func (s *Service) Admit(ctx context.Context, room, person, joinID string) (reconcile.Grant, error) {
	return s.audio.Admit(ctx, room, person, joinID)
}

// CurrentJoin returns the id of a member's current join and whether they may publish. It
// fails with room.not_here for a person who is not in the room.
func (s *Service) CurrentJoin(ctx context.Context, by account.ID, r ID) (joinID string, canPublish bool, err error) {
	want, err := audioRows{s}.Desired(ctx, string(r), string(by))
	if err != nil {
		return "", false, err
	}
	me, present := want.Participants[string(by)]
	if !present {
		return "", false, errNotInRoom
	}
	return me.JoinID, me.CanPublish, nil
}

// ParticipantJoined records that a member's audio has connected, and syncs: the rows may have
// changed since the gate read them.
func (s *Service) ParticipantJoined(ctx context.Context, room, person, joinID string) error {
	if err := s.connected(ctx, ID(room), `account_id = $2 AND join_id = $3`, person, joinID); err != nil {
		return err
	}
	s.wake()
	return s.TrackPublished(ctx, room, person)
}

// TrackPublished syncs a member whose track has arrived at the media server: the rows may have
// changed meanwhile.
func (s *Service) TrackPublished(ctx context.Context, room, person string) error {
	if reconcile.IsService(person) {
		return nil
	}
	return s.SyncMedia(ctx, ID(room), account.ID(person))
}

// ParticipantLeft records that a member's audio is gone: they leave if it is not back within
// reconnectTimeout.
func (s *Service) ParticipantLeft(ctx context.Context, room, person, joinID string) error {
	return s.disconnected(ctx, ID(room), `account_id = $3 AND join_id = $4`, person, joinID)
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
