package notify

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/base64"
	"errors"
	"strconv"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/mail"
	"heyy/internal/people/account"
)

const (
	digestAfter = 3 * time.Hour      // the first news, which may be seen until then
	digestEvery = 24 * time.Hour     // between two digests of an account
	digestTTL   = 3 * 24 * time.Hour // in which a mail server has to take it

	signInsMailed   = 5 // of an account,
	signInsMailedIn = 24 * time.Hour

	mailsAtOnce = 4
	mailTimeout = 30 * time.Second // for one try
	mailDrain   = 5 * time.Second  // for what is on its way when this process stops
	firstMail   = time.Minute      // of the pauses between tries, doubled each time,
	slowMail    = time.Hour
	mailPause   = time.Minute // until there is capacity for a digest again
)

// digestSource is the source of the digest of an account in mail_queue.
const digestSource = "digest"

const (
	signInPriority = 0
	digestPriority = 1
)

// Budget is the capacity of the mail server that sign-in codes leave; see package mail.
type Budget interface {
	TakeOther(warning bool, now time.Time) bool
}

// letter is a due row of mail_queue.
type letter struct {
	account account.ID
	source  string
	detail  string
	at      time.Time
	due     int64
	expires time.Time
	tries   int64
	sent    int64 // the last time before
}

func (l letter) isDigest() bool { return l.source == digestSource }

// isMailed is the condition for the account a: a mail can be sent to its person.
const isMailed = `a.kind = 'member' AND a.email IS NOT NULL AND a.refused_at IS NULL`

// reach returns on how many devices who takes pushes, and whether, instead, a digest can be
// mailed that does not wait already. It is one read: messages come by the hundred.
func (s *Service) reach(ctx context.Context, who account.ID) (devices int, mailed bool, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM push_subscriptions s WHERE s.account_id = a.id), `+isMailed+`
		AND NOT EXISTS (SELECT 1 FROM mail_queue q WHERE q.account_id = a.id AND q.source = $1 AND q.due_at IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM notification_settings n WHERE n.account_id = a.id AND NOT n.email)
		FROM accounts a WHERE a.id = $2`, digestSource, string(who)).Scan(&devices, &mailed)
	if db.IsNone(err) {
		return 0, false, nil
	}
	return devices, mailed && s.cfg.Mail != nil, err
}

// wait queues the digest of who, unless it waits already: a kind that no push tells them of
// has news. What it will say is read when it is sent.
func (s *Service) wait(ctx context.Context, tx *sql.Tx, who account.ID, k spec) error {
	if s.cfg.Mail == nil || !k.Mail {
		return nil
	}
	st, _, err := s.readSettings(ctx, tx, who)
	if err != nil || !st.Email || !st.Push[k.Kind] {
		return err
	}
	return s.waitFor(ctx, tx, who)
}

func (s *Service) waitFor(ctx context.Context, tx *sql.Tx, who account.ID) error {
	now := s.cfg.Now()
	due := now.Add(s.cfg.MailAfter)
	_, err := tx.ExecContext(ctx, `INSERT INTO mail_queue (account_id, source, detail, priority, at, due_at, expires_at, tries, sent_at)
		SELECT a.id, $1, '', $2, $3, $4, $5, 0, 0 FROM accounts a WHERE a.id = $6 AND `+isMailed+`
		ON CONFLICT (account_id, source) DO UPDATE SET at = excluded.at, tries = 0,
			due_at = CASE WHEN mail_queue.sent_at + $7 > excluded.due_at THEN mail_queue.sent_at + $7 ELSE excluded.due_at END,
			expires_at = CASE WHEN mail_queue.sent_at + $7 > excluded.due_at THEN mail_queue.sent_at + $8 ELSE excluded.expires_at END
			WHERE mail_queue.due_at IS NULL`,
		digestSource, digestPriority, db.Millis(now), db.Millis(due), db.Millis(due.Add(digestTTL)), string(who),
		digestEvery.Milliseconds(), (digestEvery + digestTTL).Milliseconds())
	return err
}

// mailSignIn queues the mail about a sign-in from a new device, which everybody gets at once:
// who holds a phone that takes pushes may be the stranger. Whoever can sign in again and again
// fills no mailbox.
func mailSignIn(ctx context.Context, tx *sql.Tx, n news, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO mail_queue (account_id, source, detail, priority, at, due_at, expires_at, tries, sent_at)
		SELECT a.id, $1, $2, $3, $4, $5, $6, 0, 0 FROM accounts a WHERE a.id = $7 AND `+isMailed+`
			AND (SELECT COUNT(*) FROM mail_queue q WHERE q.account_id = a.id AND q.source <> $8 AND q.at > $9) < $10
		ON CONFLICT (account_id, source) DO NOTHING`,
		n.Source, n.Detail, signInPriority, db.Millis(n.At), db.Millis(now), db.Millis(n.Expires), string(n.Account),
		digestSource, db.Millis(now.Add(-signInsMailedIn)), signInsMailed)
	return err
}

// releaseMail makes the digest of who due when it would have been without what held it back.
func (s *Service) releaseMail(ctx context.Context, tx *sql.Tx, who account.ID) error {
	_, err := tx.ExecContext(ctx, `UPDATE mail_queue SET due_at = CASE WHEN at + $1 >= sent_at + $2 AND at + $1 >= $3 THEN at + $1 WHEN sent_at + $2 >= $3 THEN sent_at + $2 ELSE $3 END
		WHERE account_id = $4 AND source = $5 AND due_at > $3`,
		s.cfg.MailAfter.Milliseconds(), digestEvery.Milliseconds(), db.Millis(s.cfg.Now()), string(who), digestSource)
	return err
}

// lost queues a digest for somebody whose last subscription is gone: what was to be pushed
// there has reached nobody.
func (s *Service) lost(ctx context.Context, tx *sql.Tx, who account.ID) error {
	var left int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM push_subscriptions WHERE account_id = $1`, string(who)).Scan(&left)
	if err != nil || left > 0 || s.cfg.Mail == nil {
		return err
	}
	return s.waitFor(ctx, tx, who)
}

// RunMail sends the mails that are due until ctx ends. All nodes may run it: a mail is claimed
// by one. It has nothing to do with Run, so that no push waits for a mail server.
func (s *Service) RunMail(ctx context.Context) error {
	if s.cfg.Mail == nil {
		return nil
	}
	tick := time.NewTicker(idlePeriod)
	defer tick.Stop()
	for {
		for {
			some, err := s.sendMails(ctx)
			if err != nil && ctx.Err() == nil {
				s.log.Warn("notify: the queue of mails was not read; will try again", "err", err)
			}
			if some == 0 || ctx.Err() != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.mailWake:
		case <-tick.C:
		}
	}
}

// sendMails sends some of the mails that are due, and returns of how many it stored what came
// of them.
func (s *Service) sendMails(ctx context.Context) (done int, err error) {
	due, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (l letter, err error) {
		var at, expires int64
		err = row.Scan(&l.account, &l.source, &l.detail, &at, &l.due, &expires, &l.tries, &l.sent)
		l.at, l.expires = time.UnixMilli(at), time.UnixMilli(expires)
		return l, err
	}, `SELECT account_id, source, detail, at, due_at, expires_at, tries, sent_at FROM mail_queue WHERE due_at <= $1 ORDER BY priority, due_at LIMIT $2`,
		db.Millis(s.cfg.Now()), mailsAtOnce)
	if err != nil {
		return 0, err
	}
	errs := make([]error, len(due))
	var all sync.WaitGroup
	for i, l := range due {
		all.Go(func() { errs[i] = s.sendMail(ctx, l) })
	}
	all.Wait()
	for _, err := range errs {
		if err == nil {
			done++
		}
	}
	return done, errors.Join(errs...)
}

// sendMail sends a mail, if there still is something to say, and stores what came of it.
func (s *Service) sendMail(ctx context.Context, l letter) error {
	now := s.cfg.Now()
	m, later, err := s.compose(ctx, l, now)
	if err != nil && ctx.Err() == nil { // the others must not wait for this one
		s.log.Warn("notify: a mail was not written; will try again", "err", err)
		later = now.Add(firstMail)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if later.IsZero() && m.To != "" && !s.cfg.Budget.TakeOther(!l.isDigest(), now) {
		later = now.Add(mailPause)
	}
	switch {
	case !later.IsZero():
		_, err = s.changeMail(ctx, `UPDATE mail_queue SET due_at = $1, expires_at = CASE WHEN expires_at < $2 THEN $2 ELSE expires_at END
			WHERE account_id = $3 AND source = $4 AND due_at = $5`,
			db.Millis(later), db.Millis(later.Add(s.grace(l))), string(l.account), l.source, l.due)
		return err
	case m.To == "": // nothing to say any more
		_, err = s.changeMail(ctx, `UPDATE mail_queue SET due_at = NULL WHERE account_id = $1 AND source = $2 AND due_at = $3`, string(l.account), l.source, l.due)
		return err
	}
	// The row is taken before the mail goes, and given back if it does not: a crash in between
	// loses a mail, and repeats none. Of two senders that read the row, one takes it.
	claimed := db.Millis(now)
	mine, err := s.changeMail(ctx, `UPDATE mail_queue SET due_at = NULL, sent_at = $1, tries = tries + 1 WHERE account_id = $2 AND source = $3 AND due_at = $4`,
		claimed, string(l.account), l.source, l.due)
	if err != nil || !mine {
		return err
	}
	err = s.deliver(ctx, m)
	s.mails.WithLabelValues(mailResult(err)).Inc()
	if err == nil {
		return nil
	}
	next := sql.NullInt64{Int64: db.Millis(now.Add(mailBackOff(l.tries))), Valid: true}
	var p interface{ Permanent() bool }
	if errors.As(err, &p) && p.Permanent() || next.Int64 >= db.Millis(l.expires) {
		next.Valid = false
		s.log.Warn("notify: a mail is given up", "tries", l.tries+1, "err", err)
	} else {
		s.log.Info("notify: a mail was not taken; will try again", "tries", l.tries+1, "err", err)
	}
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), mailDrain)
	defer stop()
	// What is given up leaves alone what has come meanwhile, which is due already.
	_, err = s.changeMail(within, `UPDATE mail_queue SET due_at = COALESCE(CAST($1 AS BIGINT), due_at), sent_at = $2, expires_at = $3 WHERE account_id = $4 AND source = $5 AND sent_at = $6`,
		next, l.sent, db.Millis(l.expires), string(l.account), l.source, claimed)
	return err
}

// grace is how long a mail that is put off is worth sending after that.
func (s *Service) grace(l letter) time.Duration {
	if l.isDigest() && l.tries == 0 {
		return digestTTL
	}
	return 0
}

func mailResult(err error) string {
	if err != nil {
		return string(failed)
	}
	return string(sent)
}

// mailBackOff returns the pause after so many tries before this one.
func mailBackOff(tries int64) time.Duration { return min(firstMail<<min(tries, 20), slowMail) }

// changeMail changes a row of mail_queue, and reports whether it was there.
func (s *Service) changeMail(ctx context.Context, query string, args ...any) (is bool, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		is, err = db.Changed(tx.ExecContext(ctx, query, args...))
		return err
	})
	return is, err
}

// deliver gives a mail to the mail server. What is on its way when ctx ends has a moment more:
// otherwise nobody would know whether it was taken.
func (s *Service) deliver(ctx context.Context, m mail.Mail) error {
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), mailTimeout)
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(mailDrain, stop) })()
	return s.cfg.Mail.Deliver(within, m)
}

// compose writes a mail from what the rows say now. Without a recipient there is nothing to
// send any more; later is when to look again.
func (s *Service) compose(ctx context.Context, l letter, now time.Time) (m mail.Mail, later time.Time, err error) {
	if !now.Before(l.expires) {
		return m, later, nil
	}
	var to string
	var seen int64
	err = s.db.QueryRowContext(ctx, `SELECT a.email, a.seen_at FROM accounts a WHERE a.id = $1 AND `+isMailed, string(l.account)).Scan(&to, &seen)
	if db.IsNone(err) {
		return m, later, nil
	}
	if err != nil {
		return m, later, err
	}
	st, _, err := s.readSettings(ctx, s.db, l.account)
	if err != nil {
		return m, later, err
	}
	if !l.isDigest() {
		tag, err := s.languageOf(ctx, l.account)
		return mail.NewDevice(to, tag, mail.Device{Name: l.detail, At: l.at.In(st.zone()), URL: s.cfg.URL + "/me"}), later, err
	}
	devices, _, err := s.reach(ctx, l.account)
	if err != nil || devices > 0 || !st.Email {
		return m, later, err
	}
	if s.cfg.Presence != nil {
		if online, err := s.cfg.Presence.IsOnline(ctx, s.db, l.account); err != nil || online {
			return m, now.Add(s.cfg.MailAfter), err // they see it now, or have left it open
		}
	}
	if quiet := st.quietUntil(now); !quiet.IsZero() {
		return m, quiet, nil
	}
	waiting, err := s.waiting(ctx, l.account, st, time.UnixMilli(max(seen, l.sent)))
	if err != nil || len(waiting) == 0 {
		return m, later, err
	}
	tag, err := s.languageOf(ctx, l.account)
	return mail.Digest(to, tag, waiting, s.cfg.URL, s.cfg.URL+UnsubscribePath+s.MailToken(l.account)), later, err
}

func (s *Service) languageOf(ctx context.Context, who account.ID) (string, error) {
	people, err := s.cfg.Profiles.GetMany(ctx, who)
	return people[who].Language, err
}

// maxWaiting bounds what is read for a digest, of notifications and of chats each.
const maxWaiting = 200

// waiting returns what has come for who after since and is unseen, by kind in the order of
// table: what would have been pushed.
func (s *Service) waiting(ctx context.Context, who account.ID, st Settings, since time.Time) ([]mail.Waiting, error) {
	type entry struct {
		kind  Kind
		about account.ID
	}
	args := []any{string(who), db.Millis(since), string(CallRing), string(Missed)}
	var kinds []any
	for _, k := range table {
		if st.Push[k.Kind] && (k.Mail || k.Kind == CallRing) {
			kinds = append(kinds, string(k.Kind))
		}
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	args = append(append(args, kinds...), maxWaiting)
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (e entry, err error) {
		var about sql.NullString
		err = row.Scan(&e.kind, &about)
		e.about = account.ID(about.String)
		return e, err
	}, `SELECT n.kind, n.about_id FROM notifications n WHERE n.account_id = $1 AND n.at > $2 AND n.listed AND n.seen_at IS NULL
		AND (n.kind <> $3 OR n.outcome = $4) AND n.kind IN (`+db.Placeholders(5, len(kinds))+`) AND `+isNear+`
		ORDER BY n.at DESC, n.id LIMIT $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, err
	}
	chats, err := s.cfg.Chats.UnreadFrom(ctx, who, since, maxWaiting)
	if err != nil {
		return nil, err
	}
	for _, c := range chats {
		if c.Answers && st.Push[MomentAnswer] {
			all = append(all, entry{MomentAnswer, c.Other})
		}
		if c.Messages && st.Push[Message] {
			all = append(all, entry{Message, c.Other})
		}
	}
	names := map[account.ID]string{}
	if st.PrivateContent {
		var ids []account.ID
		for _, e := range all {
			if e.about != "" {
				ids = append(ids, e.about)
			}
		}
		people, err := s.cfg.Profiles.GetMany(ctx, ids...)
		if err != nil {
			return nil, err
		}
		for id, p := range people {
			names[id] = p.Name
		}
	}
	var out []mail.Waiting
	for _, k := range table {
		w := mail.Waiting{Kind: string(k.Kind)}
		named := map[account.ID]bool{}
		for _, e := range all {
			if e.kind != k.Kind {
				continue
			}
			w.N++
			if name := names[e.about]; name != "" && !named[e.about] {
				named[e.about] = true
				w.Names = append(w.Names, name)
			}
		}
		if w.N > 0 {
			out = append(out, w)
		}
	}
	return out, nil
}

// UnsubscribePath is the path of the page, and of the POST of RFC 8058, that a digest leads
// to, with a token behind it.
const UnsubscribePath = "/unsubscribe/"

// MailToken returns the token for the digests of who: whoever has it can switch them off and
// on, and do nothing else. It does not expire, because old mails have it.
func (s *Service) MailToken(who account.ID) string {
	return string(who) + base64.RawURLEncoding.EncodeToString(mac(s.cfg.Key, "unsubscribe", string(who))[:tokenBytes])
}

const (
	tokenBytes = 18
	tokenChars = tokenBytes * 8 / 6
)

var errMailLink = fault.New(fault.NotFound, "mail.link_unknown", "This link doesn't work any more. You choose your emails in the notification settings.")

// ByMailToken returns the account that a token is of. A wrong token, which costs no query, and
// that of a deleted account are the same fault: mail.link_unknown.
func (s *Service) ByMailToken(ctx context.Context, token string) (_ account.ID, err error) {
	defer fault.Wrap(&err, "unsubscribe link")
	who := account.ID(token[:max(0, len(token)-tokenChars)])
	if !hmac.Equal([]byte(token), []byte(s.MailToken(who))) {
		return "", errMailLink
	}
	var is int
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM accounts a WHERE a.id = $1 AND `+isMailed, string(who)).Scan(&is)
	if err == nil && is == 0 {
		err = errMailLink
	}
	return who, err
}

// IsMailed reports whether digests are on for who.
func (s *Service) IsMailed(ctx context.Context, who account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "digests of %s", who)
	st, _, err := s.readSettings(ctx, s.db, who)
	return st.Email, err
}

// SetMailed switches digests on or off for who. Repeating it writes nothing.
func (s *Service) SetMailed(ctx context.Context, who account.ID, on bool) (err error) {
	defer fault.Wrap(&err, "digests of %s", who)
	st, _, err := s.readSettings(ctx, s.db, who)
	if err != nil || st.Email == on {
		return err
	}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO notification_settings (account_id, time_zone, quiet_from, quiet_to, daily_cap, private_content, email, kinds, day, pushed)
			SELECT a.id, $1, $2, $3, $4, $5, $6, '{}', 0, 0 FROM accounts a WHERE a.id = $7
			ON CONFLICT (account_id) DO UPDATE SET email = excluded.email`,
			st.TimeZone, st.QuietFrom, st.QuietTo, st.DailyCap, st.PrivateContent, on, string(who))
		return err
	})
}
