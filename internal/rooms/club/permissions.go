package club

// Role is the role of somebody in a club, a column of club_members.
type Role string

// Roles, the highest first. Outsider has no row.
const (
	Founder  Role = "founder"
	Admin    Role = "admin"
	Ordinary Role = "member"
	Follower Role = "follower"
	Outsider Role = ""
)

// Roles are all roles of rows.
var Roles = []Role{Founder, Admin, Ordinary, Follower}

// leads reports whether a role manages the club, and belongs whether it is a member's.
func (r Role) leads() bool   { return r == Founder || r == Admin }
func (r Role) belongs() bool { return r.leads() || r == Ordinary }

// action is something that a person does in a club. The test of permissions requires a row
// for each.
type action int

const (
	actionRead action = iota
	actionJoin
	actionAsk // for membership
	actionFollow
	actionLeave
	actionTakeBack // a request, or that one follows
	actionAcceptRules
	actionListMembers   // and voices
	actionListFollowers // and requests and bans
	actionEdit
	actionInvite // make a link
	actionRevoke // a link
	actionAnswer // a request
	actionRemove
	actionBan
	actionLiftBan
	actionMakeAdmin
	actionUnmakeAdmin
	actionHandOver
	actionClose
	actionOpenRoom
	actions // number of actions
)

// person holds the facts of the rows about one person and a club.
type person struct {
	role     Role
	accepted bool // the rules as they are
	banned   bool
	asked    bool // has a request
	isolated bool // apart from the founder
	invited  bool // has a link that lets in
}

// target is the object of an action: the club, and perhaps a person in it.
type target struct {
	person
	self          bool // the person is the acting one
	apart         bool // from the acting one
	entry         Entry
	membersInvite bool
	closed        bool
}

// can returns nil if by may do an action on a target, or the refusal. It is pure and the only
// place that decides on permissions.
func can(by person, do action, on target) error {
	ends := do == actionLeave || do == actionTakeBack // what one has oneself
	switch {
	case by.isolated && by.role == Outsider && !(ends && by.asked):
		return errNotFound
	case on.closed:
		return errClosed
	case by.role == Outsider && on.entry == Invite && !by.invited && !(ends && by.asked):
		return errNotFound
	}
	switch do {
	case actionRead, actionLeave, actionTakeBack:
		if do == actionLeave && by.role == Founder {
			return errFounderStays
		}
		return nil

	case actionJoin:
		switch {
		case by.role.belongs():
			return nil
		case by.banned:
			return errBanned
		case by.invited || on.entry == Open:
			return nil
		case on.entry == Request:
			return errAsk
		}
		return errNotFound // a follower of a club that takes in by links alone since

	case actionAsk:
		switch {
		case by.role.belongs():
			return errMember
		case by.banned:
			return errBanned
		case on.entry != Request:
			return errNoRequests
		}
		return nil

	case actionFollow:
		if by.banned {
			return errBanned
		}
		return nil

	case actionAcceptRules, actionListMembers:
		if !by.role.belongs() {
			return errNotMember
		}
		return nil

	case actionOpenRoom:
		switch {
		case !by.role.belongs():
			return errNotMember
		case !by.accepted:
			return errRules
		}
		return nil

	case actionInvite:
		switch {
		case by.role.leads():
			return nil
		case !by.role.belongs():
			return errNotMember
		case !on.membersInvite:
			return errNoInvites
		case !by.accepted:
			return errRules
		}
		return nil

	case actionRevoke: // on.self: it is their own link
		if !on.self && !by.role.leads() {
			return errAdminsOnly
		}
		return nil

	case actionEdit, actionListFollowers, actionLiftBan:
		if !by.role.leads() {
			return errAdminsOnly
		}
		return nil

	case actionAnswer:
		switch {
		case !by.role.leads():
			return errAdminsOnly
		case on.apart:
			return errNoRequest
		}
		return nil

	case actionRemove, actionBan:
		switch {
		case !by.role.leads():
			return errAdminsOnly
		case on.self:
			return errSelf
		case on.role.leads() && by.role != Founder:
			return errFounderOnly
		}
		return nil

	case actionMakeAdmin, actionUnmakeAdmin, actionHandOver:
		switch {
		case by.role != Founder:
			return errFounderOnly
		case on.self:
			return errSelf
		case !on.role.belongs():
			return errPersonGone
		}
		return nil

	case actionClose:
		if by.role != Founder {
			return errFounderOnly
		}
		return nil
	}
	return errFounderOnly
}
