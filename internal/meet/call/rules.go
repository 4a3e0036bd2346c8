package call

import (
	"cmp"
	"time"

	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

// record is the row of a call. Times are Unix milliseconds; 0 means none.
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
	endReason EndReason
	endedBy   account.ID // the person who caused the end
	cards     string
	chooseBy  int64
	outcome   outcome
	audioOpen bool
	offered   bool // see Call.Offered
}

// outcome is the result of the two choices.
type outcome string

const (
	undecided outcome = ""
	matched   outcome = "match"
	noMatch   outcome = "none"
)

// side is the row of one of the two people. Times are Unix milliseconds; 0 means
// none.
type side struct {
	account        account.ID
	other          account.ID
	seq            int64
	accepted       int64
	joinID         string
	muted          bool
	micInterrupted bool
	audioReceived  int64
	awaySince      int64 // no connection since
	extendAsks     int
	choice         Choice
	chosen         int64
	feedback       string
	withdrawn      int64 // left an open proposal at this time, see Withdrawal
	withdrawal     Withdrawal
	audioVersion   int64
	gone           bool // the account has been deleted
}

// state is a locked call while a rule is applied.
type state struct {
	call  record
	sides [2]side // in the order of their accounts
	i     int     // index of the acting side
	now   int64
}

func (s *state) me() *side    { return &s.sides[s.i] }
func (s *state) other() *side { return &s.sides[1-s.i] }

// isOver reports whether the call is over for the acting side.
func (s *state) isOver() bool { return s.call.state == Ended || s.me().withdrawn != 0 }

// extensions returns the number of extensions that both have asked for.
func (s *state) extensions() int { return min(s.sides[0].extendAsks, s.sides[1].extendAsks) }

// A rule is one command on a call. It is pure and idempotent: where the call is
// already as the command wants it, the rule changes nothing, so a retry causes no
// fact. Deadlines that have passed are applied before a rule runs.
type rule func(*state) error

// end ends the call for both. A call of the queue that was live waits for two
// choices afterwards.
func (s *state) end(w EndReason, by account.ID) {
	c := &s.call
	c.state, c.ended, c.endReason, c.endedBy, c.deadline = Ended, s.now, w, by, 0
	for i := range s.sides {
		s.sides[i].joinID, s.sides[i].awaySince = "", 0
	}
	if c.kind == Match && c.live != 0 {
		c.chooseBy = s.now + chooseTime.Milliseconds()
	}
}

// withdraw removes the acting side from a proposal or a ring. For the other side
// it stays open until its deadline: what the other sees, and when, must be the
// same whether this side declined or did not answer.
func (s *state) withdraw(o Withdrawal, w EndReason) {
	me := s.me()
	me.withdrawn, me.withdrawal, me.joinID, me.awaySince = s.now, o, "", 0
	if s.call.endReason == "" {
		s.call.endReason, s.call.endedBy = w, me.account
	}
	if s.other().withdrawn != 0 {
		s.end(s.call.endReason, s.call.endedBy)
	}
}

// expire applies the deadlines that have passed.
func expire(s *state) error {
	c := &s.call
	over := c.deadline != 0 && c.deadline <= s.now
	switch c.state {
	case Proposed:
		if over {
			s.end(cmp.Or(c.endReason, Expired), c.endedBy) // one side has withdrawn before
		}
	case Connecting:
		if over {
			s.end(NoAudio, "")
		}
	case Live:
		if over {
			s.end(TimeUp, "")
		} else if gone := s.longestAway(); gone != nil && s.now-gone.awaySince >= AwayTime.Milliseconds() {
			s.end(Lost, gone.account)
		}
	case Ended:
		if c.chooseBy != 0 && c.chooseBy <= s.now {
			s.decide(noMatch)
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
		if x := &s.sides[i]; x.awaySince != 0 && (gone == nil || x.awaySince < gone.awaySince) {
			gone = x
		}
	}
	return gone
}

func (s *state) decide(o outcome) {
	s.call.chooseBy, s.call.outcome = 0, o
}

func accept(s *state) error {
	switch {
	case s.isOver():
		return errEnded
	case s.call.state != Proposed:
		return nil
	}
	me := s.me()
	if me.accepted == 0 {
		me.accepted = s.now
	}
	if o := s.other(); o.accepted != 0 && o.withdrawn == 0 { // the other has not withdrawn after accepting
		s.call.state, s.call.deadline = Connecting, s.now+connectTime.Milliseconds()
	}
	return nil
}

// answer accepts a ring of other. A proposal of the queue is accepted only by its
// own command: there neither side knows yet who the other is.
func answer(other account.ID) rule {
	return func(s *state) error {
		if s.call.state == Proposed && s.call.caller == other {
			return accept(s)
		}
		return nil
	}
}

// leave hangs up a call, cancels one's own ring, or declines a proposal.
func leave(s *state) error {
	me := s.me().account
	switch {
	case s.isOver():
	case s.call.state != Proposed:
		s.end(Left, me)
	case s.call.caller == me:
		s.end(Cancelled, me)
	default:
		s.withdraw(WithdrawnDeclined, Declined)
	}
	return nil
}

// decline refuses a proposal or a ring. Once both have accepted it changes
// nothing: a card left open on another device must not end the call.
func decline(s *state) error {
	if s.call.state != Proposed {
		return nil
	}
	return leave(s)
}

// join gives the acting side a new join id, which voids the older one, and time
// to connect.
func join(s *state) error {
	if s.isOver() {
		return errEnded
	}
	me := s.me()
	me.joinID, me.awaySince, me.micInterrupted = id.New(), s.now, false // that was the state of the older device
	return nil
}

func microphone(muted, micInterrupted bool) rule {
	return func(s *state) error {
		if s.isOver() {
			return errEnded
		}
		s.me().muted, s.me().micInterrupted = muted, micInterrupted
		return nil
	}
}

// audioReceived makes the call live when the second of the two reports audio.
func audioReceived(s *state) error {
	switch {
	case s.isOver():
		return errEnded
	case s.call.state == Proposed:
		return errNotAccepted
	}
	me := s.me()
	if me.audioReceived != 0 {
		return nil
	}
	me.audioReceived, me.awaySince = s.now, 0 // whoever receives audio is connected, even if the webhook of it was lost
	if s.other().audioReceived != 0 {
		c := &s.call
		c.state, c.live, c.deadline = Live, s.now, s.now+LiveTime.Milliseconds()
	}
	return nil
}

// extend asks for one extension, which is granted when both have asked.
func extend(s *state) error {
	switch {
	case s.isOver():
		return errEnded
	case s.call.state != Live:
		return errNotLive
	}
	given := s.extensions()
	s.me().extendAsks = given + 1
	if s.extensions() > given {
		s.call.deadline += ExtendTime.Milliseconds()
	}
	return nil
}

// choose stores a choice. Until both have chosen, each may change theirs.
func choose(c Choice, feedback string) rule {
	return func(s *state) error {
		me := s.me()
		switch {
		case !s.isOver():
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
			return nil // the same choice again, or one after the decision
		}
		if me.choice != c {
			me.choice, me.chosen = c, s.now
		}
		switch other := s.other().choice; {
		case other == "":
		case c == Heart && other == Heart:
			s.decide(matched)
		default:
			s.decide(noMatch)
		}
		return nil
	}
}

// separate ends everything between the two on behalf of by, who has blocked or
// reported the other. For the other it looks as if by hung up and passed.
func separate(by account.ID) rule {
	return func(s *state) error {
		for i := range s.sides {
			if s.sides[i].account == by {
				s.i = i
			}
		}
		switch {
		case s.isOver():
		case s.call.state == Proposed && s.call.caller != by:
			s.withdraw(WithdrawnBlocked, Blocked)
		default:
			s.end(Blocked, by)
		}
		if s.call.chooseBy == 0 {
			return nil
		}
		return choose(Pass, "")(s)
	}
}

// connected and disconnected apply a report of the media server about the current join.
func connected(joinID string) rule {
	return func(s *state) error {
		if me := s.me(); me.joinID != "" && me.joinID == joinID {
			me.awaySince = 0
		}
		return nil
	}
}

// disconnected marks the side away. unseen is the age of the last sign of the
// connection: the side counts as away since then, whenever that was noticed.
func disconnected(joinID string, unseen time.Duration) rule {
	return func(s *state) error {
		if me := s.me(); me.joinID != "" && me.joinID == joinID && me.awaySince == 0 {
			me.awaySince = s.now - unseen.Milliseconds()
		}
		return nil
	}
}

// clampDeadlines shortens deadlines that lie further in the future than the state
// can last, which happens when the server's clock was set back.
func clampDeadlines(s *state) error {
	c := &s.call
	if most := s.now + maxStateTime(c.kind, c.state, s.extensions()); c.deadline > most {
		c.deadline = most
	}
	for i := range s.sides {
		s.sides[i].awaySince = min(s.sides[i].awaySince, s.now)
	}
	return nil
}

// maxStateTime returns the longest duration of a state, in milliseconds.
func maxStateTime(k Kind, st State, given int) int64 {
	switch {
	case st == Proposed && k == Direct:
		return RingTime.Milliseconds()
	case st == Proposed:
		return AnswerTime.Milliseconds()
	case st == Connecting:
		return connectTime.Milliseconds()
	default:
		return (LiveTime + time.Duration(given)*ExtendTime).Milliseconds()
	}
}
