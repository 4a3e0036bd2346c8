package room

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// EndJoin makes a member leave if joinID is their current join: the device that joined
// has signed out. After a newer join, from another device, it does nothing.
func (s *Service) EndJoin(ctx context.Context, who account.ID, joinID string) (err error) {
	defer fault.Wrap(&err, "end a join")
	var r ID
	err = s.db.QueryRowContext(ctx, `SELECT room_id FROM room_members WHERE account_id = $1 AND join_id = $2`, string(who), joinID).Scan(&r)
	if db.IsNone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.command(ctx, who, r, who, func(st *state) error {
		if m := st.members[who]; m == nil || m.joinID != joinID {
			return nil
		}
		return leave(st)
	})
	if fault.Is(err, errEnded.Code) {
		return nil
	}
	return err
}
