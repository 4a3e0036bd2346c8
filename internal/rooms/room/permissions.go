package room

import "errors"

// Role is the role of a member: host, co-host, speaker or listener, a column of
// room_members.
type Role string

// Roles of members. A Host or CoHost may have a seat or not; a Speaker has one, a
// Listener has none.
const (
	Host     Role = "host"
	CoHost   Role = "co_host"
	Speaker  Role = "speaker"
	Listener Role = "listener"
)

// Roles are all roles, the highest first.
var Roles = []Role{Host, CoHost, Speaker, Listener}

// rank orders roles: of two people with an exclusion, the one of higher rank stays.
func (r Role) rank() int {
	switch r {
	case Host:
		return 4
	case CoHost:
		return 3
	case Speaker:
		return 2
	default:
		return 1
	}
}

// seated and unseated return the role after taking and after leaving a seat.
func (r Role) seated() Role {
	if r == Listener {
		return Speaker
	}
	return r
}

func (r Role) unseated() Role {
	if r == Speaker {
		return Listener
	}
	return r
}

// promoted and demoted return the role after being made a co-host, and after being one no
// longer, and whether it is another one.
func (r Role) promoted() (Role, bool) {
	if r == Host {
		return r, false
	}
	return CoHost, r != CoHost
}

func (r Role) demoted(seated bool) (Role, bool) {
	switch {
	case r != CoHost:
		return r, false
	case seated:
		return Speaker, true
	}
	return Listener, true
}

// isListener reports whether the role is that of somebody who is there to listen.
func (r Role) isListener() bool { return r == Listener }

// serves reports whether a member could inherit the room.
func (r Role) serves(seated bool) bool { return seated || r == CoHost }

// Shape is the shape of a room: lounge or stage, a column of rooms.
type Shape string

// Shapes of rooms. In a lounge a new member may take a free seat, until a host moves them
// to the audience; on a stage only after a host allows them to speak.
const (
	Lounge Shape = "lounge"
	Stage  Shape = "stage"
)

// seats returns the number of seats.
func (s Shape) seats() int {
	if s == Stage {
		return StageSeats
	}
	return Seats
}

// needsAudience reports whether a room of this shape is never without people who only listen.
func (s Shape) needsAudience() bool { return s == Stage }

// newcomer returns the member of a first join.
func (s Shape) newcomer() Member { return Member{Role: Listener, CanSpeak: s == Lounge} }

// action is something that a person does in a room. The test of permissions requires a
// row for each.
type action int

const (
	actionRead   action = iota // read what a room is
	actionListen               // hear it and read who is there, from outside or inside
	actionJoin
	actionLeave
	actionTakeSeat
	actionLeaveSeat
	actionMute   // oneself
	actionUnmute // oneself
	actionMoveToAudience
	actionAllowToSpeak
	actionRemove
	actionBan // from all rooms of the host
	actionRaiseHand
	actionLowerHand // one's own, or another's
	actionInvite    // to speak
	actionAccept    // an invitation to speak
	actionDecline
	actionMuteMember    // mute another, who opens the microphone no more by themselves
	actionAllowToUnmute // let them open it again
	actionLockSeat      // or unlock it
	actionMakeCoHost
	actionUnmakeCoHost
	actionHandOver // the room, to another host
	actionSetHands // say who may raise a hand
	actionReadLog
	actionSetChat // on or off, and how often one person may write
	actionEdit    // title, topic, link
	actionMuteChat
	actionAllowToWrite
	actionWrite // in the chat
	actionReadChat
	actionReact
	actionCaption       // of what one says oneself
	actionDeleteMessage // one's own, or another's
	actionUndo
	actionEnd
	actionSetEntry // say what is asked of whoever comes in
	actionShare    // let people without an account listen, or not
	actionHideFrom // stay in the room with an excluded person, hidden from each other
	actionDisplace // stay in the room, so that an excluded person has to leave
	actions        // number of actions
)

// person is what the rows state about one person in one room.
type person struct {
	role        Role // of a person who never joined: Listener
	known       bool // has joined at least once
	present     bool
	seated      bool
	canSpeak    bool
	removed     bool
	mutedByHost bool
	invited     bool
	chatMuted   bool
	// Of the acting person only:
	isolated    bool // excluded from the host or a speaker, or banned: the room does not exist for them
	blockedHere bool // isolated by nothing but blocks of their own
	follows     bool // the host
	inClub      bool // belongs to the club of the room
	woman       bool // by their own word
	verified    bool
	admitted    bool // has known the PIN, or is one of the speakers of a plan
	blocked     int  // people of this room, present or not, whom they have blocked or reported
	hands       bool // may raise a hand, as the host wishes it
	chatOff     bool // the chat of the room is off
	removals    int  // people whom they have removed from this room lately
}

// leads reports whether p may moderate: the host always, a co-host while present.
func (p person) leads() bool { return p.role == Host || p.role == CoHost && p.present }

// rank returns the rank of the role, or 0 for a person who is not present. A host counts
// as present.
func (p person) rank() int {
	if p.role != Host && !p.present {
		return 0
	}
	return p.role.rank()
}

// stays reports whether p is inside, or a host who comes back: of them nothing is asked.
func (p person) stays() bool { return p.present || p.role == Host || p.role == CoHost }

// door is what a room is to whoever comes in.
type door struct {
	Entry
	full       bool
	noAudience bool
}

// refuses returns why p may not know who is in the room, or nil.
func (d door) refuses(p person) error {
	switch {
	case p.stays():
		return nil
	case d.WomenOnly && !p.woman:
		return errWomenOnly
	case d.VerifiedOnly && !p.verified:
		return errVerifiedOnly
	case d.Access == AccessFollowers && !p.follows && !p.admitted:
		return errFollowersOnly
	case d.Access == AccessClub && !p.inClub && !p.admitted:
		return errClubOnly
	case d.Access == AccessPIN && !p.admitted:
		return errPINNeeded
	}
	return nil
}

// displaces reports whether p can still make others leave by blocking them. The bound
// prevents that a member empties the room of a stranger.
func (p person) displaces() bool { return p.role == Host || p.blocked <= maxDisplaced }

// deletes returns as what p deletes a message, of their own or of somebody else.
func (p person) deletes(own bool) string {
	switch {
	case own:
		return ByAuthor
	case p.role == Host:
		return ByHost
	}
	return ByCoHost
}

// maxDisplaced is the number of people whom one member can make leave by blocking them.
const maxDisplaced = 2

// target is the object of an action: a person, a seat or, if nothing is set, the room.
type target struct {
	person
	self   bool // the person is the acting one
	apart  bool // the two must not meet
	seat   seatState
	door   door
	wanted Entry // of actionSetEntry: what begins
}

// seatState is the state of a seat for the person who wants it.
type seatState int

const (
	seatFree seatState = iota
	seatOwn            // theirs already
	seatTaken
	seatLocked
	seatNone    // no free seat
	seatUnknown // not a seat of this room
)

// errOutranked is the answer to actionHideFrom and actionDisplace that the acting person
// has to leave. It reaches no client.
var errOutranked = errors.New("room: the other one stays")

// can returns nil if by may do an action on a target, or the refusal. It is pure and the
// only place that decides on permissions.
func can(by person, do action, on target) error {
	switch do {
	case actionRead, actionListen, actionJoin:
		refusal := on.door.refuses(by)
		switch {
		case by.isolated && (!by.blockedHere || by.removed || refusal != nil): // first, so that the answer is that of any unknown room
			return errNotFound
		case by.removed:
			return errRemoved
		case by.isolated:
			return errBlockedHere
		case do == actionRead && gateOf(refusal) != NoGate: // the door says what opens it
			return nil
		case do == actionJoin && refusal == nil && on.door.full && !by.stays():
			return errFull
		}
		return refusal

	case actionLeave:
		return nil

	case actionTakeSeat:
		switch {
		case !by.present:
			return errNotInRoom
		case by.isolated: // their join and the block came at once
			return errNotFound
		case on.seat == seatUnknown:
			return errSeat
		case on.seat == seatOwn:
			return nil
		case !by.canSpeak:
			return errCannotSpeak
		case on.seat == seatNone:
			return errSeatsFull
		case on.seat == seatTaken:
			return errSeatTaken
		case on.seat == seatLocked && !by.leads():
			return errSeatLocked
		case !by.displaces(): // everybody hears a speaker, so those whom they blocked would have to leave
			return errSeatsShut
		}
		return nil

	case actionLeaveSeat, actionMute, actionUnmute, actionCaption:
		switch {
		case !by.present:
			return errNotInRoom
		case by.isolated:
			return errNotFound
		case (do == actionUnmute || do == actionCaption) && !by.seated:
			return errNoSeat
		case (do == actionUnmute || do == actionCaption) && by.mutedByHost && by.role != Host:
			return errMutedByHost
		case do == actionCaption && by.chatMuted && by.role != Host: // captions are written, too
			return errChatMuted
		}
		return nil

	case actionRaiseHand:
		switch {
		case !by.present:
			return errNotInRoom
		case by.isolated:
			return errNotFound
		case by.leads(), by.seated && !by.mutedByHost:
			return errNoNeed
		case !by.hands:
			return errHands
		}
		return nil

	case actionLowerHand:
		switch {
		case on.self && !by.present:
			return errNotInRoom
		case !on.self && (!by.leads() || on.role == Host && by.role != Host):
			return errNotHost
		case !on.present, on.apart && by.role != Host:
			return errPersonGone
		}
		return nil

	case actionAccept, actionDecline:
		switch {
		case !by.present:
			return errNotInRoom
		case by.isolated:
			return errNotFound
		case !by.invited:
			return errNotInvited
		case do == actionDecline:
			return nil
		case on.seat == seatNone:
			return errSeatsFull
		case !by.displaces():
			return errSeatsShut
		}
		return nil

	case actionWrite, actionReadChat, actionReact:
		switch {
		case !by.present:
			return errNotInRoom
		case by.isolated:
			return errNotFound
		case do == actionReadChat:
			return nil
		case do == actionWrite && by.chatOff:
			return errChatOff
		case by.chatMuted && by.role != Host:
			return errChatMuted
		}
		return nil

	case actionDeleteMessage: // on.person has written it
		switch {
		case !by.present:
			return errNotInRoom
		case by.isolated:
			return errNotFound
		case !on.self && (!by.leads() || on.role == Host && by.role != Host):
			return errNotHost
		}
		return nil

	case actionMoveToAudience, actionAllowToSpeak, actionRemove, actionBan, actionInvite, actionMuteMember, actionAllowToUnmute, actionMuteChat, actionAllowToWrite:
		switch {
		case !by.leads(), on.role == Host && by.role != Host:
			return errNotHost
		case on.self:
			return errSelf
		case on.apart && by.role != Host: // a co-host does not learn who hides from them
			return errPersonGone
		case !on.known, !on.present && do != actionRemove && do != actionBan: // a person between two connections, or who has just left, can be removed
			return errPersonGone
		case do == actionMuteMember && !on.seated:
			return errNotOnStage
		case do == actionInvite && on.seated:
			return errOnStage
		case (do == actionRemove || do == actionBan) && by.role != Host && by.removals >= maxRemovals:
			return errAskHost
		case do == actionMoveToAudience && on.door.noAudience:
			return errNoAudience
		}
		return nil

	case actionMakeCoHost, actionUnmakeCoHost, actionHandOver:
		switch {
		case by.role != Host:
			return errNotHost
		case on.self:
			return errSelf
		case !on.known, !on.present && do != actionUnmakeCoHost:
			return errPersonGone
		}
		return nil

	case actionLockSeat:
		switch {
		case !by.leads():
			return errNotHost
		case on.seat == seatUnknown:
			return errSeat
		case on.seat == seatOwn, on.seat == seatTaken:
			return errSeatTaken
		}
		return nil

	case actionSetHands, actionReadLog, actionSetChat, actionEdit:
		if !by.leads() {
			return errNotHost
		}
		return nil

	case actionUndo: // on.person has done it
		if !by.leads() || !on.self && by.role != Host {
			return errNotHost
		}
		return nil

	case actionSetEntry:
		switch {
		case by.role != Host:
			return errNotHost
		case on.wanted.WomenOnly && !by.woman:
			return errWomenHost
		case on.wanted.VerifiedOnly && !by.verified:
			return errVerifiedHost
		}
		return nil

	case actionEnd, actionShare:
		if by.role != Host {
			return errNotHost
		}
		return nil

	case actionHideFrom:
		// Hosts and speakers are heard by everybody.
		if by.rank() == Listener.rank() && on.rank() == Listener.rank() {
			return nil
		}
		return errOutranked

	case actionDisplace:
		// Between equal ranks, the person who blocks stays.
		if on.rank() == 0 || by.rank() >= on.rank() && by.displaces() {
			return nil
		}
		return errOutranked
	}
	return errNotHost
}
