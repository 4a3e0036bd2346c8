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

// Shape is the shape of a room: lounge or stage, a column of rooms.
type Shape string

// Shapes of rooms. In a lounge a new member may take a free seat, until a host moves them
// to the audience; on a stage only after a host allows them to speak.
const (
	Lounge Shape = "lounge"
	Stage  Shape = "stage"
)

// newcomer returns the member of a first join.
func (s Shape) newcomer() Member { return Member{Role: Listener, CanSpeak: s == Lounge} }

// action is something that a person does in a room. The test of permissions requires a
// row for each.
type action int

const (
	actionRead action = iota // read the room
	actionJoin
	actionLeave
	actionTakeSeat
	actionLeaveSeat
	actionMute   // oneself
	actionUnmute // oneself
	actionMoveToAudience
	actionAllowToSpeak
	actionRemove
	actionEnd
	actionHideFrom // stay in the room with an excluded person, hidden from each other
	actionDisplace // stay in the room, so that an excluded person has to leave
	actions        // number of actions
)

// person is what the rows state about one person in one room.
type person struct {
	role     Role // of a person who never joined: Listener
	known    bool // has joined at least once
	present  bool
	seated   bool
	canSpeak bool
	removed  bool
	// Of the acting person only:
	isolated bool // excluded from the host or a speaker: the room does not exist for them
	blocked  int  // people of this room, present or not, whom they have blocked or reported
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

// displaces reports whether p can still make others leave by blocking them. The bound
// prevents that a member empties the room of a stranger.
func (p person) displaces() bool { return p.role == Host || p.blocked <= maxDisplaced }

// maxDisplaced is the number of people whom one member can make leave by blocking them.
const maxDisplaced = 2

// target is the object of an action: a person, a seat or, if nothing is set, the room.
type target struct {
	person
	self bool // the person is the acting one
	seat seatState
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
	case actionRead, actionJoin:
		switch {
		case by.isolated: // before removed, so that the answer is that of any unknown room
			return errNotFound
		case by.removed:
			return errRemoved
		}
		return nil

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

	case actionLeaveSeat, actionMute, actionUnmute:
		switch {
		case !by.present:
			return errNotInRoom
		case by.isolated:
			return errNotFound
		case do == actionUnmute && !by.seated:
			return errNoSeat
		}
		return nil

	case actionMoveToAudience, actionAllowToSpeak, actionRemove:
		switch {
		case !by.leads(), on.role == Host && by.role != Host:
			return errNotHost
		case on.self:
			return errSelf
		case !on.known, !on.present && do != actionRemove: // a person between two connections can be removed
			return errPersonGone
		}
		return nil

	case actionEnd:
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
