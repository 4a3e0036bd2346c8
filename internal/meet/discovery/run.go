package discovery

import (
	"context"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

const (
	pollEvery   = time.Second
	flushEvery  = 10 * time.Second
	expireEvery = time.Minute
	putBatch    = 500 // rows written per lock of the index, so that readers are not blocked for long
	// overlap is how far each poll reaches back behind the previous one: clocks of
	// servers differ, and a row is dated before it is committed.
	overlap = 20 * time.Second
)

// Run loads the index, polls the rows for changes, and flushes exposures and tastes, until
// ctx ends.
func (s *Service) Run(ctx context.Context) error {
	since := s.now().Add(-overlap)
	for {
		err := s.load(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil
		}
		s.log.Warn("discovery: will read everybody again", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollEvery):
		}
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	flushed, expired := s.now(), s.now()
	for {
		select {
		case <-ctx.Done():
			c, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer stop()
			if err := s.Flush(c); err != nil {
				s.log.Warn("discovery: what was learnt last is lost", "err", err)
			}
			return nil
		case <-tick.C:
		}
		now := s.now()
		if err := s.refresh(ctx, since); err == nil {
			since = now.Add(-overlap)
		} else if ctx.Err() == nil {
			s.log.Warn("discovery: will look for changes again", "err", err)
		}
		if now.Sub(flushed) >= flushEvery {
			flushed = now
			if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("discovery: what was learnt lately is lost", "err", err)
			}
		}
		if now.Sub(expired) >= expireEvery {
			expired = now
			s.index.expire(now)
		}
	}
}

// Size is the number of people in the index.
func (s *Service) Size() int { return s.index.size() }

// load reads everybody who can be shown.
func (s *Service) load(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "read everybody")
	begun := time.Now()
	var n int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM profiles WHERE voice IS NOT NULL`).Scan(&n); err != nil {
		return err
	}
	s.index.reserve(n)
	now := s.now()
	page := s.newBatchWriter(now)
	// One query: paged, PostgreSQL would join the whole tables for each page.
	rows, err := s.db.QueryContext(ctx, `SELECT `+personColumns+personTables+`WHERE p.voice IS NOT NULL`)
	_, err = s.scanPersons(rows, err, nil, page.put)
	page.done()
	if err != nil {
		return err
	}
	if err := s.loadExposures(ctx); err != nil {
		return err
	}
	s.once.Do(func() { close(s.loaded) })
	s.log.Info("discovery: ready", "people", s.index.size(), "after", time.Since(begun).Round(time.Millisecond))
	return nil
}

func (s *Service) loadExposures(ctx context.Context) error {
	scale := growth(exposureEpoch(), s.epoch)
	rows, err := s.db.QueryContext(ctx, `SELECT account_id, audience FROM exposures`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	for rows.Next() {
		var id account.ID
		var heads float64
		if err := rows.Scan(&id, &heads); err != nil {
			return err
		}
		if k, ok := keyOf(id); ok {
			if row, ok := s.index.rows[k]; ok {
				s.index.addTotalExposure(heads/scale - s.index.details[row].exposure.value())
				s.index.details[row].exposure.set(heads / scale)
			}
		}
	}
	return rows.Err()
}

// refresh reads the rows that changed since then.
func (s *Service) refresh(ctx context.Context, since time.Time) (err error) {
	defer fault.Wrap(&err, "refresh")
	page := s.newBatchWriter(s.now())
	defer page.done()
	// UNION ALL, for with UNION SQLite would merge whole tables, each second.
	rows, err := s.db.QueryContext(ctx, `SELECT `+personColumns+personTables+`WHERE p.account_id IN (
		SELECT account_id FROM profiles WHERE updated_at >= $1 UNION ALL SELECT id FROM accounts WHERE seen_at >= $1 UNION ALL SELECT account_id FROM regions WHERE updated_at >= $1)`,
		db.Millis(since))
	_, err = s.scanPersons(rows, err, nil, page.put)
	return err
}

// batchWriter writes people into the index in batches.
type batchWriter struct {
	x    *index
	now  time.Time
	some []Person
}

func (s *Service) newBatchWriter(now time.Time) *batchWriter {
	return &batchWriter{x: s.index, now: now}
}

func (p *batchWriter) put(one *Person) {
	if p.some = append(p.some, *one); len(p.some) == putBatch {
		p.done()
	}
}

func (p *batchWriter) done() {
	p.x.mu.Lock()
	defer p.x.mu.Unlock()
	for i := range p.some {
		p.x.put(&p.some[i], p.now)
	}
	p.some = p.some[:0]
}

// Wait blocks until the index is loaded or ctx ends.
func (s *Service) Wait(ctx context.Context) error {
	select {
	case <-s.loaded:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
