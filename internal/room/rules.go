package room

import (
	"heyy/internal/account"
	"heyy/internal/id"
)

// state is the part of a locked room that a rule looks at and changes.
type state struct {
	host    account.ID
	seats   int
	by      account.ID
	members map[account.ID]*Member // who sits, and those the command is about
	removed map[account.ID]bool
	changes []change
	ended   Why
}

// change is one member as they are after a rule, and why.
type change struct {
	cause  Cause
	member Member
}

// A rule is one command on a room. It changes nothing where its wish already
// holds: then a repeat is quiet.
type rule func(*state) error

func (s *state) changed(c Cause, m *Member) { s.changes = append(s.changes, change{c, *m}) }

// me is the acting person, who must be here.
func (s *state) me() (*Member, error) {
	if m := s.members[s.by]; m != nil && m.Here {
		return m, nil
	}
	return nil, errNotHere
}

// other is the person a host acts on.
func (s *state) other(who account.ID) (*Member, error) {
	switch m := s.members[who]; {
	case s.by != s.host:
		return nil, errNotHost
	case who == s.by:
		return nil, errSelf
	case m == nil || !m.Here:
		return nil, errGone
	default:
		return m, nil
	}
}

// join admits the person anew: whoever held an older admission is out of the
// audio. Coming back keeps the seat; everyone comes in muted.
func join(s *state) error {
	if s.removed[s.by] {
		return errRemoved
	}
	m := s.members[s.by]
	if m == nil {
		m = &Member{Account: s.by, MaySit: true}
		s.members[s.by] = m
	}
	again := m.Here && m.Muted
	m.Here, m.Muted, m.admission = true, true, id.New()
	if again {
		// Nothing others could see has changed; only the admission is new.
		s.changes = append(s.changes, change{"", *m})
		return nil
	}
	s.changed(Joined, m)
	return nil
}

func leave(s *state) error {
	m := s.members[s.by]
	if m == nil || !m.Here {
		return nil
	}
	out(m)
	s.changed(Left, m)
	return nil
}

func out(m *Member) {
	m.Here, m.Seat, m.Muted, m.admission = false, 0, true, ""
}

// sit takes the seat, or the first free one if seat is 0.
func sit(seat int) rule {
	return func(s *state) error {
		m, err := s.me()
		if err != nil {
			return err
		}
		if seat < 0 || seat > s.seats {
			return errSeat
		}
		if m.Seat != 0 && (seat == 0 || seat == m.Seat) {
			return nil
		}
		if !m.MaySit {
			return errMayNotSit
		}
		taken := map[int]bool{}
		for _, o := range s.members {
			taken[o.Seat] = true
		}
		if seat == 0 {
			for seat = 1; taken[seat]; seat++ {
			}
			if seat > s.seats {
				return errFull
			}
		} else if taken[seat] {
			return errTaken
		}
		if m.Seat == 0 {
			m.Muted = true
		}
		m.Seat = seat
		s.changed(Sat, m)
		return nil
	}
}

func stand(s *state) error {
	m, err := s.me()
	if err != nil || m.Seat == 0 {
		return err
	}
	m.Seat, m.Muted = 0, true
	s.changed(Stood, m)
	return nil
}

func mute(muted bool) rule {
	return func(s *state) error {
		m, err := s.me()
		if err != nil {
			return err
		}
		if m.Seat == 0 && !muted {
			return errNoSeat
		}
		if m.Muted == muted {
			return nil
		}
		m.Muted = muted
		cause := Unmuted
		if muted {
			cause = Muted
		}
		s.changed(cause, m)
		return nil
	}
}

func moveBack(who account.ID) rule {
	return func(s *state) error {
		m, err := s.other(who)
		if err != nil {
			return err
		}
		if m.Seat == 0 && !m.MaySit {
			return nil
		}
		m.Seat, m.Muted, m.MaySit = 0, true, false
		s.changed(MovedBack, m)
		return nil
	}
}

func letSit(who account.ID) rule {
	return func(s *state) error {
		m, err := s.other(who)
		if err != nil || m.MaySit {
			return err
		}
		m.MaySit = true
		s.changed(LetSit, m)
		return nil
	}
}

// remove also keeps somebody out who is just between two connections.
func remove(who account.ID) rule {
	return func(s *state) error {
		switch {
		case s.by != s.host:
			return errNotHost
		case who == s.by:
			return errSelf
		case s.removed[who]:
			return nil
		}
		m := s.members[who]
		if m == nil {
			return errGone
		}
		out(m)
		s.removed[who] = true
		s.changed(Removed, m)
		return nil
	}
}

func end(s *state) error {
	if s.by != s.host {
		return errNotHost
	}
	s.ended = ByHost
	return nil
}
