package presence

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
)

// Mode is what somebody lets friends see.
type Mode string

// The modes.
const (
	Visible      Mode = "visible"
	DoNotDisturb Mode = "do_not_disturb" // seen as such; nothing rings, and pushes wait
	Invisible    Mode = "invisible"      // seen as offline
)

// Modes are the keys of all modes.
var Modes = []string{string(Visible), string(DoNotDisturb), string(Invisible)}

// MaxUntil is how far ahead the end of do not disturb may be.
const MaxUntil = 7 * 24 * time.Hour

// Settings are what one person lets friends see.
type Settings struct {
	Mode      Mode
	Until     time.Time // of DoNotDisturb, then Visible; zero: until it is switched off
	ShowRooms bool      // friends see in which room they are
}

// at returns the settings as they are at now: do not disturb may be over.
func (s Settings) at(now time.Time) Settings {
	if !s.Until.IsZero() && !s.Until.After(now) {
		s.Mode, s.Until = Visible, time.Time{}
	}
	return s
}

// Settings returns the settings of by.
func (s *Service) Settings(ctx context.Context, by account.ID) (_ Settings, err error) {
	defer fault.Wrap(&err, "presence settings of %s", by)
	return s.settings(ctx, s.db, by)
}

func (s *Service) settings(ctx context.Context, q db.Querier, who account.ID) (Settings, error) {
	st := Settings{Mode: Visible}
	var until sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT mode, until, show_rooms FROM presence_settings WHERE account_id = $1`, string(who)).Scan(&st.Mode, &until, &st.ShowRooms)
	if err != nil && !db.IsNone(err) {
		return st, err
	}
	st.Until = moment(until)
	return st.at(s.cfg.Now()), nil
}

func moment(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64)
}

// Set stores the settings of by. Only do not disturb has an end: somebody invisible never
// becomes visible by themselves. Faults: presence.mode, presence.until.
func (s *Service) Set(ctx context.Context, by account.ID, st Settings) (err error) {
	defer fault.Wrap(&err, "presence settings of %s", by)
	now := s.cfg.Now()
	if !slices.Contains(Modes, string(st.Mode)) {
		return fault.At("body.mode", "presence.mode", "Choose visible, do not disturb or invisible.")
	}
	if !st.Until.IsZero() && (st.Mode != DoNotDisturb || !st.Until.After(now) || st.Until.Sub(now) > MaxUntil) {
		return fault.At("body.until", "presence.until", "Do not disturb can end within the next seven days.")
	}
	until := sql.NullInt64{Int64: db.Millis(st.Until), Valid: !st.Until.IsZero()}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO presence_settings (account_id, mode, until, show_rooms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account_id) DO UPDATE SET mode = excluded.mode, until = excluded.until, show_rooms = excluded.show_rooms`,
			string(by), string(st.Mode), until, st.ShowRooms); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, SettingsChanged{Account: by, At: db.Millis(now)})
	})
	if err == nil {
		s.cfg.Wake()
	}
	return err
}

// IsUndisturbed reports whether do not disturb is on for who, and its end; zero: it has none.
func (s *Service) IsUndisturbed(ctx context.Context, q db.Querier, who account.ID) (on bool, until time.Time, err error) {
	defer fault.Wrap(&err, "do not disturb of %s", who)
	st, err := s.settings(ctx, q, who)
	return st.Mode == DoNotDisturb, st.Until, err
}

// IsOnline reports whether who has a socket, or had one until a moment ago.
func (s *Service) IsOnline(ctx context.Context, q db.Querier, who account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "presence of %s", who)
	var sockets int
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM online WHERE account_id = $1`, string(who)).Scan(&sockets)
	return sockets > 0, err
}

// CanRing returns the rule that nobody rings who is undisturbed, and others as rule says.
func (s *Service) CanRing(rule call.CanRing) call.CanRing {
	return func(ctx context.Context, tx *sql.Tx, by, other account.ID) (bool, error) {
		if on, _, err := s.IsUndisturbed(ctx, tx, other); err != nil || on {
			return false, err
		}
		return rule(ctx, tx, by, other)
	}
}

// Sweep ends do not disturb where it is over, and removes nodes whose heartbeat has run out.
// Run it every few seconds, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep presence")
	over := false
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM nodes WHERE until <= $1`, db.Millis(now)); err != nil {
			return err
		}
		who, err := db.Select(ctx, tx, scanAccount, `UPDATE presence_settings SET mode = 'visible', until = NULL
			WHERE account_id IN (SELECT account_id FROM presence_settings WHERE until <= $1 LIMIT $2) RETURNING account_id`, db.Millis(now), batch)
		if err != nil {
			return err
		}
		over = len(who) > 0
		for _, one := range who {
			if err := outbox.Append(ctx, tx, now, SettingsChanged{Account: one, At: db.Millis(now)}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if over {
		s.cfg.Wake()
	}
	return nil
}

func scanAccount(row interface{ Scan(...any) error }) (id account.ID, err error) {
	err = row.Scan(&id)
	return id, err
}
