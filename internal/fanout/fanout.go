package fanout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/discovery"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/match"
	"heyy/internal/photo"
	"heyy/internal/profile"
	"heyy/internal/room"
	"heyy/internal/verification"
	"heyy/internal/wire"
)

// Lobby is the channel of the lobby.
const Lobby = "lobby"

// Room is the channel of one room.
func Room(r room.ID) string { return "room:" + string(r) }

// Publisher carries events to sockets.
type Publisher interface {
	Publish(channel string, event any, recent bool) error
	Tell(person string, event any) error
	Silence(person, channel string) error
	Hangup(person string) error
}

// Fanout tells committed facts.
type Fanout struct {
	out    Publisher
	rooms  *room.Service
	calls  *call.Service
	people *profile.Service
	log    *slog.Logger

	mu    sync.Mutex
	cards map[room.ID]bool // waiting for the next flush
}

// New makes a fanout; hand its Take to the relay.
func New(out Publisher, rooms *room.Service, calls *call.Service, people *profile.Service, log *slog.Logger) *Fanout {
	return &Fanout{out: out, rooms: rooms, calls: calls, people: people, log: log, cards: map[room.ID]bool{}}
}

// Take is an event.Listener.
func (f *Fanout) Take(ctx context.Context, r event.Record) error {
	switch r.Kind {
	case room.KindChanged:
		return with(r, func(c room.Changed) error { return f.changed(ctx, c) })
	case room.KindEnded:
		return with(r, f.ended)
	case account.SignedOut{}.Kind():
		return with(r, f.signedOut)
	case discovery.KindMatched:
		return with(r, func(m discovery.Matched) error { return f.matched(ctx, m) })
	case discovery.KindEnded:
		return with(r, f.matchEnded)
	case discovery.KindSomebodyFits:
		return with(r, f.somebodyFits)
	case call.KindChanged:
		return with(r, func(c call.Changed) error { return f.called(ctx, c) })
	case match.KindChanged:
		return with(r, f.queued)
	case photo.KindRevealChanged:
		return with(r, f.revealChanged)
	case verification.Decided{}.Kind():
		return with(r, f.verified)
	default:
		f.log.Error("fanout: nobody tells this fact", "kind", r.Kind)
		return nil
	}
}

// with reads a fact. What cannot be read is dropped, or it would stop the rest.
func with[F any](r event.Record, tell func(F) error) error {
	var f F
	if err := json.Unmarshal(r.Data, &f); err != nil {
		return nil //nolint:nilerr // see above
	}
	return tell(f)
}

func (f *Fanout) changed(ctx context.Context, c room.Changed) error {
	people, err := f.people.People(ctx, c.Member.Account)
	if err != nil {
		return err
	}
	err = f.out.Publish(Room(c.Room), wire.MemberEvent{
		Type: "member", Seq: c.Seq, At: c.At.UnixMilli(), Cause: string(c.Cause),
		Member: wire.ToMember(c.Member, c.Role, people),
	}, true)
	if err != nil {
		return err
	}
	if c.Cause == room.Removed || c.Cause == room.Left {
		// They have heard their own leaving; what comes after is not theirs.
		if err := f.out.Silence(string(c.Member.Account), Room(c.Room)); err != nil {
			return err
		}
	}
	f.mu.Lock()
	f.cards[c.Room] = true
	f.mu.Unlock()
	return nil
}

func (f *Fanout) ended(e room.Ended) error {
	f.mu.Lock()
	delete(f.cards, e.Room)
	f.mu.Unlock()
	return errors.Join(
		f.out.Publish(Room(e.Room), wire.RoomEndedEvent{Type: "ended", Seq: e.Seq, At: e.At.UnixMilli(), Why: string(e.Why)}, true),
		f.out.Publish(Lobby, wire.CardEndedEvent{Type: "ended", RoomID: string(e.Room), Seq: e.Seq}, true))
}

func (f *Fanout) signedOut(s account.SignedOut) error {
	// The device hears why, then every socket is closed: those of living
	// sessions come back by themselves.
	return errors.Join(
		f.out.Tell(string(s.Account), wire.SignedOutEvent{Type: "signed_out", Session: string(s.Session)}),
		f.out.Hangup(string(s.Account)))
}

// cardTime gathers what happens in a room before the lobby hears of it: a full
// room would otherwise send its card with every coming and going.
const cardTime = 250 * time.Millisecond

// Run tells the lobby until ctx ends.
func (f *Fanout) Run(ctx context.Context) error {
	tick := time.NewTicker(cardTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			f.flush(ctx)
		}
	}
}

func (f *Fanout) flush(ctx context.Context) {
	f.mu.Lock()
	waiting := f.cards
	f.cards = map[room.ID]bool{}
	f.mu.Unlock()
	for r := range waiting {
		if err := f.card(ctx, r); err != nil && ctx.Err() == nil {
			f.log.Warn("fanout: card", "room", r, "err", err)
		}
	}
}

func (f *Fanout) card(ctx context.Context, id room.ID) error {
	r, err := f.rooms.Card(ctx, id)
	if err != nil || !r.EndedAt.IsZero() {
		return err
	}
	people, err := f.people.People(ctx, wire.In(r)...)
	if err != nil {
		return err
	}
	return f.out.Publish(Lobby, wire.CardEvent{Type: "card", Card: wire.ToCard(r, people)}, true)
}

// MayHear is the rule for subscriptions: the lobby is for every member, a room
// for those inside it.
func (f *Fanout) MayHear(ctx context.Context, person account.ID, channel string) error {
	if channel == Lobby {
		return nil
	}
	if id, ok := strings.CutPrefix(channel, Room("")); ok {
		_, _, err := f.rooms.Admission(ctx, person, room.ID(id))
		return err
	}
	return fmt.Errorf("channel: %w", fault.New(fault.Forbidden, "realtime.channel", "There is no such channel for you."))
}
