package room

import (
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/fault"
	"heyy/internal/text"
)

// ID names a room.
type ID string

// Seats is how many people can speak at once in a lounge: the host and ten more.
const Seats = 11

// Shown is how many listeners a Room carries by name; Listeners counts all.
const Shown = 200

// Categories, in the order in which the lobby shows them.
var Categories = []string{"sport", "karaoke", "games", "music", "blind_date", "talk", "languages", "work", "local", "wellbeing"}

// Languages a room can be held in.
var Languages = []string{"en", "it", "zh"}

// Room is one lounge as its rows say.
type Room struct {
	ID        ID
	Category  string
	Title     string
	Language  string
	Host      account.ID
	Seats     int
	Seq       int64
	CreatedAt time.Time
	EndedAt   time.Time // zero: open
	EndedWhy  Why
	Listeners int
	Members   []Member // all who sit, by seat, then the newest listeners
}

// Member is one person in a room.
type Member struct {
	Account   account.ID `json:"account"`
	Seat      int        `json:"seat"` // 0: listens
	Muted     bool       `json:"muted"`
	MaySit    bool       `json:"may_sit"`
	Here      bool       `json:"here"`
	admission string
}

// Role is what somebody is in a room. It follows from the rows.
type Role string

// The roles.
const (
	Host     Role = "host"
	Speaker  Role = "speaker"
	Listener Role = "listener"
)

// Role of m in r.
func (r Room) Role(m Member) Role {
	switch {
	case m.Account == r.Host:
		return Host
	case m.Seat != 0:
		return Speaker
	default:
		return Listener
	}
}

// Member finds somebody among r.Members.
func (r Room) Member(who account.ID) (Member, bool) {
	i := slices.IndexFunc(r.Members, func(m Member) bool { return m.Account == who })
	if i < 0 {
		return Member{}, false
	}
	return r.Members[i], true
}

// Why a room ended.
type Why string

// The reasons.
const (
	ByHost Why = "host"
	Empty  Why = "empty"
)

// Plan is what a person wants to open.
type Plan struct {
	Title    string
	Category string
	Language string
}

func (p Plan) checked() (Plan, error) {
	title, err := text.Line("body.title", p.Title, 80)
	if err != nil {
		return p, err
	}
	p.Title = title
	if !slices.Contains(Categories, p.Category) {
		return p, fault.At("body.category", "room.category_unknown", "There is no such category.")
	}
	if !slices.Contains(Languages, p.Language) {
		return p, fault.At("body.language", "language.unknown", "There is no such language.")
	}
	return p, nil
}

// Faults of this package.
var (
	errNone      = fault.New(fault.NotFound, "room.not_found", "There is no such room.")
	errEnded     = fault.New(fault.Gone, "room.ended", "This room has ended.")
	errNotHere   = fault.New(fault.Conflict, "room.not_here", "You are not in this room.")
	errRemoved   = fault.New(fault.Forbidden, "room.removed", "The host has asked you to stay out of this room.")
	errNotHost   = fault.New(fault.Forbidden, "room.host_only", "Only the host can do this.")
	errSelf      = fault.New(fault.Conflict, "room.self", "This works for others, not for yourself.")
	errGone      = fault.New(fault.NotFound, "room.person_gone", "They are not in this room.")
	errTaken     = fault.New(fault.Conflict, "room.seat_taken", "Somebody was faster.")
	errFull      = fault.New(fault.Conflict, "room.seats_full", "Every seat is taken.")
	errMayNotSit = fault.New(fault.Forbidden, "room.seat_refused", "The host has moved you to the audience.")
	errNoSeat    = fault.New(fault.Conflict, "room.no_seat", "Take a seat to be heard.")
	errSeat      = fault.At("body.seat", "room.seat_unknown", "There is no such seat.")
	errAdmission = fault.New(fault.Unauthorized, "room.not_admitted", "This admission is over.")
)
