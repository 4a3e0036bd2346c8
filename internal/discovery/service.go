package discovery

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
)

// Apart knows who must not meet whom, whoever of them wished it so.
type Apart interface {
	ApartFrom(ctx context.Context, a account.ID) ([]account.ID, error)
}

// Config is what the rest of the house gives. All may be nil.
type Config struct {
	// Forget takes away what two people had because they were matched, in the
	// transaction in which their match ends.
	Forget func(ctx context.Context, tx *sql.Tx, a, b account.ID) error
	Now    func() time.Time // nil: time.Now
	Wake   func()           // called after commits with facts
}

// Service shows people to each other. Make it with New and let Run run.
type Service struct {
	db     *db.DB
	apart  Apart
	log    *slog.Logger
	forget func(ctx context.Context, tx *sql.Tx, a, b account.ID) error
	now    func() time.Time
	wake   func()

	sql      *texts
	index    *index
	loaded   chan struct{} // closed when everybody is in the index
	once     sync.Once
	epoch    time.Time // of exposures in memory
	sessions *expirable.LRU[account.ID, *session]
	unsaved  unsaved
}

const (
	sessionsMost = 5000
	sessionTime  = 2 * time.Minute
	loadWait     = 3 * time.Second
)

// New makes a service. Nobody is shown before Run has read everybody.
func New(d *db.DB, apart Apart, log *slog.Logger, c Config) *Service {
	s := &Service{
		db: d, apart: apart, log: log, forget: c.Forget, now: c.Now, wake: c.Wake,
		sql: newTexts(), index: newIndex(), loaded: make(chan struct{}),
		sessions: expirable.NewLRU[account.ID, *session](sessionsMost, nil, sessionTime),
	}
	if s.forget == nil {
		s.forget = func(context.Context, *sql.Tx, account.ID, account.ID) error { return nil }
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wake == nil {
		s.wake = func() {}
	}
	s.epoch = s.now()
	return s
}

// ready waits until everybody is in the index, three seconds at most.
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

func unknown() error {
	return fault.New(fault.NotFound, "person.unknown", "There is no such person.")
}

func incomplete() error {
	return fault.New(fault.Conflict, "discover.incomplete", "Finish your profile and record an intro first; then you meet people here.")
}

func onPause() error {
	return fault.New(fault.Conflict, "discover.paused", "You are taking a break from Discover. Come back when you like.")
}

func waking() error {
	return fault.New(fault.Unavailable, "discover.waking", "Heyy has just started and is still looking around. Try again in a moment.")
}
