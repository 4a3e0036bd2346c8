package fanout

import (
	"context"
	"errors"
	"slices"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/edge/apitypes"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
)

const (
	// reactionsApart is the number of people in a room up to which each reaction is told by itself.
	reactionsApart = 50
	// reactionsInterval is how long reactions are counted before they are told.
	reactionsInterval = time.Second
	// applauseTime is how long somebody claps who has clapped once.
	applauseTime = 3 * time.Second
)

// roomMessage tells a room of a message as it is now, except those who must not meet its author.
func (f *Fanout) roomMessage(ctx context.Context, c roomchat.Changed) error {
	m, err := f.roomChats.Read(ctx, c.Room, c.Message)
	if fault.KindOf(err) == fault.NotFound {
		return outbox.ErrGone // with its author's account, or the room
	}
	if err != nil {
		return err
	}
	excluded, err := f.rooms.ExcludedIn(ctx, c.Room, m.By)
	if err != nil {
		return err
	}
	meets := func(person string) bool { return !slices.Contains(excluded, account.ID(person)) }
	if m.Deleted != "" {
		return f.out.Send(Room(c.Room), apitypes.RoomMessageDeletedEvent{Type: "message_deleted", ID: string(m.ID), Deleted: m.Deleted}, meets)
	}
	people, err := f.people.People(ctx, m.By)
	if err != nil {
		return err
	}
	event := apitypes.RoomMessageEvent{Type: "message", Message: apitypes.ToRoomMessage(m, "", people)}
	mentioned := func(person string) bool { return m.For(account.ID(person)).Mentioned }
	err = f.out.Send(Room(c.Room), event, func(person string) bool { return meets(person) && !mentioned(person) })
	if !m.Mentions() {
		return err
	}
	event.Message.Mentioned = true
	return errors.Join(err, f.out.Send(Room(c.Room), event, func(person string) bool { return meets(person) && mentioned(person) }))
}

// React tells a room with a number of people present that by shows an emoji: at once where they
// are few, otherwise and for applause in the next count. It is no fact: who is not there misses
// nothing. A node counts those who ask it.
func (f *Fanout) React(ctx context.Context, r room.ID, by account.ID, emoji apitypes.RoomReaction, present int) error {
	if emoji == roomchat.Applause || present > reactionsApart {
		f.mu.Lock()
		defer f.mu.Unlock()
		of := f.reactions[r]
		if of == nil {
			of = map[apitypes.RoomReaction]map[account.ID]time.Time{}
			f.reactions[r] = of
		}
		if of[emoji] == nil {
			of[emoji] = map[account.ID]time.Time{}
		}
		of[emoji][by] = f.now()
		return nil
	}
	excluded, err := f.rooms.ExcludedIn(ctx, r, by)
	if err != nil {
		return err
	}
	return f.out.Send(Room(r), apitypes.ReactionEvent{Type: "reaction", PersonID: string(by), Emoji: emoji}, func(person string) bool {
		return !slices.Contains(excluded, account.ID(person))
	})
}

// Caption tells a room a line of what somebody on stage says, except those who must not meet
// them. It is no fact: who is not there misses nothing, and nothing is kept.
func (f *Fanout) Caption(ctx context.Context, r room.ID, c apitypes.CaptionEvent) error {
	c.Type = "caption"
	excluded, err := f.rooms.ExcludedIn(ctx, r, account.ID(c.PersonID))
	if err != nil {
		return err
	}
	return f.out.Send(Room(r), c, func(person string) bool { return !slices.Contains(excluded, account.ID(person)) })
}

// flushReactions tells each room its count, and forgets whose reaction is over.
func (f *Fanout) flushReactions(ctx context.Context) {
	for r, shown := range f.countReactions() {
		if err := f.tellReactions(ctx, r, shown); err != nil && ctx.Err() == nil {
			f.log.Warn("fanout: reactions", "room", r, "err", err)
		}
	}
}

// countReactions returns who shows what now, and keeps only the applause.
func (f *Fanout) countReactions() map[room.ID]map[apitypes.RoomReaction][]account.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[room.ID]map[apitypes.RoomReaction][]account.ID{}
	over := f.now().Add(-applauseTime)
	for r, of := range f.reactions {
		shown := map[apitypes.RoomReaction][]account.ID{}
		for emoji, people := range of {
			for who, at := range people {
				if at.After(over) {
					shown[emoji] = append(shown[emoji], who)
				} else {
					delete(people, who)
				}
			}
			if emoji != roomchat.Applause || len(people) == 0 {
				delete(of, emoji)
			}
		}
		if len(of) == 0 {
			delete(f.reactions, r)
		}
		if len(shown) > 0 {
			all[r] = shown
		}
	}
	return all
}

// tellReactions tells a room how many people show what. Nobody whom a person must not meet is
// counted for them.
func (f *Fanout) tellReactions(ctx context.Context, r room.ID, shown map[apitypes.RoomReaction][]account.ID) error {
	apart, err := f.rooms.ApartIn(ctx, r)
	if err != nil {
		return err
	}
	special := func(person string) bool { return len(apart[account.ID(person)]) > 0 }
	err = f.out.Send(Room(r), counted(shown, nil), func(person string) bool { return !special(person) })
	for who, hidden := range apart {
		event := counted(shown, hidden)
		if len(event.Counts) > 0 {
			err = errors.Join(err, f.out.Send(Room(r), event, func(person string) bool { return person == string(who) }))
		}
	}
	return err
}

// counted counts people without those hidden, in the order of the bar.
func counted(shown map[apitypes.RoomReaction][]account.ID, hidden []account.ID) apitypes.ReactionsEvent {
	e := apitypes.ReactionsEvent{Type: "reactions", Counts: []apitypes.ReactionCount{}}
	for _, emoji := range roomchat.Reactions {
		n := 0
		for _, who := range shown[apitypes.RoomReaction(emoji)] {
			if !slices.Contains(hidden, who) {
				n++
			}
		}
		if n > 0 {
			e.Counts = append(e.Counts, apitypes.ReactionCount{Emoji: apitypes.RoomReaction(emoji), People: n})
		}
	}
	return e
}
