package club

import (
	"slices"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/language"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// ID is the id of a club.
type ID = room.ClubID

// Limits.
const (
	MaxFounded   = 5     // clubs that one person is the founder of
	MaxJoined    = 50    // clubs that one person belongs to, as a follower too
	MaxMembers   = 5000  // of one club, without followers
	MaxFollowers = 20000 // of one club
	MaxAdmins    = 20    // of one club, beside the founder
	MinName      = 2     // characters
	MaxName      = 40
	MaxAbout     = 500
	MaxRules     = 1000
	MaxNote      = 200 // of a request
	MaxInvites   = 50  // of one club, that still let in
	MaxUses      = 1000
	MaxPending   = 20  // requests of one person without an answer
	MaxRequests  = 500 // of one club without an answer
)

// Times.
const (
	askAgain  = 7 * 24 * time.Hour  // from a declined request to the next one
	pending   = 30 * 24 * time.Hour // from a request to its deletion without an answer
	retention = 24 * time.Hour      // from the end of a club to the deletion of its rows
)

// Lifetimes are the lifetimes of links.
var Lifetimes = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// Entry says how people become members, a column of clubs.
type Entry string

// Ways in.
const (
	Open    Entry = "open"
	Request Entry = "request"
	Invite  Entry = "invite"
)

// Entries are all ways in.
var Entries = []Entry{Open, Request, Invite}

// Club is a club as a viewer sees it.
type Club struct {
	ID            ID
	Name          string
	About         string
	Rules         string // "": none
	RulesVersion  int64
	Category      string
	Language      string
	Entry         Entry
	MembersInvite bool
	CreatedAt     time.Time
	closed        bool

	Members   int // founder and admins too
	Followers int
	Role      Role // of the viewer
	Accepted  bool // by the viewer: the rules as they are; true without rules
	Asked     bool // the viewer waits for an answer
	Banned    bool // the viewer is
	CanInvite bool // the viewer may make links
	Requests  int  // for admins: that they can answer
	Leaders   []Member
}

// Member is one person in a club.
type Member struct {
	Account  account.ID
	Role     Role
	JoinedAt time.Time
}

// Plan holds the editable fields of a club.
type Plan struct {
	Name          string
	About         string
	Rules         string
	Category      string
	Language      string
	Entry         Entry
	MembersInvite bool
}

func (p Plan) checked() (_ Plan, err error) {
	if p.Name, err = textrule.Line("body.name", p.Name, MaxName); err != nil {
		return p, err
	}
	if len([]rune(p.Name)) < MinName {
		return p, fault.At("body.name", "club.name_short", "Add a name. One letter is not enough.")
	}
	if textrule.TitleClaimsStaff(p.Name) {
		return p, fault.At("body.name", "text.reserved", "These words are reserved for the people who run Heyy. Choose others.")
	}
	if p.About, err = optional("body.about", p.About, MaxAbout, textrule.Text); err != nil {
		return p, err
	}
	if p.Rules, err = optional("body.rules", p.Rules, MaxRules, textrule.Text); err != nil {
		return p, err
	}
	switch {
	case !slices.Contains(room.Categories, p.Category):
		return p, fault.At("body.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
	case !language.Known(p.Language):
		return p, fault.At("body.language", "language.unknown", "This language isn't on the list. Choose another.")
	case !slices.Contains(Entries, p.Entry):
		return p, fault.At("body.entry", "club.entry_unknown", "Choose how people come in.")
	}
	return p, nil
}

// optional is a text that may be missing.
func optional(field, s string, most int, rule func(field, s string, most int) (string, error)) (string, error) {
	if s == "" {
		return "", nil
	}
	return rule(field, s, most)
}

// Faults that commands and reads return.
var (
	errNotFound     = fault.New(fault.NotFound, "club.not_found", "This club doesn't exist.")
	errClosed       = fault.New(fault.Gone, "club.closed", "This club has closed.")
	errBanned       = fault.New(fault.Forbidden, "club.banned", "You can't join this club.")
	errAsk          = fault.New(fault.Forbidden, "club.ask_first", "This club takes people in on request.")
	errNoRequests   = fault.New(fault.Conflict, "club.no_requests", "This club takes no requests.")
	errMember       = fault.New(fault.Conflict, "club.member", "You're a member already.")
	errNotMember    = fault.New(fault.Forbidden, "club.members_only", "Only members can do this.")
	errRules        = fault.New(fault.Conflict, "club.rules", "Read and accept the club's rules first.")
	errFounderStays = fault.New(fault.Conflict, "club.founder_stays", "Hand the club over first, or close it.")
	errAdminsOnly   = fault.New(fault.Forbidden, "club.admins_only", "Only the founder and admins can do this.")
	errFounderOnly  = fault.New(fault.Forbidden, "club.founder_only", "Only the founder can do this.")
	errNoInvites    = fault.New(fault.Forbidden, "club.no_invites", "In this club, only admins invite.")
	errSelf         = fault.New(fault.Conflict, "club.self", "You can't do this to yourself.")
	errPersonGone   = fault.New(fault.NotFound, "club.person_gone", "This person isn't in the club any more.")
	errNoRequest    = fault.New(fault.NotFound, "club.request_gone", "This request is gone.")
	errInviteGone   = fault.New(fault.Gone, "club.invite_gone", "This link doesn't work any more. Ask for a new one.")
	errFull         = fault.New(fault.Conflict, "club.full", "This club is full.")
	errTooMany      = fault.New(fault.TooMany, "club.too_many", "You're in a lot of clubs. Leave one first.")
	errFounded      = fault.New(fault.TooMany, "club.founded_many", "You've founded a lot of clubs. Hand one over first.")
	errTheyFounded  = fault.New(fault.Conflict, "club.they_founded_many", "This person leads a lot of clubs already.")
	errTheyTooMany  = fault.New(fault.Conflict, "club.they_too_many", "This person is in a lot of clubs already.")
	errAdmins       = fault.New(fault.Conflict, "club.admins_many", "This club has enough admins.")
	errPending      = fault.New(fault.TooMany, "club.pending_many", "You've asked a lot of clubs. Wait for their answers first.")
	errWaiting      = fault.New(fault.TooMany, "club.requests_many", "A lot of people are waiting to join this club. Try again later.")
	errDeclined     = fault.New(fault.TooMany, "club.declined", "The club said no. You can ask again in a week.")
	errManyInvites  = fault.New(fault.TooMany, "club.invites_many", "This club has a lot of open links. Turn some off first.")
)

// MustRead reports whether the viewer is a member who has not accepted the rules as they are.
func (c Club) MustRead() bool { return c.Role.belongs() && !c.Accepted }
