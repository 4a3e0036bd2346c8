package room

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

// CheckTitle returns the stored form of a title of a room, or of what is to become one.
func CheckTitle(title string) (string, error) { return checkedTitle(title) }

// HostHides returns the SQL condition that nothing of the host of row r (host_id) exists for
// viewer, an SQL expression: they are apart, or banned from their rooms.
func HostHides(viewer string) string {
	return `(` + isBanned(viewer) + ` OR EXISTS (SELECT 1 FROM apart x WHERE x.a_id = ` + viewer + ` AND x.b_id = r.host_id))`
}

// FollowsHost returns the SQL condition that viewer follows the host of row r (host_id).
func FollowsHost(viewer string) string { return followsHost(viewer) }

// BelongsToClub returns the SQL condition that viewer belongs to the club of row r (club_id).
func BelongsToClub(viewer string) string {
	return `EXISTS (SELECT 1 FROM club_members b JOIN clubs d ON d.id = b.club_id WHERE b.club_id = r.club_id AND b.account_id = ` + viewer + ` AND b.role <> 'follower' AND d.closed_at IS NULL)`
}

// seatsKept makes the people whom a plan names members who are not here yet: co-hosts, and
// people who may speak, whom its access does not keep out. Nobody hears of them before they come.
// Those apart from the host come as anybody does.
func (p Plan) seatsKept(ctx context.Context, tx *sql.Tx, r ID, by account.ID, now int64) error {
	for role, people := range map[Role][]account.ID{CoHost: p.CoHosts, Listener: p.Speakers} {
		for _, who := range people {
			if _, err := tx.ExecContext(ctx, `INSERT INTO room_members (room_id, account_id, role, muted, can_speak, joined_at)
				SELECT $1, a.id, $2, TRUE, TRUE, $3 FROM accounts a WHERE a.id = $4 AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = a.id AND x.b_id = $5)
				ON CONFLICT (room_id, account_id) DO NOTHING`, r, role, now, who, by); err != nil {
				return err
			}
		}
	}
	for _, who := range p.Speakers {
		if _, err := tx.ExecContext(ctx, `INSERT INTO room_admissions (room_id, account_id) SELECT room_id, account_id FROM room_members WHERE room_id = $1 AND account_id = $2
			ON CONFLICT (room_id, account_id) DO NOTHING`, r, who); err != nil {
			return err
		}
	}
	return nil
}

// OpenPlanned is Open for what was planned before: plan locks and reads it in the transaction in
// which the room opens, so that it opens once. An error of plan opens none.
func (s *Service) OpenPlanned(ctx context.Context, by account.ID, plan func(*sql.Tx, ID) (Plan, error)) (_ ID, err error) {
	return s.openOnce(ctx, by, func(tx *sql.Tx, r ID) (Plan, error) {
		p, err := plan(tx, r)
		if err != nil {
			return p, err
		}
		return p.checked()
	})
}

// openOnce opens a room for a plan that is read in the same transaction.
func (s *Service) openOnce(ctx context.Context, by account.ID, plan func(*sql.Tx, ID) (Plan, error)) (r ID, err error) {
	var left []ID
	for try := 1; ; try++ {
		r = ID(id.New())
		err = s.db.Tx(ctx, func(tx *sql.Tx) error {
			p, err := plan(tx, r)
			if err != nil {
				return err
			}
			left, err = s.open(ctx, tx, by, r, p)
			return err
		})
		// Of two concurrent calls the unique index accepts one. The other finds that
		// room when it tries again, and ends it.
		if !db.IsUnique(err) {
			break
		}
		if try == 3 {
			return "", errTooMany
		}
	}
	if err != nil {
		return "", err
	}
	s.after(ctx, by, left...)
	return r, nil
}
