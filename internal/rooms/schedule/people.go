package schedule

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Invite asks who to take part. Asked to take another part, they answer anew, and that counts as
// an invitation, too. It is idempotent.
// Somebody apart from by is unknown, and so is a resident to members: nobody would answer. Faults: person.unknown, event.self, event.invited_many,
// event.invited_day, and those of Edit.
func (s *Service) Invite(ctx context.Context, by account.ID, e ID, who account.ID, part Part) (err error) {
	defer fault.Wrap(&err, "invite %s to %s", who, e)
	return s.hosting(ctx, by, e, func(tx *sql.Tx, now Event) error {
		if who == by {
			return errSelf
		}
		var there bool
		var had sql.NullString
		var invited int
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM accounts a WHERE a.id = $1 AND (a.kind = 'member' OR a.kind = (SELECT h.kind FROM accounts h WHERE h.id = $2)) AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $2 AND x.b_id = a.id)),
			(SELECT part FROM event_people WHERE event_id = $3 AND account_id = $1),
			(SELECT COUNT(*) FROM event_people WHERE event_id = $3)`, who, by, e).Scan(&there, &had, &invited); err != nil {
			return err
		}
		switch {
		case !there:
			return errUnknown
		case Part(had.String) == part:
			return nil
		case !had.Valid && invited >= MaxInvited:
			return errInvited
		}
		if err := s.takeInvite(ctx, tx, by); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO event_people (event_id, account_id, part, answer, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (event_id, account_id) DO UPDATE SET part = excluded.part, answer = excluded.answer, at = excluded.at`,
			e, who, part, NoAnswer, db.Millis(s.now())); err != nil {
			return err
		}
		return s.tell(ctx, tx, News{Event: e, What: Invites, StartsAt: now.StartsAt, To: who, By: by})
	})
}

// takeInvite moves on the time until which by's invitations are counted, or fails with
// event.invited_day if that is more than a day ahead. Rows of event_people are no count: they go
// when an invitation is taken back, and when two people block each other.
func (s *Service) takeInvite(ctx context.Context, tx *sql.Tx, by account.ID) error {
	const day = int64(24 * time.Hour / time.Millisecond)
	now := db.Millis(s.now())
	var until int64
	err := tx.QueryRowContext(ctx, `INSERT INTO event_quotas (account_id, invites_until) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
		ON CONFLICT (account_id) DO UPDATE SET invites_until = CASE WHEN event_quotas.invites_until < $2 THEN $2 ELSE event_quotas.invites_until END + $3 RETURNING invites_until`,
		by, now, day/maxInvites).Scan(&until)
	if err == nil && until > now+day {
		err = errInvitedDay
	}
	return err
}

// Uninvite takes an invitation back, accepted or not. It is idempotent, and nobody is told.
func (s *Service) Uninvite(ctx context.Context, by account.ID, e ID, who account.ID) (err error) {
	defer fault.Wrap(&err, "take back the invitation of %s to %s", who, e)
	return s.hosting(ctx, by, e, func(tx *sql.Tx, _ Event) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM event_people WHERE event_id = $1 AND account_id = $2`, e, who)
		return err
	})
}

// Answer accepts or declines an invitation, also after the other answer. Faults:
// event.not_invited, event.over.
func (s *Service) Answer(ctx context.Context, by account.ID, e ID, accept bool) (err error) {
	defer fault.Wrap(&err, "answer the invitation to %s", e)
	answer := Declined
	if accept {
		answer = Accepted
	}
	return s.command(ctx, by, e, "", func(tx *sql.Tx, now Event) error {
		switch {
		case now.Part == "":
			return errNotInvited
		case now.State == Over || now.State == Cancelled:
			return errOver
		}
		_, err := tx.ExecContext(ctx, `UPDATE event_people SET answer = $1 WHERE event_id = $2 AND account_id = $3`, answer, e, by)
		return err
	})
}

// Go states that by goes to an event, to a weekly one each time. It is idempotent; hosts go
// anyway. Faults: event.over, event.full, event.going_many.
func (s *Service) Go(ctx context.Context, by account.ID, e ID) (err error) {
	defer fault.Wrap(&err, "go to %s", e)
	return s.command(ctx, by, e, by, func(tx *sql.Tx, now Event) error {
		switch {
		case now.Going || now.Host == by:
			return nil
		case now.State == Over || now.State == Cancelled:
			return errOver
		case now.Goers >= MaxGoers:
			return errFull
		}
		var going int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM event_goers g JOIN events v ON v.id = g.event_id WHERE g.account_id = $1 AND v.ended_at IS NULL`, by).Scan(&going); err != nil {
			return err
		}
		if going >= MaxGoing {
			return errGoing
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO event_goers (event_id, account_id, at) VALUES ($1, $2, $3)`, e, by, db.Millis(s.now()))
		return err
	})
}

// Withdraw states that by does not go. It is idempotent, also of an event that does not exist
// for by any more.
func (s *Service) Withdraw(ctx context.Context, by account.ID, e ID) (err error) {
	defer fault.Wrap(&err, "not go to %s", e)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM event_goers WHERE event_id = $1 AND account_id = $2`, e, by)
		return err
	})
}
