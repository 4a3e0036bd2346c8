package discovery

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Exclusions lists the people who exclude a, or whom a excludes (blocks and reports).
type Exclusions interface {
	ExcludedFrom(ctx context.Context, a account.ID) ([]account.ID, error)
}

// Config holds dependencies and test seams. All may be nil.
type Config struct {
	// OnMatch begins what depends on a match, in the transaction that makes it.
	OnMatch func(ctx context.Context, tx *sql.Tx, a, b account.ID, at time.Time) error
	// OnMatchEnd cleans up what depends on a match, in the transaction that ends it.
	OnMatchEnd func(ctx context.Context, tx *sql.Tx, a, b account.ID) error
	Now        func() time.Time // nil: time.Now
	Wake       func()           // called after commits with facts
	// Key is the secret seed of the daily shuffle of cards, which nobody may predict. nil:
	// random, so each start shuffles anew.
	Key []byte
	// Delay is the time from a pass until its author is hidden from the other; nil: random,
	// see hideDelay.
	Delay func() time.Duration
}

// Service is Discover. Create it with New and start Run.
type Service struct {
	db         *db.DB
	exclusions Exclusions
	log        *slog.Logger
	onMatch    func(ctx context.Context, tx *sql.Tx, a, b account.ID, at time.Time) error
	onMatchEnd func(ctx context.Context, tx *sql.Tx, a, b account.ID) error
	now        func() time.Time
	wake       func()
	key        []byte
	delay      func() time.Duration

	index       *index
	loaded      chan struct{} // closed once the index is loaded
	once        sync.Once
	epoch       time.Time // reference time of exposures in memory
	sessions    *expirable.LRU[account.ID, *session]
	questionLog *questionLog
	pending     pending
	mutual      struct {
		sync.Mutex
		after [2]account.ID // the last pair that MatchMutual checked
	}
}

const (
	maxSessions = 5000
	sessionTTL  = 2 * time.Minute
	loadWait    = 3 * time.Second
)

// New returns a Service. Nobody is shown before Run has loaded the index.
func New(d *db.DB, exclusions Exclusions, log *slog.Logger, c Config) *Service {
	s := &Service{
		db: d, exclusions: exclusions, log: log, onMatch: c.OnMatch, onMatchEnd: c.OnMatchEnd, now: c.Now, wake: c.Wake, key: c.Key, delay: c.Delay,
		index: newIndex(), loaded: make(chan struct{}),
		sessions:    expirable.NewLRU[account.ID, *session](maxSessions, nil, sessionTTL),
		questionLog: newQuestionLog(),
	}
	if s.onMatch == nil {
		s.onMatch = func(context.Context, *sql.Tx, account.ID, account.ID, time.Time) error { return nil }
	}
	if s.onMatchEnd == nil {
		s.onMatchEnd = func(context.Context, *sql.Tx, account.ID, account.ID) error { return nil }
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wake == nil {
		s.wake = func() {}
	}
	if s.key == nil {
		s.key = make([]byte, 32)
		_, _ = rand.Read(s.key) // never fails
	}
	if s.delay == nil {
		s.delay = hideDelay
	}
	s.epoch = s.now()
	return s
}

// ready waits until the index is loaded, at most loadWait.
func (s *Service) ready(ctx context.Context) bool {
	select {
	case <-s.loaded:
		return true
	default:
	}
	wait := time.NewTimer(loadWait)
	defer wait.Stop()
	select {
	case <-s.loaded:
		return true
	case <-ctx.Done():
	case <-wait.C:
	}
	return false
}

func incomplete() error {
	return fault.New(fault.Conflict, "discover.incomplete", "Finish your profile and record an intro first. Then you can meet people here.")
}

func paused() error {
	return fault.New(fault.Conflict, "discover.paused", "You're taking a break from Discover. End the break first.")
}

func starting() error {
	return fault.New(fault.Unavailable, "discover.waking", "Heyy has just started and isn't quite ready. Try again in a moment.")
}
