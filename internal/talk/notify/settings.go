package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// Limits and defaults of settings.
const (
	MinDailyCap     = 1
	MaxDailyCap     = 100
	defaultDailyCap = 20
	defaultZone     = "UTC"
	dayMinutes      = 24 * 60
)

// Settings are the push settings of one person. The notification centre has
// everything, whatever they say.
type Settings struct {
	Push           map[Kind]bool // every kind
	TimeZone       string        // IANA name, such as "Europe/Rome"
	QuietFrom      int           // minutes of the day, in TimeZone
	QuietTo        int           // equal to QuietFrom: no quiet hours
	DailyCap       int           // pushes a day; what is over it is bundled into one. A quarter of it can be about one person
	PrivateContent bool          // pushes and mails may say names
	Email          bool          // what waits is mailed to who takes no pushes

	undisturbed time.Time // until then do not disturb is on; see package presence
}

// defaults returns the settings of somebody who has chosen nothing.
func defaults() Settings {
	s := Settings{Push: make(map[Kind]bool, len(table)), TimeZone: defaultZone, DailyCap: defaultDailyCap, Email: true}
	for _, k := range table {
		s.Push[k.Kind] = k.Default
	}
	return s
}

// Settings returns the settings of by.
func (s *Service) Settings(ctx context.Context, by account.ID) (_ Settings, err error) {
	defer fault.Wrap(&err, "notification settings of %s", by)
	all, _, err := s.readSettings(ctx, s.db, by)
	return all, err
}

// counter is how many pushes were counted on a day.
type counter struct{ day, pushed int64 }

// untilSwitchedOff is how far away the end of do not disturb is that has none. The fact of its
// end makes due what waits.
const untilSwitchedOff = 365 * 24 * time.Hour

func (s *Service) readSettings(ctx context.Context, q db.Querier, who account.ID) (st Settings, c counter, err error) {
	st = defaults()
	if s.cfg.Presence != nil {
		on, until, err := s.cfg.Presence.IsUndisturbed(ctx, q, who)
		if err != nil {
			return st, c, err
		}
		if st.undisturbed = until; on && until.IsZero() {
			st.undisturbed = s.cfg.Now().Add(untilSwitchedOff)
		}
	}
	var kinds string
	err = q.QueryRowContext(ctx, `SELECT time_zone, quiet_from, quiet_to, daily_cap, private_content, email, kinds, day, pushed FROM notification_settings WHERE account_id = $1`,
		string(who)).Scan(&st.TimeZone, &st.QuietFrom, &st.QuietTo, &st.DailyCap, &st.PrivateContent, &st.Email, &kinds, &c.day, &c.pushed)
	if db.IsNone(err) {
		return st, c, nil
	}
	if err != nil {
		return st, c, err
	}
	var chosen map[Kind]bool
	if err := json.Unmarshal([]byte(kinds), &chosen); err != nil {
		return st, c, err
	}
	for k, on := range chosen {
		if _, known := st.Push[k]; known {
			st.Push[k] = on
		}
	}
	return st, c, nil
}

// SetSettings stores the settings of by. Kinds that Push leaves out get their default.
// Faults: notifications.time_zone, notifications.kind, notifications.limits.
func (s *Service) SetSettings(ctx context.Context, by account.ID, st Settings) (err error) {
	defer fault.Wrap(&err, "notification settings of %s", by)
	if _, known := textrule.Zone(st.TimeZone); !known {
		return fault.At("body.time_zone", "notifications.time_zone", "We don't know this time zone. Choose one like Europe/Rome.")
	}
	if st.QuietFrom < 0 || st.QuietFrom >= dayMinutes || st.QuietTo < 0 || st.QuietTo >= dayMinutes || st.DailyCap < MinDailyCap || st.DailyCap > MaxDailyCap {
		return fault.New(fault.Invalid, "notifications.limits", "Quiet hours are times of a day, and the daily limit is 1 to 100.")
	}
	chosen := map[Kind]bool{} // only what differs: a default that changes later holds for everybody else
	for k, on := range st.Push {
		is, known := specOf(k)
		if !known || k == digest {
			return fault.At("body.push", "notifications.kind", "There are no notifications of this kind.")
		}
		if on != is.Default {
			chosen[k] = on
		}
	}
	kinds, err := json.Marshal(chosen)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO notification_settings (account_id, time_zone, quiet_from, quiet_to, daily_cap, private_content, email, kinds, day, pushed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)
			ON CONFLICT (account_id) DO UPDATE SET time_zone = excluded.time_zone, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
				daily_cap = excluded.daily_cap, private_content = excluded.private_content, email = excluded.email, kinds = excluded.kinds`,
			string(by), st.TimeZone, st.QuietFrom, st.QuietTo, st.DailyCap, st.PrivateContent, st.Email, string(kinds))
		return err
	})
}

// zone returns the time zone; UTC if the database has lost it since.
func (st Settings) zone() *time.Location {
	if l, known := textrule.Zone(st.TimeZone); known {
		return l
	}
	return time.UTC
}

// quietUntil returns until when this person wants no pushes: the end of do not disturb or of
// the quiet hours in which now is; zero if it is in neither.
func (st Settings) quietUntil(now time.Time) time.Time {
	if st.undisturbed.After(now) {
		return st.undisturbed // then, before it is sent, quiet hours are looked at
	}
	if st.QuietFrom == st.QuietTo {
		return time.Time{}
	}
	local := now.In(st.zone())
	at := local.Hour()*60 + local.Minute()
	quiet := at >= st.QuietFrom && at < st.QuietTo
	if st.QuietFrom > st.QuietTo { // over midnight
		quiet = at >= st.QuietFrom || at < st.QuietTo
	}
	if !quiet {
		return time.Time{}
	}
	y, m, d := local.Date()
	end := time.Date(y, m, d, st.QuietTo/60, st.QuietTo%60, 0, 0, local.Location())
	if !end.After(now) { // tomorrow, or a clock that was set back
		end = time.Date(y, m, d+1, st.QuietTo/60, st.QuietTo%60, 0, 0, local.Location())
	}
	return end
}

// day returns the number of the day of now, in the person's time zone.
func (st Settings) day(now time.Time) int64 {
	y, m, d := now.In(st.zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// midnight returns when the day of now began, in the person's time zone.
func (st Settings) midnight(now time.Time) time.Time {
	y, m, d := now.In(st.zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, st.zone())
}

// capOfOne is how many of the pushes of a day one person can cause: who writes all day leaves
// the rest to others.
func (st Settings) capOfOne() int { return max(st.DailyCap/4, 1) }

// delivery says whether, when and how a notification is pushed.
type delivery struct {
	push   bool
	digest bool      // in the push that stands for several
	due    time.Time // not before
	counts bool      // for the daily cap
}

// plan decides about a notification of kind k at now, of which pushed were counted today.
func (st Settings) plan(k spec, now time.Time, pushed int64) delivery {
	quiet := st.quietUntil(now)
	switch {
	case !st.Push[k.Kind]:
		return delivery{}
	case k.Always:
		return delivery{push: true, due: now}
	case k.Live && !quiet.IsZero():
		return delivery{}
	case k.Live:
		return delivery{push: true, due: now}
	case !quiet.IsZero():
		return delivery{push: true, digest: true, due: quiet}
	case k.Kind == CallRing: // a missed call counts no more than one that rings
		return delivery{push: true, due: now}
	case pushed > int64(st.DailyCap):
		return delivery{}
	case pushed == int64(st.DailyCap): // one for all that follow today
		return delivery{push: true, digest: true, due: now, counts: true}
	}
	return delivery{push: true, due: now, counts: true}
}
