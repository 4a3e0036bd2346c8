package call

import (
	"time"

	"heyy/internal/account"
	"heyy/internal/id"
)

// record is the row of a call. Times are Unix milliseconds; 0 is none.
type record struct {
	id        ID
	kind      Kind
	state     State
	caller    account.ID
	seq       int64
	created   int64
	deadline  int64
	live      int64
	ended     int64
	why       Why
	by        account.ID // whose doing the end was
	cards     string
	chooseBy  int64
	outcome   outcome
	audioOpen bool
}

// outcome is what both choices came to.
type outcome string

const (
	undecided outcome = ""
	matched   outcome = "match"
	apart     outcome = "none"
)

// side is one of the two. Times are Unix milliseconds; 0 is none.
type side struct {
	account   account.ID
	other     account.ID
	seq       int64
	accepted  int64
	admission string
	muted     bool
	taken     bool
	hears     int64
	away      int64 // without a connection since
	more      int
	choice    Choice
	chosen    int64
	feedback  string
	gone      bool // the account is no more
}

// state is a locked call in the moment of a command.
type state struct {
	call  record
	sides [2]side // by account
	i     int     // the acting one
	now   int64
}

func (s *state) me() *side    { return &s.sides[s.i] }
func (s *state) other() *side { return &s.sides[1-s.i] }

// given is how often both asked for more time.
func (s *state) given() int { return min(s.sides[0].more, s.sides[1].more) }

// A rule is one command on a call. It changes nothing where its wish already
// holds: then a repeat is quiet. What is due has ended before a rule looks.
type rule func(*state) error

// end is final. A live call that came from the queue awaits two choices.
func (s *state) end(w Why, by account.ID) {
	c := &s.call
	c.state, c.ended, c.why, c.by, c.deadline = Ended, s.now, w, by, 0
	for i := range s.sides {
		s.sides[i].admission, s.sides[i].away = "", 0
	}
	if c.kind == Match && c.live != 0 {
		c.chooseBy = s.now + chooseTime.Milliseconds()
	}
}

// lapse ends what is due.
func lapse(s *state) error {
	c := &s.call
	over := c.deadline != 0 && c.deadline <= s.now
	switch c.state {
	case Proposed:
		if over {
			s.end(Expired, "")
		}
	case Connecting:
		if over {
			s.end(NeverHeard, "")
		}
	case Live:
		if over {
			s.end(Time, "")
		} else if gone := s.longestAway(); gone != nil && s.now-gone.away >= awayTime.Milliseconds() {
			s.end(Lost, gone.account)
		}
	case Ended:
		if c.chooseBy != 0 && c.chooseBy <= s.now {
			s.decide(apart)
		}
	}
	for _, x := range s.sides {
		if x.gone && c.state != Ended {
			s.end(Left, x.account)
		}
	}
	return nil
}

func (s *state) longestAway() (gone *side) {
	for i := range s.sides {
		if x := &s.sides[i]; x.away != 0 && (gone == nil || x.away < gone.away) {
			gone = x
		}
	}
	return gone
}

func (s *state) decide(o outcome) {
	s.call.chooseBy, s.call.outcome = 0, o
}

func accept(s *state) error {
	switch s.call.state {
	case Ended:
		return errEnded
	case Connecting, Live:
		return nil
	}
	me := s.me()
	if me.accepted == 0 {
		me.accepted = s.now
	}
	if s.other().accepted != 0 {
		s.call.state, s.call.deadline = Connecting, s.now+connectTime.Milliseconds()
	}
	return nil
}

// answer accepts if other rings. A proposal of the queue is answered by its own
// button only: there, nobody knows yet who the other is.
func answer(other account.ID) rule {
	return func(s *state) error {
		if s.call.state == Proposed && s.call.caller == other {
			return accept(s)
		}
		return nil
	}
}

// leave is also how somebody declines, or rings no longer.
func leave(s *state) error {
	me := s.me().account
	switch {
	case s.call.state == Ended:
	case s.call.state != Proposed:
		s.end(Left, me)
	case s.call.caller == me:
		s.end(Cancelled, me)
	default:
		s.end(Declined, me)
	}
	return nil
}

// decline says no to a proposal. Once both have said yes it is no answer any
// more: a card that is still on another device must not end the call.
func decline(s *state) error {
	if s.call.state != Proposed {
		return nil
	}
	return leave(s)
}

// join admits the person anew: whoever held an older admission is out of the
// audio. They have a while to connect.
func join(s *state) error {
	if s.call.state == Ended {
		return errEnded
	}
	me := s.me()
	me.admission, me.away, me.taken = id.New(), s.now, false // taken was another device's
	return nil
}

func microphone(muted, taken bool) rule {
	return func(s *state) error {
		if s.call.state == Ended {
			return errEnded
		}
		s.me().muted, s.me().taken = muted, taken
		return nil
	}
}

// hears: the clock runs from the moment in which the second of both says so.
func hears(s *state) error {
	switch s.call.state {
	case Ended:
		return errEnded
	case Proposed:
		return errNotAccepted
	}
	me := s.me()
	if me.hears != 0 {
		return nil
	}
	me.hears, me.away = s.now, 0 // who hears is connected, whatever was reported
	if s.other().hears != 0 {
		c := &s.call
		c.state, c.live, c.deadline = Live, s.now, s.now+liveTime.Milliseconds()
	}
	return nil
}

// more asks for three minutes. Both asks together give them.
func more(s *state) error {
	switch s.call.state {
	case Ended:
		return errEnded
	case Proposed, Connecting:
		return errNotLive
	}
	given := s.given()
	s.me().more = given + 1
	if s.given() > given {
		s.call.deadline += moreTime.Milliseconds()
	}
	return nil
}

// choose: the last word counts until both have spoken.
func choose(c Choice, feedback string) rule {
	return func(s *state) error {
		me := s.me()
		switch {
		case s.call.state != Ended:
			return errNotEnded
		case s.call.chooseBy == 0 && s.call.outcome == undecided:
			return errNoChoice
		}
		if feedback != "" {
			me.feedback = feedback
		}
		if s.call.outcome != undecided {
			if me.choice != "" && me.choice != c {
				return errDecided
			}
			return nil // said before, or too late to matter
		}
		if me.choice != c {
			me.choice, me.chosen = c, s.now
		}
		switch other := s.other().choice; {
		case other == "":
		case c == Heart && other == Heart:
			s.decide(matched)
		default:
			s.decide(apart)
		}
		return nil
	}
}

// part ends everything between the two, because by wished it so. For the other
// it looks as if by hung up and passed.
func part(by account.ID) rule {
	return func(s *state) error {
		if s.call.state != Ended {
			s.end(Blocked, by)
		}
		if s.call.chooseBy == 0 {
			return nil
		}
		for i := range s.sides {
			if s.sides[i].account == by {
				s.i = i
			}
		}
		return choose(Pass, "")(s)
	}
}

// arrived and departed are the media server's words on the living admission.
func arrived(admission string) rule {
	return func(s *state) error {
		if me := s.me(); me.admission != "" && me.admission == admission {
			me.away = 0
		}
		return nil
	}
}

// unseen is how long ago the last sign of life may have come: from then on the
// person is away, whenever it was noticed.
func departed(admission string, unseen time.Duration) rule {
	return func(s *state) error {
		if me := s.me(); me.admission != "" && me.admission == admission && me.away == 0 {
			me.away = s.now - unseen.Milliseconds()
		}
		return nil
	}
}

// rewind shortens what stands further in the future than it ever may: the
// server's clock was set back.
func rewind(s *state) error {
	c := &s.call
	if most := s.now + longest(c.kind, c.state, s.given()); c.deadline > most {
		c.deadline = most
	}
	for i := range s.sides {
		s.sides[i].away = min(s.sides[i].away, s.now)
	}
	return nil
}

// longest is the most milliseconds a state can last.
func longest(k Kind, st State, given int) int64 {
	switch {
	case st == Proposed && k == Direct:
		return ringTime.Milliseconds()
	case st == Proposed:
		return answerTime.Milliseconds()
	case st == Connecting:
		return connectTime.Milliseconds()
	default:
		return (liveTime + time.Duration(given)*moreTime).Milliseconds()
	}
}
