package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"heyy/internal/base/fault"
	"heyy/internal/base/job"
	"heyy/internal/base/keylock"
)

// Grant is what a participant may do.
type Grant struct {
	CanPublish bool
	Muted      bool
	Version    int64 // of the row; it grows with each change
}

// Participant is somebody who should be connected to a room, as the rows state it.
type Participant struct {
	Grant
	JoinID    string // of the current join: only its connection belongs here
	Connected bool   // false: the rows say that the connection is missing
}

// Desired is the state that a room should have. Whoever is not among the participants should
// not be connected.
type Desired struct {
	Open         bool // false: nobody should be connected, and the room should not exist
	Participants map[string]Participant
}

// Rows reads and writes the rows of rooms.
type Rows interface {
	// Rooms returns the rooms that Reconcile compares.
	Rooms(ctx context.Context) ([]string, error)
	// Desired reads the participants with these identities; none: all. A room without rows
	// is not open.
	Desired(ctx context.Context, room string, identities ...string) (Desired, error)
	// Connected and Disconnected record what a webhook should have recorded.
	Connected(ctx context.Context, room, identity string) error
	Disconnected(ctx context.Context, room, identity string) error
	// Closed records that the media server has closed a room that is not open. Without it,
	// the room stays among Rooms.
	Closed(ctx context.Context, room string) error
}

// SFU is the media server.
type SFU interface {
	// Grant sets what a participant may do. It does nothing for one who is not connected. It
	// fails with ErrStale if a grant with a greater version is in place.
	Grant(ctx context.Context, room, identity string, g Grant) error
	// Remove disconnects a participant, if they are connected.
	Remove(ctx context.Context, room, identity string) error
	// Close disconnects everybody.
	Close(ctx context.Context, room string) error
	// Present returns the connected participants, each with a function that reports whether
	// Grant would change nothing.
	Present(ctx context.Context, room string) (map[string]func(Grant) bool, error)
}

// ErrStale reports a grant that is older than the one in place.
var ErrStale = errors.New("a newer grant is in place")

// errNotAdmitted is the answer to an older join, or to none.
var errNotAdmitted = fault.New(fault.Unauthorized, "audio.not_admitted", "This connection is no longer valid. Join again.")

const servicePrefix = "service:"

// ServiceIdentity returns the identity of a part of the server that connects to rooms.
func ServiceIdentity(name string) string { return servicePrefix + name }

// IsService reports whether an identity belongs to a part of the server, not to a person.
func IsService(identity string) bool { return strings.HasPrefix(identity, servicePrefix) }

// Bounds of the requests to the media server.
const (
	timeout       = 3 * time.Second // for the requests about one room
	maxConcurrent = 8               // rooms at once
	roundTimeout  = time.Second     // how long a round waits for the slowest room, see job.Pool
)

// Reconciler syncs the media server with rows.
type Reconciler struct {
	rows  Rows
	sfu   SFU
	log   *slog.Logger
	locks keylock.Mutex[string] // one sync of each room at a time

	syncs, compares *job.Pool[string]
}

// New returns a Reconciler.
func New(rows Rows, sfu SFU, log *slog.Logger) *Reconciler {
	return &Reconciler{rows: rows, sfu: sfu, log: log,
		syncs: job.NewPool[string](maxConcurrent, roundTimeout), compares: job.NewPool[string](maxConcurrent, roundTimeout)}
}

// Sync applies the rows of some participants, or closes the room. It goes on when ctx ends,
// for at most timeout.
func (r *Reconciler) Sync(ctx context.Context, room string, identities ...string) (err error) {
	defer fault.Wrap(&err, "sync audio of %s", room)
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer stop()
	defer r.locks.Lock(room)()
	want, err := r.rows.Desired(ctx, room, identities...)
	for err == nil && want.Open {
		stale, failed := r.apply(ctx, room, identities, want)
		if failed != nil {
			return failed
		}
		was := want
		want, err = r.rows.Desired(ctx, room, identities...)
		if err != nil || !want.Open || !sameGrants(was, want) {
			continue // a newer change overtook this sync
		}
		// The rows were read after the newer grants, and are no newer: they were restored
		// from a backup. Who connects anew has the grant of the rows.
		for _, identity := range stale {
			if err := r.sfu.Remove(ctx, room, identity); err != nil {
				return err
			}
		}
		return nil
	}
	if err == nil {
		err = r.sfu.Close(ctx, room)
	}
	if err == nil {
		err = r.rows.Closed(ctx, room)
	}
	return err
}

// apply removes and grants at once, and returns whose grants were stale.
func (r *Reconciler) apply(ctx context.Context, room string, identities []string, want Desired) (stale []string, err error) {
	var g errgroup.Group
	was := make([]bool, len(identities))
	for i, identity := range identities {
		g.Go(func() error {
			p, belongs := want.Participants[identity]
			if !belongs {
				return r.sfu.Remove(ctx, room, identity)
			}
			err := r.sfu.Grant(ctx, room, identity, p.Grant)
			if errors.Is(err, ErrStale) {
				was[i], err = true, nil
			}
			return err
		})
	}
	err = g.Wait()
	for i, identity := range identities {
		if was[i] {
			stale = append(stale, identity)
		}
	}
	return stale, err
}

func sameGrants(a, b Desired) bool {
	return maps.EqualFunc(a.Participants, b.Participants, func(x, y Participant) bool { return x.Grant == y.Grant })
}

// SyncCommitted is Sync after a commit. A failure is logged and is no error: the rows are
// right, and Reconcile repeats it.
func (r *Reconciler) SyncCommitted(ctx context.Context, room string, identities ...string) {
	if err := r.Sync(ctx, room, identities...); err != nil {
		r.log.Warn("audio: the media server is not synced; the reconciler repeats it", "room", room, "who", identities, "err", err)
	}
}

// SyncEach syncs rooms that a job has changed; one without an answer delays no other.
func (r *Reconciler) SyncEach(ctx context.Context, identities map[string][]string) error {
	rooms := make([]string, 0, len(identities))
	for room := range identities {
		rooms = append(rooms, room)
	}
	return r.syncs.Each(ctx, rooms, func(ctx context.Context, room string) error { return r.Sync(ctx, room, identities[room]...) })
}

// DisconnectOlder disconnects the audio of older joins if joinID is still the current one.
// No client knows joinID yet, so whoever is connected uses an older one. A failure is logged.
func (r *Reconciler) DisconnectOlder(ctx context.Context, room, identity, joinID string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer stop()
	defer r.locks.Lock(room)()
	want, err := r.rows.Desired(ctx, room, identity)
	if p, belongs := want.Participants[identity]; err == nil && belongs && p.JoinID == joinID {
		err = r.sfu.Remove(ctx, room, identity)
	}
	if err != nil {
		r.log.Warn("audio: the connection of an older join is not closed", "room", room, "who", identity, "err", err)
	}
}

// Admit answers the gate: may this identity be connected with this join, and with what
// grant? It fails with audio.not_admitted.
func (r *Reconciler) Admit(ctx context.Context, room, identity, joinID string) (Grant, error) {
	want, err := r.rows.Desired(ctx, room, identity)
	if err != nil {
		return Grant{}, err
	}
	p, belongs := want.Participants[identity]
	if !want.Open || !belongs || joinID == "" || p.JoinID != joinID {
		return Grant{}, errNotAdmitted
	}
	return p.Grant, nil
}

// Reconcile compares every room with the media server and repairs the differences: it
// disconnects those who do not belong there, repeats grants, and records who is connected.
func (r *Reconciler) Reconcile(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reconcile audio")
	rooms, err := r.rows.Rooms(ctx)
	if err != nil {
		return err
	}
	return r.compares.Each(ctx, rooms, r.compare)
}

// compare repairs one room. It ends at the first error: the next round goes on, and does not
// wait for the media server once per participant.
func (r *Reconciler) compare(ctx context.Context, room string) error {
	present, err := r.present(ctx, room)
	if err != nil {
		return err
	}
	// Read after that, so nobody who has just joined is missing from it.
	want, err := r.rows.Desired(ctx, room)
	if err != nil {
		return err
	}
	if !want.Open {
		return r.Sync(ctx, room)
	}
	var differ []string
	for identity, p := range want.Participants {
		isAsGranted, connected := present[identity]
		switch {
		case connected && !p.Connected:
			err = r.rows.Connected(ctx, room, identity)
			differ = append(differ, identity)
		case connected && !isAsGranted(p.Grant):
			differ = append(differ, identity)
		case !connected && p.Connected:
			err = r.rows.Disconnected(ctx, room, identity)
		}
		if err != nil {
			return err
		}
	}
	for identity := range present {
		if _, belongs := want.Participants[identity]; !belongs && !IsService(identity) {
			differ = append(differ, identity)
		}
	}
	for _, identity := range differ {
		if err := r.Sync(ctx, room, identity); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reconciler) present(ctx context.Context, room string) (map[string]func(Grant) bool, error) {
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	present, err := r.sfu.Present(ctx, room)
	if err != nil {
		return nil, fmt.Errorf("who is in %s: %w", room, err)
	}
	return present, nil
}
