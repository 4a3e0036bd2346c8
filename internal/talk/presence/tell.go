package presence

import (
	"context"
	"errors"
	"time"

	"heyy/internal/base/outbox"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
)

// Pause is how long somebody waits after they were looked at, unless they hide something.
const Pause = 5 * time.Second

// mark says that what friends see of somebody may have changed. By their settings: then it
// does not wait if it hides something.
func (s *Service) mark(who account.ID, settings bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remark(who, settings)
}

// remark is mark for who holds mu.
func (s *Service) remark(who account.ID, settings bool) {
	s.marks[who] = s.marks[who] || settings
}

// markRoom marks those whom friends see in a room.
func (s *Service) markRoom(r room.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for who := range s.inside[r] {
		s.remark(who, false)
	}
}

// Listener returns the outbox listener.
func (s *Service) Listener() outbox.Listener {
	return outbox.Listener{Name: "presence", Take: s.take, Patience: Pause}
}

func (s *Service) take(ctx context.Context, r outbox.Record) error {
	switch r.Kind {
	case KindSettingsChanged:
		return handle(r, func(f SettingsChanged) error {
			s.mark(f.Account, true)
			return nil
		})
	case room.KindChanged:
		return handle(r, func(f room.Changed) error { s.moved(f); return nil })
	case room.KindCounted:
		return handle(r, func(f room.Counted) error { s.mark(f.Account, false); return nil })
	case room.KindEnded:
		return handle(r, func(f room.Ended) error { s.markRoom(f.Room); return nil })
	case room.KindEdited: // it may be for everybody no more
		return handle(r, func(f room.Edited) error { s.markRoom(f.Room); return nil })
	case safety.KindExclusionChanged:
		return handle(r, func(f safety.ExclusionChanged) error {
			rooms, err := s.cfg.Rooms.RoomsOfSpeakers(ctx, f.A, f.B)
			for _, r := range rooms {
				s.markRoom(r)
			}
			return err
		})
	case follow.KindChanged:
		return handle(r, func(f follow.Changed) error {
			if !f.Mutual {
				return nil
			}
			return s.friendship(ctx, f.By, f.Other)
		})
	case discovery.KindMatched:
		return handle(r, func(f discovery.Matched) error { return s.friendship(ctx, f.A, f.B) })
	case discovery.KindEnded:
		return handle(r, func(f discovery.Ended) error { return s.friendship(ctx, f.A, f.B) })
	}
	return nil
}

func handle[F any](r outbox.Record, tell func(F) error) error {
	f, err := outbox.Read[F](r)
	if err != nil {
		return err
	}
	return tell(f)
}

// moved marks somebody who came into a room or left it, and, because a seat can close a room
// to people, those in it.
func (s *Service) moved(f room.Changed) {
	switch f.Cause {
	case room.Joined:
		s.mark(f.Member.Account, false)
	case room.Left, room.Removed, room.Excluded:
		s.mark(f.Member.Account, false)
		s.markRoom(f.Room)
	case room.Sat, room.Stood, room.MovedToAudience:
		s.markRoom(f.Room)
	}
}

// friendship tells two people, who became friends or are no longer, of each other. It tells
// nothing of somebody who is offline for a new friend.
func (s *Service) friendship(ctx context.Context, a, b account.ID) error {
	s.telling.Lock()
	defer s.telling.Unlock()
	friends, err := s.cfg.Friends.AreFriends(ctx, s.db, a, b)
	if err != nil {
		return err
	}
	if !friends {
		// Who saw that the other is offline is told nothing: otherwise it would say that they are friends no more.
		for viewer, who := range map[account.ID]account.ID{a: b, b: a} {
			if s.toldOf(who).to(who, viewer).State != Offline {
				err = errors.Join(err, s.cfg.Tell(viewer, shown{}.to(who, viewer)))
			}
		}
		return err
	}
	seen, err := s.look(ctx, a, b)
	if err != nil {
		return err
	}
	for viewer, who := range map[account.ID]account.ID{a: b, b: a} {
		if p := seen[who].to(who, viewer); p.State != Offline {
			err = errors.Join(err, s.cfg.Tell(viewer, p))
		}
	}
	return err
}

// publish tells friends of people who are marked, a batch at a time.
func (s *Service) publish(ctx context.Context) error {
	due := s.takeDue()
	if len(due) == 0 {
		return nil
	}
	people := make([]account.ID, 0, len(due))
	for who := range due {
		people = append(people, who)
	}
	now, err := s.look(ctx, people...)
	if err != nil {
		for who, settings := range due {
			s.mark(who, settings)
		}
		return err
	}
	for who, settings := range due {
		if failed := s.tell(ctx, who, now[who]); failed != nil {
			s.mark(who, settings)
			err = errors.Join(err, failed)
		}
	}
	return err
}

// takeDue takes the marks of people who need not wait; those who changed their settings
// come first.
func (s *Service) takeDue() map[account.ID]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	for who, until := range s.rest {
		if !until.After(now) {
			delete(s.rest, who)
		}
	}
	due := map[account.ID]bool{}
	for _, settings := range []bool{true, false} {
		for who, is := range s.marks {
			if len(due) == batch {
				return due
			}
			if _, rests := s.rest[who]; is == settings && (settings || !rests) {
				due[who] = is
				delete(s.marks, who)
			}
		}
	}
	return due
}

// tell tells the friends of who for whom something else is to be seen than before.
func (s *Service) tell(ctx context.Context, who account.ID, after shown) error {
	before, now := s.takeTurn(who, after)
	if !now || after.equals(before) {
		return nil
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	friends, err := s.cfg.Friends.Friends(ctx, who)
	if err == nil {
		friends, err = s.connected(ctx, friends)
	}
	if err != nil {
		return err
	}
	s.remember(who, after)
	for _, viewer := range friends {
		if p := after.to(who, viewer); p != before.to(who, viewer) {
			err = errors.Join(err, s.cfg.Tell(viewer, p))
		}
	}
	if err != nil {
		s.log.Warn("presence: tell", "err", err) // who missed it reads the list after the next connect
	}
	return nil
}

// toldOf returns what friends were told of who.
func (s *Service) toldOf(who account.ID) shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told[who]
}

// takeTurn returns what friends were told of who before, and whether they may be told of
// after now. If not, who is marked again.
func (s *Service) takeTurn(who account.ID, after shown) (before shown, now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.told[who]
	if _, rests := s.rest[who]; rests && !after.hides(before) {
		s.remark(who, false)
		return before, false
	}
	s.rest[who] = s.cfg.Now().Add(Pause)
	return before, true
}

// hides reports whether v shows less than before.
func (v shown) hides(before shown) bool {
	if v.state == "" || before.state == InRoom && v.state != InRoom {
		return true
	}
	for viewer := range v.shut {
		if !before.shut[viewer] {
			return true
		}
	}
	return false
}

// remember notes what friends were told of who.
func (s *Service) remember(who account.ID, v shown) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.told[who].room.ID; r != "" {
		if delete(s.inside[r], who); len(s.inside[r]) == 0 {
			delete(s.inside, r)
		}
	}
	if v.state == "" {
		delete(s.told, who)
		return
	}
	s.told[who] = v
	if r := v.room.ID; r != "" {
		if s.inside[r] == nil {
			s.inside[r] = map[account.ID]bool{}
		}
		s.inside[r][who] = true
	}
}
