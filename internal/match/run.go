package match

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/discovery"
	"heyy/internal/fault"
	"heyy/internal/match/pool"
)

const (
	leaseName  = "match"
	leaseTime  = 3 * time.Second
	pollEvery  = 200 * time.Millisecond // what other nodes and package call did
	standEvery = time.Second            // how often who does not lead tries to
	sweepEvery = time.Second
	overlap    = time.Second // clocks of nodes differ, and a row is dated before it is committed
	rowsPage   = 500
	handsMost  = 8 // proposals under way at a time
	// A round proposes for so long at most. When very many are hungry, whoever it
	// did not come to is chosen for again, together with who came meanwhile; and
	// the lease is renewed in between.
	proposeTime = 500 * time.Millisecond
)

// leader is the node that chooses. It lives in one goroutine.
type leader struct {
	*Service
	pool  *crowd // nil: somebody else leads
	fence int64
	until time.Time // the lease is ours so long

	since  int64      // changes before are known
	cursor account.ID // everybody is read again, a page at a time
	pass   uint32
	swept  time.Time
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
		case <-s.stirred:
		case <-timer.C:
		}
		wait := pollEvery
		leads, err := l.lead(ctx)
		if !leads {
			s.takeNoted()
			wait = standEvery
		}
		if leads && err == nil {
			poll := time.Since(polled) >= pollEvery
			if err = l.look(ctx, poll); poll {
				polled = time.Now()
			}
		}
		if leads && err == nil {
			now := time.Now()
			switch {
			case l.pool.Hungry() == 0:
				gather = time.Time{}
			case gather.IsZero():
				gather = now.Add(pool.GatherTime)
			case !now.Before(gather):
				var again bool
				if again, err = l.round(ctx); !again {
					now = time.Now().Add(pool.GatherTime)
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

// lead reports whether this node leads, and takes or renews the lease. Who
// comes to lead reads everybody.
func (l *leader) lead(ctx context.Context) (leads bool, err error) {
	now := l.now()
	if l.pool != nil && l.until.Sub(now) > leaseTime/2 {
		return true, nil
	}
	fence, held, err := l.db.Lease(ctx, leaseName, l.node, now, leaseTime)
	switch {
	case err != nil:
		if l.pool != nil && !now.Before(l.until) {
			l.pool = nil
		}
		return l.pool != nil, fmt.Errorf("lease: %w", err)
	case !held:
		l.pool = nil
		return false, nil
	}
	l.until = now.Add(leaseTime)
	if l.pool != nil && l.fence == fence {
		return true, nil
	}
	l.fence = fence
	if err := l.rebuild(ctx); err != nil {
		l.pool = nil
		return true, err
	}
	return true, nil
}

// rebuild reads everybody who waits.
func (l *leader) rebuild(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "read the queue")
	begun := time.Now()
	l.pool = newCrowd()
	l.since = db.Millis(l.now().Add(-overlap))
	l.cursor, l.pass, l.swept = "", 1, time.Time{}
	for {
		more, err := l.page(ctx)
		if err != nil {
			return err
		}
		if !more {
			l.log.Info("match: leads", "waiting", l.pool.Len(), "fence", l.fence, "after", time.Since(begun).Round(time.Millisecond))
			return nil
		}
	}
}

// look brings the pool up to date: with what changed on this node, and, if poll,
// with the rest.
func (l *leader) look(ctx context.Context, poll bool) error {
	now := l.now()
	ids, over := l.takeNoted()
	if poll || over {
		changed, err := l.settle(ctx, now)
		if err != nil {
			return err
		}
		ids = append(ids, changed...)
	}
	if poll {
		if now.Sub(l.swept) >= sweepEvery || now.Before(l.swept) {
			l.swept = now
			gone, err := l.sweep(ctx, now)
			if err != nil {
				return err
			}
			for _, who := range gone {
				l.pool.drop(who)
			}
		}
	}
	if err := l.take(ctx, ids); err != nil {
		return err
	}
	if !poll {
		return nil
	}
	if err := l.changes(ctx, now); err != nil {
		return err
	}
	if _, err := l.page(ctx); err != nil {
		return err
	}
	l.pool.Lonely(now)
	return nil
}

// take reads the tickets of some people anew.
func (l *leader) take(ctx context.Context, ids []account.ID) error {
	slices.Sort(ids)
	for some := range slices.Chunk(slices.Compact(ids), rowsPage) {
		found, err := rowsOf(ctx, l.db, db.Millis(l.now()), some...)
		if err != nil {
			return err
		}
		var rows []row
		for _, who := range some {
			if r, there := found[who]; there {
				rows = append(rows, r)
			} else {
				l.pool.drop(who)
			}
		}
		if err := l.put(ctx, rows); err != nil {
			return err
		}
	}
	return nil
}

// changes reads the tickets that changed lately, on whatever node.
func (l *leader) changes(ctx context.Context, now time.Time) error {
	rows, err := db.Select(ctx, l.db, scanRow, rowColumns+`WHERE t.changed_at > $1 AND t.deadline_at > $2`, l.since, db.Millis(now))
	if err != nil {
		return err
	}
	l.since = db.Millis(now.Add(-overlap))
	return l.put(ctx, rows)
}

// page reads the next of everybody who waits. It finds whatever else changed,
// and after the last page, who is gone.
func (l *leader) page(ctx context.Context) (more bool, err error) {
	rows, err := db.Select(ctx, l.db, scanRow, rowColumns+`WHERE t.account_id > $1 AND t.deadline_at > $2 ORDER BY t.account_id LIMIT $3`,
		string(l.cursor), db.Millis(l.now()), rowsPage)
	if err != nil {
		return false, err
	}
	if err := l.put(ctx, rows); err != nil {
		return false, err
	}
	if len(rows) == rowsPage {
		l.cursor = rows[len(rows)-1].who
		return true, nil
	}
	for who, k := range l.pool.known {
		if k.pass < l.pass {
			l.pool.drop(who)
		}
	}
	l.cursor, l.pass = "", l.pass+1
	return false, nil
}

// put takes over rows that are not as the pool has them.
func (l *leader) put(ctx context.Context, rows []row) error {
	var fresh []row
	var ids, come []account.ID
	for _, r := range rows {
		k := l.pool.known[r.who]
		if k != nil && k.row == r {
			k.pass = l.pass
			continue
		}
		fresh, ids = append(fresh, r), append(ids, r.who)
		if k == nil || k.id != r.id {
			come = append(come, r.who)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	people, err := l.people.People(ctx, ids...)
	if err != nil {
		return err
	}
	apart := map[account.ID][]account.ID{}
	if len(come) > 0 {
		if apart, err = apartFrom(ctx, l.db, l.now(), come); err != nil {
			return err
		}
	}
	for _, r := range fresh {
		if r.call == "" && r.open == "live" { // they talk, by another way than the queue
			if err := l.talks(ctx, r); err != nil {
				return err
			}
			continue
		}
		l.pool.put(r, people[r.who], apart[r.who], l.pass, l.now())
	}
	return nil
}

// round chooses once and proposes. It is not to be tried again at once where the
// rows were of two minds.
func (l *leader) round(ctx context.Context) (again bool, err error) {
	pairs := l.pool.Choose(l.now())
	if len(pairs) == 0 {
		return true, nil
	}
	return l.proposeAll(ctx, pairs)
}

// proposeAll proposes pairs, several at a time, and takes note of what the rows
// say.
func (l *leader) proposeAll(ctx context.Context, pairs [][2]account.ID) (again bool, err error) {
	verdicts, failed := make([]verdict, len(pairs)), make([]error, len(pairs))
	hands := make(chan struct{}, handsMost)
	var all sync.WaitGroup
	begun := time.Now()
	for i := range pairs {
		hands <- struct{}{}
		if time.Since(begun) > proposeTime {
			pairs = pairs[:i]
			break
		}
		all.Go(func() {
			defer func() { <-hands }()
			verdicts[i], failed[i] = l.propose(ctx, l.fence, pairs[i])
		})
	}
	all.Wait()
	again = true
	var anew []account.ID
	made := false
	for i, pair := range pairs {
		v := verdicts[i]
		switch {
		case failed[i] != nil:
			again = false
			anew = append(anew, pair[:]...) // it may have been committed all the same
		case v.call != "":
			made = true
			l.pool.rest(pair[0])
			l.pool.rest(pair[1])
		case v.apart:
			l.pool.Part(pair[0], pair[1])
		case v.known:
			again = false // should memory and rows ever judge otherwise, then not without a pause
			l.learn(pair, v)
		default:
			again = false
			anew = append(anew, pair[:]...)
		}
	}
	if made {
		l.wake()
	}
	err = errors.Join(failed...)
	if errors.Is(err, errFenced) {
		l.pool, l.until = nil, time.Time{}
		return false, err
	}
	if len(anew) > 0 {
		err = errors.Join(err, l.take(ctx, anew))
	}
	return again, err
}

// learn takes over what a proposal that was refused has read.
func (l *leader) learn(pair [2]account.ID, v verdict) {
	for _, who := range pair {
		if r, there := v.rows[who]; there {
			l.pool.put(r, v.both[who], nil, l.pass, l.now())
		} else {
			l.pool.drop(who)
		}
	}
}

var _ People = (*discovery.Service)(nil)
