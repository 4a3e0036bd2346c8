package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"heyy/internal/base/fault"
	"heyy/internal/base/job"
	"heyy/internal/base/keylock"
)

// Grant is the permission of one participant.
type Grant struct {
	CanPublish bool
	Muted      bool
	Deaf       bool  // receives nobody's audio, and is told of nobody
	Version    int64 // of the row; it grows with each change
}

// Participant is somebody who should be connected to a room, as the rows state it.
type Participant struct {
	Grant
	JoinID    string // of the current join: only its connections belong here
	Connected bool   // false: the rows say that the connection is missing
	OnSFU     bool   // has a seat, or is about to take one; otherwise they listen at the listening tier
}

// Desired is the state that a room should have. Whoever is not among the participants should
// not be connected.
type Desired struct {
	Open         bool // false: nobody should be connected, and the room should not exist
	Public       bool // people without an account may listen
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
	// Present returns the connected participants.
	Present(ctx context.Context, room string) (map[string]Connection, error)
}

// Listeners is the listening tier of this node: the sessions of those who only listen. Its
// methods take effect at once.
type Listeners interface {
	// CloseOwner ends the sessions of an identity, but those of the join keep; "" keeps none.
	CloseOwner(room, identity, keep string)
	// CloseRoom ends all sessions of a room, those of guests too.
	CloseRoom(room string)
	// Present returns the identities with a connected session, and the join of each.
	Present(room string) map[string]string
	// Rooms returns the rooms with sessions.
	Rooms() []string
	// RoomsOf returns the rooms in which an identity has sessions.
	RoomsOf(identity string) []string
}

// NoListeners are the Listeners where nobody only listens: in calls.
type NoListeners struct{}

// CloseOwner implements Listeners.
func (NoListeners) CloseOwner(_, _, _ string) {}

// CloseRoom implements Listeners.
func (NoListeners) CloseRoom(string) {}

// Present implements Listeners.
func (NoListeners) Present(string) map[string]string { return nil }

// Rooms implements Listeners.
func (NoListeners) Rooms() []string { return nil }

// RoomsOf implements Listeners.
func (NoListeners) RoomsOf(string) []string { return nil }

// Connection is a connected participant.
type Connection struct {
	JoinID      string
	IsAsGranted func(Grant) bool // whether Grant would change nothing
}

// ErrStale reports a grant that is older than the one in place.
var ErrStale = errors.New("a newer grant is in place")

// errNotAdmitted is the answer to an older join, or to none.
var errNotAdmitted = fault.New(fault.Unauthorized, "audio.not_admitted", "This connection is no longer valid. Join again.")

const (
	servicePrefix = "service:"
	guestPrefix   = "guest:"
)

// ServiceIdentity returns the identity of a part of the server that connects to rooms.
func ServiceIdentity(name string) string { return servicePrefix + name }

// IsService reports whether an identity belongs to a part of the server, not to a person.
func IsService(identity string) bool { return strings.HasPrefix(identity, servicePrefix) }

// GuestIdentity returns the identity of a listener without a row: who previews a room, or
// listens to a shared one. The listening tier ends their sessions in time; until then only
// the end of the room does, or CloseOwner.
func GuestIdentity(name string) string { return guestPrefix + name }

// PublicIdentity is the identity of everybody who listens to a shared room without an account.
// Each of their sessions has a join of its own.
var PublicIdentity = GuestIdentity("public")

// IsGuest reports whether an identity belongs to a listener without a row.
func IsGuest(identity string) bool { return strings.HasPrefix(identity, guestPrefix) }

// VoiceIdentity returns the identity of a member of a room: their voice in decimal.
func VoiceIdentity(voice uint32) string { return strconv.FormatUint(uint64(voice), 10) }

// ParseVoice returns the voice of an identity; false for anything that VoiceIdentity does not
// return for a member, such as the identity of a service.
func ParseVoice(identity string) (voice uint32, ok bool) {
	v, err := strconv.ParseUint(identity, 10, 32)
	if voice = uint32(v); err != nil || voice == 0 || VoiceIdentity(voice) != identity {
		return 0, false
	}
	return voice, true
}

// Bounds of the requests to the media server.
const (
	timeout       = 3 * time.Second // for the requests about one participant, or to close a room
	maxConcurrent = 8               // rooms at once
	roundTimeout  = time.Second     // how long a round waits for the slowest room, see job.Pool
)

// Reconciler syncs the media server and the listening tier with rows.
type Reconciler struct {
	rows      Rows
	sfu       SFU
	listeners Listeners
	log       *slog.Logger
	locks     keylock.Mutex[participant] // one sync of each participant at a time

	syncs, compares *job.Pool[string]
}

type participant struct{ room, identity string }

// New returns a Reconciler.
func New(rows Rows, sfu SFU, listeners Listeners, log *slog.Logger) *Reconciler {
	return &Reconciler{rows: rows, sfu: sfu, listeners: listeners, log: log,
		syncs: job.NewPool[string](maxConcurrent, roundTimeout), compares: job.NewPool[string](maxConcurrent, roundTimeout)}
}

// Sync applies the rows of some participants at once, or closes the room if it is not open.
// It goes on when ctx ends, for at most timeout after its turn has come.
func (r *Reconciler) Sync(ctx context.Context, room string, identities ...string) (err error) {
	defer fault.Wrap(&err, "sync audio of %s", room)
	ctx = context.WithoutCancel(ctx)
	var open atomic.Bool
	var all errgroup.Group
	for _, identity := range identities {
		all.Go(func() error {
			isOpen, err := r.syncOne(ctx, room, identity)
			if isOpen {
				open.Store(true)
			}
			return err
		})
	}
	if err := all.Wait(); err != nil || open.Load() {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	if want, err := r.rows.Desired(ctx, room, identities...); err != nil || want.Open {
		return err
	}
	r.listeners.CloseRoom(room)
	if err := r.sfu.Close(ctx, room); err != nil {
		return err
	}
	return r.rows.Closed(ctx, room)
}

// syncOne applies the row of one participant until it no longer changes meanwhile, and
// reports whether the room is open. Whoever hangs at the media server delays nobody else.
func (r *Reconciler) syncOne(ctx context.Context, room, identity string) (open bool, err error) {
	defer r.locks.Lock(participant{room, identity})()
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	want, err := r.rows.Desired(ctx, room, identity)
	for err == nil && want.Open {
		p, belongs := want.Participants[identity]
		r.listeners.CloseOwner(room, identity, p.JoinID)
		if belongs && p.OnSFU {
			err = r.sfu.Grant(ctx, room, identity, p.Grant)
		} else {
			err = r.sfu.Remove(ctx, room, identity)
		}
		stale := errors.Is(err, ErrStale)
		if err != nil && !stale {
			return true, err
		}
		want, err = r.rows.Desired(ctx, room, identity)
		now, still := want.Participants[identity]
		switch {
		case err != nil || !want.Open || still != belongs || now.Grant != p.Grant || now.OnSFU != p.OnSFU || now.JoinID != p.JoinID:
			continue // a newer change overtook this sync
		case stale:
			// The rows were read after the newer grant, and are no newer: they were restored
			// from a backup. Who connects anew has the grant of the rows.
			return true, r.sfu.Remove(ctx, room, identity)
		}
		return true, nil
	}
	return false, err
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
	defer r.locks.Lock(participant{room, identity})()
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer stop()
	want, err := r.rows.Desired(ctx, room, identity)
	if p, belongs := want.Participants[identity]; err == nil && belongs && p.JoinID == joinID {
		r.listeners.CloseOwner(room, identity, joinID)
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
	if !want.Open || !belongs || !p.OnSFU || joinID == "" || p.JoinID != joinID {
		return Grant{}, errNotAdmitted
	}
	return p.Grant, nil
}

// ClosePublic ends the sessions of all who listen to a room without an account, on this node.
// Reconcile does so on the others.
func (r *Reconciler) ClosePublic(room string) { r.listeners.CloseOwner(room, PublicIdentity, "") }

// IsListening reports whether a join has a connected session at the listening tier.
func (r *Reconciler) IsListening(room, identity, joinID string) bool {
	return joinID != "" && r.listeners.Present(room)[identity] == joinID
}

// Reconcile compares every room with the media server and the listening tier and repairs the differences: it
// disconnects those who do not belong there, repeats grants, and records who is connected.
func (r *Reconciler) Reconcile(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reconcile audio")
	rooms, err := r.rows.Rooms(ctx)
	if err != nil {
		return err
	}
	for _, room := range r.listeners.Rooms() {
		if !slices.Contains(rooms, room) {
			rooms = append(rooms, room)
		}
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
	listening := r.listeners.Present(room)
	// Read after that, so nobody who has just joined is missing from it.
	want, err := r.rows.Desired(ctx, room)
	if err != nil {
		return err
	}
	if !want.Open {
		return r.Sync(ctx, room)
	}
	if !want.Public {
		r.ClosePublic(room)
	}
	var differ, older []string
	for identity, p := range want.Participants {
		c, speaking := present[identity]
		join, hears := listening[identity]
		connected := speaking && c.JoinID == p.JoinID || hears && join == p.JoinID
		switch {
		case speaking && c.JoinID != p.JoinID:
			older = append(older, identity)
		case speaking && !p.OnSFU, hears && join != p.JoinID:
			differ = append(differ, identity)
		case connected && !p.Connected:
			err = r.rows.Connected(ctx, room, identity)
			if speaking {
				differ = append(differ, identity)
			}
		case speaking && !c.IsAsGranted(p.Grant):
			differ = append(differ, identity)
		case !connected && p.Connected && !r.IsListening(room, identity, p.JoinID): // connected meanwhile
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
	for identity := range listening {
		if _, belongs := want.Participants[identity]; !belongs && !IsGuest(identity) {
			differ = append(differ, identity)
		}
	}
	for _, identity := range differ {
		if err := r.Sync(ctx, room, identity); err != nil {
			return err
		}
	}
	if len(older) == 0 {
		return nil
	}
	// They may have connected anew between the two reads.
	again, err := r.present(ctx, room)
	if err != nil {
		return err
	}
	for _, identity := range older {
		if c, connected := again[identity]; connected && c.JoinID == present[identity].JoinID {
			if err := r.sfu.Remove(ctx, room, identity); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Reconciler) present(ctx context.Context, room string) (map[string]Connection, error) {
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	present, err := r.sfu.Present(ctx, room)
	if err != nil {
		return nil, fmt.Errorf("who is in %s: %w", room, err)
	}
	return present, nil
}
