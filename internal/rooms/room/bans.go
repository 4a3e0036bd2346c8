package room

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

// maxRecent is how many of those who have left a room its hosts see.
const maxRecent = 50

// Ban makes who leave, if they are still here, and keeps them from all rooms of the host: for
// them they do not exist.
func (s *Service) Ban(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "ban %s from %s", who, r)
	return s.takeAway(ctx, by, r, who, ban(who))
}

// Bans returns a page of those whom a host has banned, the latest first.
func (s *Service) Bans(ctx context.Context, host account.ID, r page.Request) (who []account.ID, next page.Cursor, err error) {
	defer fault.Wrap(&err, "read bans of %s", host)
	type ban struct {
		who account.ID
		at  int64
	}
	at, after, limit := r.Args()
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (b ban, err error) {
		err = row.Scan(&b.who, &b.at)
		return b, err
	}, `SELECT account_id, at FROM room_bans WHERE host_id = $1 AND (at < $2 OR at = $2 AND account_id > $3) ORDER BY at DESC, account_id LIMIT $4`, host, at, after, limit)
	if err != nil {
		return nil, next, err
	}
	all, next = page.Cut(r, all, func(b ban) page.Cursor { return page.Of(time.UnixMilli(b.at), string(b.who)) })
	for _, b := range all {
		who = append(who, b.who)
	}
	return who, next, nil
}

// LiftBan lets who into the rooms of a host again. It does nothing for whoever is not banned.
func (s *Service) LiftBan(ctx context.Context, host, who account.ID) (err error) {
	defer fault.Wrap(&err, "lift the ban of %s", who)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		banned, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM room_bans WHERE host_id = $1 AND account_id = $2`, host, who))
		if err != nil || !banned {
			return err
		}
		mine, err := db.Select(ctx, tx, scanID, `SELECT id FROM rooms WHERE host_id = $1 AND ended_at IS NULL`, host)
		if err != nil {
			return err
		}
		for _, r := range mine {
			if err := s.apply(ctx, tx, r, host, s.now(), readmit(who, false), who); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeBans makes (true) or lifts bans of a host.
func writeBans(ctx context.Context, tx *sql.Tx, host account.ID, now time.Time, bans map[account.ID]bool) error {
	for who, banned := range bans {
		statement, args := `DELETE FROM room_bans WHERE host_id = $1 AND account_id = $2`, []any{host, who}
		if banned {
			statement = `INSERT INTO room_bans (host_id, account_id, at) VALUES ($1, $2, $3) ON CONFLICT (host_id, account_id) DO NOTHING`
			args = append(args, db.Millis(now))
		}
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// Recent returns who was in a room and has left, the last first, for hosts: they can be removed
// or banned too.
func (s *Service) Recent(ctx context.Context, by account.ID, r ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "read who has left %s", r)
	if err := s.mayLead(ctx, by, r); err != nil {
		return nil, err
	}
	return db.Select(ctx, s.db, scanAccount, `SELECT account_id FROM room_members
		WHERE room_id = $1 AND join_id IS NULL AND removed_at IS NULL AND left_at IS NOT NULL AND account_id <> $2
		AND account_id NOT IN (SELECT b_id FROM apart WHERE a_id = $2) ORDER BY left_at DESC, account_id LIMIT $3`, r, by, maxRecent)
}

// Known returns those of people who are in a room that viewer is in, too.
func (s *Service) Known(ctx context.Context, viewer account.ID, r ID, people []account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "read who of the known is in %s", r)
	if _, err := s.CurrentJoin(ctx, viewer, r); err != nil {
		return nil, err
	}
	return s.Reachable(ctx, s.db, viewer, r, people...)
}
