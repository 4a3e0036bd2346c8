package call

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// EndJoin hangs up for who if joinID is their current join: the session of that
// device has ended. A newer join, of another device, stays.
func (s *Service) EndJoin(ctx context.Context, who account.ID, joinID string) (err error) {
	defer fault.Wrap(&err, "end a join")
	var c ID
	err = s.db.QueryRowContext(ctx, `SELECT call_id FROM call_sides WHERE account_id = $1 AND join_id = $2 AND open`, string(who), joinID).Scan(&c)
	if db.IsNone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.command(ctx, who, c, func(st *state) error {
		if st.me().joinID != joinID {
			return nil
		}
		return leave(st)
	})
	return err
}
