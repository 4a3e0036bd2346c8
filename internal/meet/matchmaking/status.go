package matchmaking

import (
	"context"
	"slices"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
)

// queueStats caches the part of QueueStatus that is the same for many, for a
// second.
type queueStats struct {
	mu        sync.Mutex
	at        time.Time
	members   int
	estimates map[string]int64
}

const statsTime = time.Second

// invalidate makes the next read count again, so that a person who has just
// entered or left does not read an older number.
func (o *queueStats) invalidate() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at = time.Time{}
}

// Status returns what by sees of the queue. Fault: match.incomplete without a
// profile.
func (s *Service) Status(ctx context.Context, by account.ID) (l QueueStatus, err error) {
	defer fault.Wrap(&err, "queue status")
	now := s.now()
	found, err := s.people.People(ctx, by)
	if err != nil {
		return QueueStatus{}, err
	}
	me := found[by]
	if me == nil {
		return QueueStatus{}, errIncomplete
	}
	var suspendedUntil, alertedAt int64
	err = s.db.QueryRowContext(ctx, `SELECT reach, COALESCE((SELECT COALESCE(rung_at, 0) FROM call_bells WHERE account_id = $1), -1),
		COALESCE((SELECT rest_until FROM refusals WHERE account_id = $1), 0) FROM profiles WHERE account_id = $1`, string(by)).Scan(&l.CallPrivacy, &alertedAt, &suspendedUntil)
	if err != nil {
		return QueueStatus{}, err
	}
	if l.Alert = alertedAt == 0; alertedAt > 0 {
		l.AlertedAt = time.UnixMilli(alertedAt)
	}
	if suspendedUntil > db.Millis(now) {
		l.SuspendedUntil = time.UnixMilli(suspendedUntil)
	}
	t, err := scanTicket(s.db.QueryRowContext(ctx, `SELECT `+ticketColumns+` FROM tickets WHERE account_id = $1 AND deadline_at > $2`, string(by), db.Millis(now)))
	switch {
	case err == nil:
		l.Waiting, l.Since, l.Call, l.Filter = true, t.EnteredAt, t.Call, t.Filter
	case !db.IsNone(err):
		return QueueStatus{}, err
	}
	l.MembersWaiting, l.EstimateMs, err = s.queueStats(ctx, cohortOf(me), now)
	if l.Waiting {
		l.MembersWaiting = max(l.MembersWaiting, 1) // the viewer, who may have entered after the count
	}
	return l, err
}

// queueStats returns the number of waiting members and the estimated wait of a
// cohort.
func (s *Service) queueStats(ctx context.Context, cohort string, now time.Time) (members int, estimate int64, err error) {
	o := &s.stats
	o.mu.Lock()
	defer o.mu.Unlock()
	if age := now.Sub(o.at); o.estimates == nil || age >= statsTime || age < 0 {
		if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM tickets WHERE NOT resident AND deadline_at > $1`, db.Millis(now)).Scan(&o.members); err != nil {
			return 0, 0, err
		}
		o.at, o.estimates = now, map[string]int64{}
	}
	estimate, known := o.estimates[cohort]
	if !known {
		if estimate, err = s.estimateWait(ctx, cohort, now); err != nil {
			return 0, 0, err
		}
		o.estimates[cohort] = estimate
	}
	return o.members, estimate, nil
}

// estimateWait returns the median of the samples of the last hour, in
// milliseconds, or 0 if there are fewer than waitSamplesMin.
func (s *Service) estimateWait(ctx context.Context, cohort string, now time.Time) (int64, error) {
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT ms FROM waits WHERE kin = $1 AND at > $2 ORDER BY at DESC LIMIT 999`, cohort, db.Millis(now.Add(-waitSamplesKept)))
	if err != nil || len(all) < waitSamplesMin {
		return 0, err
	}
	slices.Sort(all)
	return max(1, all[len(all)/2]), nil
}

// cohortOf returns the key of people whose waiting times are comparable: those of
// one gender who look for the same genders.
func cohortOf(p *discovery.Person) string {
	t := p.Traits()
	return string([]byte{'0' + t.Gender, '0' + t.Meet})
}
