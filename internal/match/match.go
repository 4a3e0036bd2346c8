package match

import (
	"time"

	"heyy/internal/account"
	"heyy/internal/fault"
)

// Reach is who may be proposed to somebody.
type Reach string

// The reaches.
const (
	Everyone Reach = "everyone" // who fits
	Verified Reach = "verified" // who fits and has shown to be who they say
	Nobody   Reach = "nobody"
)

// Tonight are wishes that hold for one coming. Empty lists: as in the profile.
type Tonight struct {
	Intents   []string // some of the own profile's
	Languages []string // some of the own profile's
}

// Ticket is somebody who waits.
type Ticket struct {
	ID         string // of this coming
	Account    account.ID
	Tonight    Tonight
	EnteredAt  time.Time
	DeadlineAt time.Time // the ticket goes then, without another sign of life
	Call       string    // the proposal that is out for them; "": they wait
}

// Lounge is what somebody sees of the queue, whether or not they wait.
type Lounge struct {
	Waiting    bool
	Since      time.Time // they entered; zero if they do not wait
	Call       string    // the proposal that is out for them, if they wait
	Tonight    Tonight   // if they wait
	Looking    int       // members who wait now, the viewer included, residents not
	EstimateMs int64     // the median wait of people like them in the last hour; 0: not known
	Reach      Reach
	Bell       bool // they want to be told when somebody fits
}

// Proposal is what is asked of package call: a call of two people, of whom
// neither has accepted.
type Proposal struct {
	A, B   account.ID // A stands before B
	Shared []string   // interests of both, of profile.Interests
}

// Times of a ticket.
const (
	TicketTime   = 43 * time.Second // from the last sign of life to its end: with a proposal made in its last moment, within a minute
	MetTime      = 30 * 24 * time.Hour
	silentMost   = 2 // proposals in a row that somebody lets pass before they are out
	waitsKept    = time.Hour
	estimateFrom = 3 // waits
)

var (
	errNotWaiting = fault.New(fault.NotFound, "match.not_waiting", "You are not looking for anybody at the moment. Tap Call to begin again.")
	errIncomplete = fault.New(fault.Conflict, "match.incomplete", "Finish your profile and record an intro first; then people can meet you here.")
	errPaused     = fault.New(fault.Conflict, "match.paused", "You are taking a break. Come back from it, and then call.")
	errNobody     = fault.New(fault.Conflict, "match.reach", "You have said that nobody may call you. Change that first.")
	errInCall     = fault.New(fault.Conflict, "match.in_call", "You are in a call already. End it first.")
	errOnStage    = fault.New(fault.Conflict, "match.on_stage", "You are on a stage. Leave it first: one microphone, one place.")
)
