package room

import (
	"errors"
	"maps"
	"slices"

	"heyy/internal/base/id"
	"heyy/internal/people/account"
)

// state is the part of a locked room that a rule reads and changes.
type state struct {
	shape Shape
	seats int
	look
	shared   bool
	audience bool
	entry    Entry
	pinHash  string
	club     ClubID
	full     bool
	me       person // by, as a door sees them
	host     account.ID
	follows  func(by, other account.ID) (bool, error)
	hold     func(who account.ID) (hold, error)
	raises   bool // the room takes a hand of by
	by       account.ID
	voice    uint32                 // a free one, for the acting person if they have none
	members  map[account.ID]*Member // seated members, and those the command is about
	before   map[account.ID]Member  // as they were
	removed  map[account.ID]bool
	excluded map[account.ID]bool // whom by must not meet, of those here
	apart    map[account.ID]bool // the same, of those whom the command is about
	blocked  int                 // people of this room, there or gone, whom by has blocked or reported
	changes  []change
	facts    []Changed    // changes that others see, once they are written
	seq      int64        // of the last of them, or of the room before
	hidden   []account.ID // listeners whom by no longer sees
	ended    EndReason
	invited  []account.ID // to speak
	log      []entry
	removals int                 // people whom by has removed lately
	bans     map[account.ID]bool // to make or, false, to lift
}

// change is one member after a rule, and the cause of the change; "": nothing changes that
// others see.
type change struct {
	cause  Cause
	member Member
}

// copy returns a state on which a rule can be tried. No rule has changed s.
func (s *state) copy() *state {
	c := *s
	c.removed, c.members = maps.Clone(s.removed), make(map[account.ID]*Member, len(s.members))
	for who, m := range s.members {
		one := *m
		c.members[who] = &one
	}
	return &c
}

// A rule is the effect of one command on the state: it asks can, then changes members.
// If the result already holds it records no change, so a repeated command appends no
// fact.
type rule func(*state) error

// isChanged reports whether a rule has changed anything.
func (s *state) isChanged() bool { return len(s.changes) > 0 || len(s.log) > 0 || s.ended != "" }

// isLost reports whether a change is lost in a crowd: somebody came to listen, or went.
func (s *state) isLost(c change) bool {
	before := s.before[c.member.Account]
	return (c.cause == Joined || c.cause == Left && before.Seat == 0 && before.Hand == 0) && c.member.Seat == 0 && c.member.Role.isListener()
}

// seated returns how many have a seat.
func (s *state) seated() (n int) {
	for _, m := range s.members {
		if m.Seat != 0 {
			n++
		}
	}
	return n
}

// listenersMore returns how many more listen than before the rule.
func (s *state) listenersMore() (n int) {
	for who, m := range s.members {
		if m.isListening() {
			n++
		}
		if before := s.before[who]; before.isListening() {
			n--
		}
	}
	return n
}

func (s *state) changed(c Cause, m *Member) { s.changes = append(s.changes, change{c, *m}) }

// fact returns the last fact about a member, or how they stand, without a cause.
func (s *state) fact(r ID, who account.ID) Changed {
	for _, f := range slices.Backward(s.facts) {
		if f.Member.Account == who {
			return f
		}
	}
	out := Changed{Room: r, Seq: s.seq, Member: Member{Account: who}}
	if m := s.members[who]; m != nil {
		out.Member = *m
	}
	return out
}

// can returns nil if the acting person may do an action, or the refusal.
func (s *state) can(do action, on target) error {
	by := s.person(s.by)
	by.isolated, by.blockedHere, by.follows, by.inClub, by.woman, by.verified, by.admitted = s.me.isolated, s.me.blockedHere, s.me.follows, s.me.inClub, s.me.woman, s.me.verified, s.me.admitted
	by.blocked, by.hands, by.removals = s.blocked, s.raises, s.removals
	on.door = door{Entry: s.entry, full: s.full, noAudience: !s.audience}
	return can(by, do, on)
}

// person converts a loaded member to the argument of can.
func (s *state) person(who account.ID) person {
	m := s.members[who]
	if m == nil {
		return person{role: Listener, removed: s.removed[who]}
	}
	return person{role: m.Role, known: true, present: m.Present, seated: m.Seat != 0, canSpeak: m.CanSpeak,
		removed: s.removed[who], mutedByHost: m.MutedByHost, invited: m.Invited, chatMuted: m.ChatMuted}
}

func (s *state) target(who account.ID) target {
	return target{person: s.person(who), self: who == s.by, apart: s.apart[who]}
}

// seat returns the state of seat want for the acting person; 0 stands for their own seat
// or else the first free one.
func (s *state) seat(want int) (int, seatState) {
	mine := 0
	taken := map[int]bool{}
	for who, m := range s.members {
		if m.Seat != 0 {
			taken[m.Seat] = true
			if who == s.by {
				mine = m.Seat
			}
		}
	}
	switch {
	case want < 0 || want > s.seats:
		return want, seatUnknown
	case mine != 0 && (want == 0 || want == mine):
		return mine, seatOwn
	case want != 0 && taken[want]:
		return want, seatTaken
	case want != 0 && s.locked.has(want):
		return want, seatLocked
	case want != 0:
		return want, seatFree
	}
	for n := 1; n <= s.seats; n++ {
		if !taken[n] && !s.locked.has(n) {
			return n, seatFree
		}
	}
	return 0, seatNone
}

// separate applies a new exclusion between the acting person and other, who are in one
// room. Hosts and speakers are heard by everybody, so one of the two leaves.
// Two listeners stay and are hidden from each other.
func separate(other account.ID) rule {
	return func(s *state) error {
		them := s.target(other)
		switch {
		case s.can(actionHideFrom, them) == nil:
			s.hidden = append(s.hidden, other)
		case s.can(actionDisplace, them) == nil:
			s.takeOut(other)
		default:
			s.takeOut(s.by)
		}
		return nil
	}
}

// takeOut makes an excluded person leave.
func (s *state) takeOut(who account.ID) {
	if m := s.members[who]; m != nil && m.Present {
		m.leave()
		s.changed(Excluded, m)
	}
}

// join makes a new join, which voids an older one. A member who is present keeps the
// seat; everybody joins muted. Where nobody only listens they take the first free seat.
func join(s *state) error {
	if err := s.can(actionJoin, target{}); err != nil {
		return err
	}
	m := s.members[s.by]
	if m == nil {
		one := s.shape.newcomer()
		m = &one
		m.Account = s.by
		s.members[s.by] = m
	}
	again := m.Present && m.Muted
	m.Present, m.Muted, m.joinID = true, true, id.New()
	if m.Voice == 0 {
		m.Voice = s.voice
	}
	if again {
		s.changed("", m) // only the join id is new
		return nil
	}
	s.changed(Joined, m)
	if s.audience || m.Seat != 0 {
		return nil
	}
	n, found := s.seat(0)
	if found == seatNone {
		if s.person(s.by).leads() { // hosts always get back in
			return nil
		}
		return errFull
	}
	if err := s.can(actionTakeSeat, target{seat: found}); err != nil {
		return err
	}
	s.seatAt(m, n)
	return nil
}

// open is the first rule of a room: its host joins and takes seat 1.
func open(s *state) error {
	s.members[s.by] = &Member{Account: s.by, Role: Host, CanSpeak: true}
	if err := s.can(actionSetEntry, target{wanted: s.entry}); err != nil {
		return err
	}
	if err := join(s); err != nil {
		return err
	}
	return sit(1)(s)
}

func leave(s *state) error {
	if err := s.can(actionLeave, target{}); err != nil {
		return err
	}
	if m := s.members[s.by]; m != nil && m.Present {
		m.leave()
		s.changed(Left, m)
	}
	return nil
}

// sit takes a seat, or the first free one if seat is 0.
func sit(seat int) rule {
	return func(s *state) error {
		n, found := s.seat(seat)
		if err := s.can(actionTakeSeat, target{seat: found}); err != nil || found == seatOwn {
			return err
		}

		s.seatAt(s.members[s.by], n)
		return nil
	}
}

func stand(s *state) error {
	if err := s.can(actionLeaveSeat, target{}); err != nil {
		return err
	}
	if m := s.members[s.by]; m.Seat != 0 {
		if !s.audience {
			return leave(s)
		}
		m.leaveSeat()
		s.changed(Stood, m)
	}
	return nil
}

func mute(muted bool) rule {
	do, cause := actionUnmute, Unmuted
	if muted {
		do, cause = actionMute, Muted
	}
	return func(s *state) error {
		if err := s.can(do, target{}); err != nil {
			return err
		}
		if m := s.members[s.by]; m.Muted != muted {
			m.Muted = muted
			s.changed(cause, m)
		}
		return nil
	}
}

// moveToAudience takes the seat and the permission to speak; the permission, and an invitation,
// also from a member without a seat.
func moveToAudience(who account.ID) rule {
	return func(s *state) error {
		if err := s.can(actionMoveToAudience, s.target(who)); err != nil {
			return err
		}
		if m := s.members[who]; m.Seat != 0 || m.CanSpeak || m.Invited {
			m.leaveSeat()
			m.CanSpeak, m.Invited = false, false
			s.logged(entry{action: LogMoved, about: who})
			s.changed(MovedToAudience, m)
		}
		return nil
	}
}

func allowToSpeak(who account.ID) rule {
	return func(s *state) error {
		if err := s.can(actionAllowToSpeak, s.target(who)); err != nil {
			return err
		}
		if m := s.members[who]; !m.CanSpeak {
			m.CanSpeak = true
			s.logged(entry{action: LogAllowed, about: who})
			s.changed(AllowedToSpeak, m)
		}
		return nil
	}
}

// remove makes a member leave and bars them from joining again, even if they have left
// or lost their connection. A co-host who removes many leaves the next one to the host.
func remove(who account.ID) rule {
	return func(s *state) error {
		err := s.can(actionRemove, s.target(who))
		if errors.Is(err, errAskHost) {
			s.logged(entry{action: LogAskedRemoval, about: who})
			return nil
		}
		if err != nil {
			return err
		}
		return s.keepOut(LogRemoved, who)
	}
}

// keepOut removes or bans a member. Done again it changes nothing, but that the host makes it
// their own: a co-host who was first takes it back no more.
func (s *state) keepOut(action LogAction, who account.ID) error {
	last, err := s.hold(who)
	if err != nil {
		return err
	}
	held := s.removed[who] && (action == LogRemoved || last.banned)
	if held && (s.by != s.host || last.by == s.by) {
		return nil
	}
	before := LogAction("")
	if s.removed[who] {
		before = LogRemoved
		if last.banned {
			before = LogBanned
		}
	}
	s.logged(entry{action: action, about: who, before: string(before)})
	if action == LogBanned {
		s.bans = map[account.ID]bool{who: true}
	}
	if before == "" {
		s.takeAway(s.members[who])
	}
	return nil
}

// ban removes a member and keeps them from all rooms of the host.
func ban(who account.ID) rule {
	return func(s *state) error {
		err := s.can(actionBan, s.target(who))
		if errors.Is(err, errAskHost) {
			s.logged(entry{action: LogAskedRemoval, about: who})
			return nil
		}
		if err != nil {
			return err
		}
		return s.keepOut(LogBanned, who)
	}
}

// share lets people without an account listen, or not.
func share(shared bool) rule {
	return func(s *state) error {
		if err := s.can(actionShare, target{}); err != nil {
			return err
		}
		if shared && !s.isShareable() {
			return errNotShareable
		}
		s.shared = shared
		return nil
	}
}

func end(why EndReason) rule {
	return func(s *state) error {
		if err := s.can(actionEnd, target{}); err != nil {
			return err
		}
		s.ended = why
		return nil
	}
}
