package matchmaking

import (
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// CallPrivacy is the setting of whose calls a person accepts.
type CallPrivacy string

const (
	Everyone CallPrivacy = "everyone" // everybody who fits
	Verified CallPrivacy = "verified" // everybody who fits and is verified
	Nobody   CallPrivacy = "nobody"
)

// CallPrivacies are all settings, the widest first.
var CallPrivacies = []string{string(Everyone), string(Verified), string(Nobody)}

// SearchFilter narrows the profile's preferences for one stay in the queue. An
// empty list means: as in the profile.
type SearchFilter struct {
	Intents   []string // a subset of the profile's
	Languages []string // a subset of the profile's
}

// Ticket is the place of one person in the queue.
type Ticket struct {
	ID         string // new each time that the person enters
	Account    account.ID
	Filter     SearchFilter
	EnteredAt  time.Time
	DeadlineAt time.Time // expires then, unless a heartbeat comes before
	Call       string    // the open proposal or call; "": waiting for one
}

// QueueStatus is one person's view of the queue, waiting or not.
type QueueStatus struct {
	Waiting        bool
	Since          time.Time    // when they entered; zero: not waiting
	Call           string       // the open proposal or call of the ticket; "": none
	Filter         SearchFilter // of the ticket
	MembersWaiting int          // members who wait now, with the viewer, without residents
	EstimateMs     int64        // median waiting time of the viewer's cohort in the last hour; 0: unknown
	CallPrivacy    CallPrivacy
	SuspendedUntil time.Time // no proposals until then, after refused ones; zero: not suspended
	AlertedAt      time.Time // when the alert was sent that the viewer has not seen yet; zero: none
	Alert          bool      // an alert is set and not sent yet
}

// Proposal is the request to package call for a call of two people that neither
// has accepted.
type Proposal struct {
	A, B   account.ID // A is the smaller id
	Shared []string   // interests that both have, of profile.Interests
}

// Durations and limits of tickets.
const (
	TicketTime      = 43 * time.Second // from the last heartbeat to the end of the ticket; with the 15 s of a proposal made in the last moment less than a minute
	EncounterTime   = 30 * 24 * time.Hour
	unansweredMax   = 2 // unanswered proposals in a row that remove a ticket
	waitSamplesKept = time.Hour
	waitSamplesMin  = 3 // samples
)

var (
	errNotWaiting = fault.New(fault.NotFound, "match.not_waiting", "You're not looking for anyone right now. Start again whenever you like.")
	errIncomplete = fault.New(fault.Conflict, "match.incomplete", "Finish your profile and record an intro first. Then people can meet you here.")
	errPaused     = fault.New(fault.Conflict, "match.paused", "You're taking a break. End it first.")
	errPrivacy    = fault.New(fault.Conflict, "match.call_privacy", "You've chosen that nobody can call you. Change that first.")
	errInCall     = fault.New(fault.Conflict, "match.in_call", "You're already in a call. Hang up first.")
	errOnStage    = fault.New(fault.Conflict, "match.on_stage", "You're on stage. Leave the stage first: you can only talk in one place at a time.")
)
