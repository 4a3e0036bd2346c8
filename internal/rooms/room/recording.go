package room

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

var errNotRecorded = fault.New(fault.Conflict, "room.not_recorded", "This room isn't recorded.")

// BeingRecorded returns nil if by is in an open room that is recorded. Faults: room.not_here,
// room.not_recorded.
func (s *Service) BeingRecorded(ctx context.Context, q db.Querier, by account.ID, r ID) error {
	me, err := readMember(ctx, q, r, by)
	if err == nil && !me.Present {
		err = errNotInRoom
	}
	if err != nil {
		return err
	}
	room, err := readRoom(ctx, q, r)
	switch {
	case err != nil:
		return err
	case !room.EndedAt.IsZero():
		return errEnded
	case !room.Recorded:
		return errNotRecorded
	}
	return nil
}

// The SQL conditions that viewer is a woman by their own word, and verified.
func IsWoman(viewer string) string    { return isWoman(viewer) }
func IsVerified(viewer string) string { return isVerified(viewer) }
