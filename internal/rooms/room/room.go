package room

import (
	"slices"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/language"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

// ID is the id of a room.
type ID string

// Seats is the number of seats of a lounge: the host and ten more.
const Seats = 11

// MaxListed is the maximum number of listeners in Room.Members; Room.Listeners counts
// all of them.
const MaxListed = 200

// Categories are the categories of rooms, in the order of the lobby.
var Categories = []string{"sport", "karaoke", "games", "music", "blind_date", "talk", "languages", "work", "local", "wellbeing"}

// Room is one room and those of its members that were asked for.
type Room struct {
	ID        ID
	Shape     Shape
	Category  string
	Title     string
	Language  string
	Host      account.ID
	Seats     int
	locked    seatSet
	Seq       int64
	CreatedAt time.Time
	EndedAt   time.Time // zero: open
	EndReason EndReason
	Listeners int
	Members   []Member // seated ones by seat; for viewers inside also the newest listeners
}

// Member is one person in one room.
type Member struct {
	Account  account.ID `json:"account"`
	Role     Role       `json:"role"`
	Seat     int        `json:"seat"` // 0: none
	Muted    bool       `json:"muted"`
	CanSpeak bool       `json:"can_speak"` // may take a free seat
	Present  bool       `json:"present"`
	joinID   string     // of the current join; "": not present
	hand     int64      // seq of the room when the hand was raised; 0: not raised
}

// takeSeat, leaveSeat and leave maintain the invariants of a member: a seated member has
// no role Listener and no raised hand, an unseated one is muted.
func (m *Member) takeSeat(n int) {
	if m.Seat == 0 {
		m.Muted = true
	}
	m.Seat, m.Role, m.hand = n, m.Role.seated(), 0
}

func (m *Member) leaveSeat() {
	m.Seat, m.Role, m.hand, m.Muted = 0, m.Role.unseated(), 0, true
}

func (m *Member) leave() {
	m.leaveSeat()
	m.Present, m.joinID = false, ""
}

// seatSet is a bit set of seats: bit n-1 is seat n.
type seatSet int64

func (s seatSet) has(n int) bool { return n >= 1 && n <= 63 && s>>(n-1)&1 == 1 }

// Member returns the entry of an account in r.Members.
func (r Room) Member(who account.ID) (Member, bool) {
	i := slices.IndexFunc(r.Members, func(m Member) bool { return m.Account == who })
	if i < 0 {
		return Member{}, false
	}
	return r.Members[i], true
}

// EndReason is the reason for the end of a room.
type EndReason string

// Reasons why a room ended: its host ended it, or it stayed empty.
const (
	EndedByHost EndReason = "host"
	EndedEmpty  EndReason = "empty"
)

// MaxTitle is the maximum length of a title in characters.
const MaxTitle = 80

// Plan describes a room to open.
type Plan struct {
	Title    string
	Category string
	Language string
}

func (p Plan) checked() (Plan, error) {
	title, err := textrule.Line("body.title", p.Title, MaxTitle)
	if err != nil {
		return p, err
	}
	if textrule.TitleClaimsStaff(title) {
		return p, fault.At("body.title", "text.reserved", "These words are reserved for the people who run Heyy. Choose others.")
	}
	p.Title = title
	if !slices.Contains(Categories, p.Category) {
		return p, fault.At("body.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
	}
	if !language.Known(p.Language) {
		return p, fault.At("body.language", "language.unknown", "This language isn't on the list. Choose another.")
	}
	return p, nil
}

// Faults that commands and reads return.
var (
	errNotFound    = fault.New(fault.NotFound, "room.not_found", "This room doesn't exist.")
	errEnded       = fault.New(fault.Gone, "room.ended", "This room has ended.")
	errNotInRoom   = fault.New(fault.Conflict, "room.not_here", "You're not in this room any more.")
	errRemoved     = fault.New(fault.Forbidden, "room.removed", "The host has removed you from this room.")
	errNotHost     = fault.New(fault.Forbidden, "room.host_only", "Only the host can do this.")
	errSelf        = fault.New(fault.Conflict, "room.self", "You can't do this to yourself.")
	errPersonGone  = fault.New(fault.NotFound, "room.person_gone", "This person isn't in the room any more.")
	errSeatTaken   = fault.New(fault.Conflict, "room.seat_taken", "Someone just took that seat.")
	errSeatLocked  = fault.New(fault.Forbidden, "room.seat_locked", "This seat is locked. Choose another.")
	errSeatsFull   = fault.New(fault.Conflict, "room.seats_full", "All seats are taken.")
	errSeatsShut   = fault.New(fault.Forbidden, "room.seat_shut", "You can't take a seat in this room right now.")
	errTooMany     = fault.New(fault.TooMany, "room.too_many", "You've opened a lot of rooms. Join one, or try again later.")
	errCannotSpeak = fault.New(fault.Forbidden, "room.seat_refused", "The host has moved you to the audience.")
	errNoSeat      = fault.New(fault.Conflict, "room.no_seat", "Take a seat to be heard.")
	errSeat        = fault.At("body.seat", "room.seat_unknown", "This room doesn't have that seat.")
)
