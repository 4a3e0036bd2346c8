package club

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Remove takes somebody out of a club; they may come again. It is idempotent.
func (s *Service) Remove(ctx context.Context, by account.ID, c ID, who account.ID) (err error) {
	defer fault.Wrap(&err, "remove %s from %s", who, c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if _, err := st.canTo(ctx, tx, actionRemove, who); err != nil {
			return err
		}
		return dismiss(ctx, tx, c, who, s.now())
	})
}

// Ban takes somebody out of a club and keeps them out, whether or not they belong to it. It is
// idempotent, and of an account that does not exist does nothing: who has blocked the acting
// person answers as nobody does. The caller takes them out of the rooms of the club.
func (s *Service) Ban(ctx context.Context, by account.ID, c ID, who account.ID) (err error) {
	defer fault.Wrap(&err, "ban %s from %s", who, c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if _, err := st.canTo(ctx, tx, actionBan, who); err != nil {
			return err
		}
		if err := dismiss(ctx, tx, c, who, s.now()); err != nil {
			return err
		}
		var there bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM accounts WHERE id = $1)`, who).Scan(&there); err != nil {
			return err
		}
		if !there {
			return nil
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO club_bans (club_id, account_id, by_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT (club_id, account_id) DO NOTHING`,
			c, who, by, db.Millis(s.now()))
		return err
	})
}

// LiftBan lets somebody in again who was banned. It is idempotent.
func (s *Service) LiftBan(ctx context.Context, by account.ID, c ID, who account.ID) (err error) {
	defer fault.Wrap(&err, "lift the ban of %s from %s", who, c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionLiftBan); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM club_bans WHERE club_id = $1 AND account_id = $2`, c, who)
		return err
	})
}

// MakeAdmin makes a member an admin. It is idempotent. Faults: club.admins_many,
// club.person_gone.
func (s *Service) MakeAdmin(ctx context.Context, by account.ID, c ID, who account.ID) (err error) {
	defer fault.Wrap(&err, "make %s an admin of %s", who, c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		on, err := st.canTo(ctx, tx, actionMakeAdmin, who)
		if err != nil || on.role == Admin {
			return err
		}
		var admins int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM club_members WHERE club_id = $1 AND role = 'admin'`, c).Scan(&admins); err != nil {
			return err
		}
		if admins >= MaxAdmins {
			return errAdmins
		}
		return setRole(ctx, tx, c, who, Admin)
	})
}

// UnmakeAdmin makes an admin a member again. It is idempotent.
func (s *Service) UnmakeAdmin(ctx context.Context, by account.ID, c ID, who account.ID) (err error) {
	defer fault.Wrap(&err, "make %s no admin of %s", who, c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if _, err := st.canTo(ctx, tx, actionUnmakeAdmin, who); err != nil {
			return err
		}
		return setRole(ctx, tx, c, who, Ordinary)
	})
}

// HandOver makes an admin or member the founder, at once, and by an admin. Fault:
// club.they_founded_many.
func (s *Service) HandOver(ctx context.Context, by account.ID, c ID, to account.ID) (err error) {
	defer fault.Wrap(&err, "hand %s over to %s", c, to)
	err = s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if _, err := st.canTo(ctx, tx, actionHandOver, to); err != nil {
			return err
		}
		var founded, joined int
		if err := tx.QueryRowContext(ctx, countClubs, to).Scan(&founded, &joined); err != nil {
			return err
		}
		if founded >= MaxFounded {
			return errTheyFounded
		}
		// In this order: a club has one founder at a time.
		if err := setRole(ctx, tx, c, by, Admin); err != nil {
			return err
		}
		return setRole(ctx, tx, c, to, Founder)
	}, to)
	if fault.Is(err, "person.unknown") {
		return errPersonGone
	}
	return err
}

func setRole(ctx context.Context, tx *sql.Tx, c ID, who account.ID, role Role) error {
	_, err := tx.ExecContext(ctx, `UPDATE club_members SET role = $1 WHERE club_id = $2 AND account_id = $3`, role, c, who)
	return err
}
