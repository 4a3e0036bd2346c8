package notify

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"heyy/internal/base/db"
	"heyy/internal/people/account"
)

const (
	maxSending  = 64 // requests at once
	sureSlots   = 40 // of them, to a host that works
	maxUnsure   = 8  // to hosts that have not taken a push from this process yet, and to those that fail
	unsureSlots = 4  // to one of those

	sendTimeout = 10 * time.Second // for one request
	leaseTime   = time.Minute      // a claimed row is due again after a crash
	idlePeriod  = time.Second      // between looks at the queue without a wake-up

	takenResolution = 24 * time.Hour // of taken_at; saves writes
	knownHosts      = 20             // proven from the start, because they took pushes before

	postponeMost = 500 // rows of a paused host at each look

	firstRetry    = 5 * time.Second // doubled each time,
	slowRetry     = 15 * time.Minute
	maxRetryAfter = 24 * time.Hour // that a gateway may ask for

	// A subscription that has failed so often and for so long is removed.
	maxFailures = 10
	failingTime = 14 * 24 * time.Hour
)

// result is what came of one request.
type result string

const (
	sent      result = "sent"      // the gateway took it
	gone      result = "gone"      // 404 or 410: the subscription is over
	refused   result = "refused"   // a status that no retry changes, a redirect among them
	failed    result = "failed"    // down or slow: will be tried again
	busy      result = "busy"      // 429, too many for this subscription: will be tried again
	dropped   result = "dropped"   // nothing to show any more
	postponed result = "postponed" // our own trouble, or this process stops: will be tried again
)

var results = []result{sent, gone, refused, failed, busy, dropped, postponed}

// job is a claimed row with its subscription.
type job struct {
	device       string
	tag          string
	kind         Kind
	notification string
	version      int64
	tries        int64
	claimed      int64 // claimed_until before this claim
	expires      time.Time
	shown        bool // something was sent with this tag before
	to           webpush.Subscription
	host         string
	account      account.ID
	worked       bool // its subscription has taken a push
	failing      bool // and has failed since, or before
	pool         pool // that it has a slot of
}

// Run sends what is due until ctx ends. All nodes may run it: a row is claimed by one.
func (s *Service) Run(ctx context.Context) error {
	if err := s.recall(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("notify: it is not known which push services worked before; they begin like new ones", "err", err)
	}
	var all sync.WaitGroup
	defer all.Wait()
	tick := time.NewTicker(idlePeriod)
	defer tick.Stop()
	for {
		for {
			jobs, err := s.claim(ctx)
			if err == nil {
				err = s.postpone(ctx)
			}
			if err != nil && ctx.Err() == nil {
				s.log.Warn("notify: the queue of pushes was not read; will try again", "err", err)
			}
			for _, j := range jobs {
				all.Go(func() {
					defer s.poke() // a slot is free
					s.process(ctx, j)
				})
			}
			if len(jobs) == 0 {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// recall marks the hosts of most people that took pushes before as proven.
func (s *Service) recall(ctx context.Context) error {
	known, err := db.Select(ctx, s.db, scanText, `SELECT host FROM (SELECT host, COUNT(DISTINCT account_id) AS people FROM push_subscriptions
		WHERE taken_at IS NOT NULL AND failures = 0 GROUP BY host) AS h ORDER BY people DESC, host LIMIT $1`, knownHosts)
	for _, name := range known {
		s.hosts.prove(name)
	}
	return err
}

// works is the condition for a subscription s: it has taken a push, and not failed since.
const works = `(s.failures = 0 AND s.taken_at IS NOT NULL)`

// postpone moves what is due for paused hosts to the end of their pause, in parts: while a
// large push service is down, looking for what others may get must not read all of its rows
// again and again.
func (s *Service) postpone(ctx context.Context) error {
	now := s.cfg.Now()
	for _, r := range s.hosts.resting(now) {
		keys, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (k [2]string, err error) {
			err = row.Scan(&k[0], &k[1])
			return k, err
		}, `SELECT q.session_id, q.tag FROM push_queue q JOIN push_subscriptions s ON s.session_id = q.session_id
			WHERE q.due_at <= $1 AND q.claimed_until <= $1 AND s.host = $2 AND `+works+` = $3 LIMIT $4`, db.Millis(now), r.host, r.trusted, postponeMost)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			continue
		}
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			for _, k := range keys {
				if _, err := tx.ExecContext(ctx, `UPDATE push_queue SET due_at = $1 WHERE session_id = $2 AND tag = $3 AND due_at <= $4 AND claimed_until <= $4`,
					db.Millis(r.until), k[0], k[1], db.Millis(now)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

const jobColumns = `SELECT q.session_id, q.tag, q.kind, q.notification_id, q.version, q.tries, q.claimed_until, q.expires_at, q.sent_at IS NOT NULL,
	s.endpoint, s.p256dh, s.auth, s.host, s.account_id, s.taken_at IS NOT NULL, s.failures > 0
	FROM push_queue q JOIN push_subscriptions s ON s.session_id = q.session_id `

func scanJob(row interface{ Scan(...any) error }) (j job, err error) {
	var expires int64
	err = row.Scan(&j.device, &j.tag, &j.kind, &j.notification, &j.version, &j.tries, &j.claimed, &expires, &j.shown,
		&j.to.Endpoint, &j.to.Keys.P256dh, &j.to.Keys.Auth, &j.host, &j.account, &j.worked, &j.failing)
	j.expires = time.UnixMilli(expires)
	return j, err
}

// claim takes due rows, as far as slots are free for their hosts. It reserves the slots. What
// is for subscriptions that fail comes behind all others.
func (s *Service) claim(ctx context.Context) (jobs []job, err error) {
	now := s.cfg.Now()
	for _, failing := range []bool{false, true} {
		c := s.hosts.eligible(now, failing)
		if c.free == 0 {
			break
		}
		due, err := s.due(ctx, now, c, failing)
		if err != nil {
			s.giveBack(jobs)
			return nil, err
		}
		for _, j := range due {
			var ok bool
			if j.pool, ok = s.hosts.reserve(j.host, j.failing); ok {
				jobs = append(jobs, j)
			}
		}
	}
	if len(jobs) == 0 {
		return nil, nil
	}
	mine := jobs
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		mine = nil
		for _, j := range jobs {
			// The guard is in the outer WHERE: of two nodes that read the row, one claims it.
			claimed, err := db.Changed(tx.ExecContext(ctx, `UPDATE push_queue SET claimed_until = $1, tries = tries + 1 WHERE session_id = $2 AND tag = $3 AND version = $4 AND claimed_until = $5 AND due_at <= $6`,
				db.Millis(now.Add(leaseTime)), j.device, j.tag, j.version, j.claimed, db.Millis(now)))
			if err != nil {
				return err
			}
			if claimed {
				mine = append(mine, j)
			}
		}
		return nil
	})
	if err != nil {
		mine = nil
	}
	taken := map[[2]string]bool{}
	for _, j := range mine {
		taken[[2]string{j.device, j.tag}] = true
	}
	s.giveBack(slices.DeleteFunc(jobs, func(j job) bool { return taken[[2]string{j.device, j.tag}] }))
	return mine, err
}

// due reads due rows of the hosts of a choice: of subscriptions that do not fail, or of those that
// do. Of a paused host a subscription that works is tried, and others behind them.
func (s *Service) due(ctx context.Context, now time.Time, c choice, failing bool) ([]job, error) {
	args := []any{db.Millis(now)}
	in := func(names []string) string {
		for _, name := range names {
			args = append(args, name)
		}
		return `(` + db.Placeholders(len(args)-len(names)+1, len(names)) + `)`
	}
	where := `WHERE q.due_at <= $1 AND q.claimed_until <= $1 AND q.expires_at > $1`
	switch {
	case c.crowded && len(c.named) == 0:
		return nil, nil
	case c.crowded:
		where += ` AND s.host IN ` + in(c.named)
	case len(c.named) > 0:
		where += ` AND s.host NOT IN ` + in(c.named)
	}
	fresh := ``
	if len(c.paused) > 0 {
		fresh = ` s.taken_at IS NULL AND s.host IN ` + in(c.paused)
	}
	switch {
	case failing && fresh != ``:
		where += ` AND (s.failures > 0 OR` + fresh + `)`
	case failing:
		where += ` AND s.failures > 0`
	case fresh != ``:
		where += ` AND s.failures = 0 AND NOT (` + fresh + `)`
	default:
		where += ` AND s.failures = 0`
	}
	args = append(args, c.free)
	return db.Select(ctx, s.db, scanJob, jobColumns+where+` ORDER BY q.priority, q.due_at LIMIT $`+strconv.Itoa(len(args)), args...)
}

// giveBack releases the slots of jobs that are not sent.
func (s *Service) giveBack(jobs []job) {
	for _, j := range jobs {
		s.hosts.release(j.host, j.pool)
	}
}

// process sends one push and stores what came of it.
func (s *Service) process(ctx context.Context, j job) {
	defer s.hosts.release(j.host, j.pool)
	r, wait := s.send(ctx, j)
	if ctx.Err() != nil && r != sent {
		r, wait = postponed, 0 // stopping: the next process sends it
	}
	s.pushes.WithLabelValues(string(r)).Inc()
	s.hosts.learn(j, r, s.cfg.Now())
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer stop()
	if err := s.finish(within, j, r, wait); err != nil {
		s.log.Warn("notify: the result of a push was not stored; it is sent again", "err", err)
	}
}

// send returns what came of a push, and how long the gateway asks to wait.
func (s *Service) send(ctx context.Context, j job) (_ result, wait time.Duration) {
	p, held, err := s.payload(ctx, j)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("notify: a push was not written; will try again", "err", err)
		}
		return postponed, 0
	}
	now := s.cfg.Now()
	if p == nil || !now.Before(j.expires) {
		return dropped, 0
	}
	if held > 0 {
		return postponed, held
	}
	k, _ := specOf(j.kind)
	ctx, stop := context.WithTimeout(ctx, sendTimeout)
	defer stop()
	resp, err := webpush.SendNotificationWithContext(ctx, p, &j.to, &webpush.Options{
		HTTPClient: s.http, Subscriber: strings.TrimPrefix(s.cfg.Subject, "mailto:"), // the library adds it
		VAPIDPublicKey: s.vapidPublic, VAPIDPrivateKey: s.vapidPrivate,
		TTL: int(max(j.expires.Sub(now)/time.Second, 1)), Urgency: k.Urgency, Topic: s.topic(j),
	})
	if err != nil {
		// The error may quote the endpoint, which is a secret.
		s.log.Info("notify: a push service was not reached", "host", j.host, "inside", errors.Is(err, errAddress))
		return failed, 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, bodyBytes) // so that the connection can be used again
	r := resultOf(resp.StatusCode)
	if r == refused {
		s.log.Warn("notify: a push service refuses", "host", j.host, "status", resp.StatusCode)
	}
	return r, retryAfter(resp.Header.Get("Retry-After"), now)
}

func resultOf(status int) result {
	switch {
	case status >= 200 && status < 300:
		return sent
	case status == http.StatusNotFound || status == http.StatusGone:
		return gone
	case status == http.StatusTooManyRequests:
		return busy
	case status == http.StatusRequestTimeout || status >= 500:
		return failed
	}
	return refused
}

// retryAfter reads the header of that name: seconds, or a date. 0: none.
func retryAfter(header string, now time.Time) time.Duration {
	if n, err := strconv.ParseInt(strings.TrimSpace(header), 10, 32); err == nil {
		return min(max(time.Duration(n)*time.Second, 0), maxRetryAfter)
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// topic lets a gateway replace what it has not delivered. It is a keyed hash, which tells
// nobody the kind.
func (s *Service) topic(j job) string {
	return base64.RawURLEncoding.EncodeToString(mac(s.cfg.Key, "topic", j.device, j.tag)[:24])
}

// finish stores the result of a job. What was queued anew meanwhile has another version and
// stays due.
func (s *Service) finish(ctx context.Context, j job, r result, wait time.Duration) error {
	now := s.cfg.Now()
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		change := func(query string, args ...any) error {
			_, err := tx.ExecContext(ctx, query, args...)
			return err
		}
		if r == gone { // its rows go with it
			return errors.Join(change(`DELETE FROM push_subscriptions WHERE session_id = $1 AND endpoint = $2`, j.device, j.to.Endpoint), s.lost(ctx, tx, j.account))
		}
		if err := change(`UPDATE push_queue SET claimed_until = 0 WHERE session_id = $1 AND tag = $2`, j.device, j.tag); err != nil {
			return err
		}
		later := func(by time.Duration) error {
			return change(`UPDATE push_queue SET due_at = $1 WHERE session_id = $2 AND tag = $3 AND version = $4`, db.Millis(now.Add(by)), j.device, j.tag, j.version)
		}
		// rest keeps the row of what was sent: a replacement goes where it went, or not too soon.
		rest := func() error {
			return change(`UPDATE push_queue SET due_at = NULL, version = 0 WHERE session_id = $1 AND tag = $2 AND version = $3`, j.device, j.tag, j.version)
		}
		k, _ := specOf(j.kind)
		// told notes the time; what has come meanwhile waits for the gap.
		told := func() error {
			return change(`UPDATE push_queue SET sent_at = $1, due_at = CASE WHEN version <> $2 AND due_at < $3 THEN $3 ELSE due_at END WHERE session_id = $4 AND tag = $5`,
				db.Millis(now), j.version, db.Millis(now.Add(k.Gap)), j.device, j.tag)
		}
		done := func() error {
			if k.Gap > 0 && (j.shown || r == sent || r == refused) {
				return rest()
			}
			return change(`DELETE FROM push_queue WHERE session_id = $1 AND tag = $2 AND version = $3`, j.device, j.tag, j.version)
		}
		switch r {
		case postponed:
			return later(max(wait, firstRetry))
		case failed, busy: // what has come meanwhile waits as long
			return errors.Join(change(`UPDATE push_queue SET due_at = $1 WHERE session_id = $2 AND tag = $3`, db.Millis(now.Add(max(wait, backOff(j.tries)))), j.device, j.tag),
				s.failing(ctx, tx, j, now))
		case refused: // the gap is between requests: whoever points at a third party knocks there no more often
			return errors.Join(told(), done(), s.failing(ctx, tx, j, now))
		case sent:
			if err := errors.Join(
				told(),
				change(`UPDATE push_subscriptions SET failures = 0, failing_since = NULL, taken_at = $1 WHERE session_id = $2 AND (failures > 0 OR taken_at IS NULL OR taken_at < $3)`,
					db.Millis(now), j.device, db.Millis(now.Add(-takenResolution))),
			); err != nil {
				return err
			}
			if open, err := isOpen(ctx, tx, j); err != nil || open { // its outcome goes where it went
				return errors.Join(err, rest())
			}
		case dropped:
			return errors.Join(s.uncount(ctx, tx, j, now), done())
		}
		return done()
	})
}

// uncount takes back what the daily limit counted for a push that was never sent.
func (s *Service) uncount(ctx context.Context, tx *sql.Tx, j job, now time.Time) error {
	st, _, err := s.readSettings(ctx, tx, j.account)
	if err != nil {
		return err
	}
	var which string
	err = tx.QueryRowContext(ctx, `SELECT counted_id FROM push_queue WHERE session_id = $1 AND tag = $2 AND version = $3 AND counted_id <> ''`, j.device, j.tag, j.version).Scan(&which)
	if db.IsNone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE notifications SET counted = FALSE WHERE id = $1`, which)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE notification_settings SET pushed = pushed - 1 WHERE account_id = $1 AND day = $2 AND pushed > 0`, string(j.account), st.day(now))
	return err
}

// isOpen reports whether j is a ring or proposal that is not over.
func isOpen(ctx context.Context, tx *sql.Tx, j job) (bool, error) {
	if !strings.HasPrefix(j.tag, callSource("")) {
		return false, nil
	}
	var open int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM notifications WHERE id = $1 AND outcome = ''`, j.notification).Scan(&open)
	return open > 0, err
}

// failing counts a failure of a subscription, and removes one that has failed for weeks.
func (s *Service) failing(ctx context.Context, tx *sql.Tx, j job, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `UPDATE push_subscriptions SET failures = failures + 1, failing_since = COALESCE(failing_since, $1) WHERE session_id = $2 AND endpoint = $3`,
		db.Millis(now), j.device, j.to.Endpoint); err != nil {
		return err
	}
	gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM push_subscriptions WHERE session_id = $1 AND endpoint = $2 AND failures >= $3 AND failing_since <= $4`,
		j.device, j.to.Endpoint, maxFailures, db.Millis(now.Add(-failingTime))))
	if err != nil || !gone {
		return err
	}
	return s.lost(ctx, tx, j.account)
}

// backOff returns the pause after so many tries before this one, with a quarter of chance so
// that those who failed together do not come back together.
func backOff(tries int64) time.Duration {
	d := min(firstRetry<<min(tries, 20), slowRetry)
	return d - time.Duration(rand.Int64N(int64(d/4)))
}
