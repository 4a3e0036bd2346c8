package notify

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

// notify stores notifications, once for each account and source, and queues their pushes,
// in one transaction. It does nothing for residents, for deleted people, and about people
// who are excluded.
func (s *Service) notify(ctx context.Context, all ...news) (err error) {
	defer fault.Wrap(&err, "notify of %s", all[0].Kind)
	var told, queued, mailed bool
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		told, queued, mailed = false, false, false
		for _, n := range all {
			k := n.spec()
			if n.Expires.IsZero() {
				n.Expires = n.At.Add(k.TTL)
			}
			which, err := insertNotification(ctx, tx, n)
			if err != nil {
				return err
			}
			if which == "" {
				continue
			}
			if n.Listed {
				told = true
				if err := s.changed(ctx, tx, n.Account); err != nil {
					return err
				}
			}
			if k.Kind == NewDevice && s.cfg.Mail != nil {
				mailed = true
				if err := mailSignIn(ctx, tx, n, s.cfg.Now()); err != nil {
					return err
				}
			}
			pushed, err := s.enqueue(ctx, tx, n, k, which)
			if err != nil {
				return err
			}
			queued = queued || pushed
		}
		return nil
	})
	if err != nil {
		return err
	}
	if told {
		s.cfg.Wake()
	}
	if queued {
		s.poke()
	}
	if mailed {
		poke(s.mailWake)
	}
	return nil
}

// release makes the push that stands for several, and the digest, due when its person wants pushes again: do
// not disturb was switched, and what it holds back waits for an end that is no longer true.
func (s *Service) release(ctx context.Context, who account.ID) (err error) {
	defer fault.Wrap(&err, "release the pushes of %s", who)
	now := s.cfg.Now()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		st, _, err := s.readSettings(ctx, tx, who)
		if err != nil {
			return err
		}
		due := now
		if quiet := st.quietUntil(now); !quiet.IsZero() {
			due = quiet
		}
		_, err = tx.ExecContext(ctx, `UPDATE push_queue SET due_at = $1, expires_at = $2 WHERE tag = $3 AND due_at > $4
			AND session_id IN (SELECT session_id FROM push_subscriptions WHERE account_id = $5)`,
			db.Millis(due), db.Millis(due.Add(digestSpec.TTL)), string(digest), db.Millis(now), string(who))
		if err != nil {
			return err
		}
		return s.releaseMail(ctx, tx, who)
	})
	if err == nil {
		s.poke()
	}
	return err
}

// forget removes what two people who are no match any more were told about each other.
// Pushes that wait find nothing to tell.
func (s *Service) forget(ctx context.Context, a, b account.ID) (err error) {
	defer fault.Wrap(&err, "forget the match of %s and %s", a, b)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, x := range [][2]account.ID{{a, b}, {b, a}} {
			had, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM notifications WHERE account_id = $1 AND about_id = $2`, string(x[0]), string(x[1])))
			if err != nil {
				return err
			}
			if had {
				if err := s.changed(ctx, tx, x[0]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		s.cfg.Wake()
	}
	return err
}

// changed appends the fact that the notification centre of somebody changed.
func (s *Service) changed(ctx context.Context, tx *sql.Tx, who account.ID) error {
	return outbox.Append(ctx, tx, s.cfg.Now(), Changed{Account: who})
}

// insertNotification returns the id of the new row; "" if there is nothing to tell.
func insertNotification(ctx context.Context, tx *sql.Tx, n news) (which string, err error) {
	about := sql.NullString{String: string(n.About), Valid: n.About != ""}
	// The joins keep the foreign keys true: a fact may be about somebody who is gone.
	query := `INSERT INTO notifications (id, account_id, kind, source, about_id, outcome, detail, listed, at)
		SELECT $1, a.id, $2, $3, $4, $5, $6, $7, $8 FROM accounts a WHERE a.id = $9 AND a.kind = 'member'`
	args := []any{id.New(), string(n.Kind), n.Source, about, string(n.Outcome), n.Detail, n.Listed, db.Millis(n.At), string(n.Account)}
	if about.Valid {
		query += ` AND EXISTS (SELECT 1 FROM accounts o WHERE o.id = $10) AND NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $9 AND x.b_id = $10)`
		args = append(args, string(n.About))
	}
	err = tx.QueryRowContext(ctx, query+` ON CONFLICT (account_id, source) DO NOTHING RETURNING id`, args...).Scan(&which)
	if db.IsNone(err) {
		return "", nil
	}
	return which, err
}

// enqueue queues the pushes of a notification, as the settings of its account say, or for who
// takes none a digest.
func (s *Service) enqueue(ctx context.Context, tx *sql.Tx, n news, k spec, which string) (bool, error) {
	now := s.cfg.Now()
	if !now.Before(n.Expires) {
		return false, nil
	}
	devices, err := db.Select(ctx, tx, scanText, `SELECT session_id FROM push_subscriptions WHERE account_id = $1 AND session_id <> $2 ORDER BY session_id`,
		string(n.Account), string(n.Except))
	if err != nil {
		return false, err
	}
	if len(devices) == 0 {
		return false, s.wait(ctx, tx, n.Account, k)
	}
	st, c, err := s.readSettings(ctx, tx, n.Account)
	if err != nil {
		return false, err
	}
	today := st.day(now)
	if c.day != today {
		c.pushed = 0
	}
	d := st.plan(k, now.Add(n.Delay), c.pushed)
	if !d.push {
		return false, nil
	}
	if d.counts && n.About != "" { // what is over the part of one person waits in the chat or the centre
		of, err := countedOf(ctx, tx, n.Account, n.About, st.midnight(now))
		if err != nil || of >= st.capOfOne() {
			return false, err
		}
	}
	p := push{tag: k.tag(n), kind: k.Kind, due: d.due, expires: n.Expires, priority: k.priority(), gap: k.Gap}
	switch {
	case d.digest:
		p = push{tag: string(digest), kind: digest, due: d.due, expires: d.due.Add(digestSpec.TTL), priority: digestSpec.priority()}
	case k.Bundle == single:
		p.notification = which
	}
	// What a push that waits takes in is none of its own, and several devices are told once.
	if d.counts {
		p.counted = which
	}
	for _, device := range devices {
		added, err := p.put(ctx, tx, device)
		if err != nil {
			return false, err
		}
		if p.counted != "" && added {
			p.counted = ""
			if err := count(ctx, tx, n.Account, which, st, today, c.pushed+1); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// countedOf returns how many pushes the daily limit counted since a time for what other did.
func countedOf(ctx context.Context, tx *sql.Tx, who, other account.ID, since time.Time) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM notifications WHERE account_id = $1 AND about_id = $2 AND at >= $3 AND counted`,
		string(who), string(other), db.Millis(since)).Scan(&n)
	return n, err
}

// count stores that the push of a notification is counted, and how many are today. The insert
// makes the row of somebody who has chosen nothing.
func count(ctx context.Context, tx *sql.Tx, who account.ID, which string, st Settings, day, pushed int64) error {
	if _, err := tx.ExecContext(ctx, `UPDATE notifications SET counted = TRUE WHERE id = $1`, which); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO notification_settings (account_id, time_zone, quiet_from, quiet_to, daily_cap, private_content, kinds, day, pushed)
		VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, $8)
		ON CONFLICT (account_id) DO UPDATE SET day = excluded.day, pushed = excluded.pushed`,
		string(who), st.TimeZone, st.QuietFrom, st.QuietTo, st.DailyCap, st.PrivateContent, day, pushed)
	return err
}

// push is a row of push_queue.
type push struct {
	tag          string
	kind         Kind
	notification string // "": all unseen ones
	due, expires time.Time
	priority     int
	gap          time.Duration // at least, after the one before of this tag
	counted      string        // the notification for which the daily limit counts it, if it is one more; may be ""
}

// put queues a push for a device, and reports whether it is one more. One that waits with the
// same tag is replaced; it stays due when it was, and was tried as often: news do not make a
// push service that is down be asked more.
func (p push) put(ctx context.Context, tx *sql.Tx, device string) (added bool, err error) {
	var version int64
	err = tx.QueryRowContext(ctx, `INSERT INTO push_queue (session_id, tag, kind, notification_id, priority, version, tries, claimed_until, due_at, expires_at, counted_id)
		VALUES ($1, $2, $3, $4, $5, 1, 0, 0, $6, $7, $8)
		ON CONFLICT (session_id, tag) DO UPDATE SET kind = excluded.kind, notification_id = excluded.notification_id, version = push_queue.version + 1,
			tries = CASE WHEN push_queue.version = 0 THEN 0 ELSE push_queue.tries END, expires_at = excluded.expires_at, counted_id = CASE WHEN push_queue.version = 0 THEN excluded.counted_id ELSE push_queue.counted_id END,
			due_at = CASE WHEN push_queue.due_at < excluded.due_at THEN push_queue.due_at
				WHEN push_queue.sent_at + $9 > excluded.due_at THEN push_queue.sent_at + $9 ELSE excluded.due_at END
		RETURNING version`,
		device, p.tag, string(p.kind), p.notification, p.priority, db.Millis(p.due), db.Millis(p.expires), p.counted, p.gap.Milliseconds()).Scan(&version)
	return version == 1, err
}

// endRing notes how a ring or proposal ended. Devices that got it, or are about to, are told.
// A ring that no device got, for example in quiet hours, becomes news of a missed call.
func (s *Service) endRing(ctx context.Context, n news, outcome Outcome) (err error) {
	defer fault.Wrap(&err, "end %s of %s", n.Source, n.Account)
	n.Outcome = outcome
	missed := outcome == Missed && n.Kind == CallRing
	ttl := overTTL
	if outcome == Missed {
		ttl = missedTTL
	}
	now := s.cfg.Now()
	n.Expires = now.Add(ttl)
	known := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var had Outcome
		var which string
		err := tx.QueryRowContext(ctx, `SELECT id, outcome FROM notifications WHERE account_id = $1 AND source = $2`, string(n.Account), n.Source).Scan(&which, &had)
		if known = err == nil; db.IsNone(err) {
			return nil
		}
		if err != nil || had == outcome {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE notifications SET outcome = $1 WHERE id = $2`, string(outcome), which); err != nil {
			return err
		}
		if n.Listed {
			if err := s.changed(ctx, tx, n.Account); err != nil {
				return err
			}
		}
		told, err := db.Changed(tx.ExecContext(ctx, `UPDATE push_queue SET version = version + 1, tries = 0, due_at = $1, expires_at = $2
			WHERE tag = $3 AND session_id IN (SELECT session_id FROM push_subscriptions WHERE account_id = $4)`,
			db.Millis(now), db.Millis(n.Expires), n.Source, string(n.Account)))
		if err != nil || told || !missed {
			return err
		}
		_, err = s.enqueue(ctx, tx, n, n.spec(), which)
		return err
	})
	if err != nil {
		return err
	}
	s.cfg.Wake()
	s.poke()
	if !known && missed { // such as of a call while this person was in another one
		return s.notify(ctx, n)
	}
	return nil
}

func scanText(row interface{ Scan(...any) error }) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}

// Sweep deletes what nobody needs any more: pushes that came too late, notifications after
// 90 days, those that were only pushed after a day, and mails a day after they were sent. Run it each minute, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep notifications")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM push_queue WHERE expires_at <= $1 AND (due_at IS NOT NULL OR sent_at <= $2)`,
			db.Millis(now), db.Millis(now.Add(-sentRetention))); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM mail_queue WHERE due_at IS NULL AND at <= $1 AND sent_at <= $1`,
			db.Millis(now.Add(-max(digestEvery, signInsMailedIn)))); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM notifications WHERE NOT listed AND at <= $1`, db.Millis(now.Add(-unlistedRetention))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM notifications WHERE at <= $1`, db.Millis(now.Add(-Retention)))
		return err
	})
}

const (
	// Retention is how long the notification centre goes back.
	Retention         = 90 * 24 * time.Hour
	unlistedRetention = 24 * time.Hour
	// sentRetention is how long a sent ring waits for its outcome.
	sentRetention = time.Hour
)
