package fanout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/edge/apitypes"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/card"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
)

// Lobby is the name of the lobby's channel.
const Lobby = "lobby"

// Room returns the name of a room's channel.
func Room(r room.ID) string { return "room:" + string(r) }

// Publisher sends events to sockets; realtime.Node implements it.
type Publisher interface {
	// Publish sends an event to all subscribers of a channel.
	Publish(channel string, event any) error
	// Send sends an event to the subscribers for whom to returns true.
	Send(channel string, event any, to func(person string) bool) error
	// Subscribers returns the people who subscribe to a channel, each once.
	Subscribers(channel string) []string
	// PublishTo sends an event to all sockets of one person.
	PublishTo(person string, event any) error
	// Unsubscribe ends a person's subscription to a channel.
	Unsubscribe(person, channel string) error
	// Disconnect closes all sockets of a person; clients reconnect with a valid session.
	Disconnect(person string) error
}

// Fanout is the outbox listener that publishes facts as live events.
type Fanout struct {
	out       Publisher
	rooms     *room.Service
	roomChats *roomchat.Service
	calls     *call.Service
	messages  *message.Service
	moments   *moment.Service
	people    *profile.Service
	follows   *follow.Service
	log       *slog.Logger
	now       func() time.Time

	mu        sync.Mutex
	cards     map[room.ID]bool                                               // queued for the next flush
	crowds    map[room.ID]bool                                               // crowded rooms whose listeners are counted at the next flush
	reactions map[room.ID]map[apitypes.RoomReaction]map[account.ID]time.Time // shown last, until they are told

	// told holds, for rooms in the lobby, the people whom the last card told of them. Only Run
	// uses it.
	told map[room.ID]room.Audience
}

// timeout is how long the outbox retries a fact. It is short, because the facts behind it
// wait: a client that misses an event sees a gap in seq and reads the state again.
const timeout = 5 * time.Second

// Domains are the packages in which a Fanout reads what a fact is about.
type Domains struct {
	Rooms     *room.Service
	RoomChats *roomchat.Service
	Calls     *call.Service
	Messages  *message.Service
	Moments   *moment.Service
	People    *profile.Service
	Follows   *follow.Service
	Now       func() time.Time // nil: time.Now
}

// New returns a Fanout. Its Listener belongs to the relay, and Run must run.
func New(out Publisher, d Domains, log *slog.Logger) *Fanout {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Fanout{
		out: out, rooms: d.Rooms, roomChats: d.RoomChats, now: d.Now, calls: d.Calls, messages: d.Messages, moments: d.Moments, people: d.People, follows: d.Follows, log: log,
		cards: map[room.ID]bool{}, crowds: map[room.ID]bool{}, told: map[room.ID]room.Audience{},
		reactions: map[room.ID]map[apitypes.RoomReaction]map[account.ID]time.Time{},
	}
}

// Listener returns the outbox listener.
func (f *Fanout) Listener() outbox.Listener {
	return outbox.Listener{Name: "fanout", Take: f.take, Patience: timeout}
}

func (f *Fanout) take(ctx context.Context, r outbox.Record) error {
	switch r.Kind {
	case room.KindChanged:
		return handle(r, func(c room.Changed) error { return f.memberChanged(ctx, c) })
	case room.KindEnded:
		return handle(r, f.roomEnded)
	case room.KindSharing:
		return handle(r, func(s room.Sharing) error { return f.out.Publish(Room(s.Room), apitypes.ToSharingEvent(s)) })
	case room.KindEdited:
		return handle(r, func(e room.Edited) error {
			f.queueCards(e.Room) // others may be told of it now
			return f.out.Publish(Room(e.Room), apitypes.ToEditedEvent(e))
		})
	case room.KindCounted:
		return handle(r, f.counted)
	case roomchat.KindChanged:
		return handle(r, func(c roomchat.Changed) error { return f.roomMessage(ctx, c) })
	case room.KindInvited:
		return handle(r, func(i room.Invited) error {
			return f.out.PublishTo(string(i.Account), apitypes.InvitedEvent{Type: "invited", RoomID: string(i.Room)})
		})
	case room.KindAppeared:
		return handle(r, func(a room.Appeared) error { f.queueCards(a.Room); return nil })
	case room.KindHidden:
		return handle(r, f.hidden)
	case safety.KindExclusionChanged:
		return handle(r, func(p safety.ExclusionChanged) error { return f.exclusionChanged(ctx, p) })
	case safety.KindReported:
		return nil // for the operator's log
	case notify.KindChanged:
		return handle(r, f.notificationsChanged)
	case presence.KindSettingsChanged:
		return handle(r, f.presenceSettings)
	case account.KindNewDevice, call.KindHappyHourBegan, notify.KindLiveContinued, safety.KindDecided, club.KindRequested, club.KindAnswered,
		schedule.KindNews, notify.KindEventContinued, replay.KindNews, notify.KindReplayContinued:
		return nil // become notifications
	case account.SignedOut{}.Kind():
		return handle(r, f.signedOut)
	case card.KindChanged:
		return handle(r, f.cardsChanged)
	case follow.KindChanged:
		return handle(r, func(c follow.Changed) error { return f.followChanged(ctx, c) })
	case discovery.KindMatched:
		return handle(r, func(m discovery.Matched) error { return f.matched(ctx, m) })
	case discovery.KindEnded:
		return handle(r, f.matchEnded)
	case discovery.KindSomebodyFits:
		return handle(r, f.somebodyFits)
	case call.KindChanged:
		return handle(r, func(c call.Changed) error { return f.callChanged(ctx, c) })
	case message.KindChanged:
		return handle(r, func(c message.Changed) error { return f.messageChanged(ctx, c) })
	case message.KindChat:
		return handle(r, f.chatChanged)
	case message.KindRead:
		return handle(r, func(m message.Read) error { return f.messagesRead(ctx, m) })
	case message.KindHeard:
		return handle(r, func(m message.Heard) error { return f.voiceHeard(ctx, m) })
	case moment.KindChanged:
		return handle(r, func(c moment.Changed) error { return f.momentsChanged(ctx, c) })
	case matchmaking.KindAlerted:
		return handle(r, f.callAlert)
	case matchmaking.KindChanged:
		return handle(r, f.queueChanged)
	case photo.KindRevealChanged:
		return handle(r, f.revealChanged)
	case verification.Decided{}.Kind():
		return handle(r, f.verified)
	default:
		f.log.Error("fanout: unknown kind of fact", "kind", r.Kind)
		return nil
	}
}

func handle[F any](r outbox.Record, tell func(F) error) error {
	f, err := outbox.Read[F](r)
	if err != nil {
		return err
	}
	return tell(f)
}

func (f *Fanout) memberChanged(ctx context.Context, c room.Changed) error {
	people, err := f.people.People(ctx, c.Member.Account)
	if err != nil {
		return err
	}
	event, ok := apitypes.ToMemberEvent(c, people)
	if !ok {
		f.queueCards(c.Room)
		return outbox.ErrGone // the account is deleted; clients inside see the gap in seq
	}
	who := string(c.Member.Account)
	excluded, err := f.rooms.ExcludedIn(ctx, c.Room, c.Member.Account)
	if err != nil {
		return err
	}
	if c.Cause == room.Excluded {
		excluded = append(excluded, c.Member.Account)
		if err := f.out.PublishTo(who, apitypes.RoomClosedEvent{Type: "room_closed", RoomID: string(c.Room)}); err != nil {
			return err
		}
	}
	if len(excluded) == 0 {
		err = f.out.Publish(Room(c.Room), event)
	} else {
		err = f.publishExcept(c.Room, event, excluded, c.Member.Account)
	}
	if err != nil {
		return err
	}
	if event.Cause == string(room.Removed) || event.Cause == string(room.Left) {
		// They have received the event of their own leaving, and receive no later one.
		if err := f.out.Unsubscribe(who, Room(c.Room)); err != nil {
			return err
		}
	}
	f.queueCards(c.Room)
	return nil
}

// publishExcept publishes a member's event to a room, except to the people excluded from
// the member: they are told to read the room again, as they may see it.
func (f *Fanout) publishExcept(r room.ID, event apitypes.MemberEvent, excluded []account.ID, about account.ID) error {
	err := f.out.Send(Room(r), event, func(person string) bool { return !slices.Contains(excluded, account.ID(person)) })
	for _, to := range excluded {
		if to != about {
			err = errors.Join(err, f.notifyRoomChanged(r, to))
		}
	}
	return err
}

func (f *Fanout) notifyRoomChanged(r room.ID, to account.ID) error {
	return f.out.PublishTo(string(to), apitypes.RoomChangedEvent{Type: "room_changed", RoomID: string(r)})
}

// hidden tells two listeners who are now hidden from each other to read the room again.
func (f *Fanout) hidden(h room.Hidden) error {
	return errors.Join(f.notifyRoomChanged(h.Room, h.A), f.notifyRoomChanged(h.Room, h.B))
}

// exclusionChanged queues the cards of the rooms that are now closed or open to one of
// the two.
func (f *Fanout) exclusionChanged(ctx context.Context, p safety.ExclusionChanged) error {
	rooms, err := f.rooms.RoomsOfSpeakers(ctx, p.A, p.B)
	if err == nil {
		f.queueCards(rooms...)
	}
	return err
}

func (f *Fanout) roomEnded(e room.Ended) error {
	f.queueCards(e.Room)
	return f.out.Publish(Room(e.Room), apitypes.ToRoomEndedEvent(e))
}

// counted queues the number of listeners of a crowd for those inside, and tells whoever went
// themselves: on a device of before they may still be in the room.
func (f *Fanout) counted(c room.Counted) error {
	f.mu.Lock()
	f.cards[c.Room], f.crowds[c.Room] = true, true
	f.mu.Unlock()
	if !c.Left {
		return nil
	}
	return errors.Join(f.notifyRoomChanged(c.Room, c.Account), f.out.Unsubscribe(string(c.Account), Room(c.Room)))
}

// queueCards queues the cards of rooms for the next flush.
func (f *Fanout) queueCards(rooms ...room.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range rooms {
		f.cards[r] = true
	}
}

func (f *Fanout) signedOut(s account.SignedOut) error {
	// The device learns why, then every socket closes. Clients with another session
	// reconnect.
	return errors.Join(
		f.out.PublishTo(string(s.Account), apitypes.SignedOutEvent{Type: "signed_out", Session: string(s.Session)}),
		f.out.Disconnect(string(s.Account)))
}

// cardInterval is how long changes of a room are collected into one card for the lobby:
// a full room would otherwise send one with every join and leave.
const cardInterval = 250 * time.Millisecond

// crowdInterval is the same for the number of listeners of a crowd, which thousands receive.
const crowdInterval = time.Second

// Run publishes queued cards to the lobby, and to rooms the numbers of their listeners and
// reactions, until ctx ends.
func (f *Fanout) Run(ctx context.Context) error {
	cards, crowds, reactions := time.NewTicker(cardInterval), time.NewTicker(crowdInterval), time.NewTicker(reactionsInterval)
	defer cards.Stop()
	defer crowds.Stop()
	defer reactions.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-cards.C:
			f.flush(ctx, &f.cards, f.card)
		case <-crowds.C:
			f.flush(ctx, &f.crowds, f.crowd)
		case <-reactions.C:
			f.flushReactions(ctx)
		}
	}
}

// flush publishes what is queued.
func (f *Fanout) flush(ctx context.Context, queue *map[room.ID]bool, publish func(context.Context, room.ID) error) {
	f.mu.Lock()
	waiting := *queue
	*queue = map[room.ID]bool{}
	f.mu.Unlock()
	for r := range waiting {
		if err := publish(ctx, r); err != nil && ctx.Err() == nil {
			f.log.Warn("fanout: room", "room", r, "err", err)
		}
	}
}

// crowd publishes the number of listeners of a room to those inside.
func (f *Fanout) crowd(ctx context.Context, id room.ID) error {
	r, _, _, err := f.rooms.Card(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return f.eachCount(ctx, id, r.Listeners, func(listeners int, to func(person string) bool) error {
		return f.out.Send(Room(id), apitypes.AudienceEvent{Type: "audience", Seq: r.Seq, Listeners: listeners}, to)
	})
}

// eachCount calls send once for each number of listeners that somebody knows of a room: those
// excluded from listeners receive a count without them, as when they read the room.
func (f *Fanout) eachCount(ctx context.Context, id room.ID, all int, send func(listeners int, to func(person string) bool) error) error {
	hidden, err := f.rooms.HiddenListeners(ctx, id)
	if err != nil {
		return err
	}
	counts := map[int]bool{0: true}
	for _, n := range hidden {
		counts[n] = true
	}
	for n := range counts {
		// n may include listeners who left after all was counted.
		err = errors.Join(err, send(max(0, all-n), func(person string) bool { return hidden[account.ID(person)] == n }))
	}
	return err
}

// card publishes the card of a room to the lobby. People whom lists do not tell of the room
// receive nothing, or that it is gone if they had been told. People excluded from listeners
// receive a count without them, as inside the room.
func (f *Fanout) card(ctx context.Context, id room.ID) error {
	r, shown, was, err := f.rooms.Card(ctx, id)
	if fault.KindOf(err) == fault.NotFound { // deleted with its host's account
		delete(f.told, id)
		return nil
	}
	if err != nil {
		return err
	}
	var here []account.ID
	if !r.IsForAll() {
		for _, person := range f.out.Subscribers(Lobby) {
			here = append(here, account.ID(person))
		}
	}
	told, err := f.rooms.Audience(ctx, r, here)
	if err != nil {
		return err
	}
	before, known := f.told[id]
	gone := apitypes.CardGoneEvent{Type: "gone", RoomID: string(id), Seq: r.Seq}
	if !shown {
		delete(f.told, id)
		if !was {
			return nil
		}
		// Whoever has come since the last card has read the lobby, and may have it there.
		return f.out.Send(Lobby, gone, func(person string) bool {
			return known && before.Has(account.ID(person)) || told.Has(account.ID(person))
		})
	}
	f.told[id] = told
	people, err := f.people.People(ctx, apitypes.In(r)...)
	if err != nil {
		return err
	}
	clubless, apart, err := f.rooms.WithoutClub(ctx, r)
	if err != nil {
		return err
	}
	err = f.eachCount(ctx, id, r.Listeners, func(listeners int, to func(person string) bool) error {
		send := func(r room.Room, to func(person string) bool) error {
			r.Listeners = listeners
			return f.out.Send(Lobby, apitypes.CardEvent{Type: "card", Card: apitypes.ToCard(r, people)}, to)
		}
		of := func(without bool) func(string) bool {
			return func(person string) bool {
				who := account.ID(person)
				return told.Has(who) && to(person) && slices.Contains(apart, who) == without
			}
		}
		if len(apart) == 0 {
			return send(r, of(false))
		}
		return errors.Join(send(r, of(false)), send(clubless, of(true)))
	})
	if known {
		err = errors.Join(err, f.out.Send(Lobby, gone, func(person string) bool {
			return before.Has(account.ID(person)) && !told.Has(account.ID(person))
		}))
	}
	return err
}

// CanSubscribe is the rule for subscriptions: everybody may subscribe to the lobby, and
// members who are present to a room. An error refuses.
func (f *Fanout) CanSubscribe(ctx context.Context, person account.ID, channel string) error {
	if channel == Lobby {
		return nil
	}
	if id, ok := strings.CutPrefix(channel, Room("")); ok {
		_, err := f.rooms.CurrentJoin(ctx, person, room.ID(id))
		return err
	}
	return fmt.Errorf("channel: %w", fault.New(fault.Forbidden, "realtime.channel", "You can't subscribe to this channel."))
}
