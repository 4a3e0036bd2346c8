package match

import (
	"context"
	"slices"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/discovery"
	"heyy/internal/fault"
)

// outlook is what the lounge tells to all, reckoned once a second at most.
type outlook struct {
	mu        sync.Mutex
	at        time.Time
	looking   int
	estimates map[string]int64
}

const outlookTime = time.Second

// Lounge is what by sees of the queue. Fault: match.incomplete without a profile.
func (s *Service) Lounge(ctx context.Context, by account.ID) (l Lounge, err error) {
	defer fault.Wrap(&err, "lounge")
	now := s.now()
	found, err := s.people.People(ctx, by)
	if err != nil {
		return Lounge{}, err
	}
	me := found[by]
	if me == nil {
		return Lounge{}, errIncomplete
	}
	var bells int
	err = s.db.QueryRowContext(ctx, `SELECT reach, (SELECT count(*) FROM call_bells WHERE account_id = $1) FROM profiles WHERE account_id = $1`, string(by)).Scan(&l.Reach, &bells)
	if err != nil {
		return Lounge{}, err
	}
	l.Bell = bells > 0
	t, err := scanTicket(s.db.QueryRowContext(ctx, `SELECT `+ticketColumns+` FROM tickets WHERE account_id = $1 AND deadline_at > $2`, string(by), db.Millis(now)))
	switch {
	case err == nil:
		l.Waiting, l.Since, l.Call, l.Tonight = true, t.EnteredAt, t.Call, t.Tonight
	case !db.IsNone(err):
		return Lounge{}, err
	}
	l.Looking, l.EstimateMs, err = s.outlook(ctx, kinOf(me), now)
	if l.Waiting {
		l.Looking = max(l.Looking, 1) // oneself, who may have come since
	}
	return l, err
}

// outlook is how many members wait, and how long those of a kin waited lately.
func (s *Service) outlook(ctx context.Context, kin string, now time.Time) (looking int, estimate int64, err error) {
	o := &s.seen
	o.mu.Lock()
	defer o.mu.Unlock()
	if age := now.Sub(o.at); o.estimates == nil || age >= outlookTime || age < 0 {
		if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM tickets WHERE NOT resident AND deadline_at > $1`, db.Millis(now)).Scan(&o.looking); err != nil {
			return 0, 0, err
		}
		o.at, o.estimates = now, map[string]int64{}
	}
	estimate, known := o.estimates[kin]
	if !known {
		if estimate, err = s.estimate(ctx, kin, now); err != nil {
			return 0, 0, err
		}
		o.estimates[kin] = estimate
	}
	return o.looking, estimate, nil
}

// estimate is the median of the last hour's waits of a kin that came to a call,
// or 0 with fewer than three of them.
func (s *Service) estimate(ctx context.Context, kin string, now time.Time) (int64, error) {
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (ms int64, err error) {
		err = row.Scan(&ms)
		return ms, err
	}, `SELECT ms FROM waits WHERE kin = $1 AND at > $2 ORDER BY at DESC LIMIT 999`, kin, db.Millis(now.Add(-waitsKept)))
	if err != nil || len(all) < estimateFrom {
		return 0, err
	}
	slices.Sort(all)
	return max(1, all[len(all)/2]), nil
}

// kinOf is who waits alike: those of a gender who wish for the same genders.
func kinOf(p *discovery.Person) string {
	t := p.Traits()
	return string([]byte{'0' + t.Gender, '0' + t.Meet})
}
