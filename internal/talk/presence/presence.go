package presence

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"heyy/internal/base/db"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// State is how somebody is there, for one viewer.
type State string

// The states.
const (
	Offline State = "offline" // or invisible
	Online  State = "online"
	InRoom  State = "in_room"
	// Undisturbed is online with do not disturb, wherever they are.
	Undisturbed State = "do_not_disturb"
)

// Presence is how one person is there, for one viewer.
type Presence struct {
	Account account.ID
	State   State
	Room    room.Place // of InRoom
}

// Friends knows who is a friend of whom: they have a match, or follow each other.
type Friends interface {
	// Friends returns the friends of by.
	Friends(ctx context.Context, by account.ID) ([]account.ID, error)
	// AreFriends reports whether a and b are friends.
	AreFriends(ctx context.Context, q db.Querier, a, b account.ID) (bool, error)
}

// Rooms knows who is in which room, and who may join it; see package room.
type Rooms interface {
	Places(ctx context.Context, people ...account.ID) (map[account.ID]room.Place, error)
	ShutTo(ctx context.Context, r room.ID) ([]account.ID, error)
	RoomsOfSpeakers(ctx context.Context, people ...account.ID) ([]room.ID, error)
}

// Config is the configuration of a Service.
type Config struct {
	Node    string // this process; no other that runs has the same
	Friends Friends
	Rooms   Rooms
	// Tell sends an event to all sockets of one person.
	Tell func(to account.ID, p Presence) error
	Now  func() time.Time
	Wake func() // wakes the relay of the outbox, after commits with facts
}

// Service knows who is here. Create it with New, call Begin before the first socket, and
// Run meanwhile.
type Service struct {
	db  *db.DB
	log *slog.Logger
	cfg Config

	sockets *sockets

	mu     sync.Mutex
	marks  map[account.ID]bool             // to be looked at; true: because of their settings
	rest   map[account.ID]time.Time        // until when somebody who was looked at waits
	told   map[account.ID]shown            // what friends were told last; none: offline
	inside map[room.ID]map[account.ID]bool // of told: who is in which room

	// telling is held while friends are read and told: nobody is told of somebody after they
	// were told that it is over.
	telling sync.Mutex
}

// New returns a Service.
func New(d *db.DB, log *slog.Logger, c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	return &Service{
		db: d, log: log, cfg: c, sockets: newSockets(),
		marks: map[account.ID]bool{}, rest: map[account.ID]time.Time{}, told: map[account.ID]shown{}, inside: map[room.ID]map[account.ID]bool{},
	}
}

// tick is how often Run looks whether there is anything to do.
const tick = 500 * time.Millisecond

// Run keeps the rows and tells friends, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, step := range []func(context.Context) error{s.keep, s.publish} {
		g.Go(func() error {
			ticker := time.NewTicker(tick)
			defer ticker.Stop()
			for {
				select {
				case <-ctx.Done():
					return nil
				case <-ticker.C:
				}
				if err := step(ctx); err != nil && ctx.Err() == nil {
					s.log.Error("presence", "err", err) // the next tick tries again
				}
			}
		})
	}
	return g.Wait()
}
