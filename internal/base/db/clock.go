package db

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Clock is one clock for all nodes that share a database, for times that decide who stays and
// who leaves: a deadline that one node writes is swept by another. It shows the time of the
// database server, with SQLite that of this machine. When that is set, even by minutes, Clock
// does not jump: it runs on by the machine's monotonic clock and catches up slowly, so that
// two minutes last two minutes, give or take one part in slewPart. Only what is off by more than
// stepAfter is followed at once: the machine was asleep, or its clock was never right.
type Clock struct {
	reference func(context.Context) (now time.Time, within time.Duration, err error)
	elapsed   func() time.Duration // monotonic

	mu     sync.Mutex
	at     time.Time     // what the clock showed
	since  time.Duration // then, by elapsed
	behind time.Duration // the reference, then; negative: ahead of it
}

const (
	slewPart   = 20               // the clock is slower or faster by at most a twentieth
	clockEvery = 30 * time.Second // between two looks at the reference
	clockSure  = time.Second      // a reference that is less exact is not followed
	stepAfter  = 15 * time.Minute
)

// NewClock returns the clock of a database, which shows its time at once. Run must run.
func (d *DB) NewClock(ctx context.Context) (*Clock, error) {
	begun := time.Now()
	return NewClock(ctx, d.Time, func() time.Duration { return time.Since(begun) })
}

// NewClock returns a clock that follows a reference, which says how exact it is, and a
// monotonic clock.
func NewClock(ctx context.Context, reference func(context.Context) (time.Time, time.Duration, error), elapsed func() time.Duration) (*Clock, error) {
	c := &Clock{reference: reference, elapsed: elapsed}
	now, _, err := reference(ctx)
	c.at, c.since = now, elapsed()
	return c, err
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, _ := c.read()
	return now
}

// read returns the time, and how far it is behind the reference. It is called with mu held.
func (c *Clock) read() (now time.Time, behind time.Duration) {
	took := c.elapsed() - c.since
	most := took / slewPart
	slewed := min(max(c.behind, -most), most)
	return c.at.Add(took + slewed), c.behind - slewed
}

// Follow looks at the reference once.
func (c *Clock) Follow(ctx context.Context) error {
	reference, within, err := c.reference(ctx)
	if err != nil || within > clockSure {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now, _ := c.read()
	c.at, c.since, c.behind = now, c.elapsed(), reference.Sub(now)
	if c.behind.Abs() > stepAfter {
		c.at, c.behind = reference, 0
	}
	return nil
}

// Run follows the reference until ctx ends.
func (c *Clock) Run(ctx context.Context, log *slog.Logger) error {
	ticks := time.NewTicker(clockEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		if err := c.Follow(ctx); err != nil && ctx.Err() == nil {
			log.Warn("db: the time of the database is not known; the clock runs on", "err", err)
		}
	}
}
