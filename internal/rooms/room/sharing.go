package room

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// Share lets people without an account listen to a room, or stops that: then none of them
// hears anything any more when it returns. It returns the fact; if it was so already, with
// the seq of the room and without a time. Faults: room.host_only,
// room.not_shareable, room.ended, not found.
func (s *Service) Share(ctx context.Context, by account.ID, r ID, shared bool) (_ Sharing, err error) {
	defer fault.Wrap(&err, "share %s: %t", r, shared)
	out := Sharing{Room: r, Shared: shared}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		before, err := lock(ctx, tx, r)
		if err != nil {
			return err
		}
		now := s.now()
		st, err := s.applied(ctx, tx, r, by, now, share(shared))
		if err != nil {
			return err
		}
		out.Seq = st.seq
		if before.Shared != shared {
			out.At = now
		}
		return nil
	})
	if err != nil {
		return Sharing{}, err
	}
	if !shared { // also if it was so: who repeats this asks for silence
		s.audio.ClosePublic(string(r))
	}
	s.wake()
	return out, nil
}

// Public is the public view of a shared room: no ids of people, no listeners.
type Public struct {
	Title    string
	Category string
	Language string
	Recorded bool
	Stage    []Member // those with a seat, by seat
}

// Public returns a shared room. For a room that is unknown, not shared or has ended it fails
// with not found: these three look alike.
func (s *Service) Public(ctx context.Context, r ID) (_ Public, err error) {
	defer fault.Wrap(&err, "read %s for anybody", r)
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return Public{}, err
	}
	defer func() { _ = tx.Rollback() }()
	room, err := readShared(ctx, tx, r)
	if err != nil {
		return Public{}, err
	}
	stage, err := db.Select(ctx, tx, scanMember,
		`SELECT `+memberColumns+` FROM room_members WHERE room_id = $1 AND seat IS NOT NULL ORDER BY seat`, r)
	return Public{Title: room.Title, Category: room.Category, Language: room.Language, Recorded: room.Recorded, Stage: stage}, err
}

// PublicListening returns how somebody without an account may hear a room now: as long as
// it is shared. Faults: those of Public.
func (s *Service) PublicListening(ctx context.Context, r ID) (_ Listening, err error) {
	defer fault.Wrap(&err, "listen to %s without an account", r)
	_, err = readShared(ctx, s.db, r)
	return Listening{Identity: reconcile.PublicIdentity}, err
}

// readShared reads a room that is open and shared.
func readShared(ctx context.Context, q db.Querier, r ID) (Room, error) {
	room, err := readRoom(ctx, q, r)
	if err == nil && (!room.Shared || !room.IsForAll() || !room.EndedAt.IsZero()) {
		err = errNotFound
	}
	return room, err
}
