package matchmaking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/matchmaking/pool"
	"heyy/internal/people/account"
)

const (
	leaseName        = "match"
	leaseTime        = 3 * time.Second
	pollEvery        = 200 * time.Millisecond // for changes by other nodes and by package call
	campaignEvery    = time.Second            // between attempts of other nodes to take the lead
	sweepEvery       = time.Second
	clockSkew        = time.Second // changes are read again for so long: clocks of nodes differ, and changed_at is older than the commit
	pageSize         = 500
	proposalsAtATime = 8 // concurrent transactions
	// A round proposes for so long at most, so that the lease can be renewed. Pairs
	// that it did not come to are chosen again, together with new tickets.
	proposeTime = 500 * time.Millisecond
)

// leader is the state of the node that leads. It is used by one goroutine.
type leader struct {
	*Service
	state      *queueState // nil: another node leads
	fence      int64
	leaseUntil time.Time // the lease of this node ends then

	since           int64      // earlier changes have been read, Unix milliseconds
	cursor          account.ID // position in the continuous reading of all tickets
	pass            uint32     // the number of that reading
	sweptAt         time.Time
	alertsCheckedAt time.Time
	alertCursor     account.ID // position in the reading of all alerts
}

// Run leads the queue whenever no other node does, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	l := &leader{Service: s}
	defer func() {
		c, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		if err := s.db.Release(c, leaseName, s.node); err != nil {
			s.log.Warn("match: lease not released", "err", err)
		}
	}()
	var polled, gather time.Time
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wakeup:
		case <-timer.C:
		}
		wait := pollEvery
		leads, err := l.lead(ctx)
		if !leads {
			s.takeChanged()
			wait = campaignEvery
		}
		if leads && err == nil {
			poll := time.Since(polled) >= pollEvery
			if err = l.update(ctx, poll); poll {
				polled = time.Now()
			}
		}
		if leads && err == nil {
			now := time.Now()
			switch {
			case l.state.Pending() == 0:
				gather = time.Time{}
			case gather.IsZero():
				gather = now.Add(pool.BatchWindow)
			case !now.Before(gather):
				var again bool
				if again, err = l.round(ctx); !again {
					now = time.Now().Add(pool.BatchWindow)
				}
				gather = now
			}
			if !gather.IsZero() {
				wait = max(0, min(wait, time.Until(gather)))
			}
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("match: will try again", "err", err)
		}
		timer.Reset(wait)
	}
}

// lead takes or renews the lease and reports whether this node leads. A new
// leader reads all tickets.
func (l *leader) lead(ctx context.Context) (leads bool, err error) {
	now := l.now()
	if l.state != nil && l.leaseUntil.Sub(now) > leaseTime/2 {
		return true, nil
	}
	fence, held, err := l.db.Lease(ctx, leaseName, l.node, now, leaseTime)
	switch {
	case err != nil:
		if l.state != nil && !now.Before(l.leaseUntil) {
			l.state = nil
		}
		return l.state != nil, fmt.Errorf("lease: %w", err)
	case !held:
		l.state = nil
		return false, nil
	}
	l.leaseUntil = now.Add(leaseTime)
	if l.state != nil && l.fence == fence {
		return true, nil
	}
	l.fence = fence
	if err := l.rebuild(ctx); err != nil {
		l.state = nil
		return true, err
	}
	return true, nil
}

// rebuild reads all tickets.
func (l *leader) rebuild(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "read the queue")
	begun := time.Now()
	l.state = newQueueState()
	l.since = db.Millis(l.now().Add(-clockSkew))
	l.cursor, l.pass, l.sweptAt = "", 1, time.Time{}
	for {
		more, err := l.readPage(ctx)
		if err != nil {
			return err
		}
		if !more {
			l.log.Info("match: leads", "waiting", l.state.Len(), "fence", l.fence, "after", time.Since(begun).Round(time.Millisecond))
			return nil
		}
	}
}

// update brings the state up to date: with changes of this node, and if poll with
// all others.
func (l *leader) update(ctx context.Context, poll bool) error {
	now := l.now()
	ids, over := l.takeChanged()
	if poll || over {
		changed, err := l.resolveProposals(ctx, now)
		if err != nil {
			return err
		}
		ids = append(ids, changed...)
	}
	if poll {
		if now.Sub(l.sweptAt) >= sweepEvery || now.Before(l.sweptAt) {
			l.sweptAt = now
			gone, err := l.sweep(ctx, now)
			if err != nil {
				return err
			}
			for _, who := range gone {
				l.state.drop(who)
			}
		}
	}
	if err := l.refresh(ctx, ids); err != nil {
		return err
	}
	if !poll {
		return nil
	}
	if err := l.readChanged(ctx, now); err != nil {
		return err
	}
	if _, err := l.readPage(ctx); err != nil {
		return err
	}
	l.state.AllowResidents(now)
	if now.Sub(l.alertsCheckedAt) < alertEvery && !now.Before(l.alertsCheckedAt) {
		return nil
	}
	l.alertsCheckedAt = now
	return l.sendAlerts(ctx, now)
}

// refresh reads the tickets of some people again.
func (l *leader) refresh(ctx context.Context, ids []account.ID) error {
	slices.Sort(ids)
	for some := range slices.Chunk(slices.Compact(ids), pageSize) {
		found, err := rowsOf(ctx, l.db, db.Millis(l.now()), some...)
		if err != nil {
			return err
		}
		var rows []row
		for _, who := range some {
			if r, there := found[who]; there {
				rows = append(rows, r)
			} else {
				l.state.drop(who)
			}
		}
		if err := l.putRows(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

// readChanged reads the tickets that changed lately on any node.
func (l *leader) readChanged(ctx context.Context, now time.Time) error {
	rows, err := db.Select(ctx, l.db, scanRow, rowColumns+`WHERE t.changed_at > $1 AND t.deadline_at > $2`, l.since, db.Millis(now))
	if err != nil {
		return err
	}
	l.since = db.Millis(now.Add(-clockSkew))
	return l.putRows(ctx, rows)
}

// readPage reads the next page of all tickets. This finds changes that have no
// changed_at, and after the last page the tickets that are gone.
func (l *leader) readPage(ctx context.Context) (more bool, err error) {
	rows, err := db.Select(ctx, l.db, scanRow, rowColumns+`WHERE t.account_id > $1 AND t.deadline_at > $2 ORDER BY t.account_id LIMIT $3`,
		string(l.cursor), db.Millis(l.now()), pageSize)
	if err != nil {
		return false, err
	}
	if err := l.putRows(ctx, rows); err != nil {
		return false, err
	}
	if len(rows) == pageSize {
		l.cursor = rows[len(rows)-1].who
		return true, nil
	}
	for who, k := range l.state.entries {
		if k.pass < l.pass {
			l.state.drop(who)
		}
	}
	l.cursor, l.pass = "", l.pass+1
	return false, nil
}

// putRows stores the rows that differ from the state.
func (l *leader) putRows(ctx context.Context, rows []row) error {
	var fresh []row
	var ids, entered []account.ID
	now := db.Millis(l.now())
	for _, r := range rows {
		r = r.at(now)
		k := l.state.entries[r.who]
		if k != nil && k.row == r {
			k.pass = l.pass
			continue
		}
		fresh, ids = append(fresh, r), append(ids, r.who)
		if k == nil || k.id != r.id {
			entered = append(entered, r.who)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	people, err := l.people.People(ctx, ids...)
	if err != nil {
		return err
	}
	exclusions := map[account.ID][]account.ID{}
	if len(entered) > 0 {
		if exclusions, err = exclusionsOf(ctx, l.db, l.now(), entered); err != nil {
			return err
		}
	}
	for _, r := range fresh {
		if r.call == "" && r.callState == "live" { // in a call that the queue did not propose
			if err := l.dropInCall(ctx, r); err != nil {
				return err
			}
			continue
		}
		l.state.put(r, people[r.who], exclusions[r.who], l.pass, l.now())
	}
	return nil
}

// round chooses once and proposes. again is false if the rows refused something
// that memory allowed: then the next round waits.
func (l *leader) round(ctx context.Context) (again bool, err error) {
	pairs := l.state.Choose(l.now())
	if len(pairs) == 0 {
		return true, nil
	}
	return l.proposeAll(ctx, pairs)
}

// proposeAll proposes pairs, several at a time, and applies the verdicts of the
// rows.
func (l *leader) proposeAll(ctx context.Context, pairs [][2]account.ID) (again bool, err error) {
	verdicts, failed := make([]verdict, len(pairs)), make([]error, len(pairs))
	slots := make(chan struct{}, proposalsAtATime)
	var all sync.WaitGroup
	begun := time.Now()
	tried := 0
	for i, pair := range pairs {
		slots <- struct{}{}
		if time.Since(begun) > proposeTime {
			break
		}
		tried++
		all.Go(func() {
			defer func() { <-slots }()
			verdicts[i], failed[i] = l.propose(ctx, l.fence, pair)
		})
	}
	all.Wait()
	again = true
	var retry []account.ID
	made := false
	for i, pair := range pairs[:tried] {
		v := verdicts[i]
		switch {
		case failed[i] != nil:
			again = false
			retry = append(retry, pair[:]...) // it may have been committed nevertheless
		case v.call != "":
			made = true
			l.state.suspend(pair[0])
			l.state.suspend(pair[1])
		case v.excluded:
			l.state.Exclude(pair[0], pair[1])
		case v.checked:
			again = false // memory and rows disagree: pause, so that this cannot become a busy loop
			l.applyVerdict(pair, v)
		default:
			again = false
			retry = append(retry, pair[:]...)
		}
	}
	if made {
		l.wake()
	}
	err = errors.Join(failed...)
	if errors.Is(err, db.ErrFenced) {
		l.state, l.leaseUntil = nil, time.Time{}
		return false, err
	}
	if len(retry) > 0 {
		err = errors.Join(err, l.refresh(ctx, retry))
	}
	return again, err
}

// applyVerdict stores the rows that a refused proposal has read.
func (l *leader) applyVerdict(pair [2]account.ID, v verdict) {
	for _, who := range pair {
		if r, there := v.rows[who]; there {
			l.state.put(r, v.people[who], nil, l.pass, l.now())
		} else {
			l.state.drop(who)
		}
	}
}

var _ People = (*discovery.Service)(nil)
