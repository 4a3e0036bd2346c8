package room

import (
	"context"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// RaiseHand puts by at the end of the queue, with a note for hosts. A hand that is up keeps its
// place, and takes the new note.
func (s *Service) RaiseHand(ctx context.Context, by account.ID, r ID, note string) (_ Changed, err error) {
	defer fault.Wrap(&err, "raise a hand in %s", r)
	if note != "" {
		if note, err = textrule.Line("body.about", note, MaxHandNote); err != nil {
			return Changed{}, err
		}
	}
	return s.change(ctx, by, r, by, raiseHand(note))
}

// LowerHand takes a hand down: by's own or, for hosts, anybody's.
func (s *Service) LowerHand(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "lower the hand of %s in %s", who, r)
	return s.change(ctx, by, r, who, lowerHand(who))
}

// SetHands says who may raise a hand. Hands that are up stay.
func (s *Service) SetHands(ctx context.Context, by account.ID, r ID, hands Hands) (err error) {
	defer fault.Wrap(&err, "set hands of %s", r)
	return s.command(ctx, by, r, by, setHands(hands))
}

// Invite asks who to speak. The invitation stands until it is answered or who leaves.
func (s *Service) Invite(ctx context.Context, by account.ID, r ID, who account.ID) (_ Changed, err error) {
	defer fault.Wrap(&err, "invite %s to speak in %s", who, r)
	return s.change(ctx, by, r, who, invite(who))
}

// AnswerInvite accepts an invitation to speak and takes the first free seat, or declines it.
func (s *Service) AnswerInvite(ctx context.Context, by account.ID, r ID, accept bool) (_ Changed, err error) {
	defer fault.Wrap(&err, "answer an invitation in %s", r)
	return s.change(ctx, by, r, by, answerInvite(accept))
}

// Hand is one place in the queue.
type Hand struct {
	Account account.ID
	Seq     int64 // of the room when it was raised
	Note    string
	Invited bool
}

// ReadHands returns the queue, first come first, for hosts.
func (s *Service) ReadHands(ctx context.Context, by account.ID, r ID) (_ []Hand, err error) {
	defer fault.Wrap(&err, "read the hands of %s", r)
	if err := s.mayLead(ctx, by, r); err != nil {
		return nil, err
	}
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (h Hand, err error) {
		err = row.Scan(&h.Account, &h.Seq, &h.Note, &h.Invited)
		return h, err
	}, `SELECT account_id, hand_seq, hand_note, invited FROM room_members
		WHERE room_id = $1 AND hand_seq IS NOT NULL AND account_id NOT IN (SELECT b_id FROM apart WHERE a_id = $2) ORDER BY hand_seq`, r, by)
}

// mayLead fails for whoever is no host or co-host of an open room.
func (s *Service) mayLead(ctx context.Context, by account.ID, r ID) error {
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := readableRoom(ctx, tx, r, by); err != nil {
		return err
	}
	me, err := readMember(ctx, tx, r, by)
	if err != nil {
		return err
	}
	return can(person{role: me.Role, known: me.Account != "", present: me.Present}, actionReadLog, target{})
}

func raiseHand(note string) rule {
	return func(s *state) (err error) {
		if s.raises, err = s.mayRaise(); err != nil {
			return err
		}
		if err := s.can(actionRaiseHand, target{}); err != nil {
			return err
		}
		switch m := s.members[s.by]; {
		case m.Hand == 0:
			m.Hand, m.note = handNext, note
			s.changed(HandRaised, m)
		case m.note != note:
			m.note = note
			s.changed("", m)
		}
		return nil
	}
}

// handNext is the hand of a member until the number of the room is known at which it goes up.
const handNext = -1

func lowerHand(who account.ID) rule {
	return func(s *state) error {
		if err := s.can(actionLowerHand, s.target(who)); err != nil {
			return err
		}
		if m := s.members[who]; m.Hand != 0 {
			m.lowerHand()
			s.changed(HandLowered, m)
		}
		return nil
	}
}

func setHands(hands Hands) rule {
	return func(s *state) error {
		if err := s.can(actionSetHands, target{}); err != nil {
			return err
		}
		if s.hands != hands {
			s.logged(entry{action: LogHands, before: string(s.hands)})
			s.hands = hands
		}
		return nil
	}
}

func invite(who account.ID) rule {
	return func(s *state) error {
		if err := s.can(actionInvite, s.target(who)); err != nil {
			return err
		}
		if m := s.members[who]; !m.Invited {
			m.Invited = true
			s.changed("", m)
			s.invited = append(s.invited, who)
		}
		return nil
	}
}

func answerInvite(accept bool) rule {
	return func(s *state) error {
		do := actionDecline
		n, seat := s.seat(0)
		if accept {
			do = actionAccept
		}
		if err := s.can(do, target{seat: seat}); err != nil {
			return err
		}
		m := s.members[s.by]
		if !accept { // whoever does not want to speak now has no hand up, and hosts see it go
			m.Invited = false
			cause := Cause("")
			if m.Hand != 0 {
				m.lowerHand()
				cause = HandLowered
			}
			s.changed(cause, m)
			return nil
		}
		m.CanSpeak = true
		s.seatAt(m, n)
		return nil
	}
}

// seatAt puts a member on a free seat. Listeners who are excluded from them leave, because
// everybody hears a speaker.
func (s *state) seatAt(m *Member, n int) {
	for who := range s.excluded {
		s.takeOut(who)
	}
	m.takeSeat(n)
	s.changed(Sat, m)
}

// Follows reports whether by follows other: the rows of follows belong to another package.
type Follows func(ctx context.Context, q db.Querier, by, other account.ID) (bool, error)

// mayRaise reports whether the room takes a hand of the acting person.
func (s *state) mayRaise() (bool, error) {
	switch s.hands {
	case HandsOff:
		return false, nil
	case HandsFollowed:
		return s.follows(s.host, s.by)
	}
	return true, nil
}
