package club

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// Entrance holds the terms of a join: the version of the rules that somebody accepts, 0 if they
// have read none, and the secret of a link, if they have one.
type Entrance struct {
	Rules int64
	Token string
}

// Join makes by a member. It is idempotent, and of a member uses no link up. Faults: club.rules,
// club.ask_first, club.banned, club.full, club.too_many, club.invite_gone.
func (s *Service) Join(ctx context.Context, by account.ID, c ID, in Entrance) (_ Club, err error) {
	defer fault.Wrap(&err, "join the club %s", c)
	if err := s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		link := ""
		if in.Token != "" && !st.me.role.belongs() {
			if link, err = s.valid(ctx, tx, c, in.Token); err != nil {
				return err
			}
			st.me.invited = link != ""
		}
		if err := st.can(actionJoin); err != nil {
			if in.Token != "" && link == "" && !fault.Is(err, errClosed.Code) && !st.me.isolated {
				return errInviteGone // whatever the club is: only who has the link knows of it
			}
			return err
		}
		if st.me.role.belongs() {
			return nil
		}
		if link != "" {
			if err := use(ctx, tx, link, by); err != nil {
				return err
			}
		}
		return s.admit(ctx, tx, st, by, in.Rules, true)
	}, by); err != nil {
		return Club{}, err
	}
	return s.Get(ctx, by, c, "")
}

// admit makes who, whose account is locked, a member, if there is room. With current, the rules
// that they accept must be those of today.
func (s *Service) admit(ctx context.Context, tx *sql.Tx, st *state, who account.ID, rules int64, current bool) error {
	if current && st.Rules != "" && rules != st.RulesVersion {
		return errRules
	}
	them, err := readPerson(ctx, tx, st.Club, who)
	if err != nil {
		return err
	}
	if err := s.room(ctx, tx, st, who, them.role); err != nil {
		return err
	}
	var members int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM club_members WHERE club_id = $1 AND role <> 'follower'`, st.ID).Scan(&members); err != nil {
		return err
	}
	if members >= MaxMembers {
		return errFull
	}
	if err := forgetRequest(ctx, tx, st.ID, who); err != nil {
		return err
	}
	return write(ctx, tx, st.ID, who, Ordinary, rules, db.Millis(s.now()))
}

// room refuses who belongs to many clubs already.
func (s *Service) room(ctx context.Context, tx *sql.Tx, st *state, who account.ID, role Role) error {
	if role != Outsider {
		return nil
	}
	var founded, joined int
	if err := tx.QueryRowContext(ctx, countClubs, who).Scan(&founded, &joined); err != nil {
		return err
	}
	switch {
	case joined < MaxJoined:
		return nil
	case who == st.by:
		return errTooMany
	}
	return errTheyTooMany
}

// Leave ends that by belongs to a club, and takes back a request. It is idempotent. Fault:
// club.founder_stays.
func (s *Service) Leave(ctx context.Context, by account.ID, c ID) (err error) {
	defer fault.Wrap(&err, "leave the club %s", c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionLeave); err != nil {
			return err
		}
		return dismiss(ctx, tx, c, by, s.now())
	})
}

// dismiss takes somebody out of a club, with their request and their links.
func dismiss(ctx context.Context, tx *sql.Tx, c ID, who account.ID, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM club_members WHERE club_id = $1 AND account_id = $2`, c, who); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM club_requests WHERE club_id = $1 AND account_id = $2 AND declined_at IS NULL`, c, who); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE club_invites SET revoked_at = $1 WHERE club_id = $2 AND by_id = $3 AND revoked_at IS NULL`, db.Millis(now), c, who)
	return err
}

// Follow lets by follow a club, to be told of what it does. It is idempotent, also for members.
// Faults: club.too_many, club.full, club.banned.
func (s *Service) Follow(ctx context.Context, by account.ID, c ID) (err error) {
	defer fault.Wrap(&err, "follow the club %s", c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionFollow); err != nil || st.me.role != Outsider {
			return err
		}
		if err := s.room(ctx, tx, st, by, Outsider); err != nil {
			return err
		}
		var followers int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM club_members WHERE club_id = $1 AND role = 'follower'`, c).Scan(&followers); err != nil {
			return err
		}
		if followers >= MaxFollowers {
			return errFull
		}
		return write(ctx, tx, c, by, Follower, 0, db.Millis(s.now()))
	}, by)
}

// Unfollow ends that by follows a club. It is idempotent; a member stays one.
func (s *Service) Unfollow(ctx context.Context, by account.ID, c ID) (err error) {
	defer fault.Wrap(&err, "unfollow the club %s", c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionTakeBack); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM club_members WHERE club_id = $1 AND account_id = $2 AND role = 'follower'`, c, by)
		return err
	})
}

// AcceptRules states that by accepts a version of the rules. Fault: club.rules, if they have
// changed since.
func (s *Service) AcceptRules(ctx context.Context, by account.ID, c ID, version int64) (err error) {
	defer fault.Wrap(&err, "accept the rules of %s", c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionAcceptRules); err != nil {
			return err
		}
		if version != st.RulesVersion {
			return errRules
		}
		_, err := tx.ExecContext(ctx, `UPDATE club_members SET rules_accepted = $1 WHERE club_id = $2 AND account_id = $3`, version, c, by)
		return err
	})
}

// Ask asks to join a club, with a note of up to MaxNote characters that may be empty. Asked
// again before it is answered, the note is replaced. Faults: club.rules, club.declined within a
// week of a no, club.pending_many, club.requests_many, club.no_requests, club.member,
// club.banned.
func (s *Service) Ask(ctx context.Context, by account.ID, c ID, rules int64, note string) (err error) {
	defer fault.Wrap(&err, "ask to join the club %s", c)
	if note, err = optional("body.note", note, MaxNote, textrule.Line); err != nil {
		return err
	}
	err = s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionAsk); err != nil {
			return err
		}
		if st.Rules != "" && rules != st.RulesVersion {
			return errRules
		}
		now := s.now()
		if st.me.asked {
			_, err := tx.ExecContext(ctx, `UPDATE club_requests SET note = $1, rules_version = $2 WHERE club_id = $3 AND account_id = $4`, note, rules, c, by)
			return err
		}
		var declined bool
		var mine, theirs int
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM club_requests WHERE club_id = $1 AND account_id = $2 AND declined_at > $3),
			(SELECT COUNT(*) FROM club_requests WHERE account_id = $2 AND declined_at IS NULL),
			(SELECT COUNT(*) FROM club_requests WHERE club_id = $1 AND declined_at IS NULL)`, c, by, db.Millis(now.Add(-askAgain))).Scan(&declined, &mine, &theirs); err != nil {
			return err
		}
		switch {
		case declined:
			return errDeclined
		case mine >= MaxPending:
			return errPending
		case theirs >= MaxRequests:
			return errWaiting
		}
		if err := s.room(ctx, tx, st, by, st.me.role); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO club_requests (club_id, account_id, note, rules_version, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (club_id, account_id) DO UPDATE SET note = excluded.note, rules_version = excluded.rules_version, at = excluded.at, declined_at = NULL`,
			c, by, note, rules, db.Millis(now)); err != nil {
			return err
		}
		return s.tell(ctx, tx, Requested{Club: c, Account: by})
	}, by)
	if err == nil {
		s.wake()
	}
	return err
}

// Withdraw takes a request back. It is idempotent; a request that was declined stays so.
func (s *Service) Withdraw(ctx context.Context, by account.ID, c ID) (err error) {
	defer fault.Wrap(&err, "withdraw the request to %s", c)
	return s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionTakeBack); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM club_requests WHERE club_id = $1 AND account_id = $2 AND declined_at IS NULL`, c, by)
		return err
	})
}

func forgetRequest(ctx context.Context, tx *sql.Tx, c ID, who account.ID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM club_requests WHERE club_id = $1 AND account_id = $2`, c, who)
	return err
}

// Answer accepts or declines a request. Faults: club.request_gone, also if another admin has
// answered; club.full, club.they_too_many.
func (s *Service) Answer(ctx context.Context, by account.ID, c ID, who account.ID, accept bool) (err error) {
	defer fault.Wrap(&err, "answer the request of %s to %s", who, c)
	err = s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		on, err := st.canTo(ctx, tx, actionAnswer, who)
		if err != nil {
			return err
		}
		if !on.asked {
			return errNoRequest
		}
		if !accept {
			_, err = tx.ExecContext(ctx, `UPDATE club_requests SET declined_at = $1, note = '' WHERE club_id = $2 AND account_id = $3`, db.Millis(s.now()), c, who)
		} else {
			var rules int64
			if err := tx.QueryRowContext(ctx, `SELECT rules_version FROM club_requests WHERE club_id = $1 AND account_id = $2`, c, who).Scan(&rules); err != nil {
				return err
			}
			err = s.admit(ctx, tx, st, who, rules, false)
		}
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, Answered{Club: c, Account: who, Accepted: accept})
	}, who)
	if fault.Is(err, "person.unknown") {
		return errNoRequest // their account is gone
	}
	if err == nil {
		s.wake()
	}
	return err
}
